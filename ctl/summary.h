/* What a monitor saw, from the answer to STOP. */
#ifndef PROCMONCTL_SUMMARY_H
#define PROCMONCTL_SUMMARY_H

#include <stdio.h>

#include "answer.h"

/* Ends the line that the caller has begun, and adds one each for the duration
 * and the rows, for CPU and for memory. */
void summary_print(FILE *out, const struct answer *a);

#endif
