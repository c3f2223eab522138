/* The parts of the page that are text and tables. */
#ifndef PROCMONCTL_REPORT_TABLES_H
#define PROCMONCTL_REPORT_TABLES_H

#include <stdio.h>

#include "report.h"

/* Whoever closes the stream looks for its errors. */
void report_tables_checks(FILE *out, const struct report *r);
void report_tables_logs(FILE *out, const struct report *r);
void report_tables_marks(FILE *out, const struct report *r);

/* A table for each log, with a row for each column. */
void report_tables_figures(FILE *out, const struct report *r);

#endif
