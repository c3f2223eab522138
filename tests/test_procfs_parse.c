#include "backends/procfs_parse.h"

#include <errno.h>
#include <stdio.h>
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
  ck_assert_int_eq(stat.parent, 1);
  ck_assert_uint_eq(stat.flags, 4194560);
  ck_assert_uint_eq(stat.minor_faults, 101);
  ck_assert_uint_eq(stat.major_faults, 303);
  ck_assert_uint_eq(stat.user_ticks, 505);
  ck_assert_uint_eq(stat.system_ticks, 606);
  ck_assert_uint_eq(stat.reaped_user_ticks, 707);
  ck_assert_uint_eq(stat.reaped_system_ticks, 808);
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

START_TEST(stat_refuses_a_start_that_is_the_highest_number) {
  const char *text = "1 (a) S 0 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 "
                     "18446744073709551615 0";
  struct procfs_stat stat;
  char lower[128];

  ck_assert_int_eq(parse_stat(text, &stat), -EINVAL);
  snprintf(lower, sizeof(lower), "%s", text);
  strstr(lower, "615 ")[2] = '4';
  ck_assert_int_eq(parse_stat(lower, &stat), 0);
  ck_assert_uint_eq(stat.start_ticks, UINT64_MAX - 1);
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

static int parent_of(const char *parent, struct procfs_stat *out) {
  char text[256];

  snprintf(text, sizeof(text),
           "1 (x) S %s 1 1 0 -1 1 1 1 1 1 1 1 1 1 20 0 1 0 5", parent);
  return parse_stat(text, out);
}

START_TEST(stat_takes_a_parent_that_can_be) {
  struct procfs_stat stat;

  ck_assert_int_eq(parent_of("0", &stat), 0);
  ck_assert_int_eq(stat.parent, 0);
  ck_assert_int_eq(parent_of("2147483647", &stat), 0);
  ck_assert_int_eq(stat.parent, 2147483647);
  ck_assert_int_eq(parent_of("2147483648", &stat), -EINVAL);
  ck_assert_int_eq(parent_of("-1", &stat), -EINVAL);
  ck_assert_int_eq(parent_of("x", &stat), -EINVAL);
}
END_TEST

START_TEST(stat_refuses_reaped_ticks_that_are_no_number) {
  struct procfs_stat stat;

  /* Those of children are fields 16 and 17. */
  ck_assert_int_eq(
      parse_stat("1 (x) S 1 1 1 0 -1 1 1 1 1 1 1 1 -1 1 20 0 1 0 5", &stat),
      -EINVAL);
  ck_assert_int_eq(
      parse_stat("1 (x) S 1 1 1 0 -1 1 1 1 1 1 1 1 1 x 20 0 1 0 5", &stat),
      -EINVAL);
}
END_TEST

/* --- names --- */

/* Parses exactly these bytes, without a NUL, so that a sanitizer sees a step
 * beyond them. */
static int parse_command(const char *text, char *out, size_t size) {
  size_t len = strlen(text);
  char *bytes = malloc(len > 0 ? len : 1);

  ck_assert_ptr_nonnull(bytes);
  memcpy(bytes, text, len); /* NOLINT(bugprone-not-null-terminated-result) */
  int error = procfs_parse_command(bytes, len, out, size);
  free(bytes);
  return error;
}

static void check_command(const char *text, const char *expected) {
  char name[64];

  ck_assert_int_eq(parse_command(text, name, sizeof(name)), 0);
  ck_assert_str_eq(name, expected);
}

START_TEST(command_may_hold_anything) {
  check_command(STAT_WITH("nginx"), "nginx");
  check_command(STAT_WITH(""), "");
  check_command(STAT_WITH("two words "), "two words ");
  check_command(STAT_WITH("a) R 1 2 3"), "a) R 1 2 3");
  check_command(STAT_WITH("(sd-pam)"), "(sd-pam)");
  check_command(STAT_WITH(")("), ")(");
  check_command(STAT_WITH("))))"), "))))");
  check_command(STAT_WITH("tab\there"), "tab\there");
  check_command(STAT_WITH("\xff\xfe"), "\xff\xfe");
}
END_TEST

START_TEST(command_is_left_as_it_stands) {
  check_command(STAT_WITH("line\nbreak"), "line\nbreak");
  check_command(STAT_WITH("line\\nbreak"), "line\\nbreak");
  check_command(STAT_WITH("back\\\\slash"), "back\\\\slash");
  check_command(STAT_WITH("end\\"), "end\\");
}
END_TEST

START_TEST(command_is_cut_to_what_fits) {
  char name[8];

  memset(name, 'x', sizeof(name));
  ck_assert_int_eq(parse_command(STAT_WITH("abcdef"), name, 4), 0);
  ck_assert_str_eq(name, "abc");
  ck_assert_int_eq(name[4], 'x');
  ck_assert_int_eq(parse_command(STAT_WITH("abc"), name, 4), 0);
  ck_assert_str_eq(name, "abc");
  ck_assert_int_eq(parse_command(STAT_WITH("abc"), name, 1), 0);
  ck_assert_str_eq(name, "");
}
END_TEST

START_TEST(command_refuses_what_is_no_stat) {
  char name[8];

  ck_assert_int_eq(parse_command("", name, sizeof(name)), -EINVAL);
  ck_assert_int_eq(parse_command("42", name, sizeof(name)), -EINVAL);
  ck_assert_int_eq(parse_command("42 (nginx", name, sizeof(name)), -EINVAL);
  ck_assert_int_eq(parse_command("42 nginx)", name, sizeof(name)), -EINVAL);
  ck_assert_int_eq(parse_command("42 )nginx(", name, sizeof(name)), -EINVAL);
}
END_TEST

/* --- command lines --- */

/* Joins exactly these bytes, with the room for the NUL that is promised. */
static void check_words(const char *bytes, size_t len, const char *expected) {
  char *text = malloc(len + 1);

  ck_assert_ptr_nonnull(text);
  memcpy(text, bytes, len);
  text[len] = 'x';
  ck_assert_uint_eq(procfs_join_words(text, len), strlen(expected));
  ck_assert_str_eq(text, expected);
  free(text);
}

#define CHECK_WORDS(bytes, expected)                                           \
  check_words(bytes, sizeof(bytes) - 1, expected)

START_TEST(words_become_a_line) {
  CHECK_WORDS("nginx\0-g\0daemon off;\0", "nginx -g daemon off;");
  CHECK_WORDS("nginx\0", "nginx");
  CHECK_WORDS("nginx", "nginx");
  /* a title that was written over the words */
  CHECK_WORDS("nginx: worker\0\0\0\0\0", "nginx: worker");
  CHECK_WORDS("a\0\0b\0", "a  b");
  CHECK_WORDS("\0a\0", " a");
  CHECK_WORDS(" a  b \0 \0", " a  b   ");
  CHECK_WORDS("a\nb\0\xff\xfe\0", "a\nb \xff\xfe");
  CHECK_WORDS("", "");
  CHECK_WORDS("\0", "");
  CHECK_WORDS("\0\0\0", "");
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
      stat_refuses_a_start_that_is_the_highest_number,
      stat_refuses_what_is_cut_off,
      stat_refuses_what_is_no_number,
      stat_takes_a_parent_that_can_be,
      stat_refuses_reaped_ticks_that_are_no_number,
      command_may_hold_anything,
      command_is_left_as_it_stands,
      command_is_cut_to_what_fits,
      command_refuses_what_is_no_stat,
      words_become_a_line,
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
