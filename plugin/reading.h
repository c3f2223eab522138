/* What a monitor reports for one interval: rates and sums over its targets. */
#ifndef PROCMON_READING_H
#define PROCMON_READING_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "backends/backend.h"

/* Counters since the monitor started. They never fall, also when targets come
 * and go. */
struct totals {
  uint64_t user_ns, system_ns;
  uint64_t minor_faults, major_faults;
  uint64_t read_bytes, write_bytes;
  uint64_t read_calls, write_calls;
  uint64_t voluntary_switches, involuntary_switches;
};

struct reading {
  uint64_t wall_ns;   /* CLOCK_REALTIME at which it was taken */
  uint64_t processes; /* targets that were read */
  uint64_t rated;     /* those of them whose rates are in it */
  pid_t pid;          /* the target that runs the longest; 0: none */

  uint32_t have; /* of enum proc_field: what is valid below */
  double cpu_percent, user_percent, system_percent;
  uint64_t resident_bytes, virtual_bytes, private_bytes, anonymous_bytes;
  uint64_t threads, handles;
  uint64_t uptime_ns; /* the longest of the targets */
  double minor_faults_per_s, major_faults_per_s;
  double read_bytes_per_s, write_bytes_per_s;
  double read_calls_per_s, write_calls_per_s;
  double voluntary_switches_per_s, involuntary_switches_per_s;
  struct totals totals; /* valid where the rate of the same name is */
};

/* NAN: unknown. No process has no thread. */
static inline double reading_threads(const struct reading *r) {
  bool is_known = (r->have & PROC_THREADS) != 0 || r->processes == 0;
  return is_known ? (double)r->threads : NAN;
}

#endif
