/* Logs, read. */
#ifndef PROCMONCTL_REPORT_LOG_H
#define PROCMONCTL_REPORT_LOG_H

#include <stdint.h>

#include "report.h"
#include "report_detect.h"

/* How logs are read, and who is told what. */
struct report_rules {
  const char *columns; /* of a log without a header; NULL: by their number */
  const struct time_format *time_format; /* NULL: it is found out */
  /* A line for people, of what is refused or was not taken as it stands. */
  void (*note)(void *context, const char *text);
  /* Called now and then. May be NULL. */
  void (*progress)(void *context, const char *path, uint64_t bytes);
  void *context; /* of both */
};

/* How a log tells the time. */
struct report_wall {
  struct time_format format;
  int offset_s; /* from UTC, of the first row; 0 where the log does not say */
  bool has_offset;             /* the log says it */
  struct detect_choice choice; /* of the format */
};

/* Reads the log from a descriptor, and fills in its figures; the name is not
 * set. `path` is for messages. `*wall` is set when the log has rows. 0 or a
 * negative errno, with `note` told why and nothing to be freed. */
int report_log_read(struct report_log *log, int fd, const char *path,
                    const struct report_rules *rules, struct report_wall *wall);

/* From a row on, behind those that were given before, a log is shown that much
 * later. 0 or -ENOMEM. */
int report_log_shift(struct report_log *log, size_t row, double later_s);

/* Fills in the figures of a log that has its times and values. 0 or -ENOMEM. */
int report_log_figure(struct report_log *log, double resolution_s);

/* From the first row to the last; NAN without rows. */
double report_log_duration_s(const struct report_log *log);

void report_log_free(struct report_log *log);

/* The column of this name, or the only one of this name in another case; NULL:
 * there is none, or more than one. The name need not end at `len`. */
const struct report_column *report_log_find(const struct report_log *log,
                                            const char *name, size_t len);

/* Frees all that a report owns. */
void report_free(struct report *r);

#endif
