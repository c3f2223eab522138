#include "backends/cgroup_parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static size_t write_pids(struct cgroup_procs *p, char out[256], size_t used) {
  pid_t pid;

  while (cgroup_procs_next(p, &pid))
    used += (size_t)snprintf(out + used, 256 - used, "%s%d",
                             used == 0 ? "" : " ", (int)pid);
  return used;
}

/* The pids of a text that comes in pieces of that length, as "1 2 3". */
static const char *pids_of(const char *text, size_t piece, char out[256]) {
  struct cgroup_procs p = {.number = 0};
  size_t len = strlen(text), used = 0;

  out[0] = '\0';
  for (size_t at = 0; at <= len; at += piece) {
    size_t n = len - at < piece ? len - at : piece;
    cgroup_procs_feed(&p, text + at, n);
    used = write_pids(&p, out, used);
  }
  cgroup_procs_feed(&p, "\n", 1);
  write_pids(&p, out, used);
  return out;
}

static void check_pids(const char *text, const char *expected) {
  char out[256];

  for (size_t piece = 1; piece <= strlen(text) + 1; piece++)
    ck_assert_str_eq(pids_of(text, piece, out), expected);
}

START_TEST(procs_are_a_pid_a_line) {
  check_pids("", "");
  check_pids("1\n", "1");
  check_pids("17\n4\n4194304\n", "17 4 4194304");
  check_pids("2147483647\n", "2147483647");
  check_pids("17\n23", "17 23");
}
END_TEST

START_TEST(what_is_no_pid_is_skipped) {
  check_pids("0\n5\n0\n", "5");
  check_pids("\n\n7\n", "7");
  check_pids("-3\n+4\n 5\n6 \n7\n", "7");
  check_pids("8\r\n9\n", "9");
  check_pids("2147483648\n1\n", "1");
  check_pids("99999999999999999999999999999999999\n2\n", "2");
  check_pids("18446744073709551617\n3\n", "3");
  check_pids("1x2\n4\n", "4");
  check_pids("\x80\xff\n5\n", "5");
}
END_TEST

static int compare(const void *a, const void *b) {
  pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;
  return x < y ? -1 : x > y;
}

START_TEST(pids_are_put_in_order_each_once) {
  pid_t pids[300], expected[300] = {0};
  unsigned state = 1;

  for (size_t n = 0; n <= 300; n++) {
    for (size_t i = 0; i < n; i++) {
      state = state * 1103515245 + 12345;
      pids[i] = expected[i] = (pid_t)(state >> 16 & 255) + 1;
    }
    qsort(expected, n, sizeof(pid_t), compare);
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
      if (used == 0 || expected[used - 1] != expected[i])
        expected[used++] = expected[i];
    ck_assert_uint_eq(cgroup_sort_pids(pids, n), used);
    ck_assert_mem_eq(pids, expected, used * sizeof(pid_t));
  }
}
END_TEST

static int parse_cpu(const char *text, struct cgroup_cpu *out) {
  return cgroup_parse_cpu(text, strlen(text), out);
}

START_TEST(cpu_is_in_nanoseconds) {
  struct cgroup_cpu cpu;

  ck_assert_int_eq(parse_cpu("usage_usec 70\nuser_usec 50\nsystem_usec 20\n"
                             "nice_usec 1\ncore_sched.force_idle_usec 0\n",
                             &cpu),
                   0);
  ck_assert_uint_eq(cpu.usage_ns, 70000);
  ck_assert_uint_eq(cpu.user_ns, 50000);
  ck_assert_uint_eq(cpu.system_ns, 20000);
  ck_assert_int_eq(parse_cpu("nr_periods 0\nsystem_usec 3\nuser_usec 2\n"
                             "usage_usec 1000000000000000",
                             &cpu),
                   0);
  ck_assert_uint_eq(cpu.usage_ns, UINT64_C(1000000000000000000));
}
END_TEST

START_TEST(cpu_refuses_what_lacks_a_figure) {
  struct cgroup_cpu cpu;
  static const char *const bad[] = {
      "",
      "\n",
      "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n",
      "usage_usec 1\nuser_usec 2\n",
      "usage_usec\nuser_usec 2\nsystem_usec 3\n",
      "usage_usec \nuser_usec 2\nsystem_usec 3\n",
      "usage_usec -1\nuser_usec 2\nsystem_usec 3\n",
      "usage_usec 1x\nuser_usec 2\nsystem_usec 3\n",
      "xusage_usec 1\nuser_usec 2\nsystem_usec 3\n",
      "usage_usec:1\nuser_usec 2\nsystem_usec 3\n",
      "usage_usec 18446744073709551616\nuser_usec 2\nsystem_usec 3\n",
      "usage_usec 18446744073709551\nuser_usec 2\nsystem_usec 3\n",
  };

  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    ck_assert_int_eq(parse_cpu(bad[i], &cpu), -EINVAL);
}
END_TEST

static const char *clean(const char *path, char out[64]) {
  int error = cgroup_clean_path(path, out, 64);

  ck_assert(error == 0 || error == -EINVAL);
  return error == 0 ? out : "refused";
}

START_TEST(a_path_never_leaves_the_root) {
  char out[64], longest[128];

  ck_assert_str_eq(clean("/", out), "");
  ck_assert_str_eq(clean(".", out), "");
  ck_assert_str_eq(clean("a", out), "a");
  ck_assert_str_eq(clean("/a/b", out), "a/b");
  ck_assert_str_eq(clean("//a/./b///c/", out), "a/b/c");
  ck_assert_str_eq(clean("..a/b../...", out), "..a/b../...");
  ck_assert_str_eq(clean("", out), "refused");
  ck_assert_str_eq(clean("..", out), "refused");
  ck_assert_str_eq(clean("/../a", out), "refused");
  ck_assert_str_eq(clean("a/../b", out), "refused");
  ck_assert_str_eq(clean("a/..", out), "refused");
  memset(longest, 'x', sizeof(longest));
  longest[63] = '\0';
  ck_assert_str_eq(clean(longest, out), longest);
  longest[63] = 'x';
  longest[64] = '\0';
  ck_assert_str_eq(clean(longest, out), "refused");
}
END_TEST

static const char *unit(const char *name, char out[CGROUP_NAME_MAX + 1]) {
  int error = cgroup_unit_name(name, out, CGROUP_NAME_MAX + 1);

  ck_assert(error == 0 || error == -EINVAL);
  return error == 0 ? out : "refused";
}

START_TEST(a_unit_without_a_suffix_is_a_service) {
  char out[CGROUP_NAME_MAX + 1], longest[CGROUP_NAME_MAX + 1];

  ck_assert_str_eq(unit("nginx", out), "nginx.service");
  ck_assert_str_eq(unit("nginx.service", out), "nginx.service");
  ck_assert_str_eq(unit("foo.bar", out), "foo.bar.service");
  ck_assert_str_eq(unit("foo@bar", out), "foo@bar.service");
  ck_assert_str_eq(unit("user.slice", out), "user.slice");
  ck_assert_str_eq(unit("-.slice", out), "-.slice");
  ck_assert_str_eq(unit("session-1.scope", out), "session-1.scope");
  ck_assert_str_eq(unit("", out), "refused");
  ck_assert_str_eq(unit(".service", out), "refused");
  ck_assert_str_eq(unit("a/b", out), "refused");
  ck_assert_str_eq(unit("../x.service", out), "refused");
  memset(longest, 'x', sizeof(longest));
  longest[CGROUP_NAME_MAX - 9] = '\0';
  ck_assert_uint_eq(strlen(unit(longest, out)), CGROUP_NAME_MAX - 1);
  longest[CGROUP_NAME_MAX - 9] = 'x';
  longest[CGROUP_NAME_MAX - 8] = '\0';
  ck_assert_str_eq(unit(longest, out), "refused");
}
END_TEST

static const char *place(const char *name, char out[512]) {
  return cgroup_unit_place(name, out, 512) == 0 ? out : "refused";
}

START_TEST(a_unit_has_a_place_of_its_own) {
  char out[512];

  ck_assert_str_eq(place("nginx.service", out), "system.slice/nginx.service");
  ck_assert_str_eq(place("cups.socket", out), "system.slice/cups.socket");
  ck_assert_str_eq(place("foo@bar.service", out),
                   "system.slice/system-foo.slice/foo@bar.service");
  ck_assert_str_eq(place("a-b@c-d.service", out),
                   "system.slice/system-a\\x2db.slice/a-b@c-d.service");
  ck_assert_str_eq(place("a\\x2db@c.service", out),
                   "system.slice/system-a\\x5cx2db.slice/a\\x2db@c.service");
  ck_assert_str_eq(place("user.slice", out), "user.slice");
  ck_assert_str_eq(place("a-b.slice", out), "a.slice/a-b.slice");
  ck_assert_str_eq(place("a-b-c.slice", out), "a.slice/a-b.slice/a-b-c.slice");
  ck_assert_str_eq(place("-.slice", out), "");
  ck_assert_str_eq(place("init.scope", out), "init.scope");
  ck_assert_str_eq(place("run-1.scope", out), "system.slice/run-1.scope");
}
END_TEST

START_TEST(a_place_may_be_too_long) {
  char name[CGROUP_NAME_MAX + 1], out[512];

  memset(name, '-', sizeof(name));
  snprintf(name + 200, sizeof(name) - 200, ".slice");
  ck_assert_str_eq(place(name, out), "refused");
  memset(name, '-', 200);
  snprintf(name + 200, sizeof(name) - 200, "@x.service");
  ck_assert_str_eq(place(name, out), "refused");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      procs_are_a_pid_a_line,
      what_is_no_pid_is_skipped,
      pids_are_put_in_order_each_once,
      cpu_is_in_nanoseconds,
      cpu_refuses_what_lacks_a_figure,
      a_path_never_leaves_the_root,
      a_unit_without_a_suffix_is_a_service,
      a_unit_has_a_place_of_its_own,
      a_place_may_be_too_long,
  };
  return UNIT_RUN("cgroup_parse", tests);
}
