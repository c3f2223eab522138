/* Where the whole rows of a file end. */
#ifndef PROCMON_LOG_TAIL_H
#define PROCMON_LOG_TAIL_H

#include <stddef.h>
#include <stdint.h>

/* Room for what is told of a torn line, with its NUL. */
enum { LOG_TAIL_TORN = 128 };

struct log_tail {
  uint64_t end;             /* of the last whole line */
  char torn[LOG_TAIL_TORN]; /* the start of what is behind it */
};

/* Looks for the last newline of an open file of this size. What is behind it a
 * crash has torn: the start of a row, or zero bytes, of which some file systems
 * leave as many as there was space made for. -EILSEQ: it is too long for a
 * row. */
int log_tail_find(int fd, uint64_t size, struct log_tail *out);

#endif
