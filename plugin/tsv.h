/* The log of a monitor: a file of rows. */
#ifndef PROCMON_TSV_H
#define PROCMON_TSV_H

#include <stdbool.h>
#include <sys/types.h>

#include "backends/fd_budget.h"
#include "reading.h"
#include "row.h"

struct tsv_options {
  const char *path; /* %p is the pid of the reading, %% a percent sign */
  bool append;      /* false: what an earlier run wrote is thrown away */
  struct row_style style;
  struct fd_budget *budget; /* without a place in it the file is opened for
                               each row */
};

struct tsv;

/* `options` stays the caller's and outlives the log. Opens nothing yet. */
int tsv_create(const struct tsv_options *options, struct tsv **out);

/* Opens the file for `pid` and gives a new or empty one its header; makes
 * missing folders. Does nothing when it is open. wall_ns: now. -EBUSY: another
 * log has it open, and holds its lock. */
int tsv_open(struct tsv *t, pid_t pid, uint64_t wall_ns);

/* Appends one row in one write; opens the file where it is not open. */
int tsv_write(struct tsv *t, const struct reading *r);

/* The path that is, or was last, tried: for messages. */
const char *tsv_path(const struct tsv *t);

/* What an error means here, in words; NULL: what errno says of it. */
const char *tsv_explain(int error);

/* Closes the file; it may be opened again. */
int tsv_close(struct tsv *t);

void tsv_free(struct tsv *t);

#endif
