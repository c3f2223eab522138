/* Which format the times of a log have. 01/02/08 can be two days, or more: all
 * that it can be are followed through the whole log, and in the end the one is
 * taken with which the log takes the shortest way through the calendar. Pure.
 */
#ifndef PROCMONCTL_REPORT_DETECT_H
#define PROCMONCTL_REPORT_DETECT_H

#include "report_time.h"

enum { DETECT_MAX = 3 };

struct report_detect {
  /* They differ in the order of year, month and day alone. */
  struct time_format format[DETECT_MAX];
  bool is_out[DETECT_MAX]; /* some time of the log is none of that format */
  size_t n;
  size_t current; /* the one by which the times are read */
  long day;       /* of the last time */
};

/* Some formats that are found, for a message. */
extern const char report_detect_examples[];

/* Finds the formats of the log's first time. False: none fits. */
bool report_detect_begin(struct report_detect *d, const char *text);

/* The log's format is known. */
void report_detect_set(struct report_detect *d, const struct time_format *f);

/* Reads a time of the log. When the current format does not fit it, one takes
 * its place that does, and the times before are turned into what they are by
 * that. False: no format is left. */
bool report_detect_read(struct report_detect *d, const char *text,
                        double *times, size_t n, struct time_read *out);

/* Takes the best of the formats that are left, and turns the times into what
 * they are by it. Gives one that is as good, or NULL. */
const struct time_format *report_detect_end(struct report_detect *d,
                                            double *times, size_t n);

/* The format of the log. */
const struct time_format *report_detect_format(const struct report_detect *d);

#endif
