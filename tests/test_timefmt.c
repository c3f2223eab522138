#include "plugin/timefmt.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixture.h"
#include "unit.h"

/* 2008-09-16 14:24:10.0075 UTC */
static const uint64_t instant_ns = UINT64_C(1221575050007500000);

static void check_utc(const char *format, const char *expected) {
  char out[TIMEFMT_MAX];

  ck_assert_ptr_null(timefmt_check(format));
  timefmt_print(format, true, instant_ns, NULL, out);
  ck_assert_str_eq(out, expected);
}

START_TEST(strftime_does_the_most_of_it) {
  check_utc("%m/%d/%y %H:%M:%S", "09/16/08 14:24:10");
  check_utc("%Y-%m-%dT%H:%M:%SZ", "2008-09-16T14:24:10Z");
  check_utc("%-d %b, %_H", "16 Sep, 14");
  check_utc("%Ey %Od", "08 16");
  check_utc("at %%", "at %");
  check_utc("%z %Z", "+0000 UTC");
}
END_TEST

START_TEST(parts_of_a_second_are_cut_off_not_rounded) {
  check_utc("%S.%3N", "10.007");
  check_utc("%1N", "0");
  check_utc("%6N", "007500");
  check_utc("%9N", "007500000");
}
END_TEST

START_TEST(seconds_since_1970_do_not_know_a_zone) {
  char out[TIMEFMT_MAX];

  fixture_set_zone("EST5");
  check_utc("%s.%3N", "1221575050.007");
  timefmt_print("%s", false, instant_ns, NULL, out);
  ck_assert_str_eq(out, "1221575050");
}
END_TEST

START_TEST(local_time_is_that_of_the_zone) {
  char out[TIMEFMT_MAX];

  fixture_set_zone("XYZ-5:30");
  timefmt_print("%H:%M %z", false, instant_ns, NULL, out);
  ck_assert_str_eq(out, "19:54 +0530");
}
END_TEST

START_TEST(a_format_that_breaks_a_row_is_refused) {
  ck_assert_ptr_nonnull(timefmt_check("%H\t%M"));
  ck_assert_ptr_nonnull(timefmt_check("%H\n"));
  ck_assert_ptr_nonnull(timefmt_check("%n"));
  ck_assert_ptr_nonnull(timefmt_check("%t"));
}
END_TEST

START_TEST(an_unknown_conversion_is_refused) {
  ck_assert_ptr_nonnull(timefmt_check("%"));
  ck_assert_ptr_nonnull(timefmt_check("%H:%"));
  ck_assert_ptr_nonnull(timefmt_check("%Q"));
  ck_assert_ptr_nonnull(timefmt_check("%N"));
  ck_assert_ptr_nonnull(timefmt_check("%0N"));
  ck_assert_ptr_nonnull(timefmt_check("%3S"));
  ck_assert_ptr_nonnull(timefmt_check("%Ez"));
}
END_TEST

START_TEST(a_format_prints_something_that_fits) {
  char format[300], flags[2 * TIMEFMT_MAX + 10];

  ck_assert_ptr_nonnull(timefmt_check(""));
  memset(format, 'x', sizeof(format));
  format[TIMEFMT_LENGTH_MAX] = '\0';
  ck_assert_ptr_null(timefmt_check(format));
  format[TIMEFMT_LENGTH_MAX] = 'x';
  format[TIMEFMT_LENGTH_MAX + 1] = '\0';
  ck_assert_ptr_nonnull(timefmt_check(format));
  memset(format, 'x', sizeof(format));
  format[299] = '\0';
  ck_assert_ptr_nonnull(timefmt_check(format));
  ck_assert_ptr_nonnull(timefmt_check("%c%c%c%c%c%c"));
  memset(format, '^', sizeof(format));
  format[0] = '%';
  memcpy(format + sizeof(format) - 2, "Z", 2);
  ck_assert_ptr_null(timefmt_check(format));
  memset(flags, '^', sizeof(flags));
  flags[0] = '%';
  memcpy(flags + sizeof(flags) - 2, "Z", 2);
  ck_assert_ptr_nonnull(timefmt_check(flags));
}
END_TEST

START_TEST(a_format_that_passes_fits_in_every_month) {
  const uint64_t december_ns = UINT64_C(1797000000000000000);
  char format[3 * TIMEFMT_LENGTH_MAX + 1] = "", out[TIMEFMT_MAX];

  for (size_t i = 0; i < TIMEFMT_LENGTH_MAX; i++)
    memcpy(format + 3 * i, "%-m", sizeof("%-m"));
  ck_assert_ptr_null(timefmt_check(format));
  timefmt_print(format, true, december_ns, NULL, out);
  ck_assert_uint_eq(strlen(out), 2 * TIMEFMT_LENGTH_MAX);
}
END_TEST

/* Through hours of several zones, in steps that skip no second of a minute. */
static void check_known(const char *format, bool utc) {
  struct timefmt_known known = {0};
  char out[TIMEFMT_MAX], expected[TIMEFMT_MAX];
  uint64_t wall_ns = instant_ns;

  ck_assert_ptr_null(timefmt_check(format));
  for (size_t i = 0; i < 10000; i++, wall_ns += 997654321) {
    size_t len = timefmt_print(format, utc, wall_ns, NULL, expected);
    ck_assert_uint_eq(timefmt_print(format, utc, wall_ns, &known, out), len);
    ck_assert_str_eq(out, expected);
  }
}

START_TEST(a_known_minute_tells_of_all_its_seconds) {
  static const char *const formats[] = {"%m/%d/%y %H:%M:%S",
                                        "%F %T.%3N",
                                        "%s",
                                        "%s.%9N",
                                        "%-S",
                                        "%_S %S",
                                        "%c %X %r",
                                        "00:00:%S 0",
                                        "%3N%3N %S%S",
                                        "%H:%M",
                                        "%1N",
                                        "%s %S %j %Z %z",
                                        "%S%S%S%S%S%S%S%S%S%S%S%S%S"};

  for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
    fixture_set_zone("UTC0");
    check_known(formats[i], true);
    fixture_set_zone("XYZ-5:30:17");
    check_known(formats[i], false);
  }
}
END_TEST

START_TEST(a_known_minute_is_not_that_of_an_earlier_time) {
  struct timefmt_known known = {0};
  char out[TIMEFMT_MAX];

  timefmt_print("%H:%M:%S", true, instant_ns, &known, out);
  timefmt_print("%H:%M:%S", true, instant_ns - 11 * UINT64_C(1000000000),
                &known, out);
  ck_assert_str_eq(out, "14:23:59");
}
END_TEST

START_TEST(what_is_known_is_not_made_again) {
  struct timefmt_known known = {0};
  char out[TIMEFMT_MAX];

  timefmt_print("%H:%M:%S", true, instant_ns, &known, out);
  known.text[0] = 'x';
  timefmt_print("%H:%M:%S", true, instant_ns + UINT64_C(49000000000), &known,
                out);
  ck_assert_str_eq(out, "x4:24:59");
  timefmt_print("%H:%M:%S", true, instant_ns + UINT64_C(50000000000), &known,
                out);
  ck_assert_str_eq(out, "14:25:00");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      strftime_does_the_most_of_it,
      parts_of_a_second_are_cut_off_not_rounded,
      seconds_since_1970_do_not_know_a_zone,
      local_time_is_that_of_the_zone,
      a_format_that_breaks_a_row_is_refused,
      an_unknown_conversion_is_refused,
      a_format_prints_something_that_fits,
      a_format_that_passes_fits_in_every_month,
      a_known_minute_tells_of_all_its_seconds,
      a_known_minute_is_not_that_of_an_earlier_time,
      what_is_known_is_not_made_again,
  };
  return UNIT_RUN("timefmt", tests);
}
