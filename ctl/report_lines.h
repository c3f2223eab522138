/* A file, line by line, in as little memory as a line takes. */
#ifndef PROCMONCTL_REPORT_LINES_H
#define PROCMONCTL_REPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer lines there are in no log. */
enum { LINE_MAX_BYTES = 64 * 1024 };

struct report_lines {
  int fd; /* the caller's */
  char *buffer;
  size_t begin, end;
  size_t number;       /* of the last line, from 1 */
  uint64_t read_bytes; /* of the file */
};

/* 0 or -ENOMEM. */
int report_lines_begin(struct report_lines *l, int fd);
void report_lines_end(struct report_lines *l);

/* The next line, NUL ended, without its \n or \r\n, and its length; valid until
 * the next call. `*is_torn`: the file ends before the line does. 1, or 0 behind
 * the last one; -EMSGSIZE: the line is too long; another negative errno. */
int report_lines_next(struct report_lines *l, char **line, size_t *len,
                      bool *is_torn);

#endif
