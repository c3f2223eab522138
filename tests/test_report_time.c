#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ctl/report_civil.h"
#include "ctl/report_clock.h"
#include "ctl/report_detect.h"
#include "plugin/timefmt.h"
#include "unit.h"

/* 2008-09-16 14:24:10 */
static const double a_time = 1221575050;

static void check_read(const char *format, const char *text, double expected) {
  struct time_format f;
  struct time_read out;

  ck_assert_msg(report_time_compile(&f, format) == NULL, "%s", format);
  ck_assert_msg(report_time_read_all(&f, text, &out), "%s: %s", format, text);
  ck_assert_msg(fabs(out.seconds - expected) < 1e-6, "%s: %s: %f", format, text,
                out.seconds);
}

static void check_refused(const char *format, const char *text) {
  struct time_format f;
  struct time_read out;

  ck_assert_ptr_null(report_time_compile(&f, format));
  ck_assert_msg(!report_time_read_all(&f, text, &out), "%s: %s", format, text);
}

START_TEST(days_and_dates) {
  const struct {
    struct civil date;
    long days;
  } known[] = {{{1970, 1, 1}, 0},      {{2000, 2, 29}, 11016},
               {{2000, 3, 1}, 11017},  {{1969, 12, 31}, -1},
               {{1900, 3, 1}, -25508}, {{2008, 9, 16}, 14138},
               {{2100, 3, 1}, 47541},  {{0, 3, 1}, -719468}};
  struct civil c;
  long days;

  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    ck_assert(civil_to_days(&known[i].date, &days));
    ck_assert_int_eq(days, known[i].days);
    civil_from_days(known[i].days, &c);
    ck_assert_int_eq(c.year, known[i].date.year);
    ck_assert_int_eq(c.month, known[i].date.month);
    ck_assert_int_eq(c.day, known[i].date.day);
  }
  ck_assert(civil_to_days(&(struct civil){2008, 2, 29}, &days));
  ck_assert(!civil_to_days(&(struct civil){2009, 2, 29}, &days));
  ck_assert(!civil_to_days(&(struct civil){2100, 2, 29}, &days));
  ck_assert(!civil_to_days(&(struct civil){2008, 13, 1}, &days));
  ck_assert(!civil_to_days(&(struct civil){2008, 4, 31}, &days));
}
END_TEST

START_TEST(a_printed_time_has_milliseconds_where_there_are_some) {
  char out[CIVIL_TEXT_MAX];

  ck_assert_str_eq(civil_print(a_time, out), "2008-09-16T14:24:10");
  ck_assert_str_eq(civil_print(a_time + 0.125, out), "2008-09-16T14:24:10.125");
  ck_assert_str_eq(civil_print(a_time + 0.9999, out), "2008-09-16T14:24:11");
  ck_assert_str_eq(civil_print(-1, out), "1969-12-31T23:59:59");
}
END_TEST

START_TEST(what_the_plugin_prints_is_read_back) {
  static const char *const formats[] = {
      "%m/%d/%y %H:%M:%S",
      "%Y-%m-%d %H:%M:%S.%3N",
      "%FT%T%z",
      "%c",
      "%s.%9N",
      "%s%3N",
      "%z/%s",
      "%d.%m.%Y %k:%M:%S",
      "%e %B %Y, %r",
      "%A %j %Y %I:%M %P:%S",
      "%D %X %Z",
      "%x %R:%S week %V of %G 100%%",
      "%Y%m%d%H%M%S",
      "%-d/%-m/%-y %-H.%-M.%-S",
      "%_d/%_m/%y %_H:%_M:%_S",
      "%Od %Ob %EY %OH:%OM:%OS",
  };
  const uint64_t ns = UINT64_C(1221575050) * 1000000000;
  char text[TIMEFMT_MAX];

  for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
    timefmt_print(formats[i], true, ns, NULL, text);
    check_read(formats[i], text, a_time);
  }
}
END_TEST

START_TEST(parts_of_a_second_and_offsets) {
  struct time_format f;
  struct time_read out;

  check_read("%H:%M:%S.%3N", "00:00:01.250", 1.25);
  check_read("%s.%N", "1221575050.123456", a_time + 0.123456);
  check_read("%s%3N", "1221575050125", a_time + 0.125);
  check_read("%I:%M %p", "12:05 AM", 5 * MINUTE_S);
  check_read("%I:%M %p", "12:05 PM", 12 * HOUR_S + 5 * MINUTE_S);
  ck_assert_ptr_null(report_time_compile(&f, "%F %T%z"));
  ck_assert(report_time_read_all(&f, "2008-09-16 14:24:10-03:30", &out));
  ck_assert_double_eq(out.seconds, a_time);
  ck_assert(out.has_offset);
  ck_assert_int_eq(out.offset_s, -(3 * HOUR_S + 30 * MINUTE_S));
  ck_assert(report_time_read_all(&f, "2008-09-16 14:24:10+02", &out));
  ck_assert_int_eq(out.offset_s, 2 * HOUR_S);
  ck_assert(report_time_read_all(&f, "2008-09-16 14:24:10Z", &out));
  ck_assert_int_eq(out.offset_s, 0);
  ck_assert(out.has_offset);
  ck_assert_ptr_null(report_time_compile(&f, "%T %Z"));
  ck_assert(report_time_read_all(&f, "14:24:10 CEST", &out));
  ck_assert(!out.has_offset);
}
END_TEST

START_TEST(what_is_no_time_of_a_format) {
  check_refused("%m/%d/%y %H:%M:%S", "");
  check_refused("%m/%d/%y %H:%M:%S", "09/16/08 14:24");
  check_refused("%m/%d/%y %H:%M:%S", "09/16/08 14:24:10 ");
  check_refused("%m/%d/%y %H:%M:%S", "13/16/08 14:24:10");
  check_refused("%m/%d/%y %H:%M:%S", "02/30/08 14:24:10");
  check_refused("%m/%d/%y %H:%M:%S", "09/16/08 24:00:00");
  check_refused("%m/%d/%y %H:%M:%S", "09/16/8 14:24:10");
  check_refused("%F %T", "2008-09-16T14:24:10");
  check_refused("%F %T.%3N", "2008-09-16 14:24:10.12");
  check_refused("%F %T%z", "2008-09-16 14:24:10+0260");
  check_refused("%s", "99999999999999999999999999");
  check_refused("%b %d %T", "Foo 16 14:24:10");
}
END_TEST

START_TEST(formats_that_cannot_be_read) {
  struct time_format f;
  char long_format[TIME_FORMAT_MAX + 8];

  memset(long_format, 'x', sizeof(long_format));
  long_format[sizeof(long_format) - 1] = '\0';
  ck_assert_ptr_nonnull(report_time_compile(&f, ""));
  ck_assert_ptr_nonnull(report_time_compile(&f, "%"));
  ck_assert_ptr_nonnull(report_time_compile(&f, "%T %!"));
  ck_assert_ptr_nonnull(report_time_compile(&f, "%m/%d/%y"));
  ck_assert_ptr_nonnull(report_time_compile(&f, "%I:%M"));
  ck_assert_ptr_nonnull(report_time_compile(&f, long_format));
}
END_TEST

START_TEST(formats_are_found) {
  const struct {
    const char *text;
    const char *format;
    double seconds;
  } known[] = {
      {"09/16/08 14:24:10", "%m/%d/%y %H:%M:%S", a_time},
      {"16/09/08 14:24:10", "%d/%m/%y %H:%M:%S", a_time},
      {"09/16/2008 14:24:10", "%m/%d/%Y %H:%M:%S", a_time},
      {"2008/09/16 14:24:10", "%Y/%m/%d %H:%M:%S", a_time},
      {"2008-09-16 14:24:10", "%Y-%m-%d %H:%M:%S", a_time},
      {"2008-09-16T14:24:10.125", "%Y-%m-%dT%H:%M:%S.%N", a_time + 0.125},
      {"2008-09-16 14:24:10,125", "%Y-%m-%d %H:%M:%S,%N", a_time + 0.125},
      {"2008-09-16T14:24:10Z", "%Y-%m-%dT%H:%M:%S%z", a_time},
      {"2008-09-16 14:24:10 +0200", "%Y-%m-%d %H:%M:%S %z", a_time},
      {"2008-09-16 14:24:10 CEST", "%Y-%m-%d %H:%M:%S %Z", a_time},
      {"16.09.2008 14:24:10", "%d.%m.%Y %H:%M:%S", a_time},
      {"16.09.08 14:24:10", "%d.%m.%y %H:%M:%S", a_time},
      {"16/Sep/2008:14:24:10 +0200", "%d/%b/%Y:%H:%M:%S %z", a_time},
      {"09/16/2008 02:24:10 PM", "%m/%d/%Y %I:%M:%S %p", a_time},
      {"Tue Sep 16 14:24:10 2008", "%a %b %e %H:%M:%S %Y", a_time},
      {"20080916T142410", "%Y%m%dT%H%M%S", a_time},
      {"20080916142410", "%Y%m%d%H%M%S", a_time},
      {"1221575050", "%s", a_time},
      {"1221575050.5", "%s.%N", a_time + 0.5},
      {"1221575050125", "%s%3N", a_time + 0.125},
      {"14:24:10", "%H:%M:%S", 14 * HOUR_S + 24 * MINUTE_S + 10},
      {"2008-09-16 14:24", "%Y-%m-%d %H:%M", a_time - 10},
  };
  struct report_detect d;
  struct time_read out;

  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    ck_assert_msg(report_detect_begin(&d, known[i].text), "%s", known[i].text);
    ck_assert_str_eq(report_detect_format(&d)->text, known[i].format);
    ck_assert(report_detect_read(&d, known[i].text, NULL, 0, &out));
    ck_assert_double_eq_tol(out.seconds, known[i].seconds, 1e-6);
  }
}
END_TEST

START_TEST(no_format_is_found) {
  static const char *const texts[] = {
      "",
      "x",
      "14",
      "12345678",
      "09/16/08",
      "2008-09-16",
      "Sep 16 14:24:10",
      "40/40/40 14:24:10",
      "2008-09-16 14:24:10 and more than a name",
      "\xff\xfe",
      "nan",
      "-1",
      "99999999999999999999"};
  struct report_detect d;

  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    ck_assert_msg(!report_detect_begin(&d, texts[i]), "%s", texts[i]);
}
END_TEST

static struct detect_choice choice;

/* Reads a log's times; gives what might be meant as well. */
static const struct time_format *read_all(struct report_detect *d,
                                          const char *const *texts, size_t n,
                                          double *times) {
  struct time_read out;

  ck_assert(report_detect_begin(d, texts[0]));
  for (size_t i = 0; i < n; i++) {
    ck_assert_msg(report_detect_read(d, texts[i], times, i, &out), "%s",
                  texts[i]);
    times[i] = out.seconds;
  }
  report_detect_end(d, times, n, &choice);
  return choice.n_others > 0 ? &choice.others[0] : NULL;
}

START_TEST(a_day_above_12_tells_the_order_of_all_before_it) {
  static const char *const texts[] = {"11/09/08 23:59:59", "12/09/08 00:00:00",
                                      "13/09/08 00:00:00"};
  struct report_detect d;
  double times[3];

  ck_assert_ptr_null(read_all(&d, texts, 3, times));
  ck_assert_int_eq(choice.grounds, DETECT_SURE);
  ck_assert_str_eq(report_detect_format(&d)->text, "%d/%m/%y %H:%M:%S");
  ck_assert_double_eq(times[0] + 1, times[1]);
  ck_assert_double_eq(times[1] + DAY_S, times[2]);
}
END_TEST

START_TEST(the_order_with_the_shorter_way_is_taken) {
  static const char *const day_first[] = {"01/02/2008 23:00:00",
                                          "02/02/2008 01:00:00"};
  static const char *const month_first[] = {"02/01/2008 23:00:00",
                                            "02/02/2008 01:00:00"};
  static const char *const year_first[] = {
      "08/09/10 23:00:00", "08/09/11 01:00:00", "08/09/12 01:00:00"};
  struct report_detect d;
  double times[3];

  ck_assert_ptr_null(read_all(&d, day_first, 2, times));
  ck_assert_int_eq(choice.grounds, DETECT_WAY);
  ck_assert_str_eq(report_detect_format(&d)->text, "%d/%m/%Y %H:%M:%S");
  ck_assert_double_eq(times[1] - times[0], 2 * HOUR_S);
  ck_assert_ptr_null(read_all(&d, month_first, 2, times));
  ck_assert_str_eq(report_detect_format(&d)->text, "%m/%d/%Y %H:%M:%S");
  ck_assert_double_eq(times[1] - times[0], 2 * HOUR_S);
  /* The plugin's default is told where it is overruled. */
  const struct time_format *other = read_all(&d, year_first, 3, times);
  ck_assert_ptr_nonnull(other);
  ck_assert_str_eq(other->text, "%m/%d/%y %H:%M:%S");
  ck_assert_int_eq(choice.grounds, DETECT_WAY);
  ck_assert_str_eq(report_detect_format(&d)->text, "%y/%m/%d %H:%M:%S");
  ck_assert_double_eq(times[2] - times[1], DAY_S);
}
END_TEST

START_TEST(a_single_day_can_be_two) {
  static const char *const texts[] = {"09/08/2008 14:24:10",
                                      "09/08/2008 14:24:20"};
  struct report_detect d;
  double times[2];

  const struct time_format *as_good = read_all(&d, texts, 2, times);
  ck_assert_ptr_nonnull(as_good);
  ck_assert_int_eq(choice.grounds, DETECT_NONE);
  ck_assert_str_eq(as_good->text, "%d/%m/%Y %H:%M:%S");
  ck_assert_str_eq(report_detect_format(&d)->text, "%m/%d/%Y %H:%M:%S");
}
END_TEST

START_TEST(a_day_that_is_the_same_in_any_order_is_one) {
  static const char *const texts[] = {"09/09/2008 14:24:10"};
  struct report_detect d;
  double times[1];

  ck_assert_ptr_null(read_all(&d, texts, 1, times));
  ck_assert_int_eq(choice.grounds, DETECT_NONE);
}
END_TEST

START_TEST(a_log_that_is_neither_is_refused) {
  struct report_detect d;
  struct time_read out;
  double times[3];

  ck_assert(report_detect_begin(&d, "01/02/2008 00:00:00"));
  ck_assert(report_detect_read(&d, "13/02/2008 00:00:00", times, 0, &out));
  times[0] = out.seconds;
  ck_assert(!report_detect_read(&d, "02/13/2008 00:00:00", times, 1, &out));
}
END_TEST

struct fell {
  size_t n;
  size_t row;
  double later_s;
};

static void count_fall(void *context, size_t row, double from, double to,
                       double later_s) {
  struct fell *fell = context;

  (void)from, (void)to;
  if (later_s == 0)
    return;
  fell->n++;
  fell->row = row;
  fell->later_s = later_s;
}

static void check_times(const double *times, const double *expected, size_t n) {
  for (size_t i = 0; i < n; i++)
    ck_assert_double_eq_tol(times[i], expected[i], 1e-9);
}

START_TEST(a_clock_that_is_set_back_goes_on_until_it_has_caught_up) {
  double times[] = {10, 20, 5, 15, 28, 60};
  const double expected[] = {10, 20, 30, 40, 53, 60};
  struct fell fell = {0};

  report_clock_rise(times, 6, true, count_fall, &fell);
  ck_assert_uint_eq(fell.n, 1);
  ck_assert_uint_eq(fell.row, 2);
  ck_assert_double_eq(fell.later_s, 25);
  check_times(times, expected, 6);
}
END_TEST

START_TEST(one_time_of_a_clock_that_was_not_set_yet) {
  double times[] = {a_time, a_time + 10, 3, a_time + 30};
  const double expected[] = {a_time, a_time + 10, a_time + 20, a_time + 30};
  struct fell fell = {0};

  report_clock_rise(times, 4, true, count_fall, &fell);
  ck_assert_uint_eq(fell.n, 1);
  check_times(times, expected, 4);
}
END_TEST

START_TEST(midnight_of_a_log_without_dates) {
  double times[] = {86390, 10, 20, 86399, 0};
  const double expected[] = {86390, 86410, 86420, 172799, 172800};
  struct fell fell = {0};

  report_clock_rise(times, 5, false, count_fall, &fell);
  ck_assert_uint_eq(fell.n, 0);
  check_times(times, expected, 5);
}
END_TEST

START_TEST(a_log_without_dates_that_goes_on_the_next_day) {
  double times[] = {18 * HOUR_S, 9 * HOUR_S, 18 * HOUR_S, 15 * HOUR_S + 1};
  const double expected[] = {18 * HOUR_S, DAY_S + 9 * HOUR_S,
                             DAY_S + 18 * HOUR_S, DAY_S + 27 * HOUR_S};
  struct fell fell = {0};

  report_clock_rise(times, 4, false, count_fall, &fell);
  ck_assert_uint_eq(fell.n, 1);
  ck_assert_uint_eq(fell.row, 3);
  check_times(times, expected, 4);
}
END_TEST

START_TEST(rows_of_one_second_share_it) {
  double times[] = {10, 10, 11, 11, 11, 11, 12, 20, 20};
  const double expected[] = {10.5, 10.75, 11, 11.25, 11.5, 11.75, 12, 20, 20.5};

  report_clock_spread(times, 9, 1);
  check_times(times, expected, 9);
}
END_TEST

START_TEST(the_first_and_the_last_second_may_be_parts_of_one) {
  double times[] = {10, 11, 11, 11, 11, 12, 12};
  const double expected[] = {10.75, 11, 11.25, 11.5, 11.75, 12, 12.25};
  double apart[] = {10, 20, 20, 30};
  const double as_before[] = {10, 20, 20.5, 30};

  report_clock_spread(times, 7, 1);
  check_times(times, expected, 7);
  report_clock_spread(apart, 4, 1);
  check_times(apart, as_before, 4);
}
END_TEST

START_TEST(steps_and_gaps) {
  const double times[] = {0, 10, 20, 30, 60, 70, 95, 105};
  const double jitter[] = {0, 1, 1.5, 2, 4, 5};
  struct clock_steps steps;
  double room[8];

  report_clock_measure(times, 8, 1, room, &steps);
  ck_assert_double_eq(steps.usual_s, 10);
  /* 25 is 2.5 times as much, and not more. */
  ck_assert_uint_eq(steps.gaps, 1);
  ck_assert_double_eq(steps.gaps_s, 30);
  report_clock_measure(jitter, 6, 1, room, &steps);
  ck_assert_uint_eq(steps.gaps, 0);
  report_clock_measure(times, 1, 1, room, &steps);
  ck_assert_double_nan(steps.usual_s);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      days_and_dates,
      a_printed_time_has_milliseconds_where_there_are_some,
      what_the_plugin_prints_is_read_back,
      parts_of_a_second_and_offsets,
      what_is_no_time_of_a_format,
      formats_that_cannot_be_read,
      formats_are_found,
      no_format_is_found,
      a_day_above_12_tells_the_order_of_all_before_it,
      the_order_with_the_shorter_way_is_taken,
      a_single_day_can_be_two,
      a_day_that_is_the_same_in_any_order_is_one,
      a_log_that_is_neither_is_refused,
      a_clock_that_is_set_back_goes_on_until_it_has_caught_up,
      one_time_of_a_clock_that_was_not_set_yet,
      midnight_of_a_log_without_dates,
      a_log_without_dates_that_goes_on_the_next_day,
      rows_of_one_second_share_it,
      the_first_and_the_last_second_may_be_parts_of_one,
      steps_and_gaps,
  };
  return UNIT_RUN("report_time", tests);
}
