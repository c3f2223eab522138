/* The one way to the daemon's log for rooms that do not know collectd. */
#ifndef PROCMON_REPORT_H
#define PROCMON_REPORT_H

#include "compat/printf_like.h"

enum report_level {
  REPORT_ERROR,
  REPORT_WARNING,
  REPORT_NOTICE,
  REPORT_INFO,
};

/* Writes one line, with the plugin's name before it. Any thread. The plugin
 * hands it to collectd; the unit suites record it. */
void report(enum report_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
