#include <math.h>
#include <stdlib.h>

#include "ctl/report_stats.h"
#include "unit.h"

/* Of NIST's reference data sets (StRD, linear regression): Norris. */
static const double norris[][2] = {
    {0.2, 0.1},     {337.4, 338.8}, {118.2, 118.1}, {884.6, 888.0},
    {10.1, 9.2},    {226.5, 228.1}, {666.3, 668.5}, {996.3, 998.5},
    {448.6, 449.1}, {777.0, 778.9}, {558.2, 559.2}, {0.4, 0.3},
    {0.6, 0.1},     {775.5, 778.1}, {666.9, 668.8}, {338.0, 339.3},
    {447.5, 448.9}, {11.6, 10.8},   {556.0, 557.7}, {228.1, 228.3},
    {995.8, 998.0}, {887.6, 888.8}, {120.2, 119.6}, {0.3, 0.3},
    {0.3, 0.6},     {556.8, 557.6}, {339.1, 339.3}, {887.2, 888.0},
    {999.0, 998.5}, {779.0, 778.9}, {11.1, 10.2},   {118.3, 117.6},
    {229.2, 228.9}, {669.1, 668.4}, {448.9, 449.2}, {0.5, 0.2}};
static const double norris_slope = 1.00211681802045;
static const double norris_deviation = 0.429796848199937E-03;
enum { NORRIS = sizeof(norris) / sizeof(norris[0]) };

static struct report_stats measure(const double *times, const double *values,
                                   size_t n) {
  struct report_stats s;
  double *room = calloc(n + 1, sizeof(*room));

  ck_assert_ptr_nonnull(room);
  report_stats_fill(&s, times, values, n, room);
  free(room);
  return s;
}

static void check_near(double found, double expected, double error) {
  ck_assert_msg(fabs(found - expected) <= fabs(expected) * error,
                "found %.17g, expected %.17g", found, expected);
}

static void check_norris(double time_offset, double value_offset,
                         double error) {
  /* As R has it: qt(0.975, 34). Ours is right to seven digits. */
  const double t = 2.0322445093;
  double times[NORRIS];
  double values[NORRIS];

  for (size_t i = 0; i < NORRIS; i++) {
    times[i] = norris[i][0] + time_offset;
    values[i] = norris[i][1] + value_offset;
  }
  const struct report_stats s = measure(times, values, NORRIS);
  check_near(s.slope, 3600 * norris_slope, error);
  check_near(s.slope_high - s.slope, 3600 * t * norris_deviation,
             fmax(error, 5e-8));
  check_near(s.slope - s.slope_low, 3600 * t * norris_deviation,
             fmax(error, 5e-8));
}

START_TEST(the_slope_is_that_of_a_reference_data_set) {
  check_norris(0, 0, 1e-12);
}
END_TEST

START_TEST(times_since_1970_and_great_values_cost_no_digits) {
  /* What the doubles themselves lose: a time has 2e-7 s then, a value 2e-6. */
  check_norris(1.7e9, 0, 1e-9);
  check_norris(1.7e9, 1e10, 1e-6);
}
END_TEST

START_TEST(quantiles_are_interpolated) {
  const double times[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const double values[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};

  const struct report_stats s = measure(times, values, 10);
  ck_assert_uint_eq(s.samples, 10);
  ck_assert_double_eq(s.min, 1);
  ck_assert_double_eq(s.max, 9);
  ck_assert_double_eq(s.last, 3);
  ck_assert_double_eq_tol(s.mean, 3.9, 1e-12);
  ck_assert_double_eq_tol(s.median, 3.5, 1e-12);
  /* quantile(c(3,1,4,1,5,9,2,6,5,3), 0.95) of R is 7.65. */
  ck_assert_double_eq_tol(s.p95, 7.65, 1e-12);
}
END_TEST

START_TEST(missing_values_do_not_count) {
  const double times[] = {0, 10, 20, 30, 40};
  const double values[] = {NAN, 1, NAN, 3, NAN};

  const struct report_stats s = measure(times, values, 5);
  ck_assert_uint_eq(s.samples, 2);
  ck_assert_double_eq(s.mean, 2);
  ck_assert_double_eq(s.last, 3);
  /* 2 in 20 s. */
  ck_assert_double_eq_tol(s.slope, 360, 1e-9);
  ck_assert_double_nan(s.slope_low);
}
END_TEST

START_TEST(what_cannot_be_told_is_nan) {
  const double same[] = {5, 5, 5};
  const double values[] = {1, 2, 3};
  const double none[] = {NAN, NAN, NAN};

  struct report_stats s = measure(same, none, 3);
  ck_assert_uint_eq(s.samples, 0);
  ck_assert_double_nan(s.min);
  ck_assert_double_nan(s.mean);
  ck_assert_double_nan(s.median);
  ck_assert_double_nan(s.last);
  s = measure(same, values, 3);
  ck_assert_double_eq(s.mean, 2);
  ck_assert_double_nan(s.slope);
  s = measure(same, values, 1);
  ck_assert_double_eq(s.p95, 1);
  ck_assert_double_nan(s.slope);
  s = measure(same, values, 0);
  ck_assert_uint_eq(s.samples, 0);
}
END_TEST

START_TEST(a_straight_line_has_no_interval) {
  const double times[] = {1.7e9, 1.7e9 + 1, 1.7e9 + 2, 1.7e9 + 3};
  const double values[] = {100, 102, 104, 106};

  const struct report_stats s = measure(times, values, 4);
  ck_assert_double_eq(s.slope, 7200);
  ck_assert_double_eq_tol(s.slope_low, 7200, 1e-9);
  ck_assert_double_eq_tol(s.slope_high, 7200, 1e-9);
}
END_TEST

/* Whose sums are rounded, so that their mean is not one of them. */
START_TEST(a_constant_column_is_constant) {
  enum { N = 50001 };
  static const double constants[] = {12.3, 0.1, 89056.7, 1e30};
  double *times = calloc(N, sizeof(*times));
  double *values = calloc(N, sizeof(*values));

  for (size_t at = 0; at < sizeof(constants) / sizeof(constants[0]); at++) {
    for (size_t i = 0; i < N; i++) {
      times[i] = 1.7e9 + 0.1 * (double)i;
      values[i] = constants[at];
    }
    for (size_t n = 3; n <= N; n += 9999) {
      const struct report_stats s = measure(times, values, n);
      ck_assert_double_eq(s.mean, constants[at]);
      ck_assert_double_eq(s.median, constants[at]);
      ck_assert_double_eq(s.p95, constants[at]);
      ck_assert_double_eq(s.slope, 0);
      ck_assert_double_eq(s.slope_low, 0);
      ck_assert_double_eq(s.slope_high, 0);
    }
  }
  free(times);
  free(values);
}
END_TEST

START_TEST(the_mean_lies_among_the_values) {
  const double next = nextafter(12.3, 13);
  const double times[] = {0, 1, 2};
  const double values[] = {12.3, next, next};

  const struct report_stats s = measure(times, values, 3);
  ck_assert_double_ge(s.mean, 12.3);
  ck_assert_double_le(s.mean, next);
}
END_TEST

static int compare(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* By sorting, for orders that a selection might not like. */
START_TEST(the_median_does_not_depend_on_the_order) {
  enum { N = 10001 };
  double *times = calloc(N, sizeof(*times));
  double *values = calloc(N, sizeof(*values));

  for (int order = 0; order < 5; order++) {
    for (int i = 0; i < N; i++) {
      times[i] = i;
      values[i] = order == 0   ? i
                  : order == 1 ? N - i
                  : order == 2 ? 7
                  : order == 3 ? i % 3
                               : (i * 7919) % N;
    }
    const struct report_stats s = measure(times, values, N);
    qsort(values, N, sizeof(*values), compare);
    ck_assert_double_eq(s.median, values[N / 2]);
    ck_assert_double_eq(s.p95, values[(N - 1) / 20 * 19]);
  }
  free(times);
  free(values);
}
END_TEST

START_TEST(students_t) {
  /* qt(0.975, df) of R 4.2.2. */
  const struct {
    size_t degrees;
    double t;
  } known[] = {
      {1, 12.7062047362},     {2, 4.3026527297},   {3, 3.1824463053},
      {4, 2.7764451052},      {5, 2.5705818356},   {7, 2.3646242516},
      {10, 2.2281388520},     {15, 2.1314495456},  {20, 2.0859634473},
      {29, 2.0452296421},     {30, 2.0422724563},  {31, 2.0395134464},
      {60, 2.0002978220},     {100, 1.9839715185}, {1000, 1.9623390808},
      {1000000, 1.9599663568}};

  ck_assert_double_nan(report_stats_t(0));
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    check_near(report_stats_t(known[i].degrees), known[i].t, 5e-8);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      the_slope_is_that_of_a_reference_data_set,
      times_since_1970_and_great_values_cost_no_digits,
      quantiles_are_interpolated,
      missing_values_do_not_count,
      what_cannot_be_told_is_nan,
      a_straight_line_has_no_interval,
      a_constant_column_is_constant,
      the_mean_lies_among_the_values,
      the_median_does_not_depend_on_the_order,
      students_t,
  };
  return UNIT_RUN("report_stats", tests);
}
