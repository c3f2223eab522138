/* The files that a report is made of. */
#ifndef PROCMONCTL_REPORT_INPUT_H
#define PROCMONCTL_REPORT_INPUT_H

#include "options.h"
#include "report_log.h"

/* Opens and reads a log; "-" is standard input. Tells how far it is when that
 * takes more than a second and standard error is a terminal. 0 or an exit
 * status; says why, and leaves nothing to be freed. */
int input_read(struct report_log *log, const char *path,
               const struct report_options *o,
               const struct report_wishes *wishes, struct report_wall *wall);

/* Standard input is read once. 0 or an exit status; says why. */
int input_check(const struct options *o);

/* A page must not be written over what it is made of, standard input included,
 * nor into the JSON on standard output. 0 or an exit status; says why. */
int input_check_output(const struct options *o, const char *output);

/* Says what there is to know of a log; for report_log_read and others. */
void input_note(void *context, const char *text);

#endif
