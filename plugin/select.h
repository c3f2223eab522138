/* Which processes belong to a monitor, now. */
#ifndef PROCMON_SELECT_H
#define PROCMON_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "backends/backend.h"
#include "census.h"
#include "monitor_config.h"

struct wanted {
  pid_t pid;
  uint64_t start;  /* of the scan that saw it; 0: none did */
  pid_t parent;    /* 0: none, or not asked for */
  bool only_known; /* stays when it is a target already, is not taken anew */
  bool by_descent; /* belongs as the descendant of another one */
  bool is_target;  /* false from select_update; the caller's mark */
};

struct selection;

/* `config` stays the caller's and outlives the selection, as `census` does.
 * -ENOMEM, or what the backend says of the group. */
int select_create(const struct monitor_config *config,
                  const struct backend *backend, struct backend_ctx *ctx,
                  struct census *census, struct selection **out);

/* Reads the process table, where the selectors need it and may select anything,
 * when the census is older than `max_age_ns`; else the update does. To be
 * called before the targets are sampled, so that all of them are sampled at
 * about one instant. */
int select_prepare(struct selection *s, uint64_t max_age_ns);

/* Looks again, and gives the processes that belong to the monitor in the order
 * of their pids. The list is the selection's, until the next call. Allocates
 * only when there are more of them than ever before.
 *
 * `until_ns`, CLOCK_MONOTONIC: a process that is not in the list, and ran
 * already at this instant, was not the monitor's.
 *
 * A descendant stays until it ends, whatever becomes
 * of its parent; all others as long as all selectors hold. */
int select_update(struct selection *s, struct wanted **list, size_t *n,
                  uint64_t *until_ns);

/* The process `pid` has ended. A process that takes its pid is another one:
 * it is selected by Pid never again, and by PidFile when the file has been
 * written again. */
void select_ended(struct selection *s, pid_t pid);

/* There is no process `pid`. A pid file that is not just being written was left
 * behind then: it is not followed until it is written again. */
void select_missing(struct selection *s, pid_t pid);

/* True when nothing can belong to the monitor any more. */
bool select_is_over(const struct selection *s);

/* Why nothing may be selected that should be, in words; NULL: all is well. */
const char *select_obstacle(const struct selection *s);

/* The group whose own count of CPU time is that of all selected processes, and
 * of those that came and went between two readings; NULL: there is none. */
struct group *select_whole_group(const struct selection *s);

void select_free(struct selection *s);

#endif
