#include "ctl/report_decimate.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "unit.h"

enum { ROWS_MAX = 4000 };

static double times[ROWS_MAX];
static double values[ROWS_MAX];
static struct report_point points[REPORT_DECIMATE_MAX(ROWS_MAX)];

/* Rows of a second each, with the values of a list. */
static void set(const double *list, size_t n) {
  for (size_t row = 0; row < n; row++) {
    times[row] = (double)row;
    values[row] = list[row];
  }
}
#define SET(...)                                                               \
  set((const double[]){__VA_ARGS__},                                           \
      sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static void check_point(size_t i, double time, double value) {
  ck_assert_double_eq(points[i].time, time);
  if (isnan(value))
    ck_assert_msg(isnan(points[i].value), "point %zu is %f", i,
                  points[i].value);
  else
    ck_assert_double_eq(points[i].value, value);
}

static size_t decimate(size_t rows, size_t buckets) {
  return report_decimate(times, values, rows, 1.5, buckets, points);
}

START_TEST(few_rows_are_all_kept) {
  SET(1, 1, 2, 2, 1, 7);
  ck_assert_uint_eq(decimate(6, 2), 6);
  for (size_t i = 0; i < 6; i++)
    check_point(i, times[i], values[i]);
  ck_assert_uint_eq(report_decimate_rows(6, 2), 1);
}
END_TEST

START_TEST(of_no_row_and_of_one_there_is_no_more) {
  SET(5);
  ck_assert_uint_eq(decimate(0, 1), 0);
  ck_assert_uint_eq(decimate(1, 1), 1);
  check_point(0, 0, 5);
  SET(5, 6);
  ck_assert_uint_eq(decimate(2, 1), 2);
  check_point(1, 1, 6);
}
END_TEST

START_TEST(a_bucket_keeps_its_extremes_in_the_order_they_came) {
  SET(5, /* */ 4, 9, 3, 8, /* */ 6, 1, 7, 2, /* */ 5);
  ck_assert_uint_eq(report_decimate_rows(10, 2), 4);
  ck_assert_uint_eq(decimate(10, 2), 6);
  check_point(0, 0, 5);
  check_point(1, 2, 9);
  check_point(2, 3, 3);
  check_point(3, 6, 1);
  check_point(4, 7, 7);
  check_point(5, 9, 5);
}
END_TEST

START_TEST(a_bucket_of_equal_values_is_one_point) {
  SET(5, 5, 5, 5, 5, 5, 5);
  ck_assert_uint_eq(decimate(7, 1), 3);
  check_point(0, 0, 5);
  check_point(1, 1, 5);
  check_point(2, 6, 5);
}
END_TEST

START_TEST(missing_values_break_the_line_once) {
  SET(1, NAN, NAN, INFINITY, 2, 3);
  ck_assert_uint_eq(decimate(6, 10), 4);
  check_point(0, 0, 1);
  check_point(1, 2, NAN);
  check_point(2, 4, 2);
  check_point(3, 5, 3);
}
END_TEST

START_TEST(missing_values_at_the_ends_are_left_out) {
  SET(NAN, NAN, 1, 2, NAN);
  ck_assert_uint_eq(decimate(5, 10), 2);
  check_point(0, 2, 1);
  check_point(1, 3, 2);
  SET(NAN, NAN, NAN);
  ck_assert_uint_eq(decimate(3, 10), 0);
}
END_TEST

START_TEST(a_long_step_breaks_the_line) {
  SET(1, 2, 3);
  times[2] = 10;
  ck_assert_uint_eq(decimate(3, 10), 4);
  check_point(2, 5.5, NAN);
  ck_assert_uint_eq(report_decimate(times, values, 3, NAN, 10, points), 3);
}
END_TEST

START_TEST(a_break_within_a_bucket_is_kept) {
  SET(5, /* */ 1, 5, NAN, 5, 9, 5, /* */ 5);
  ck_assert_uint_eq(decimate(8, 1), 5);
  check_point(1, 1, 1);
  check_point(2, 3, NAN);
  check_point(3, 5, 9);
  check_point(4, 7, 5);
}
END_TEST

START_TEST(a_break_behind_the_extremes_is_kept) {
  SET(5, /* */ 1, 9, 5, NAN, 5, 5, /* */ 5);
  ck_assert_uint_eq(decimate(8, 1), 5);
  check_point(2, 2, 9);
  check_point(3, 4.5, NAN);
  check_point(4, 7, 5);
}
END_TEST

/* Rows of any kind: noise, runs of missing values, times that jump or stand. */
static void make_rows(size_t rows, unsigned *seed) {
  double time = 0;
  bool is_missing = false;

  for (size_t row = 0; row < rows; row++) {
    int dice = rand_r(seed) % 100;
    time += dice < 3 ? 50 : dice < 6 ? 0 : 1;
    if (rand_r(seed) % 20 == 0)
      is_missing = !is_missing;
    times[row] = time;
    values[row] = is_missing ? NAN : (double)(rand_r(seed) % 1000);
  }
}

static void check_extremes(size_t rows, size_t n) {
  double low = INFINITY, high = -INFINITY;
  double kept_low = INFINITY, kept_high = -INFINITY;

  for (size_t row = 0; row < rows; row++) {
    low = fmin(low, values[row]);
    high = fmax(high, values[row]);
  }
  for (size_t i = 0; i < n; i++) {
    kept_low = fmin(kept_low, points[i].value);
    kept_high = fmax(kept_high, points[i].value);
  }
  ck_assert_double_eq(kept_low, low);
  ck_assert_double_eq(kept_high, high);
}

static void check_breaks(size_t n) {
  for (size_t i = 0; i < n; i++) {
    bool is_end = i == 0 || i + 1 == n;
    if (isnan(points[i].value))
      ck_assert(!is_end && !isnan(points[i + 1].value));
    if (i > 0)
      ck_assert_double_ge(points[i].time, points[i - 1].time);
  }
}

START_TEST(whatever_the_rows_the_room_suffices_and_extremes_stay) {
  unsigned seed = 1;

  for (int i = 0; i < 2000; i++) {
    size_t rows = (size_t)rand_r(&seed) % ROWS_MAX;
    size_t buckets = 1 + (size_t)rand_r(&seed) % 100;
    make_rows(rows, &seed);
    size_t n = decimate(rows, buckets);
    ck_assert_uint_le(n, REPORT_DECIMATE_MAX(buckets));
    check_extremes(rows, n);
    check_breaks(n);
  }
}
END_TEST

START_TEST(every_other_row_missing_makes_no_more_than_there_is_room_for) {
  for (size_t row = 0; row < ROWS_MAX; row++) {
    times[row] = (double)row;
    values[row] = row % 2 == 0 ? (double)(row % 7) : NAN;
  }
  for (size_t buckets = 1; buckets < ROWS_MAX; buckets += 7)
    ck_assert_uint_le(decimate(ROWS_MAX, buckets),
                      REPORT_DECIMATE_MAX(buckets));
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      few_rows_are_all_kept,
      of_no_row_and_of_one_there_is_no_more,
      a_bucket_keeps_its_extremes_in_the_order_they_came,
      a_bucket_of_equal_values_is_one_point,
      missing_values_break_the_line_once,
      missing_values_at_the_ends_are_left_out,
      a_long_step_breaks_the_line,
      a_break_within_a_bucket_is_kept,
      a_break_behind_the_extremes_is_kept,
      whatever_the_rows_the_room_suffices_and_extremes_stay,
      every_other_row_missing_makes_no_more_than_there_is_room_for,
  };
  return UNIT_RUN("report_decimate", tests);
}
