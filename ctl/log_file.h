/* The log, which the user's own rights open, not the daemon's. */
#ifndef PROCMONCTL_LOG_FILE_H
#define PROCMONCTL_LOG_FILE_H

#include <stdbool.h>

#include "request.h"

struct log_file {
  const char *path; /* the caller's; NULL: there is no log */
  int fd;           /* that is to be passed; -1: none */
  bool is_made;     /* it was not there before */
};

/* Opens the log, or makes it, and names it in the request by its absolute path.
 * 0 or an exit status; says why, and leaves nothing to be closed. */
int log_file_open(struct log_file *f, const char *path, struct request *r);

void log_file_close(struct log_file *f);

/* Closes a log that is not used after all: one that was made for it, and in
 * which there is still nothing, is removed. */
void log_file_drop(struct log_file *f);

#endif
