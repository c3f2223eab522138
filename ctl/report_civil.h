/* Days and dates of the Gregorian calendar. Pure. */
#ifndef PROCMONCTL_REPORT_CIVIL_H
#define PROCMONCTL_REPORT_CIVIL_H

#include <stdbool.h>
#include <stddef.h>

enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60 };

/* Room for a printed time, with its NUL. */
enum { CIVIL_TEXT_MAX = 40 };

struct civil {
  int year;
  int month; /* from 1 */
  int day;   /* from 1 */
};

/* Days since 1970-01-01. False: there is no such day; years are those from 0 to
 * 9999. */
bool civil_to_days(const struct civil *c, long *days);

/* And back. */
void civil_from_days(long days, struct civil *out);

/* The day on which a second since 1970 lies. */
long civil_day_of(double seconds);

/* Prints seconds since 1970 as 2008-09-16T14:24:10, with milliseconds where
 * there are some. Gives `out`. */
const char *civil_print(double seconds, char out[CIVIL_TEXT_MAX]);

#endif
