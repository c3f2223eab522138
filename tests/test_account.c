#include "plugin/account.h"

#include <string.h>

#include "unit.h"

static const uint32_t everything = (1u << 12) - 1;
static const uint64_t s = 1000000000; /* nanoseconds */

static struct proc_sample sample_at(uint64_t time_ns, uint64_t cpu_ns) {
  return (struct proc_sample){
      .have = everything,
      .time_ns = time_ns,
      .cpu_ns = cpu_ns,
      .cpu_percent = -1,
      .resident_bytes = 1000,
      .virtual_bytes = 2000,
      .private_bytes = 3000,
      .anonymous_bytes = 400,
      .threads = 5,
      .handles = 6,
      .uptime_ns = 7 * s,
  };
}

static struct reading read_one(const struct proc_sample *before,
                               const struct proc_sample *now) {
  struct reading r;
  struct totals totals = {0};

  account_begin(&r, everything);
  account_add(&r, &totals, before, now);
  account_end(&r, &totals, 1);
  return r;
}

START_TEST(cpu_is_used_time_by_real_time) {
  struct proc_sample before = sample_at(10 * s, 3 * s);
  struct proc_sample now = sample_at(12 * s, 4 * s);

  ck_assert_double_eq_tol(read_one(&before, &now).cpu_percent, 50, 1e-9);
}
END_TEST

START_TEST(cpu_is_not_capped_at_one_processor) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(11 * s, 5 * s / 2);

  ck_assert_double_eq_tol(read_one(&before, &now).cpu_percent, 250, 1e-9);
}
END_TEST

START_TEST(steps_too_coarse_give_way_to_the_systems_own_percent) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(12 * s, s);

  now.cpu_percent = 33;
  ck_assert_double_eq_tol(read_one(&before, &now).cpu_percent, 50, 1e-9);
  now.cpu_resolution_ns = s / 10;
  ck_assert_double_eq_tol(read_one(&before, &now).cpu_percent, 50, 1e-9);
  now.cpu_resolution_ns = s / 10 + 1;
  ck_assert_double_eq_tol(read_one(&before, &now).cpu_percent, 33, 1e-9);
  now.cpu_percent = -1;
  ck_assert_double_eq_tol(read_one(&before, &now).cpu_percent, 50, 1e-9);
}
END_TEST

START_TEST(num_processors_divides_all_of_cpu) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(11 * s, 2 * s);
  struct totals totals = {0};
  struct reading r;

  now.user_ns = 3 * s / 2, now.system_ns = s / 2;
  account_begin(&r, everything);
  account_add(&r, &totals, &before, &now);
  account_end(&r, &totals, 4);
  ck_assert_double_eq_tol(r.cpu_percent, 50, 1e-9);
  ck_assert_double_eq_tol(r.user_percent, 37.5, 1e-9);
  ck_assert_double_eq_tol(r.system_percent, 12.5, 1e-9);
  ck_assert_uint_eq(r.totals.user_ns, 3 * s / 2);
}
END_TEST

START_TEST(targets_are_added_up) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(11 * s, s / 4);
  struct totals totals = {0};
  struct reading r;

  account_begin(&r, everything);
  now.uptime_ns = 9 * s;
  account_add(&r, &totals, &before, &now);
  now.uptime_ns = 8 * s;
  account_add(&r, &totals, &before, &now);
  account_end(&r, &totals, 1);
  ck_assert_uint_eq(r.processes, 2);
  ck_assert_uint_eq(r.rated, 2);
  ck_assert_double_eq_tol(r.cpu_percent, 50, 1e-9);
  ck_assert_uint_eq(r.resident_bytes, 2000);
  ck_assert_uint_eq(r.virtual_bytes, 4000);
  ck_assert_uint_eq(r.private_bytes, 6000);
  ck_assert_uint_eq(r.anonymous_bytes, 800);
  ck_assert_uint_eq(r.threads, 10);
  ck_assert_uint_eq(r.handles, 12);
  ck_assert_uint_eq(r.uptime_ns, 9 * s);
}
END_TEST

START_TEST(a_process_found_running_counts_its_sizes_only) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(11 * s, s / 4);
  struct proc_sample old = sample_at(11 * s, 3600 * s);
  struct totals totals = {0};
  struct reading r;

  account_begin(&r, everything);
  account_add(&r, &totals, &before, &now);
  account_add(&r, &totals, NULL, &old);
  account_end(&r, &totals, 1);
  ck_assert_uint_eq(r.processes, 2);
  ck_assert_uint_eq(r.rated, 1);
  ck_assert_double_eq_tol(r.cpu_percent, 25, 1e-9);
  ck_assert_uint_eq(r.resident_bytes, 2000);
}
END_TEST

START_TEST(a_process_born_since_counts_its_whole_usage) {
  struct proc_sample before = account_birth(10 * s);
  struct proc_sample now = sample_at(12 * s, s);

  now.minor_faults = 40;
  struct reading r = read_one(&before, &now);
  ck_assert_uint_eq(r.rated, 1);
  ck_assert_double_eq_tol(r.cpu_percent, 50, 1e-9);
  ck_assert_double_eq_tol(r.minor_faults_per_s, 20, 1e-9);
}
END_TEST

START_TEST(without_a_rate_only_counts_are_known) {
  struct proc_sample now = sample_at(11 * s, s);
  struct reading r = read_one(NULL, &now);

  ck_assert_uint_eq(r.processes, 1);
  ck_assert_uint_eq(r.rated, 0);
  ck_assert_uint_eq(r.have, PROC_THREADS);
}
END_TEST

START_TEST(without_a_process_nothing_is_known) {
  struct totals totals = {.user_ns = 5};
  struct reading r;

  account_begin(&r, everything);
  account_end(&r, &totals, 1);
  ck_assert_uint_eq(r.processes, 0);
  ck_assert_uint_eq(r.have, 0);
}
END_TEST

START_TEST(what_one_target_lacks_is_missing) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(11 * s, s);
  struct totals totals = {0};
  struct reading r;

  account_begin(&r, everything);
  account_add(&r, &totals, &before, &now);
  now.have &= ~(uint32_t)(PROC_HANDLES | PROC_IO);
  account_add(&r, &totals, &before, &now);
  account_end(&r, &totals, 1);
  ck_assert_uint_eq(r.have, everything & ~(uint32_t)(PROC_HANDLES | PROC_IO));
}
END_TEST

START_TEST(what_the_sample_before_lacks_has_no_rate) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(11 * s, s);

  before.have &= ~(uint32_t)(PROC_CPU | PROC_RESIDENT);
  ck_assert_uint_eq(read_one(&before, &now).have,
                    everything & ~(uint32_t)PROC_CPU);
}
END_TEST

START_TEST(only_what_was_asked_for_is_known) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(11 * s, s);
  struct totals totals = {0};
  struct reading r;

  account_begin(&r, PROC_CPU | PROC_RESIDENT);
  account_add(&r, &totals, &before, &now);
  account_end(&r, &totals, 1);
  ck_assert_uint_eq(r.have, PROC_CPU | PROC_RESIDENT);
}
END_TEST

START_TEST(counters_become_rates_and_totals) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(12 * s, s);

  now.minor_faults = 10, now.major_faults = 20;
  now.read_bytes = 30, now.write_bytes = 40;
  now.read_calls = 50, now.write_calls = 60;
  now.voluntary_switches = 70, now.involuntary_switches = 80;
  struct reading r = read_one(&before, &now);
  ck_assert_double_eq_tol(r.minor_faults_per_s, 5, 1e-9);
  ck_assert_double_eq_tol(r.major_faults_per_s, 10, 1e-9);
  ck_assert_double_eq_tol(r.read_bytes_per_s, 15, 1e-9);
  ck_assert_double_eq_tol(r.write_bytes_per_s, 20, 1e-9);
  ck_assert_double_eq_tol(r.read_calls_per_s, 25, 1e-9);
  ck_assert_double_eq_tol(r.write_calls_per_s, 30, 1e-9);
  ck_assert_double_eq_tol(r.voluntary_switches_per_s, 35, 1e-9);
  ck_assert_double_eq_tol(r.involuntary_switches_per_s, 40, 1e-9);
  ck_assert_uint_eq(r.totals.minor_faults, 10);
  ck_assert_uint_eq(r.totals.major_faults, 20);
  ck_assert_uint_eq(r.totals.read_bytes, 30);
  ck_assert_uint_eq(r.totals.write_bytes, 40);
  ck_assert_uint_eq(r.totals.read_calls, 50);
  ck_assert_uint_eq(r.totals.write_calls, 60);
  ck_assert_uint_eq(r.totals.voluntary_switches, 70);
  ck_assert_uint_eq(r.totals.involuntary_switches, 80);
}
END_TEST

START_TEST(a_counter_that_falls_stands_still) {
  struct proc_sample before = sample_at(10 * s, 5 * s);
  struct proc_sample now = sample_at(11 * s, 4 * s);

  before.voluntary_switches = 9;
  struct reading r = read_one(&before, &now);
  ck_assert_double_eq(r.cpu_percent, 0);
  ck_assert_double_eq(r.voluntary_switches_per_s, 0);
  ck_assert_uint_eq(r.totals.voluntary_switches, 0);
}
END_TEST

START_TEST(totals_go_on_over_readings) {
  struct proc_sample a = sample_at(10 * s, 0), b = sample_at(11 * s, 0);
  struct totals totals = {0};
  struct reading r;

  b.user_ns = 3;
  for (int i = 0; i < 2; i++) {
    account_begin(&r, everything);
    account_add(&r, &totals, &a, &b);
    account_end(&r, &totals, 1);
  }
  ck_assert_uint_eq(r.totals.user_ns, 6);
}
END_TEST

START_TEST(no_time_between_samples_gives_no_rate) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(10 * s, s);

  ck_assert_uint_eq(read_one(&before, &now).rated, 0);
}
END_TEST

/* --- children that were reaped --- */

static const uint64_t ms = 1000000;

/* A parent that uses nothing itself, and has reaped so much. */
static struct proc_sample reaped_at(uint64_t time_ns, uint64_t reaped_ms) {
  struct proc_sample p = sample_at(time_ns, 0);

  p.have |= PROC_REAPED;
  p.reaped_cpu_ns = p.reaped_user_ns = reaped_ms * ms;
  p.reaped_resolution_ns = 10 * ms;
  return p;
}

/* CPU of a second in which reaped time grew from one to the other; in ms. */
static double reaped(struct reaped_debt *debt, uint64_t before_ms,
                     uint64_t now_ms) {
  struct proc_sample before = reaped_at(10 * s, before_ms);
  struct proc_sample now = reaped_at(11 * s, now_ms);
  struct reading r;
  struct totals totals = {0};

  account_begin(&r, everything);
  account_add(&r, &totals, &before, &now);
  account_add_reaped(&r, &totals, &before, &now, debt);
  account_end(&r, &totals, 1);
  /* CPU time counts in two steps, that of users in one. */
  ck_assert_double_eq_tol(r.user_percent, r.cpu_percent, 1 + 1e-9);
  return r.cpu_percent * 10;
}

static void owe(struct reaped_debt *debt, uint64_t own_ms) {
  struct proc_sample last = sample_at(10 * s, own_ms * ms);

  last.user_ns = last.cpu_ns;
  account_owe(debt, &last);
}

START_TEST(a_child_that_nobody_saw_counts_when_it_is_reaped) {
  struct reaped_debt debt = {.fresh = {0}};

  ck_assert_double_eq_tol(reaped(&debt, 100, 350), 250, 1e-6);
}
END_TEST

START_TEST(what_was_counted_as_the_childs_own_is_not_counted_again) {
  struct reaped_debt debt = {.fresh = {0}};

  owe(&debt, 200);
  ck_assert_double_eq_tol(reaped(&debt, 0, 250), 50, 1e-6);
  ck_assert_double_eq_tol(reaped(&debt, 250, 260), 10, 1e-6);
}
END_TEST

START_TEST(a_child_may_be_reaped_after_its_parent_was_read) {
  struct reaped_debt debt = {.fresh = {0}};

  owe(&debt, 200);
  ck_assert_double_eq_tol(reaped(&debt, 0, 0), 0, 1e-6);
  ck_assert_double_eq_tol(reaped(&debt, 0, 210), 10, 1e-6);
}
END_TEST

START_TEST(a_debt_that_nobody_pays_is_given_up) {
  struct reaped_debt debt = {.fresh = {0}};

  owe(&debt, 5000);
  ck_assert_double_eq_tol(reaped(&debt, 0, 0), 0, 1e-6);
  ck_assert_double_eq_tol(reaped(&debt, 0, 0), 0, 1e-6);
  /* But for the two steps that the counter may hold back. */
  double next = reaped(&debt, 0, 1000);
  ck_assert_double_ge(next, 980 - 1e-6);
}
END_TEST

START_TEST(a_step_that_is_held_back_is_owed_until_it_shows) {
  struct reaped_debt debt = {.fresh = {0}};

  /* 17 ms show as 10, and the other 7 with the next child's 13. */
  owe(&debt, 17);
  ck_assert_double_eq_tol(reaped(&debt, 0, 10), 0, 1e-6);
  ck_assert_double_eq_tol(reaped(&debt, 10, 10), 0, 1e-6);
  ck_assert_double_eq_tol(reaped(&debt, 10, 30), 13, 1e-6);
}
END_TEST

START_TEST(the_steps_of_the_counter_do_not_add_up) {
  struct reaped_debt debt = {.fresh = {0}};
  double counted = 0;

  /* 100 children of 17 ms, each counted whole before it was reaped. */
  for (uint64_t i = 0; i < 100; i++) {
    owe(&debt, 17);
    uint64_t before_ms = i * 17 / 10 * 10, now_ms = (i + 1) * 17 / 10 * 10;
    struct proc_sample before = reaped_at(10 * s, before_ms);
    struct proc_sample now = reaped_at(11 * s, now_ms);
    struct reading r;
    struct totals totals = {0};
    account_begin(&r, everything);
    account_add_reaped(&r, &totals, &before, &now, &debt);
    counted += r.cpu_percent * 10;
  }
  ck_assert_double_le(counted, 20);
}
END_TEST

START_TEST(one_that_has_ended_counts_its_last_cpu_and_nothing_else) {
  struct proc_sample before = sample_at(10 * s, 0);
  struct proc_sample now = sample_at(11 * s, s / 2);
  struct reading r;
  struct totals totals = {0};

  account_begin(&r, everything);
  account_add_ended(&r, &totals, &before, &now);
  account_end(&r, &totals, 1);
  ck_assert_double_eq_tol(r.cpu_percent, 50, 1e-9);
  ck_assert_uint_eq(r.rated, 1);
  ck_assert_uint_eq(r.processes, 0);
  ck_assert_uint_eq(r.have, PROC_CPU | PROC_USER_SYSTEM);
}
END_TEST

START_TEST(a_group_counts_in_place_of_its_processes) {
  struct proc_sample before = sample_at(10 * s, 0), now = sample_at(11 * s, 0);
  struct proc_sample group_before = sample_at(10 * s, 0);
  struct proc_sample group_now = sample_at(11 * s, s / 4);
  struct reading r;
  struct totals totals = {0};

  before.have = now.have &= ~(uint32_t)(PROC_CPU | PROC_USER_SYSTEM);
  account_begin(&r, everything);
  account_add(&r, &totals, &before, &now);
  account_add_group(&r, &totals, &group_before, &group_now);
  account_end(&r, &totals, 1);
  ck_assert_double_eq_tol(r.cpu_percent, 25, 1e-9);
  ck_assert_uint_eq(r.have, everything);
  ck_assert_uint_eq(r.processes, 1);
}
END_TEST

START_TEST(a_group_without_a_process_makes_no_row_unless_it_has_used_cpu) {
  struct proc_sample before = sample_at(10 * s, 0), now = sample_at(11 * s, 0);
  struct reading r;
  struct totals totals = {0};

  account_begin(&r, everything);
  account_add_group(&r, &totals, &before, &now);
  ck_assert_uint_eq(r.rated, 0);
  now.cpu_ns = s / 10;
  account_add_group(&r, &totals, &before, &now);
  ck_assert_uint_eq(r.rated, 1);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      cpu_is_used_time_by_real_time,
      cpu_is_not_capped_at_one_processor,
      steps_too_coarse_give_way_to_the_systems_own_percent,
      num_processors_divides_all_of_cpu,
      targets_are_added_up,
      a_process_found_running_counts_its_sizes_only,
      a_process_born_since_counts_its_whole_usage,
      without_a_rate_only_counts_are_known,
      without_a_process_nothing_is_known,
      what_one_target_lacks_is_missing,
      what_the_sample_before_lacks_has_no_rate,
      only_what_was_asked_for_is_known,
      counters_become_rates_and_totals,
      a_counter_that_falls_stands_still,
      totals_go_on_over_readings,
      no_time_between_samples_gives_no_rate,
      a_child_that_nobody_saw_counts_when_it_is_reaped,
      what_was_counted_as_the_childs_own_is_not_counted_again,
      a_child_may_be_reaped_after_its_parent_was_read,
      a_debt_that_nobody_pays_is_given_up,
      a_step_that_is_held_back_is_owed_until_it_shows,
      the_steps_of_the_counter_do_not_add_up,
      one_that_has_ended_counts_its_last_cpu_and_nothing_else,
      a_group_counts_in_place_of_its_processes,
      a_group_without_a_process_makes_no_row_unless_it_has_used_cpu,
  };
  return UNIT_RUN("account", tests);
}
