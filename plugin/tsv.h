/* The log of a monitor: a file of rows. */
#ifndef PROCMON_TSV_H
#define PROCMON_TSV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "backends/fd_budget.h"
#include "row.h"

struct tsv_options {
  const char *path; /* %p is the pid of the reading, %% a percent sign */
  bool append;      /* false: what an earlier run wrote is thrown away */
  bool sync;        /* each row is to outlast a loss of power */
  struct row_style style;
  struct fd_budget *budget; /* without a place in it the file is opened for
                               each row */
  bool is_given;            /* the log is an open file, `path` only its name */
  int fd;                   /* which; the log's own from tsv_create() on, as is
                               its place in the budget */
};

struct tsv;

/* `options` stays the caller's and outlives the log. Opens nothing yet. */
int tsv_create(const struct tsv_options *options, struct tsv **out);

/* Opens the file for `pid` and gives a new or empty one its header; makes
 * missing folders, and cuts off a last line that a crash has torn. A file that
 * was renamed or removed since it was opened is left, and opened anew. wall_ns:
 * now. -EBUSY: another log has it open, and holds its lock. */
int tsv_open(struct tsv *t, pid_t pid, uint64_t wall_ns);

/* Appends whole lines in one write, once the file is open as tsv_open() does
 * it. After an error none of it is in the file. */
int tsv_append(struct tsv *t, pid_t pid, uint64_t wall_ns, const char *text,
               size_t len);

/* The error of the last write to the disk that `sync` asks for. The row is in
 * the file all the same. */
int tsv_sync_error(const struct tsv *t);

/* The torn line that was cut off, or the start of it, once; NULL: none. */
const char *tsv_take_torn(struct tsv *t);

/* The path that is, or was last, tried: for messages. */
const char *tsv_path(const struct tsv *t);

/* The pid of that path; false: none was tried yet. */
bool tsv_pid(const struct tsv *t, pid_t *pid);

/* What the last error means, in words; NULL: what errno says of it. */
const char *tsv_explain(const struct tsv *t, int error);

/* Closes the file; it may be opened again, but for one that was given. */
int tsv_close(struct tsv *t);

void tsv_free(struct tsv *t);

#endif
