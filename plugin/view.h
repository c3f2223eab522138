/* What a monitor shows of itself to whoever asks, at any time: its last reading
 * and what has become of it until then. */
#ifndef PROCMON_VIEW_H
#define PROCMON_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "reading.h"

enum { VIEW_PIDS_MAX = 64 };

struct view {
  size_t processes;
  size_t n_pids; /* at most VIEW_PIDS_MAX */
  pid_t pids[VIEW_PIDS_MAX];
  uint64_t readings; /* until now; `last` is valid from the first one on */
  struct reading last;
  uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC; of the last reading */
  uint64_t over_ns;          /* when it was over or stopped; 0: it runs */
  /* CPU % weighted by the time that it is of, and that time. */
  double cpu_percent_ns, cpu_max_percent;
  uint64_t cpu_ns;
  /* Of the readings that have it. */
  double resident_sum_bytes;
  uint64_t resident_n, resident_max_bytes, resident_last_bytes;
};

/* Adds a reading that was taken at `now_ns`, over the time since the last one.
 */
void view_add(struct view *v, const struct reading *r, uint64_t now_ns);

/* Over the whole life; false: nothing is known. */
bool view_cpu_mean_percent(const struct view *v, double *out);
bool view_resident_mean_bytes(const struct view *v, double *out);

#endif
