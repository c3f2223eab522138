/* What the fuzz targets share. libFuzzer hands each input as a piece of memory
 * of its own, so that a step beyond its end is seen; an input of several parts
 * has the byte 0xff between them. */
#ifndef PROCMON_TESTS_FUZZ_H
#define PROCMON_TESTS_FUZZ_H

/* Invariants are checked in every build. */
#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What is left of an input. */
struct input {
  const uint8_t *at;
  size_t left;
};

/* The next byte; 0 behind the end. */
static inline uint8_t next_byte(struct input *in) {
  if (in->left == 0)
    return 0;
  in->left--;
  return *in->at++;
}

/* Fills `out` with the next bytes, and with 0 behind the end. */
static inline void next_bytes(struct input *in, void *out, size_t size) {
  for (size_t i = 0; i < size; i++)
    ((uint8_t *)out)[i] = next_byte(in);
}

/* The next part, NUL ended and exactly as long as it is; the caller frees it.
 */
static inline char *next_part(struct input *in, size_t *len) {
  const uint8_t *end = in->left > 0 ? memchr(in->at, 0xff, in->left) : NULL;
  *len = end != NULL ? (size_t)(end - in->at) : in->left;
  char *part = malloc(*len + 1);
  assert(part != NULL);
  memcpy(part, in->at, *len);
  part[*len] = '\0';
  in->at += *len;
  in->left -= *len;
  next_byte(in);
  return part;
}

static inline bool is_control(char c) {
  return (unsigned char)c < ' ' || c == 127;
}

static inline bool has_control(const char *text) {
  for (; *text != '\0'; text++)
    if (is_control(*text))
      return true;
  return false;
}

/* False of a regular expression that may take the libc all memory, or all day:
 * a dozen characters are enough. It copies what is repeated, so that a
 * repetition of a repetition multiplies and worse, and it tries all that a
 * back-reference can be. */
static inline bool is_affordable(const char *ere) {
  size_t repetitions = 0, nested = 0, copies = 1;
  char last = '\0';

  for (const char *at = ere; *at != '\0'; last = *at++) {
    if (at[0] == '\\' && at[1] >= '0' && at[1] <= '9')
      return false;
    if (strchr("*+?{", *at) == NULL)
      continue;
    repetitions++;
    nested += last != '\0' && strchr("*+?})", last) != NULL;
    for (const char *n = at + 1; *at == '{' && *n != '\0' && *n != '}'; n++)
      if (*n >= '0' && *n <= '9' && copies < 100)
        copies *= (size_t)(*n - '0') * 2 + 1;
  }
  return repetitions <= 16 && nested <= 2 && copies <= 32;
}

#endif
