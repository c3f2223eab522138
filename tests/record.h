/* What the code under test reported and dispatched, kept for the suites. */
#ifndef PROCMON_TESTS_RECORD_H
#define PROCMON_TESTS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin/metrics.h"
#include "plugin/reading.h"
#include "plugin/report.h"

void record_clear(void);

/* How many lines were reported at this level, and the i-th of all lines. */
size_t record_count(enum report_level level);
const char *record_line(size_t i);
size_t record_lines(void);

/* True when a line holds the text. */
bool record_has(const char *text);

/* What monitor.c handed to dispatch_reading last, and how often it did. */
struct record_dispatch {
  size_t calls;
  char instance[128];
  uint64_t interval_ns;
  enum layout layout;
  uint32_t metrics;
  struct reading reading;
};
extern struct record_dispatch record_dispatch;

/* The notifications, each as `instance SEVERITY message`. */
enum { RECORD_NOTICES = 64 };
extern char record_notices[RECORD_NOTICES][512];
extern size_t record_n_notices; /* also of those that found no place */

#endif
