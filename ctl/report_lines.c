#include "report_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_SIZE = 4 * LINE_MAX_BYTES };

int report_lines_begin(struct report_lines *l, int fd) {
  *l = (struct report_lines){.fd = fd};
  /* One more for the NUL behind a torn line. */
  l->buffer = malloc(BUFFER_SIZE + 1);
  return l->buffer != NULL ? 0 : -ENOMEM;
}

void report_lines_end(struct report_lines *l) {
  free(l->buffer);
  l->buffer = NULL;
}

/* Reads on. How many bytes, 0 at the end, or a negative errno. */
static ssize_t fill(struct report_lines *l) {
  ssize_t got;

  memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
  l->end -= l->begin;
  l->begin = 0;
  do
    got = read(l->fd, l->buffer + l->end, BUFFER_SIZE - l->end);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return -errno;
  l->end += (size_t)got;
  l->read_bytes += (uint64_t)got;
  return got;
}

static int give(struct report_lines *l, size_t len, bool is_torn, char **line,
                size_t *out_len) {
  if (len > LINE_MAX_BYTES)
    return -EMSGSIZE;
  *line = l->buffer + l->begin;
  *out_len = len;
  l->begin += len + !is_torn;
  if (!is_torn && len > 0 && (*line)[len - 1] == '\r')
    --*out_len;
  (*line)[*out_len] = '\0';
  return 1;
}

int report_lines_next(struct report_lines *l, char **line, size_t *len,
                      bool *is_torn) {
  size_t searched = 0;

  *is_torn = false;
  l->number++;
  for (;;) {
    const char *begin = l->buffer + l->begin;
    size_t waiting = l->end - l->begin;
    const char *end = waiting > searched
                          ? memchr(begin + searched, '\n', waiting - searched)
                          : NULL;
    if (end != NULL)
      return give(l, (size_t)(end - begin), false, line, len);
    if (waiting > LINE_MAX_BYTES)
      return -EMSGSIZE;
    searched = waiting;
    ssize_t got = fill(l);
    if (got < 0)
      return (int)got;
    if (got > 0)
      continue;
    *is_torn = true;
    return waiting > 0 ? give(l, waiting, true, line, len) : 0;
  }
}
