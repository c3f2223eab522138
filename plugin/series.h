/* One series of readings: where they go, and their totals. A monitor has one,
 * or with `Report "each"` one for each process. */
#ifndef PROCMON_SERIES_H
#define PROCMON_SERIES_H

#include <stdbool.h>
#include <sys/types.h>

#include "log.h"
#include "monitor_config.h"
#include "reading.h"

struct series {
  char *name; /* the plugin instance in collectd */
  struct totals totals;
  struct log *log; /* NULL: none */
  const struct monitor_config *config;
};

/* `pid` 0: the series of the whole monitor. Otherwise that of one process,
 * called name-pid. Config and logs outlive it. Opens nothing yet. -ENOMEM. */
int series_create(const struct monitor_config *config, struct logs *logs,
                  pid_t pid, struct series **out);

/* Opens the log, where its path is known already. */
void series_open(struct series *s, pid_t pid);

/* Writes the reading as a row, and dispatches it; only the row. A row tells of
 * an interval: a reading without a rate makes none. */
void series_write(struct series *s, const struct reading *r);
void series_write_row(struct series *s, const struct reading *r);

/* Writes the rows that wait, as far as the file takes them. */
void series_retry(struct series *s);

/* Closes the log and opens it again, and writes the rows that wait. */
void series_reopen(struct series *s);

/* Writes the rows that wait, and closes the log; then says that the monitor is
 * over, if it is. */
void series_close(struct series *s, bool is_over);

/* Frees it; its log closes, when no row waits any more. */
void series_leave(struct series *s);

/* Frees it with its log, which must be done. */
void series_free(struct series *s);

#endif
