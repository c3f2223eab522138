/* The columns of a log, as its header or its number of fields says. Pure. */
#ifndef PROCMONCTL_REPORT_HEADER_H
#define PROCMONCTL_REPORT_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* More there are in no log, whoever wrote it. */
enum { HEADER_COLUMNS_MAX = 256 };

struct report_header {
  const char *names[HEADER_COLUMNS_MAX]; /* in the text that was taken */
  size_t n;
  size_t time; /* which of them is the time */
};

/* A line of names, one of which is Time, in any case, perhaps behind a #. */
bool report_header_is(const char *line);

/* A line of dashes below the names, as Header "ruled" has it. */
bool report_header_is_rule(const char *line);

/* Takes a line of names apart, and changes it. NULL, or what is wrong with
 * it. */
const char *report_header_take(struct report_header *h, char *line);

/* The same of names with blanks between, or of unix or windows. */
const char *report_header_choose(struct report_header *h, char *names);

/* The columns of a log without a header: unix or windows, by their number.
 * NULL, or what to do. */
const char *report_header_guess(struct report_header *h, size_t fields);

#endif
