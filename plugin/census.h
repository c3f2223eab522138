/* The process table, read once for all monitors that are due.
 *
 * A scan opens what is new, what is young, for it may still become another
 * program, and each process once in a minute. Whether a process is one of a
 * monitor's is asked once each time it is opened. Any thread. */
#ifndef PROCMON_CENSUS_H
#define PROCMON_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "backends/backend.h"

struct census;

/* One process. `pid` and `start` are its own. */
struct census_entry {
  pid_t pid;
  pid_t parent;     /* 0: none, or not known */
  uint64_t start;   /* of the backend's scan; 0: it tells none */
  int32_t parent_i; /* the parent's place in the view; -1: none */
  bool young;       /* to be opened by the next scan, whatever its token */
  bool is_met;      /* by the scan that is going on */
  uint64_t token;
  uint64_t looked_ns; /* when it was opened, CLOCK_MONOTONIC */
  size_t row;         /* of the answers of all monitors */
};

/* All processes in the order of their pids; valid while it is held. */
struct census_view {
  const struct census_entry *entries;
  size_t n;
  uint64_t taken_ns; /* all that ran at this instant are in it */
};

/* Says whether a process is one of a monitor's. Called in any thread, with the
 * census held; calls nothing of the census. */
typedef bool (*census_match)(void *arg, const struct proc_info *);

int census_create(const struct backend *backend, struct backend_ctx *ctx,
                  struct census **out);

/* Takes part: `match` is asked about each process, with the facts in `facts`
 * as far as they can be told. Makes the next scan open all of them. */
int census_join(struct census *c, uint32_t facts, census_match match, void *arg,
                unsigned *id);

/* What `match` answers has changed: the next scan asks about all of them. */
void census_forget_answers(struct census *c);

/* `match` is not called any more. */
void census_leave(struct census *c, unsigned id);

/* Holds the census for this thread, after a scan where the last one is older
 * than `max_age_ns`. When it fails nothing is held. */
int census_hold(struct census *c, uint64_t max_age_ns, struct census_view *out);

/* What `match` said of entry i of the view that is held. */
bool census_answer(const struct census *c, size_t i, unsigned id);

void census_release(struct census *c);

/* Everybody has left. */
void census_free(struct census *c);

#endif
