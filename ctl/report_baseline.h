/* A report beside the log of an earlier run. Pure. */
#ifndef PROCMONCTL_REPORT_BASELINE_H
#define PROCMONCTL_REPORT_BASELINE_H

#include "report.h"

/* Adds to a report, for each of its logs and each column that it has in common
 * with the old one, a check of the mean and one of the 95th percentile: it has
 * failed where the figure is more than `tolerance` percent greater than the old
 * one, or missing where that is not. Pid and Uptime are no such figures. `note`
 * is told of columns that are not compared, and of a log with which nothing is:
 * then -EINVAL. Else 0 or -ENOMEM. */
int report_baseline_check(struct report *r, const struct report_log *old,
                          double tolerance,
                          void (*note)(void *context, const char *text),
                          void *context);

#endif
