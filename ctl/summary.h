/* What a monitor saw, from the answer to STOP. */
#ifndef PROCMONCTL_SUMMARY_H
#define PROCMONCTL_SUMMARY_H

#include <stdio.h>

#include "answer.h"

/* Ends the line that the caller has begun with the duration and the rows, and
 * adds one for CPU and one for memory. */
void summary_print(FILE *out, const struct answer *a);

#endif
