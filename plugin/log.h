/* The logs of a monitor: one, or with `Report "each"` one for each process. A
 * row goes into memory at once, and from there into its file by a job of the
 * writers: nobody who calls here waits for a disk. What goes wrong with a file
 * is said there. Its callers hold the monitor's lock. */
#ifndef PROCMON_LOG_H
#define PROCMON_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "backends/fd_budget.h"
#include "backlog.h"
#include "compat/thread.h"
#include "fault.h"
#include "limit.h"
#include "monitor_config.h"
#include "reading.h"
#include "writers.h"

struct log;

struct lost {
  uint64_t rows, files;
};

/* What all logs of a monitor share. */
struct logs {
  const struct monitor_config *config;
  struct fd_budget *budget;
  struct writers *writers;
  struct job job;
  char *folder;              /* of the logs */
  int given_fd;              /* of the only log; -1: none is given */
  size_t rows_max;           /* that can wait */
  struct timefmt_known time; /* of the rows, for who holds the monitor's lock */
  struct limit hang_limit;
  struct fault hang;
  pthread_mutex_t
      lock; /* guards what follows, and each log's rows and wishes */
  struct backlog_places places;
  struct log *work, *last_work; /* which the job is to look at */
  size_t n_work;
  struct log *left; /* whose process has ended */
  struct lost lost_at_end;
  uint64_t written, lost; /* rows; lost are those that were said */
  int error;              /* of the last attempt on a file; 0: it went well */
  const char *why;        /* what it means; NULL: what errno says of it */
  /* The job's own. */
  struct limit limit; /* of faults that are said */
  struct lost lost_now;
};

/* The arguments outlive the logs. writers NULL: files are written at once. A
 * descriptor that the config gives is the logs' own from here on, with its
 * place in the budget, even where this fails. `place` is that of the job; NULL:
 * the folder of the logs. -ENOMEM. */
int logs_init(struct logs *l, const struct monitor_config *config,
              struct fd_budget *budget, struct writers *writers,
              const char *place);

/* Closes the descriptor of a config for which there are no logs. */
void logs_refuse(const struct monitor_config *config, struct fd_budget *budget);

/* What has become of the logs until now. */
struct logs_state {
  uint64_t written, lost; /* rows; waiting ones are neither */
  uint64_t waiting;
  int error;       /* of the last attempt on a file; 0: it went well */
  const char *why; /* what it means; NULL: what errno says of it */
};
void logs_look(struct logs *l, struct logs_state *out);

/* Tries once more to write the rows that wait of processes that have ended. */
void logs_retry_left(struct logs *l);

/* Waits until all is done that was asked for; false: it is not, by this instant
 * of CLOCK_MONOTONIC. */
bool logs_wait(struct logs *l, uint64_t deadline_ns);

/* Says how many rows are lost when it has to be given up. */
void logs_say_hanging(struct logs *l);

/* Says how many rows are lost, where some still wait. All must be done, and
 * what is not left must be freed. */
void logs_clear(struct logs *l);

/* -ENOMEM */
int log_create(struct logs *l, struct log **out);

/* Opens the file, so that what is wrong with it shows early. */
void log_open(struct log *log, pid_t pid);

/* Writes the reading as a row, behind those that still wait. */
void log_write(struct log *log, const struct reading *r);

/* Tries once more to write the rows that wait. */
void log_retry(struct log *log);

/* Closes the file and opens it again, and writes the rows that wait. */
void log_reopen(struct log *log);

/* Writes the rows that wait, and closes the file; then says that the monitor is
 * over, if it is. */
void log_close(struct log *log, bool is_over);

/* Closes the file and frees the log, when no row waits any more. One that was
 * not begun yet makes no file when no more rows can wait. */
void log_leave(struct log *log);

/* Frees it at once. All must be done. */
void log_free(struct log *log);

#endif
