#include "report_civil.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

enum { TM_YEAR = 1900 };

bool civil_to_days(const struct civil *c, long *days) {
  struct tm tm = {
      .tm_year = c->year - TM_YEAR, .tm_mon = c->month - 1, .tm_mday = c->day};
  const bool is_a_year = c->year >= 0 && c->year <= 9999;

  /* A day that there is not becomes one of another month. */
  *days = (long)(timegm(&tm) / DAY_S);
  return is_a_year && tm.tm_mon == c->month - 1;
}

void civil_from_days(long days, struct civil *out) {
  time_t seconds = (time_t)days * DAY_S;
  struct tm tm = {.tm_mday = 1};

  gmtime_r(&seconds, &tm);
  *out = (struct civil){tm.tm_year + TM_YEAR, tm.tm_mon + 1, tm.tm_mday};
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
