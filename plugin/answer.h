/* Lines of the control socket's answers: `key=value key="value"`. */
#ifndef PROCMON_ANSWER_H
#define PROCMON_ANSWER_H

#include <stdbool.h>
#include <stdio.h>

#include "keeper.h"

/* Begins a line: which monitor it is of. */
void answer_id(FILE *out, const struct kept *kept);

/* A line for LIST, for READ and WATCH, for STOP. */
void answer_list(FILE *out, struct kept *kept);
void answer_reading(FILE *out, const struct kept *kept,
                    const struct reading *r);
void answer_summary(FILE *out, struct kept *kept);

/* False as long as a row may still be on its way into its log. */
bool answer_is_running(struct kept *kept);

#endif
