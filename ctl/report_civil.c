#include "report_civil.h"

#include <math.h>
#include <stdio.h>

/* The calendar repeats itself in so many years. */
enum { ERA_YEARS = 400, ERA_DAYS = 146097 };
/* From 0000-03-01 to 1970-01-01. */
enum { EPOCH_DAYS = 719468 };

static bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool civil_is_valid(const struct civil *c) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  if (c->year < 0 || c->year > 9999 || c->month < 1 || c->month > 12)
    return false;
  int last = days[c->month - 1] + (c->month == 2 && is_leap(c->year));
  return c->day >= 1 && c->day <= last;
}

/* Years begin in March, so that the leap day is their last. */
long civil_to_days(const struct civil *c) {
  long year = c->year - (c->month <= 2) + ERA_YEARS;
  long month = (c->month + 9) % 12;
  long day_of_year = (153 * month + 2) / 5 + c->day - 1;
  long days = year * 365 + year / 4 - year / 100 + year / ERA_YEARS;

  return days + day_of_year - EPOCH_DAYS - ERA_DAYS;
}

void civil_from_days(long days, struct civil *out) {
  long from_march = days + EPOCH_DAYS;
  long era = from_march / ERA_DAYS - (from_march % ERA_DAYS < 0);
  long day = from_march - era * ERA_DAYS;
  long year = (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
  long day_of_year = day - (365 * year + year / 4 - year / 100);
  long month = (5 * day_of_year + 2) / 153;

  out->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
  out->month = (int)(month < 10 ? month + 3 : month - 9);
  out->year = (int)(year + era * ERA_YEARS + (out->month <= 2));
}

long civil_day_of(double seconds) { return (long)floor(seconds / DAY_S); }

const char *civil_print(double seconds, char out[CIVIL_TEXT_MAX]) {
  double whole = floor(seconds);
  int ms = (int)lround((seconds - whole) * 1000);
  struct civil c;

  if (ms == 1000) {
    whole += 1;
    ms = 0;
  }
  long days = civil_day_of(whole);
  int second = (int)(whole - (double)days * DAY_S);
  civil_from_days(days, &c);
  int len = snprintf(out, CIVIL_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d",
                     c.year, c.month, c.day, second / HOUR_S,
                     second / MINUTE_S % 60, second % 60);
  if (ms != 0 && len > 0 && len < CIVIL_TEXT_MAX)
    snprintf(out + len, (size_t)(CIVIL_TEXT_MAX - len), ".%03d", ms);
  return out;
}
