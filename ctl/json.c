#include "json.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* The length of the UTF-8 character that begins there; 0: it is none. */
static size_t utf8_length(const char *text) {
  const unsigned char *c = (const unsigned char *)text;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;

  if (c[0] < 0x80)
    return 1;
  size_t len = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
  if (c[0] < 0xc2 || c[0] > 0xf4)
    return 0;
  /* No second way to write a character, no half of a pair, none too high. */
  if (c[0] == 0xe0)
    low = 0xa0;
  if (c[0] == 0xed)
    high = 0x9f;
  if (c[0] == 0xf0)
    low = 0x90;
  if (c[0] == 0xf4)
    high = 0x8f;
  if (c[1] < low || c[1] > high)
    return 0;
  for (size_t i = 2; i < len; i++)
    if ((c[i] & 0xc0) != 0x80)
      return 0;
  return len;
}

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
