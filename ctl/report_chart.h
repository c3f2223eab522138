/* The data of the page's charts. */
#ifndef PROCMONCTL_REPORT_CHART_H
#define PROCMONCTL_REPORT_CHART_H

#include <stddef.h>

#include "report.h"

struct report_chart_data {
  char *json; /* owned by the caller */
  size_t len;
  size_t rows_per_bucket; /* 1: every row is in the charts */
};

/* JSON for an element `script`: of every log its name and when it begins and
 * ends; the marks; and for each name of a column, in the order they come, the
 * lines of all logs that have a value in it. Times are milliseconds, those of a
 * line each from the one before, the first from the log's begin; a null in a
 * line breaks it. Decimated until max_len bytes are enough, or until nothing is
 * left to decimate. 0 or -ENOMEM. */
int report_chart_data(const struct report *r, size_t max_len,
                      struct report_chart_data *out);

/* The longest step between two rows of a log over which its line goes on, s;
 * NAN: any. */
double report_chart_gap_s(const struct report_log *log);

#endif
