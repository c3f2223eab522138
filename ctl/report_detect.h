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

enum detect_grounds {
  DETECT_NONE, /* others are as good */
  DETECT_WAY,  /* the way is shorter than by any other */
  DETECT_SURE, /* no other tells day and month apart in another way */
};

/* Why the format is what it is. */
struct detect_choice {
  enum detect_grounds grounds;
  /* Those that are as good and make other days of the times. Because of the
   * way: the plugin's default, where it fits all times. */
  struct time_format others[DETECT_MAX - 1];
  size_t n_others;
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
 * they are by it. */
void report_detect_end(struct report_detect *d, double *times, size_t n,
                       struct detect_choice *out);

/* Turns times that were read by one order of year, month and day into what they
 * are by another. */
void report_detect_turn(const struct time_format *from,
                        const struct time_format *to, double *times, size_t n);

/* Whether the order of one format tells that of the other: they write days
 * alike, but for the order. */
bool report_detect_is_alike(const struct time_format *a,
                            const struct time_format *b);

/* The format of the log. */
const struct time_format *report_detect_format(const struct report_detect *d);

#endif
