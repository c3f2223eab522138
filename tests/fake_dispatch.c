#include <stdio.h>

#include "plugin/dispatch.h"
#include "record.h"

struct record_dispatch record_dispatch;

void dispatch_reading(const char *instance, uint64_t interval_ns,
                      uint32_t metrics, const struct reading *r) {
  struct record_dispatch *d = &record_dispatch;

  d->calls++;
  snprintf(d->instance, sizeof(d->instance), "%s", instance);
  d->interval_ns = interval_ns;
  d->metrics = metrics;
  d->reading = *r;
}
