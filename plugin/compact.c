#include "compact.h"

#include <math.h>

const char compact_type[] = "procmon";

enum source {
  CPU_PERCENT,
  USER_PERCENT,
  SYSTEM_PERCENT,
  RESIDENT,
  VIRTUAL,
  PRIVATE,
  PROCESSES,
  THREADS,
  HANDLES,
  MINOR_FAULTS,
  MAJOR_FAULTS,
  READ_BYTES,
  WRITE_BYTES,
  READ_CALLS,
  WRITE_CALLS,
  VOL_SWITCHES,
  INVOL_SWITCHES,
  UPTIME,
};

_Static_assert(UPTIME + 1 == COMPACT_SOURCES, "a source has no place");

static const struct {
  const char *name;
  uint32_t metric;
} sources[COMPACT_SOURCES] = {
    [CPU_PERCENT] = {"cpu_percent", METRIC_CPU},
    [USER_PERCENT] = {"user_percent", METRIC_CPUTIME},
    [SYSTEM_PERCENT] = {"system_percent", METRIC_CPUTIME},
    [RESIDENT] = {"resident", METRIC_RESIDENT},
    [VIRTUAL] = {"virtual", METRIC_VIRTUAL},
    [PRIVATE] = {"private", METRIC_PRIVATE},
    [PROCESSES] = {"processes", METRIC_COUNT},
    [THREADS] = {"threads", METRIC_COUNT},
    [HANDLES] = {"handles", METRIC_HANDLES},
    [MINOR_FAULTS] = {"minor_faults", METRIC_FAULTS},
    [MAJOR_FAULTS] = {"major_faults", METRIC_FAULTS},
    [READ_BYTES] = {"read_bytes", METRIC_IO},
    [WRITE_BYTES] = {"write_bytes", METRIC_IO},
    [READ_CALLS] = {"read_calls", METRIC_IO},
    [WRITE_CALLS] = {"write_calls", METRIC_IO},
    [VOL_SWITCHES] = {"vol_switches", METRIC_SWITCHES},
    [INVOL_SWITCHES] = {"invol_switches", METRIC_SWITCHES},
    [UPTIME] = {"uptime", METRIC_UPTIME},
};

const char *compact_name(size_t i) { return sources[i].name; }

/* Whether they are known or not. */
static void fill_all(const struct reading *r, double out[COMPACT_SOURCES]) {
  out[CPU_PERCENT] = r->cpu_percent;
  out[USER_PERCENT] = r->user_percent;
  out[SYSTEM_PERCENT] = r->system_percent;
  out[RESIDENT] = (double)r->resident_bytes;
  out[VIRTUAL] = (double)r->virtual_bytes;
  out[PRIVATE] = (double)r->private_bytes;
  out[PROCESSES] = (double)r->processes;
  out[THREADS] = reading_threads(r);
  out[HANDLES] = (double)r->handles;
  out[MINOR_FAULTS] = r->minor_faults_per_s;
  out[MAJOR_FAULTS] = r->major_faults_per_s;
  out[READ_BYTES] = r->read_bytes_per_s;
  out[WRITE_BYTES] = r->write_bytes_per_s;
  out[READ_CALLS] = r->read_calls_per_s;
  out[WRITE_CALLS] = r->write_calls_per_s;
  out[VOL_SWITCHES] = r->voluntary_switches_per_s;
  out[INVOL_SWITCHES] = r->involuntary_switches_per_s;
  out[UPTIME] = (double)r->uptime_ns / 1e9;
}

bool compact_fill(uint32_t metrics, const struct reading *r,
                  double out[COMPACT_SOURCES]) {
  /* How many processes there are is known always. */
  uint32_t known = metrics_known(metrics, r->have) | (metrics & METRIC_COUNT);

  fill_all(r, out);
  for (size_t i = 0; i < COMPACT_SOURCES; i++)
    if ((known & sources[i].metric) == 0)
      out[i] = NAN;
  return known != 0;
}
