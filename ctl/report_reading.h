/* A log that is just being read: of report_log.c and report_reading.c alone. */
#ifndef PROCMONCTL_REPORT_READING_H
#define PROCMONCTL_REPORT_READING_H

#include <errno.h>

#include "compat/printf_like.h"
#include "report_detect.h"
#include "report_header.h"
#include "report_lines.h"
#include "report_log.h"

/* What is wrong has been told. */
enum { READING_REFUSED = -ECANCELED };

struct reading {
  struct report_log *log;
  const char *path;
  const struct report_rules *rules;
  struct report_lines lines;
  struct report_header header;
  char *names; /* the text that the header's names are in */
  bool has_header;
  struct report_detect detect;
  int offset_s;    /* of the first row's clock from UTC */
  bool has_offset; /* the first row says it */
  size_t room;     /* for rows */
  size_t *skipped; /* before which row each line stands that is none */
  size_t n_skipped;
  size_t skipped_room;
};

/* Tells of a line of the log; 0: of the log itself. */
void reading_note(const struct reading *r, size_t line, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Tells what is wrong with the line that was just read; gives
 * READING_REFUSED. */
int reading_refuse(const struct reading *r, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Takes a line, a row or what else stands in a log, and changes it. 0 or a
 * negative errno. */
int reading_take(struct reading *r, char *line);

#endif
