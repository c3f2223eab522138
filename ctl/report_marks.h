/* Moments with a label, as the user gives them. Pure. */
#ifndef PROCMONCTL_REPORT_MARKS_H
#define PROCMONCTL_REPORT_MARKS_H

#include <stddef.h>

#include "report.h"
#include "report_log.h"

enum { MARK_WHY_MAX = 512 };

/* Adds "TIME LABEL" to a report. The time is written as in one of its logs,
 * with a fraction or without, or as 2008-09-16 14:24:10 or 2008-09-16T14:24:10,
 * or as 14:24:10 where the logs pass that time of day once. It stands where the
 * row is that has this time. `walls`: how each of its logs tells the time. 0
 * with nothing in `why`, or with what is to be said of the mark; -EINVAL with
 * `why`; -ENOMEM. */
int report_marks_add(struct report *r, const struct report_wall *walls,
                     const char *text, char why[MARK_WHY_MAX]);

#endif
