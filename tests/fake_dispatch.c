#include <stdio.h>

#include "compat/thread.h"
#include "plugin/dispatch.h"
#include "record.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void dispatch_reading(const char *instance, uint64_t interval_ns,
                      enum layout layout, uint32_t metrics,
                      const struct reading *r) {
  struct record_dispatch *d = &record_dispatch;

  pthread_mutex_lock(&lock);
  d->calls++;
  snprintf(d->instance, sizeof(d->instance), "%s", instance);
  d->interval_ns = interval_ns;
  d->layout = layout;
  d->metrics = metrics;
  d->reading = *r;
  pthread_mutex_unlock(&lock);
}

void dispatch_notification(const char *instance,
                           enum dispatch_severity severity, uint64_t wall_ns,
                           const char *message) {
  (void)wall_ns;
  pthread_mutex_lock(&lock);
  if (record_n_notices < RECORD_NOTICES)
    snprintf(record_notices[record_n_notices], sizeof(record_notices[0]),
             "%s %s %s", instance,
             severity == DISPATCH_OKAY ? "OKAY" : "WARNING", message);
  record_n_notices++;
  pthread_mutex_unlock(&lock);
}
