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

enum dispatch_severity { DISPATCH_OKAY, DISPATCH_WARNING };

enum { NOTICE_MAX = 256 }; /* as long as collectd takes, with the NUL */

/* Sends a notification of type `ps_count` under plugin "procmon" and
 * `instance`. The caller's thread calls those who take notifications. */
void dispatch_notification(const char *instance,
                           enum dispatch_severity severity, uint64_t wall_ns,
                           const char *message);

#endif
