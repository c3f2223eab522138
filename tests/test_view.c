#include "plugin/view.h"

#include "unit.h"

static const uint64_t s = 1000000000;

/* The monitor has started at second 10. */
static struct view begin(void) {
  return (struct view){.start_ns = 10 * s, .end_ns = 10 * s};
}

static struct reading reading(double cpu, uint64_t resident) {
  return (struct reading){.processes = 1,
                          .rated = 1,
                          .have = PROC_CPU | PROC_RESIDENT,
                          .cpu_percent = cpu,
                          .resident_bytes = resident};
}

static double cpu_mean(const struct view *v) {
  double mean;

  ck_assert(view_cpu_mean_percent(v, &mean));
  return mean;
}

static double resident_mean(const struct view *v) {
  double mean;

  ck_assert(view_resident_mean_bytes(v, &mean));
  return mean;
}

START_TEST(before_the_first_reading_nothing_is_known) {
  struct view v = begin();
  double mean;

  ck_assert(!view_cpu_mean_percent(&v, &mean));
  ck_assert(!view_resident_mean_bytes(&v, &mean));
  ck_assert_uint_eq(v.readings, 0);
}
END_TEST

START_TEST(the_mean_of_the_cpu_is_over_time) {
  struct view v = begin();
  struct reading busy = reading(100, 1), idle = reading(0, 1);

  view_add(&v, &busy, 11 * s);
  ck_assert_double_eq(cpu_mean(&v), 100);
  view_add(&v, &idle, 14 * s);
  ck_assert_double_eq_tol(cpu_mean(&v), 25, 1e-9);
  ck_assert_double_eq(v.cpu_max_percent, 100);
  ck_assert_uint_eq(v.end_ns, 14 * s);
  ck_assert_uint_eq(v.start_ns, 10 * s);
}
END_TEST

START_TEST(a_reading_without_a_rate_takes_no_part_in_the_mean) {
  struct view v = begin();
  struct reading busy = reading(50, 1), young = reading(900, 1),
                 blind = reading(900, 1);

  young.rated = 0;
  blind.have = PROC_RESIDENT;
  view_add(&v, &young, 20 * s);
  view_add(&v, &busy, 21 * s);
  view_add(&v, &blind, 40 * s);
  ck_assert_double_eq_tol(cpu_mean(&v), 50, 1e-9);
  ck_assert_double_eq(v.cpu_max_percent, 50);
  ck_assert_uint_eq(v.readings, 3);
}
END_TEST

START_TEST(what_a_process_used_before_its_end_counts) {
  struct view v = begin();
  struct reading end = reading(80, 0);

  end.processes = 0;
  view_add(&v, &end, 11 * s);
  ck_assert_double_eq(cpu_mean(&v), 80);
}
END_TEST

START_TEST(memory_is_that_of_the_readings_that_have_it) {
  struct view v = begin();
  struct reading small = reading(0, 100), large = reading(0, 400),
                 blind = reading(0, 7), gone = reading(0, 0);

  blind.have = PROC_CPU;
  gone.processes = 0;
  view_add(&v, &large, 11 * s);
  view_add(&v, &small, 12 * s);
  view_add(&v, &blind, 13 * s);
  view_add(&v, &gone, 14 * s);
  ck_assert_double_eq_tol(resident_mean(&v), 250, 1e-9);
  ck_assert_uint_eq(v.resident_max_bytes, 400);
  ck_assert_uint_eq(v.resident_last_bytes, 100);
}
END_TEST

START_TEST(large_sizes_and_long_lives_do_not_overflow) {
  struct view v = begin();
  struct reading r = reading(6553600, UINT64_C(1) << 62);

  for (uint64_t i = 1; i <= 1000; i++)
    view_add(&v, &r, 10 * s + i * 86400 * s);
  ck_assert_double_eq_tol(cpu_mean(&v), 6553600, 1e-3);
  ck_assert_double_eq_tol(resident_mean(&v) / 0x1p62, 1, 1e-9);
}
END_TEST

START_TEST(the_last_reading_is_kept) {
  struct view v = begin();
  struct reading first = reading(1, 1), second = reading(2, 2);

  second.wall_ns = 7;
  view_add(&v, &first, 11 * s);
  view_add(&v, &second, 12 * s);
  ck_assert_uint_eq(v.readings, 2);
  ck_assert_uint_eq(v.last.wall_ns, 7);
  ck_assert_double_eq(v.last.cpu_percent, 2);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      before_the_first_reading_nothing_is_known,
      the_mean_of_the_cpu_is_over_time,
      a_reading_without_a_rate_takes_no_part_in_the_mean,
      what_a_process_used_before_its_end_counts,
      memory_is_that_of_the_readings_that_have_it,
      large_sizes_and_long_lives_do_not_overflow,
      the_last_reading_is_kept,
  };
  return UNIT_RUN("view", tests);
}
