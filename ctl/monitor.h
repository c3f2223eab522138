/* The requests that start and stop a monitor. */
#ifndef PROCMONCTL_MONITOR_H
#define PROCMONCTL_MONITOR_H

#include "client.h"

enum { MONITOR_ID_MAX = 32 };

/* Sends START with the log's descriptor, or -1, which stays the caller's. 0 or
 * an exit status; says why. */
int monitor_start(struct client *c, const struct request *r, int log_fd,
                  char id[MONITOR_ID_MAX]);

/* Sends a request with an id, and nothing else. The caller frees the lines, of
 * which there is at least one after success. */
int monitor_ask(struct client *c, const char *command, const char *id,
                struct lines *lines);

#endif
