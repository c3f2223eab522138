#include "log_tail.h"

#include <errno.h>
#include <stdbool.h>

#include "compat/file.h"
#include "row.h"

enum { BLOCK = 4096 };

struct search {
  uint64_t text_end; /* behind it there are zero bytes alone */
  bool in_text;
};

/* Goes backwards through a block that begins at `start`. True: done. */
static bool search_block(struct search *s, const char *block, size_t len,
                         uint64_t start, uint64_t *end) {
  for (size_t i = len; i > 0; i--) {
    if (!s->in_text && block[i - 1] == '\0')
      continue;
    if (!s->in_text)
      s->text_end = start + i;
    s->in_text = true;
    if (block[i - 1] == '\n') {
      *end = start + i;
      return true;
    }
  }
  return false;
}

static int read_torn(int fd, uint64_t start, uint64_t end, char *torn) {
  size_t len = end - start < LOG_TAIL_TORN - 1 ? (size_t)(end - start)
                                               : (size_t)LOG_TAIL_TORN - 1;
  torn[len] = '\0';
  return file_read_at(fd, start, torn, len);
}

int log_tail_find(int fd, uint64_t size, struct log_tail *out) {
  struct search s = {.text_end = 0, .in_text = false};
  char block[BLOCK];
  uint64_t at = size;
  bool found = false;

  *out = (struct log_tail){.end = 0};
  while (at > 0 && !found) {
    size_t len = at < BLOCK ? (size_t)at : BLOCK;
    at -= len;
    int error = file_read_at(fd, at, block, len);
    if (error != 0)
      return error;
    found = search_block(&s, block, len, at, &out->end);
    if (s.in_text && s.text_end - (found ? out->end : at) >= ROW_MAX)
      return -EILSEQ;
  }
  return s.in_text ? read_torn(fd, out->end, s.text_end, out->torn) : 0;
}
