/* The times of a log, made such that they never fall. Pure. */
#ifndef PROCMONCTL_REPORT_CLOCK_H
#define PROCMONCTL_REPORT_CLOCK_H

#include <stdbool.h>
#include <stddef.h>

enum { CLOCK_NEW_DAY_S = 3 * 3600 };

/* A gap is longer than so many usual steps. */
#define CLOCK_GAP_STEPS 2.5

/* A time that fell: what row, from where to where, and how much later than they
 * stand in the log it and those behind it are taken. And one that has caught
 * up, which is `later_s` 0. */
typedef void (*clock_moved)(void *context, size_t row, double from, double to,
                            double later_s);

/* Where the clock was set back, the log goes on one step later, and is later by
 * as much until the log's own time has caught up. Without a date a fall of more
 * than CLOCK_NEW_DAY_S is no clock that was set back: another day begins. */
void report_clock_rise(double *times, size_t n, bool has_date,
                       clock_moved moved, void *context);

/* Spreads rows of the same time evenly over what the times do not resolve. The
 * log may have begun or ended within such a time: where there are fewer rows
 * than in the one beside it, they have the steps of that one, up to it. */
void report_clock_spread(double *times, size_t n, double resolution_s);

/* The usual step between two rows, which is the median; NAN below two rows.
 * A gap is a step of more than CLOCK_GAP_STEPS of them that the resolution can
 * tell; they last so long in all. `steps`: room for as many as there are rows.
 */
struct clock_steps {
  double usual_s;
  size_t gaps;
  double gaps_s;
};
void report_clock_measure(const double *times, size_t n, double resolution_s,
                          double *steps, struct clock_steps *out);

#endif
