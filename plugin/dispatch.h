/* A reading as values in collectd, in types of collectd's own types.db. */
#ifndef PROCMON_DISPATCH_H
#define PROCMON_DISPATCH_H

#include <stdint.h>

#include "reading.h"

/* Dispatches the metrics of the set `metrics` (enum metric) that the reading
 * has, under plugin "procmon" and `instance`, all with the reading's time.
 * With no process only the count is dispatched, as 0. The caller's thread
 * waits for collectd's write queue, not for its writers. */
void dispatch_reading(const char *instance, uint64_t interval_ns,
                      uint32_t metrics, const struct reading *r);

#endif
