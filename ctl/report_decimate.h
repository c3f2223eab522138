/* The few points of a column that a chart needs; pure. */
#ifndef PROCMONCTL_REPORT_DECIMATE_H
#define PROCMONCTL_REPORT_DECIMATE_H

#include <stddef.h>

struct report_point {
  double time;  /* s */
  double value; /* NAN: the line is broken here */
};

/* The most points that `buckets` can make. */
#define REPORT_DECIMATE_MAX(buckets) (4 * (buckets) + 4)

/* Of how many rows each bucket has, at the most; 1: every row is kept. */
size_t report_decimate_rows(size_t rows, size_t buckets);

/* Divides the rows between the first and the last into buckets, one or more,
 * and keeps the first row, the last, and of each bucket the smallest and the
 * largest value, in the order they came. Between two points there is one that
 * breaks the line where values are missing (no finite number) or where a step
 * of the times, which never fall, is longer than `gap_s`. Writes at most
 * REPORT_DECIMATE_MAX(buckets) points; returns how many. */
size_t report_decimate(const double *times, const double *values, size_t rows,
                       double gap_s, size_t buckets, struct report_point *out);

#endif
