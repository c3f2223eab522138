#include "json.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "utf8.h"

void json_print_text(FILE *out, const char *text) {
  fputc('"', out);
  while (*text != '\0') {
    size_t len = utf8_length(text);
    if (len == 0)
      fputs("\\ufffd", out);
    else if (*text == '"' || *text == '\\')
      fprintf(out, "\\%c", *text);
    else if ((unsigned char)*text < ' ')
      fprintf(out, "\\u%04x", (unsigned)(unsigned char)*text);
    else
      (void)fwrite(text, 1, len, out);
    text += len > 0 ? len : 1;
  }
  fputc('"', out);
}

static const char *skip_digits(const char *text) {
  while (isdigit((unsigned char)*text))
    text++;
  return text;
}

/* As JSON has numbers, without an exponent. */
static bool is_number(const char *text) {
  text += *text == '-';
  const char *end = skip_digits(text);
  if (end == text || (*text == '0' && end > text + 1))
    return false;
  if (*end != '.')
    return *end == '\0';
  text = end + 1;
  end = skip_digits(text);
  return end > text && *end == '\0';
}

static void print_numbers(FILE *out, const char *list) {
  fputc('[', out);
  if (strspn(list, "0123456789,") == strlen(list))
    fputs(list, out);
  fputc(']', out);
}

static void print_value(FILE *out, const struct field *f) {
  if (strcmp(f->key, "pids") == 0)
    print_numbers(out, f->value);
  else if (!f->is_text &&
           (is_number(f->value) || strcmp(f->value, "true") == 0 ||
            strcmp(f->value, "false") == 0))
    fputs(f->value, out);
  else
    json_print_text(out, f->value);
}

void json_print(FILE *out, const struct answer *a) {
  fputc('{', out);
  for (size_t i = 0; i < a->n; i++) {
    if (i > 0)
      fputs(", ", out);
    json_print_text(out, a->fields[i].key);
    fputs(": ", out);
    print_value(out, &a->fields[i]);
  }
  fputc('}', out);
}
