/* The ways to measure the processes of a crowd once. */
#ifndef PROCMON_BENCH_WAYS_H
#define PROCMON_BENCH_WAYS_H

#include <stddef.h>
#include <sys/types.h>

#include "backends/backend.h"
#include "plugin/row.h"

/* As the plugin has. */
enum { KEPT_DESCRIPTORS = 256 };

struct subjects {
  const pid_t *pids;
  size_t n;
  struct row_style style;
  struct timefmt_known time;
  uint32_t want;
  /* ours */
  struct fd_budget budget;
  struct backend_ctx *ctx;
  struct target **targets;
  struct proc_sample *before, *now;
  struct totals *totals;
  /* the floor's: kept files of the first so many */
  int proc_fd;
  int *statm_fds;
  size_t n_kept;
};

/* `columns` is the name of a preset. */
void subjects_open(struct subjects *s, const char *columns, const pid_t *pids,
                   size_t n);
void subjects_close(struct subjects *s);

/* The argument of each is a struct subjects. */
void way_rows(void *arg);  /* ours: a row for each process */
void way_sum(void *arg);   /* ours: one row for all */
void way_floor(void *arg); /* the system calls of a sample alone */
void way_stat(void *arg);  /* open, read, close and parse of /proc/PID/stat */
void way_ps(void *arg);    /* popen of ps, for the first process alone */

#endif
