/* One series of readings: where they go, and their totals. A monitor has one,
 * or with `Report "each"` one for each process. */
#ifndef PROCMON_SERIES_H
#define PROCMON_SERIES_H

#include <sys/types.h>

#include "backends/fd_budget.h"
#include "monitor_config.h"
#include "reading.h"

struct series {
  char *name; /* the plugin instance in collectd */
  struct totals totals;
  struct series_log *log; /* NULL: none */
  const struct monitor_config *config;
};

/* `pid` 0: the series of the whole monitor. Otherwise that of one process,
 * called name-pid. Both arguments outlive it. Opens nothing yet. -ENOMEM. */
int series_create(const struct monitor_config *config, struct fd_budget *budget,
                  pid_t pid, struct series **out);

/* Opens the log, where its path is known already. */
void series_open(struct series *s, pid_t pid);

/* Writes the reading as a row, and dispatches it; only the row. A row tells of
 * an interval: a reading without a rate makes none. Says a log's faults. */
void series_write(struct series *s, const struct reading *r);
void series_write_row(struct series *s, const struct reading *r);

/* Closes the log. */
void series_close(struct series *s);

void series_free(struct series *s);

#endif
