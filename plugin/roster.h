/* The targets of a monitor and their samples. */
#ifndef PROCMON_ROSTER_H
#define PROCMON_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "account.h"
#include "backends/backend.h"

struct series;

struct roster_member {
  pid_t pid;
  uint64_t start;     /* of the scan that found it; 0: none did */
  pid_t parent;       /* 0: not known */
  int64_t started_ns; /* CLOCK_MONOTONIC, about; may be below 0 */
  bool has_before;    /* `before` is set */
  bool was_read;      /* it has been sampled well at least once */
  bool has_ended;     /* what can still be read of it are its last counters */
  bool is_gone;       /* and now not even those */
  bool has_owed;      /* its parent knows what was counted of it */
  bool has_reaper;    /* what it had reaped shows there */
  bool has_last;      /* `last` is set */
  struct proc_sample last; /* of its end, when that was noticed at once */
  struct reaped_debt debt;
  struct series *series; /* the caller's; NULL: none */
};

struct roster {
  const struct backend *backend;
  struct backend_ctx *ctx;
  uint32_t want;     /* what targets are attached for */
  uint32_t want_now; /* what of it is sampled; the caller's to change */
  size_t n, capacity;
  /* Element i of each is of the same target. */
  struct roster_member *members;
  struct target **targets;
  struct proc_sample *before, *now;
};

void roster_init(struct roster *r, const struct backend *backend,
                 struct backend_ctx *ctx, uint32_t want);

/* Attaches `pid`, which is no target yet; `start` is that of backend.h. Times
 * are CLOCK_MONOTONIC. A process that started after `since_ns` begins with a
 * sample of `last_ns`, the last reading, all others with none; since_ns
 * INT64_MAX: there was no reading. -ESRCH: there is no such process. */
int roster_add(struct roster *r, pid_t pid, uint64_t start, int64_t since_ns,
               uint64_t last_ns);

/* Detaches target i; the last one takes its place. */
void roster_drop(struct roster *r, size_t i);

/* Samples `n` targets from the first-th on into `now`; the status of each says
 * how it went. */
void roster_sample(struct roster *r, size_t first, size_t n);

/* The place of the target that has not gone yet and has this pid; r->n: there
 * is none. */
size_t roster_find(const struct roster *r, pid_t pid);

/* How many targets run. */
size_t roster_running(const struct roster *r);

/* The pid of the target that runs the longest, or of those that have ended when
 * none runs; 0: there is none. */
pid_t roster_oldest(const struct roster *r);

/* Detaches all and frees what it holds. */
void roster_clear(struct roster *r);

#endif
