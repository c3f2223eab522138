/* A reading as values in collectd: in types of collectd's own types.db, or in
 * the one type of the compact layout. */
#ifndef PROCMON_DISPATCH_H
#define PROCMON_DISPATCH_H

#include <stdint.h>

#include "metrics.h"
#include "reading.h"

/* Makes the type of the compact layout known to collectd, as the file
 * procmon.types.db does for those that receive values. Only while collectd has
 * one thread: it locks nothing. 0 or a negative errno; that was said. */
int dispatch_register_type(void);

/* Whether collectd knows that type still, once it has read all its files of
 * types. 0, or -EINVAL; that was said. */
int dispatch_check_type(void);

/* Dispatches the metrics of the set `metrics` (enum metric) that the reading
 * has, under plugin "procmon" and `instance`, all with the reading's time.
 * With no process only the count is dispatched, as 0. The compact layout is one
 * list, in which what a reading has not is NAN; where it has nothing, there is
 * none. The caller's thread waits for collectd's write queue, not for its
 * writers. */
void dispatch_reading(const char *instance, uint64_t interval_ns,
                      enum layout layout, uint32_t metrics,
                      const struct reading *r);

enum dispatch_severity { DISPATCH_OKAY, DISPATCH_WARNING };

enum { NOTICE_MAX = 256 }; /* as long as collectd takes, with the NUL */

/* Sends a notification of type `ps_count` under plugin "procmon" and
 * `instance`. The caller's thread calls those who take notifications. */
void dispatch_notification(const char *instance,
                           enum dispatch_severity severity, uint64_t wall_ns,
                           const char *message);

#endif
