/* Reports that are made up, for the tests of the page; report_free() is for
 * them, too. */
#ifndef PROCMON_TESTS_REPORT_MADE_H
#define PROCMON_TESTS_REPORT_MADE_H

#include "ctl/report.h"
#include "ctl/report_log.h" /* report_free */

/* Rows of the known columns `names`, NULL ended, one a step of `step_s` from
 * `begin` on. Ends the program where memory runs out, as all here. */
void report_made_log(struct report *r, const char *path, const char *name,
                     double begin, double step_s, size_t rows,
                     const char *const *names);

void report_made_mark(struct report *r, double time, const char *label);
void report_made_check(struct report *r, const char *text, const char *found,
                       bool failed);

/* By its name: ordinary, one, hostile, large, many, empty. False: there is no
 * such report. */
bool report_made(const char *name, struct report *out);

/* The statistics of what the values are now. */
void report_made_count(struct report *r);

#endif
