/* The log, which the user's own rights open, not the daemon's. */
#ifndef PROCMONCTL_LOG_FILE_H
#define PROCMONCTL_LOG_FILE_H

#include "request.h"

/* Opens the log, or makes it, and names it in the request by its absolute path.
 * `*fd`: the descriptor that is to be passed. Without a path -1. 0 or an exit
 * status; says why. */
int log_file_open(const char *path, struct request *r, int *fd);

#endif
