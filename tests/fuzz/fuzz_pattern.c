/* Regular expressions of CommandLine. The parts of an input are the expression
 * and the command line. */
#include "compat/pattern.h"
#include "fuzz.h"

enum { EXPRESSION_MAX = 48, TEXT_MAX = 256 };

static void check_literal(const struct pattern *p, const char *ere,
                          const char *text) {
  if (strpbrk(ere, "\\^$.[]|()*+?{}") == NULL)
    assert(pattern_matches(p, text) == (strstr(text, ere) != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct pattern *p;
  char message[32] = "";
  size_t ere_len, text_len;
  char *ere = next_part(&in, &ere_len), *text = next_part(&in, &text_len);

  if (ere_len <= EXPRESSION_MAX && text_len <= TEXT_MAX && is_affordable(ere)) {
    int error = pattern_create(ere, &p, message, sizeof(message));
    if (error == 0) {
      pattern_matches(p, text);
      check_literal(p, ere, text);
      pattern_free(p);
    } else {
      assert(message[0] != '\0' && strlen(message) < sizeof(message));
      assert(!has_control(message));
    }
  }
  free(ere);
  free(text);
  return 0;
}
