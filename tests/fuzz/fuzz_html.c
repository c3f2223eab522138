/* Text put into a page: as HTML and as JSON. The whole input is the text. */
#include "ctl/html.h"
#include "ctl/utf8.h"
#include "fuzz.h"

typedef void print(FILE *out, const char *text);

static char *printed(print *p, const char *text) {
  char *written = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&written, &len);

  assert(out != NULL);
  p(out, text);
  assert(fclose(out) == 0 && strlen(written) == len);
  return written;
}

static void check_utf8(const char *text) {
  while (*text != '\0') {
    size_t len = utf8_length(text);
    assert(len > 0);
    assert(*text == '\t' || *text == '\n' || !is_control(*text));
    text += len;
  }
}

static void check_json(const char *json) {
  size_t len = strlen(json);

  assert(len >= 2 && json[0] == '"' && json[len - 1] == '"');
  assert(strpbrk(json, "<>&\t\n") == NULL);
  assert(strchr(json + 1, '"') == json + len - 1);
  for (const char *c = json; (c = strchr(c, '\\')) != NULL; c++)
    assert(c[1] == 'u' && strspn(c + 2, "0123456789abcdef") >= 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);

  assert(text != NULL);
  memcpy(text, data, size);
  text[size] = '\0';
  char *html = printed(html_print, text);
  check_utf8(html);
  assert(strpbrk(html, "<>\"'") == NULL);
  char *json = printed(html_print_json, text);
  check_utf8(json);
  check_json(json);
  free(html);
  free(json);
  free(text);
  return 0;
}
