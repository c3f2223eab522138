#include "plugin/notice.h"

#include <string.h>

#include "record.h"
#include "unit.h"

#define S UINT64_C(1000000000)

static const uint64_t wall_ns = 1600000000 * S;

static const char *ended_after(uint64_t age_ns, struct proc_exit how) {
  struct notices n = {.sent = 0};

  record_clear();
  notice_ended(&n, "nginx", 4242, age_ns, how, 100 * S, wall_ns);
  ck_assert_uint_eq(record_n_notices, 1);
  return record_notices[0];
}

START_TEST(an_end_tells_how_and_after_what_time) {
  struct proc_exit unknown = {EXIT_UNKNOWN, 0};

  ck_assert_str_eq(
      ended_after((3 * 86400 + 4 * 3600 + 59 * 60) * S,
                  (struct proc_exit){EXIT_SIGNAL, 11}),
      "nginx WARNING nginx: process 4242 ended after 3d 4h, killed by signal "
      "11");
  ck_assert_str_eq(
      ended_after(400000000, (struct proc_exit){EXIT_STATUS, 0}),
      "nginx WARNING nginx: process 4242 ended after 0.4s, exited with status "
      "0");
  ck_assert_ptr_nonnull(
      strstr(ended_after(UINT64_MAX, unknown), "4242 ended, status unknown"));
  ck_assert_ptr_nonnull(strstr(ended_after(9990000000, unknown), "9.9s"));
  ck_assert_ptr_nonnull(strstr(ended_after(10 * S, unknown), "after 10s,"));
  ck_assert_ptr_nonnull(strstr(ended_after(60 * S, unknown), "after 1m,"));
  ck_assert_ptr_nonnull(strstr(ended_after(3599 * S, unknown), "59m 59s"));
  ck_assert_ptr_nonnull(strstr(ended_after(3605 * S, unknown), "after 1h,"));
  ck_assert_ptr_nonnull(
      strstr(ended_after(1000 * 86400 * S, unknown), "after 1000d,"));
}
END_TEST

START_TEST(a_start_and_a_find_are_told_apart) {
  struct notices n = {.sent = 0};

  record_clear();
  notice_started(&n, "nginx", 1, 200000000, S, wall_ns);
  notice_started(&n, "nginx", 2, (3600 + 120) * S, S, wall_ns);
  ck_assert_str_eq(record_notices[0], "nginx OKAY nginx: process 1 started");
  ck_assert_str_eq(record_notices[1],
                   "nginx OKAY nginx: process 2 found, running for 1h 2m");
}
END_TEST

START_TEST(many_at_once_are_counted_and_told_in_one) {
  struct notices n = {.sent = 0};
  struct proc_exit how = {EXIT_STATUS, 0};

  record_clear();
  for (int i = 0; i < 100; i++) {
    notice_started(&n, "x", i, 0, S + (uint64_t)i, wall_ns);
    notice_ended(&n, "x", i, 0, how, S + (uint64_t)i, wall_ns);
  }
  ck_assert_uint_eq(record_n_notices, 20);
  notice_flush(&n, "x", 10 * S, wall_ns);
  ck_assert_uint_eq(record_n_notices, 20);
  notice_flush(&n, "x", 11 * S, wall_ns);
  ck_assert_uint_eq(record_n_notices, 21);
  ck_assert_str_eq(
      record_notices[20],
      "x WARNING x: 90 more processes started and 90 more ended within 10 s");
  notice_flush(&n, "x", 30 * S, wall_ns);
  ck_assert_uint_eq(record_n_notices, 21);
  notice_started(&n, "x", 1, 0, 31 * S, wall_ns);
  ck_assert_uint_eq(record_n_notices, 22);
}
END_TEST

START_TEST(starts_alone_are_no_warning) {
  struct notices n = {.sent = 0};

  record_clear();
  for (int i = 0; i < 21; i++)
    notice_started(&n, "x", i, 0, S, wall_ns);
  notice_flush(&n, "x", 12 * S, wall_ns);
  ck_assert_str_eq(
      record_notices[20],
      "x OKAY x: 1 more process started and 0 more ended within 11 s");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      an_end_tells_how_and_after_what_time,
      a_start_and_a_find_are_told_apart,
      many_at_once_are_counted_and_told_in_one,
      starts_alone_are_no_warning,
  };
  return UNIT_RUN("notice", tests);
}
