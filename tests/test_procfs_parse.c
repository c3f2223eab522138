#include "backends/procfs_parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* A line as Linux 6.18 writes it, with the name left open. */
#define STAT_WITH(name)                                                        \
  "4242 (" name ") S 1 4242 4242 0 -1 4194560 101 202 303 404 505 606 707 "    \
  "808 20 0 9 0 123456 69644288 16792 18446744073709551615 1 2 3 0 0 0 0 0 0 " \
  "0 0 0 17 1 0 0 0 0 0 1 2 3 4 5 6 7 0\n"

static int parse_stat(const char *text, struct procfs_stat *out) {
  return procfs_parse_stat(text, strlen(text), out);
}

static void check_stat(const char *text) {
  struct procfs_stat stat;

  ck_assert_int_eq(parse_stat(text, &stat), 0);
  ck_assert_int_eq(stat.state, 'S');
  ck_assert_uint_eq(stat.flags, 4194560);
  ck_assert_uint_eq(stat.minor_faults, 101);
  ck_assert_uint_eq(stat.major_faults, 303);
  ck_assert_uint_eq(stat.user_ticks, 505);
  ck_assert_uint_eq(stat.system_ticks, 606);
  ck_assert_uint_eq(stat.threads, 9);
  ck_assert_uint_eq(stat.start_ticks, 123456);
}

START_TEST(stat_gives_its_fields) { check_stat(STAT_WITH("nginx")); }
END_TEST

START_TEST(stat_takes_any_name) {
  check_stat(STAT_WITH(""));
  check_stat(STAT_WITH("a b c"));
  check_stat(STAT_WITH("a) R 1 2 3"));
  check_stat(STAT_WITH("))))"));
  check_stat(STAT_WITH("line\nbreak"));
  check_stat(STAT_WITH("tab\there"));
  check_stat(STAT_WITH("\xff\xfe"));
}
END_TEST

START_TEST(stat_refuses_what_is_cut_off) {
  const char *text = STAT_WITH("x");
  const char *end = strstr(text, " 69644288");
  struct procfs_stat stat;

  ck_assert_int_eq(procfs_parse_stat(text, (size_t)(end - text), &stat), 0);
  /* The last field that is used ends here: nothing shorter will do. */
  for (const char *at = text; at < end - strlen("123456"); at++)
    ck_assert_int_eq(procfs_parse_stat(text, (size_t)(at - text), &stat),
                     -EINVAL);
}
END_TEST

START_TEST(stat_refuses_what_is_no_number) {
  struct procfs_stat stat;

  ck_assert_int_eq(parse_stat("", &stat), -EINVAL);
  ck_assert_int_eq(parse_stat("\n", &stat), -EINVAL);
  ck_assert_int_eq(parse_stat("1 (x) ", &stat), -EINVAL);
  ck_assert_int_eq(
      parse_stat("1 (x) S 1 1 1 0 -1 f 1 1 1 1 1 1 1 1 1 1 1 1 1", &stat),
      -EINVAL);
  ck_assert_int_eq(
      parse_stat("1 (x) S 1 1 1 0 -1 1 1 1 1 1 -5 1 1 1 1 1 1 1 1", &stat),
      -EINVAL);
  /* One more than 64 bits hold. */
  ck_assert_int_eq(parse_stat("1 (x) S 1 1 1 0 -1 18446744073709551616 1 1 1 1 "
                              "1 1 1 1 1 1 1 1 1",
                              &stat),
                   -EINVAL);
}
END_TEST

START_TEST(statm_gives_its_fields) {
  const char text[] = "17003 16792 400 12 0 16473 0\n";
  struct procfs_statm statm;

  ck_assert_int_eq(procfs_parse_statm(text, strlen(text), &statm), 0);
  ck_assert_uint_eq(statm.size, 17003);
  ck_assert_uint_eq(statm.resident, 16792);
  ck_assert_uint_eq(statm.shared, 400);
  ck_assert_uint_eq(statm.data, 16473);
}
END_TEST

START_TEST(statm_refuses_what_is_cut_off) {
  struct procfs_statm statm;

  ck_assert_int_eq(procfs_parse_statm("", 0, &statm), -EINVAL);
  ck_assert_int_eq(procfs_parse_statm("1 2 3 4 5", 9, &statm), -EINVAL);
  ck_assert_int_eq(procfs_parse_statm("1 2 x 4 5 6 7", 13, &statm), -EINVAL);
  ck_assert_int_eq(procfs_parse_statm("1 -2 3 4 5 6 7", 14, &statm), -EINVAL);
}
END_TEST

START_TEST(io_gives_calls_and_storage_bytes) {
  const char text[] = "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\n"
                      "read_bytes: 5\nwrite_bytes: 6\n"
                      "cancelled_write_bytes: 7\n";
  struct procfs_io io;

  ck_assert_int_eq(procfs_parse_io(text, strlen(text), &io), 0);
  ck_assert_uint_eq(io.read_calls, 3);
  ck_assert_uint_eq(io.write_calls, 4);
  ck_assert_uint_eq(io.read_bytes, 5);
  ck_assert_uint_eq(io.write_bytes, 6);
  ck_assert_int_eq(procfs_parse_io(text, strlen(text) - 40, &io), -EINVAL);
  ck_assert_int_eq(procfs_parse_io("", 0, &io), -EINVAL);
}
END_TEST

START_TEST(switches_are_found_by_their_whole_key) {
  const char text[] = "Name:\tvoluntary_ctxt_switches: 9\n"
                      "voluntary_ctxt_switches:\t150\n"
                      "nonvoluntary_ctxt_switches:\t545\n";
  struct procfs_switches switches;

  ck_assert_int_eq(procfs_parse_switches(text, strlen(text), &switches), 0);
  ck_assert_uint_eq(switches.voluntary, 150);
  ck_assert_uint_eq(switches.involuntary, 545);
}
END_TEST

START_TEST(nspid_tells_the_levels) {
  const char outer[] = "Name:\tx\nNSpid:\t4242\nNSpgid:\t1\n";
  const char nested[] = "NSpid:\t4242\t17\t1\n";
  pid_t pid;
  size_t levels;

  ck_assert_int_eq(procfs_parse_nspid(outer, strlen(outer), &pid, &levels), 0);
  ck_assert_int_eq(pid, 4242);
  ck_assert_uint_eq(levels, 1);
  ck_assert_int_eq(procfs_parse_nspid(nested, strlen(nested), &pid, &levels),
                   0);
  ck_assert_uint_eq(levels, 3);
  ck_assert_int_eq(procfs_parse_nspid("NSpid:\n", 7, &pid, &levels), -EINVAL);
  ck_assert_int_eq(procfs_parse_nspid("Pid:\t1\n", 7, &pid, &levels), -EINVAL);
}
END_TEST

static pid_t pid_of(const char *text) {
  pid_t pid = -1;
  int error = procfs_parse_pid(text, strlen(text), &pid);

  ck_assert(error == 0 || error == -EINVAL);
  return error == 0 ? pid : 0;
}

START_TEST(pid_stands_first_and_alone) {
  ck_assert_int_eq(pid_of("4242"), 4242);
  ck_assert_int_eq(pid_of("4242\n"), 4242);
  ck_assert_int_eq(pid_of("  4242\r\n"), 4242);
  ck_assert_int_eq(pid_of("4242\n/var/lib/postgresql\n5432\n"), 4242);
  ck_assert_int_eq(pid_of("2147483647"), 2147483647);
}
END_TEST

START_TEST(pid_is_nothing_but_a_number) {
  ck_assert_int_eq(pid_of(""), 0);
  ck_assert_int_eq(pid_of("\n"), 0);
  ck_assert_int_eq(pid_of("0"), 0);
  ck_assert_int_eq(pid_of("-1"), 0);
  ck_assert_int_eq(pid_of("+1"), 0);
  ck_assert_int_eq(pid_of("12x"), 0);
  ck_assert_int_eq(pid_of("pid 12"), 0);
  ck_assert_int_eq(pid_of("1.5"), 0);
  ck_assert_int_eq(pid_of("2147483648"), 0);
  ck_assert_int_eq(pid_of("99999999999999999999999"), 0);
  ck_assert_int_eq(pid_of("self"), 0);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      stat_gives_its_fields,
      stat_takes_any_name,
      stat_refuses_what_is_cut_off,
      stat_refuses_what_is_no_number,
      statm_gives_its_fields,
      statm_refuses_what_is_cut_off,
      io_gives_calls_and_storage_bytes,
      switches_are_found_by_their_whole_key,
      nspid_tells_the_levels,
      pid_stands_first_and_alone,
      pid_is_nothing_but_a_number,
  };
  return UNIT_RUN("procfs_parse", tests);
}
