/* The figures of a report as JSON. */
#ifndef PROCMONCTL_REPORT_JSON_H
#define PROCMONCTL_REPORT_JSON_H

#include <stdio.h>

#include "report.h"

/* Prints an object. What is not known is null; names that are no UTF-8 have
 * U+FFFD for what is none. */
void report_json_print(FILE *out, const struct report *r);

#endif
