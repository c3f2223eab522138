/* What a report is made of: logs as they were read, and what they amount to.
 * The reader fills it, the statistics and the checks go through it, and JSON
 * and the page are written of it; nobody goes back. */
#ifndef PROCMONCTL_REPORT_H
#define PROCMONCTL_REPORT_H

#include <stdbool.h>
#include <stddef.h>

/* Of the rows that have a value. Without such rows all but `samples` is NAN,
 * and so is the slope where it cannot be told. */
struct report_stats {
  size_t samples;
  double min, mean, median, p95, max, last;
  /* Least squares over time, in the column's unit an hour, and the ends of its
   * 95 % interval. */
  double slope, slope_low, slope_high;
};

struct report_column {
  char *name;     /* as the header has it; owned */
  double *values; /* one for each row, NAN where it is missing; owned */
  struct report_stats stats;
};

/* From this row on, up to that of the next shift, a log is shown by so much
 * later than its own clock has it. */
struct report_shift {
  size_t row;
  double later_s;
};

/* A log. All owned. */
struct report_log {
  char *path; /* as the user gave it */
  char *name; /* short, and unlike that of every other log of the report */
  size_t rows;
  double *times; /* seconds of the log's own wall clock: shown as if it were
                    UTC, they read as they stand in the log. Never falling. */
  struct report_shift *shifts; /* where the clock was set back, and where it has
                                  caught up */
  size_t n_shifts;
  size_t n_columns;
  struct report_column *columns; /* without the time */
  double interval_s;             /* the usual step between two rows; NAN below
                                    two rows */
  size_t gaps;                   /* steps much longer than that */
  double gaps_s;                 /* and what they last, in all */
};

struct report_mark {
  double time; /* as those of the logs */
  char *label; /* owned */
};

/* What was asked of the figures, and how it came out. */
struct report_check {
  char *text;  /* what was asked, and of which log; owned */
  char *found; /* the figure that was found, in words; owned */
  bool failed;
};

struct report {
  char *title; /* owned */
  struct report_log *logs;
  size_t n_logs;
  struct report_mark *marks;
  size_t n_marks;
  struct report_check *checks;
  size_t n_checks;
};

#endif
