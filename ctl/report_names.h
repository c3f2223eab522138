/* What logs are called in a report. Pure. */
#ifndef PROCMONCTL_REPORT_NAMES_H
#define PROCMONCTL_REPORT_NAMES_H

#include "report.h"

/* Names each log by the last part of its path without .tsv, and where that is
 * not unlike the others by as many parts as it takes; the same path once more
 * gets a number. Standard input is stdin. 0 or -ENOMEM. */
int report_names_set(struct report *r);

#endif
