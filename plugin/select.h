/* Which processes belong to a monitor, now. */
#ifndef PROCMON_SELECT_H
#define PROCMON_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "backends/backend.h"
#include "monitor_config.h"

struct wanted {
  pid_t pid;
  bool only_known; /* stays when it is a target already, is not taken anew */
  bool is_target;  /* false from select_update; the caller's mark */
};

struct selection;

/* `config` stays the caller's and outlives the selection. */
int select_create(const struct monitor_config *config,
                  const struct backend *backend, struct backend_ctx *ctx,
                  struct selection **out);

/* Looks again, and gives the processes that belong to the monitor in the order
 * of their pids. The list is the selection's, until the next call. Allocates
 * only when there are more of them than ever before.
 *
 * Pid: that process. PidFile: the file is read again when it has changed; when
 * it is missing, empty or without a pid, the process it named last is only
 * kept. Command: the process table is read. */
int select_update(struct selection *s, struct wanted **list, size_t *n);

/* The process `pid` has ended. A process that takes its pid is another one:
 * it is selected by Pid never again, and by PidFile when the file has been
 * written again. */
void select_ended(struct selection *s, pid_t pid);

/* There is no process `pid`. A pid file that is not just being written was left
 * behind then: it is not followed until it is written again. */
void select_missing(struct selection *s, pid_t pid);

/* True when nothing can belong to the monitor any more. */
bool select_is_over(const struct selection *s);

void select_free(struct selection *s);

#endif
