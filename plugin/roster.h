/* The targets of a monitor and their samples. */
#ifndef PROCMON_ROSTER_H
#define PROCMON_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/backend.h"

struct roster_member {
  pid_t pid;
  int64_t started_ns; /* CLOCK_MONOTONIC, about; may be below 0 */
  bool has_before;    /* `before` is set */
  bool was_read;      /* it has been sampled well at least once */
};

struct roster {
  const struct backend *backend;
  struct backend_ctx *ctx;
  uint32_t want;
  size_t n, capacity;
  /* Element i of each is of the same target. */
  struct roster_member *members;
  struct target **targets;
  struct proc_sample *before, *now;
};

void roster_init(struct roster *r, const struct backend *backend,
                 struct backend_ctx *ctx, uint32_t want);

/* Attaches `pid`, which is no target yet. `since_ns` is
 * CLOCK_MONOTONIC. A process that started after `since_ns`, the last reading,
 * begins with a sample of that moment, all others with none; INT64_MAX: there
 * was no reading. -ESRCH: there is no such process. */
int roster_add(struct roster *r, pid_t pid, int64_t since_ns);

/* Detaches target i; the last one takes its place. */
void roster_drop(struct roster *r, size_t i);

/* Samples the targets from the first-th on into `now`; the status of each says
 * how it went. */
void roster_sample(struct roster *r, size_t first);

/* The pid of the target that runs the longest; 0: there is none. */
pid_t roster_oldest(const struct roster *r);

/* Detaches all and frees what it holds. */
void roster_clear(struct roster *r);

#endif
