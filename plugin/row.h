/* A reading as a line of text. Pure: no file, no clock, no locale. */
#ifndef PROCMON_ROW_H
#define PROCMON_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "columns.h"
#include "reading.h"
#include "timefmt.h"

enum header {
  HEADER_NAMES, /* one line of names */
  HEADER_RULED, /* names and a line of dashes */
  HEADER_HASH,  /* names behind a # */
  HEADER_NONE,
};

/* How the rows of one log look. The strings are the caller's. */
struct row_style {
  struct columns columns;
  enum header header;
  const char *time_format; /* has passed timefmt_check */
  bool utc;
  struct timefmt_known *known_time; /* the caller's, one thread's at a time;
                                       NULL: none */
};

/* Room for every row and every header, with its NUL. */
enum { ROW_MAX = TIMEFMT_MAX + COLUMN_COUNT * 24 };

/* Both write whole lines with their `\n` and return the length. Memory is in
 * KBytes (1024), CPU in percent with one decimal, or none with integer_cpu,
 * other rates per second with one decimal, uptime in seconds; a value that the
 * reading does not have is -1. */
size_t row_print(const struct row_style *style, const struct reading *r,
                 char out[ROW_MAX]);
size_t row_print_header(const struct row_style *style, uint64_t wall_ns,
                        char out[ROW_MAX]);

#endif
