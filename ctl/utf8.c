#include "utf8.h"

size_t utf8_length(const char *text) {
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
