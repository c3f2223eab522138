/* The targets of a monitor: who they are, and what was read of them. */
#ifndef PROCMON_TARGETS_H
#define PROCMON_TARGETS_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/backend.h"
#include "ends.h"
#include "fault.h"
#include "monitor_config.h"
#include "notice.h"
#include "reading.h"
#include "roster.h"
#include "select.h"
#include "series.h"

struct targets {
  const struct monitor_config *config;
  struct logs *logs;
  struct selection *selection;
  struct roster roster;
  uint32_t ends_id; /* of the monitor, for watch_end */
  int64_t until_ns; /* who ran then was looked at; INT64_MAX: nobody was */
  struct notices notices;
  uint64_t wall_ns;  /* when the targets were sampled last */
  uint64_t now_ns;   /* the same, CLOCK_MONOTONIC */
  bool has_baseline; /* whoever comes now has started */
  bool is_quiet;     /* nothing is notified any more */

  struct group *group; /* whose CPU time is that of all; NULL: none */
  uint64_t group_incarnation;
  bool group_is_missing; /* it was not there at the last update */
  bool group_is_new;
  struct proc_sample group_before, group_now;

  struct fault attach_fault, sample_fault, select_fault;
  struct limit limit;   /* of these */
  const char *obstacle; /* that was said */
  bool has_said_missing, has_said_limit;
};

/* `want`: what the sinks show. The arguments outlive the targets. */
int targets_init(struct targets *t, const struct monitor_config *config,
                 const struct backend *backend, struct backend_ctx *ctx,
                 struct census *census, struct logs *logs, uint32_t want);

/* Looks who belongs to the monitor now, and samples each once. `last_ns` is the
 * last reading, CLOCK_MONOTONIC. False when that failed for one of them: what
 * the others say is not all of it. */
bool targets_update(struct targets *t, uint64_t last_ns);

/* Adds all to a reading that account_begin made. */
void targets_account(struct targets *t, struct reading *r,
                     struct totals *totals);

/* Adds target i alone, as a reading of its own. */
void targets_account_one(struct targets *t, size_t i, struct reading *r,
                         struct totals *totals);

/* The samples count as read: those of the next update go on from them. Whoever
 * has ended is forgotten. */
void targets_settle(struct targets *t);

/* The target of this pid has ended, perhaps: looks whether, takes its last
 * counters, and says it. True when it had not been known. */
bool targets_end(struct targets *t, pid_t pid);

/* True when what was read is all of it. */
bool targets_work(const struct targets *t);

bool targets_are_over(const struct targets *t);

/* Lets go of all of them, and of what is open for them. */
void targets_release(struct targets *t);

void targets_clear(struct targets *t);

#endif
