/* What a column amounts to. Pure. */
#ifndef PROCMONCTL_REPORT_STATS_H
#define PROCMONCTL_REPORT_STATS_H

#include "report.h"

/* Fills in the figures of a column of n rows; a NAN is no value. `room`: for as
 * many numbers as there are rows. */
void report_stats_fill(struct report_stats *out, const double *times,
                       const double *values, size_t n, double *room);

/* The quantile 0.975 of Student's t; NAN without a degree of freedom. */
double report_stats_t(size_t degrees);

#endif
