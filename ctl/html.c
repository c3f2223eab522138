#include "html.h"

#include <stdbool.h>
#include <string.h>

#include "utf8.h"

/* Those below the space, DEL, and the same once more above it (U+0080 to
 * U+009F). */
static bool is_control(const char *c) {
  const unsigned char *byte = (const unsigned char *)c;

  if (*c == '\t' || *c == '\n')
    return false;
  return byte[0] < ' ' || byte[0] == 0x7f ||
         (byte[0] == 0xc2 && byte[1] < 0xa0);
}

typedef void print_character(FILE *out, const char *c, size_t len);

static void print_each(FILE *out, const char *text, print_character *print) {
  while (*text != '\0') {
    size_t len = utf8_length(text);
    if (len == 0 || is_control(text))
      fputs("\xef\xbf\xbd", out);
    else
      print(out, text, len);
    text += len > 0 ? len : 1;
  }
}

static const char *entity(char c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  default:
    return NULL;
  }
}

static void print_as_html(FILE *out, const char *c, size_t len) {
  const char *name = entity(*c);

  if (name != NULL)
    fputs(name, out);
  else
    (void)fwrite(c, 1, len, out);
}

static void print_as_json(FILE *out, const char *c, size_t len) {
  if (strchr("\"\\&<>\t\n", *c) != NULL)
    fprintf(out, "\\u%04x", (unsigned)(unsigned char)*c);
  else
    (void)fwrite(c, 1, len, out);
}

void html_print(FILE *out, const char *text) {
  print_each(out, text, print_as_html);
}

void html_print_json(FILE *out, const char *text) {
  fputc('"', out);
  print_each(out, text, print_as_json);
  fputc('"', out);
}
