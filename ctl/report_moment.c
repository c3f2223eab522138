#include "report_moment.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

/* Until the year 9999, and as far back. */
static const double TIME_MAX_S = 253402300799.0;

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const char dash[] = "\xe2\x80\x93";

const char *report_moment_print(double time_s, char out[REPORT_MOMENT_MAX]) {
  struct tm tm;

  snprintf(out, REPORT_MOMENT_MAX, "%s", dash);
  if (!(fabs(time_s) <= TIME_MAX_S))
    return out;
  time_t seconds = (time_t)floor(time_s);
  if (gmtime_r(&seconds, &tm) != NULL)
    (void)strftime(out, REPORT_MOMENT_MAX, "%Y-%m-%d %H:%M:%S", &tm);
  return out;
}

static void print_units(char out[REPORT_MOMENT_MAX], long long n, int large,
                        const char *large_name, int small,
                        const char *small_name) {
  long long rest = n % large / small;

  if (rest == 0)
    snprintf(out, REPORT_MOMENT_MAX, "%lld %s", n / large, large_name);
  else
    snprintf(out, REPORT_MOMENT_MAX, "%lld %s %lld %s", n / large, large_name,
             rest, small_name);
}

const char *report_moment_duration(double seconds,
                                   char out[REPORT_MOMENT_MAX]) {
  if (!(seconds >= 0 && seconds <= 2 * TIME_MAX_S))
    snprintf(out, REPORT_MOMENT_MAX, "%s", dash);
  else if (seconds < MINUTE)
    snprintf(out, REPORT_MOMENT_MAX, "%.3g s", seconds);
  else if (seconds < HOUR)
    print_units(out, llround(seconds), MINUTE, "min", 1, "s");
  else if (seconds < DAY)
    print_units(out, llround(seconds), HOUR, "h", MINUTE, "min");
  else
    print_units(out, llround(seconds), DAY, "d", HOUR, "h");
  return out;
}
