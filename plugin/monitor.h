/* A monitor's life: start, read, stop. */
#ifndef PROCMON_MONITOR_H
#define PROCMON_MONITOR_H

#include <stdbool.h>

#include "backends/backend.h"
#include "monitor_config.h"

/* What all monitors share; outlives them. */
struct monitor_env {
  const struct backend *backend;
  struct backend_ctx *ctx;
  struct fd_budget *budget;
};

struct monitor;

/* Opens the log, finds the processes and takes the baseline. A process that
 * is not there, or a log that cannot be opened, is said and tried again at
 * each reading; only -ENOMEM is an error. `config` stays the caller's and
 * outlives the monitor. */
int monitor_start(const struct monitor_config *config,
                  const struct monitor_env *env, struct monitor **out);

/* Takes a reading and gives it to the sinks. Too soon after the baseline or
 * the last reading it does nothing: the next one counts all. Called by one
 * thread at a time. */
void monitor_read(struct monitor *m);

/* False once it was stopped, or the only process it can watch has ended. */
bool monitor_is_running(const struct monitor *m);

/* Writes the final row, when at least a tenth of the interval has passed, and
 * closes the log. Nothing is dispatched. */
void monitor_stop(struct monitor *m);

void monitor_free(struct monitor *m);

#endif
