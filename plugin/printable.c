#include "printable.h"

#include <stdio.h>
#include <string.h>

enum { ESCAPE_MAX = sizeof("\\x00") };

static void print_char(unsigned char c, char out[ESCAPE_MAX]) {
  if (c == '\n' || c == '\t' || c == '\r')
    snprintf(out, ESCAPE_MAX, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
  else if (c < ' ' || c == 0x7f)
    snprintf(out, ESCAPE_MAX, "\\x%02x", c);
  else
    snprintf(out, ESCAPE_MAX, "%c", c);
}

void printable_copy(const char *text, char *out, size_t size) {
  size_t used = 0;

  for (; *text != '\0'; text++) {
    char one[ESCAPE_MAX];
    print_char((unsigned char)*text, one);
    size_t len = strlen(one);
    if (used + len >= size)
      break;
    memcpy(out + used, one, len);
    used += len;
  }
  out[used] = '\0';
}
