/* What log.c and log_job.c share: one log, and the job that writes it. */
#ifndef PROCMON_LOG_JOB_H
#define PROCMON_LOG_JOB_H

#include "log.h"
#include "tsv.h"

/* Rows of a monitor that can wait, beside those of one reading of each
 * process. */
enum { ROWS_MAX = 1000 };

/* What the job is to do beside writing the rows. */
enum wish {
  WISH_OPEN = 1,
  WISH_REOPEN = 2,
  WISH_CLOSE = 4,
  WISH_SAY_OVER = 8,
};

struct log {
  struct logs *logs;
  struct tsv_options options;
  /* Guarded by the lock. */
  struct backlog backlog;
  unsigned wishes;
  pid_t pid; /* of the file to be opened */
  bool has_work, is_left;
  bool is_begun; /* the job has looked at it */
  struct log *next_work, *next_left;
  /* The job's own. */
  struct tsv *tsv;
  bool is_closed;
  uint64_t caught_up; /* rows that waited and are written, in this fault */
  struct fault fault, sync_fault;
};

/* Says that rows are lost, or at the end that none is: one line for all logs of
 * a monitor, which may be many. */
void log_say_lost(const struct logs *l, const struct lost *lost,
                  const char *why);

/* The job of a monitor: looks at each log that has work. */
void log_job(void *logs);

#endif
