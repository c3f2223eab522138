#include "metrics.h"

#include <stddef.h>
#include <strings.h>

#include "backends/backend.h"

static const struct {
  const char *name;
  uint32_t metric, needs;
} table[] = {
    {"cpu", METRIC_CPU, PROC_CPU},
    {"cputime", METRIC_CPUTIME, PROC_USER_SYSTEM},
    {"resident", METRIC_RESIDENT, PROC_RESIDENT},
    {"virtual", METRIC_VIRTUAL, PROC_VIRTUAL},
    {"private", METRIC_PRIVATE, PROC_PRIVATE},
    {"count", METRIC_COUNT, PROC_THREADS},
    {"handles", METRIC_HANDLES, PROC_HANDLES},
    {"faults", METRIC_FAULTS, PROC_FAULTS},
    {"io", METRIC_IO, PROC_IO},
    {"switches", METRIC_SWITCHES, PROC_SWITCHES},
    {"uptime", METRIC_UPTIME, PROC_UPTIME},
};

static const size_t table_size = sizeof(table) / sizeof(table[0]);

const char metrics_names[] = "cpu, cputime, resident, virtual, private, count, "
                             "handles, faults, io, switches, uptime";

uint32_t metrics_find(const char *name) {
  for (size_t i = 0; i < table_size; i++)
    if (strcasecmp(name, table[i].name) == 0)
      return table[i].metric;
  return 0;
}

uint32_t metrics_need(uint32_t metrics) {
  uint32_t needs = 0;

  for (size_t i = 0; i < table_size; i++)
    if ((metrics & table[i].metric) != 0)
      needs |= table[i].needs;
  return needs;
}

uint32_t metrics_known(uint32_t metrics, uint32_t have) {
  uint32_t known = 0;

  for (size_t i = 0; i < table_size; i++)
    if ((table[i].needs & ~have) == 0)
      known |= metrics & table[i].metric;
  return known;
}
