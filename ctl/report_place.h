/* Where in a report a time is that the clock of a log has shown. Pure. */
#ifndef PROCMONCTL_REPORT_PLACE_H
#define PROCMONCTL_REPORT_PLACE_H

#include <stdbool.h>

#include "report.h"

/* A time as somebody wrote it down. */
struct place_time {
  double own_s;        /* of the log's clock since 1970, or since midnight */
  bool has_date;       /* false: since midnight */
  double resolution_s; /* a row may be later by less than this */
};

struct places {
  size_t n;
  double first; /* in the report; where n is 0 it is kept */
};

/* Counts the places between the log's rows at which its clock showed the time.
 * Where it fell some times were shown twice. */
struct places report_place_find(const struct report_log *log,
                                const struct place_time *t);

/* A place for a time with a date that no row of the log is near to: between two
 * rows where the clock was set, before the log or after it. */
double report_place_guess(const struct report_log *log,
                          const struct place_time *t);

#endif
