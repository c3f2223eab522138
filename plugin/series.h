/* One series of readings: where they go, and their totals. A monitor has one,
 * or with `Report "each"` one for each process. */
#ifndef PROCMON_SERIES_H
#define PROCMON_SERIES_H

#include <stddef.h>
#include <sys/types.h>

#include "backends/fd_budget.h"
#include "limit.h"
#include "monitor_config.h"
#include "reading.h"

/* What all series of a monitor share. */
struct series_env {
  struct fd_budget *budget;
  size_t places;       /* left for rows that wait for their file */
  struct limit limit;  /* of the log's faults that are said */
  struct series *left; /* whose process has ended, and rows still wait */
};

struct series {
  char *name; /* the plugin instance in collectd */
  struct totals totals;
  struct series_log *log; /* NULL: none */
  const struct monitor_config *config;
  struct series_env *env;
  struct series *next; /* in env->left */
};

/* `budget` is the caller's and outlives it. */
void series_env_init(struct series_env *env, struct fd_budget *budget);

/* `pid` 0: the series of the whole monitor. Otherwise that of one process,
 * called name-pid. Config and env outlive it. Opens nothing yet. -ENOMEM. */
int series_create(const struct monitor_config *config, struct series_env *env,
                  pid_t pid, struct series **out);

/* Opens the log, where its path is known already. */
void series_open(struct series *s, pid_t pid);

/* Writes the reading as a row, and dispatches it; only the row. A row tells of
 * an interval: a reading without a rate makes none. A row that cannot be
 * written waits. Says a log's faults. */
void series_write(struct series *s, const struct reading *r);
void series_write_row(struct series *s, const struct reading *r);

/* Writes the rows that wait, as far as the file takes them. */
void series_retry(struct series *s);

/* Closes the log and opens it again, and writes the rows that wait. */
void series_reopen(struct series *s);

/* Writes the rows that wait, and closes the log. */
void series_close(struct series *s);

/* Frees it; as long as rows wait it is kept, for series_retry_left(). */
void series_leave(struct series *s);
void series_retry_left(struct series_env *env);

/* Says how many rows are lost, where some still wait. */
void series_free(struct series *s);
void series_free_left(struct series_env *env);

#endif
