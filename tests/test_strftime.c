#include "compat/strftime.h"

#include <string.h>

#include "unit.h"

static void check_at(time_t seconds, const char *format, const char *expected) {
  char out[128];
  struct tm tm;

  ck_assert_ptr_nonnull(gmtime_r(&seconds, &tm));
  ck_assert_uint_eq(strftime_c99(out, sizeof(out), format, &tm),
                    strlen(expected));
  ck_assert_str_eq(out, expected);
}

/* 2008-09-16 14:24:10, a Tuesday */
static const time_t instant = 1221575050;

START_TEST(what_c99_adds_is_known) {
  check_at(instant, "%F %T", "2008-09-16 14:24:10");
  check_at(instant, "%D %R", "09/16/08 14:24");
  check_at(instant, "%c", "Tue Sep 16 14:24:10 2008");
  check_at(instant, "%C %e %h %r %u", "20 16 Sep 02:24:10 PM 2");
  check_at(instant, "%k|%l|%P", "14| 2|pm");
}
END_TEST

START_TEST(flags_and_modifiers_are_those_of_the_gnu_libc) {
  check_at(instant - 14 * 3600, "%-H %_H %H", "0  0 00");
  check_at(instant, "%^b %#b %#p %-j", "SEP SEP pm 260");
  check_at(instant, "%Ey %Od", "08 16");
}
END_TEST

START_TEST(weeks_are_those_of_iso_8601) {
  check_at(1104537600, "%G-W%V-%u %g", "2004-W53-6 04"); /* 2005-01-01 */
  check_at(1230681600, "%G-W%V-%u", "2009-W01-3");       /* 2008-12-31 */
  check_at(1262304000, "%G-W%V-%u", "2009-W53-5");       /* 2010-01-01 */
}
END_TEST

START_TEST(what_does_not_fit_or_is_not_known_is_nothing) {
  char out[8];
  struct tm tm;

  gmtime_r(&instant, &tm);
  ck_assert_uint_eq(strftime_c99(out, 8, "%F", &tm), 0);
  ck_assert_uint_eq(strftime_c99(out, 8, "%H:%M:", &tm), 6);
  ck_assert_uint_eq(strftime_c99(out, 8, "12345678", &tm), 0);
  ck_assert_uint_eq(strftime_c99(out, 8, "%Q", &tm), 0);
  ck_assert_uint_eq(strftime_c99(out, 8, "%", &tm), 0);
  ck_assert_uint_eq(strftime_c99(out, 8, "%-", &tm), 0);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      what_c99_adds_is_known,
      flags_and_modifiers_are_those_of_the_gnu_libc,
      weeks_are_those_of_iso_8601,
      what_does_not_fit_or_is_not_known_is_nothing,
  };
  return UNIT_RUN("strftime", tests);
}
