/* Moments and durations for people. */
#ifndef PROCMONCTL_REPORT_MOMENT_H
#define PROCMONCTL_REPORT_MOMENT_H

enum { REPORT_MOMENT_MAX = 48 };

/* "2026-11-25 21:38:21": seconds of a log's wall clock; what is no moment as a
 * dash. Both give `out`. */
const char *report_moment_print(double time_s, char out[REPORT_MOMENT_MAX]);

/* The two largest units: "2 d 3 h", "1 min 5 s", "0.1 s"; what is no duration
 * as a dash. */
const char *report_moment_duration(double seconds, char out[REPORT_MOMENT_MAX]);

#endif
