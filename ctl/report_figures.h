/* The table of a log's figures. */
#ifndef PROCMONCTL_REPORT_FIGURES_H
#define PROCMONCTL_REPORT_FIGURES_H

#include <stdio.h>

#include "report.h"

/* Whoever closes the stream looks for its errors. */
void report_figures_print(FILE *out, const struct report_log *log);

#endif
