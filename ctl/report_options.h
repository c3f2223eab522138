/* The command line of report. */
#ifndef PROCMONCTL_REPORT_OPTIONS_H
#define PROCMONCTL_REPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "report_check.h"
#include "report_time.h"

struct report_words {
  const char **words; /* the array is owned */
  size_t n;
};

/* As they stand there; NULL: not given. */
struct report_options {
  const char *output;
  const char *title;
  const char *baseline;
  const char *tolerance;
  const char *columns;
  const char *time_format;
  const char *dygraphs;
  struct report_words marks;
  struct report_words fail_if;
};

/* Takes the value of an option by its long name. 0 or an exit status; says
 * why. */
int report_options_take(struct report_options *o, const char *option,
                        const char *value);

/* What the options mean. */
struct report_wishes {
  struct time_format time_format;        /* where one is given */
  double tolerance;                      /* percent */
  struct report_expression *expressions; /* owned, one for each of fail_if */
};

/* Checks what can be checked before a log is read. 0 or an exit status; says
 * why, and leaves nothing to be freed. */
int report_options_check(const struct report_options *o, bool is_json,
                         struct report_wishes *out);

void report_options_free(struct report_options *o);

#endif
