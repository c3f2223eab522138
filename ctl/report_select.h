/* Quantiles without sorting. Pure. */
#ifndef PROCMONCTL_REPORT_SELECT_H
#define PROCMONCTL_REPORT_SELECT_H

#include <stddef.h>

/* The quantile `p`, from 0 to 1, of n > 0 numbers that are no NAN: between the
 * two that stand around (n - 1) p it is interpolated, as R does by default
 * (type 7). Changes the order of the numbers. */
double report_select_quantile(double *numbers, size_t n, double p);

#endif
