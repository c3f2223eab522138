/* The values that a monitor can send to collectd. */
#ifndef PROCMON_METRICS_H
#define PROCMON_METRICS_H

#include <stdint.h>

enum metric {
  METRIC_CPU = 1u << 0,
  METRIC_CPUTIME = 1u << 1,
  METRIC_RESIDENT = 1u << 2,
  METRIC_VIRTUAL = 1u << 3,
  METRIC_PRIVATE = 1u << 4,
  METRIC_COUNT = 1u << 5,
  METRIC_HANDLES = 1u << 6,
  METRIC_FAULTS = 1u << 7,
  METRIC_IO = 1u << 8,
  METRIC_SWITCHES = 1u << 9,
  METRIC_UPTIME = 1u << 10,

  METRICS_DEFAULT = METRIC_CPU | METRIC_CPUTIME | METRIC_RESIDENT |
                    METRIC_VIRTUAL | METRIC_PRIVATE | METRIC_COUNT |
                    METRIC_HANDLES,
};

/* How a reading becomes values: a list for each metric, in types of collectd's
 * own, or one list with all of them. */
enum layout { LAYOUT_STANDARD, LAYOUT_COMPACT };

/* Every name that metrics_find knows, for a message. */
extern const char metrics_names[];

/* The metric of this name, case ignored; 0: none is called so. */
uint32_t metrics_find(const char *name);

/* What must be sampled for a set of metrics; a set of enum proc_field. */
uint32_t metrics_need(uint32_t metrics);

/* Those of a set of metrics for which the fields in `have` are enough. */
uint32_t metrics_known(uint32_t metrics, uint32_t have);

#endif
