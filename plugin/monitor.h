/* A monitor's life: start, read, stop. */
#ifndef PROCMON_MONITOR_H
#define PROCMON_MONITOR_H

#include <stdbool.h>

#include "backends/backend.h"
#include "census.h"
#include "ends.h"
#include "log.h"
#include "monitor_config.h"
#include "view.h"
#include "writers.h"

/* What all monitors share; outlives them. */
struct monitor_env {
  const struct backend *backend;
  struct backend_ctx *ctx;
  struct fd_budget *budget;
  struct census *census;
  struct ends *ends;       /* NULL: ends are noticed by readings alone */
  struct writers *writers; /* NULL: logs are written by who reads */
  /* Called after each reading of a monitor, and when it is over or stopped, in
   * the thread that has read; NULL: nobody wants to know, and monitor_look() is
   * not for use. */
  void (*told)(void *arg);
  void *told_arg;
};

struct monitor;

/* What is asked for beyond the configuration of a monitor that was started at
 * run time. */
struct monitor_extra {
  uint32_t want;     /* fields that are to be in readings, whatever is shown */
  const char *place; /* of its log, for the writers; NULL: the log's folder */
};

/* Makes a monitor that does nothing yet. Many are made before the first one is
 * started: the process table is then read once for all of them. `config`,
 * what is in `env` and the place in `extra`, which may be NULL, stay the
 * caller's and outlive the monitor. A descriptor that the config gives for the
 * log is the monitor's own, even where this fails. */
int monitor_create(const struct monitor_config *config,
                   const struct monitor_env *env,
                   const struct monitor_extra *extra, struct monitor **out);

/* Opens the log, finds the processes and takes the baseline. A process that
 * is not there, or a log that cannot be opened, is said and tried again at
 * each reading. */
void monitor_start(struct monitor *m);

/* Takes a reading and gives it to the sinks. Too soon after the baseline or
 * the last reading it does nothing: the next one counts all. Any thread, as
 * all functions here but monitor_free. */
void monitor_read(struct monitor *m);

/* Has the log opened anew, so that it may be renamed, and the rows that wait
 * written: now, or when the reading that goes on is done. Waits for nobody. */
void monitor_reopen(struct monitor *m);

/* Looks at once who has ended, and takes the last reading where nobody is left:
 * now, or when the reading that goes on is done. */
void monitor_look_for_ends(struct monitor *m);

/* False once it was stopped, or the only process it can watch has ended. */
bool monitor_is_running(struct monitor *m);

/* What it shows of itself, and of its log. Waits for no reading. */
void monitor_look(struct monitor *m, struct view *view,
                  struct logs_state *logs);

/* Takes the final reading, when at least a tenth of the interval has passed,
 * and has its row written and the log closed. Nothing is dispatched. */
void monitor_stop(struct monitor *m);

/* Waits until everything is in the log that is on its way there; false: it is
 * not, by this instant of CLOCK_MONOTONIC. */
bool monitor_wait(struct monitor *m, uint64_t deadline_ns);

/* Says that rows are lost. What a writer that hangs may still use stays. */
void monitor_abandon(struct monitor *m);

/* Only when it is stopped and monitor_wait() was true. */
void monitor_free(struct monitor *m);

#endif
