#include <string.h>
#include <unistd.h>

#include "compat/processors.h"
#include "config_tree.h"
#include "fixture.h"

START_TEST(backend_and_proc_root_are_the_plugins) {
  struct fixture f;

  fixture_make(&f);
  fixture_write(&f, "sys/kernel/pid_max", "500\n");
  begin();
  add(&tree, "Backend", VALUES(text("linux")));
  add(&tree, "ProcRoot", VALUES(text(f.root)));
  add(&tree, "Process", VALUES(number(500)));
  accepted(0);
  ck_assert_str_eq(config.proc_root, f.root);
  config_clear(&config);

  begin();
  add(&tree, "ProcRoot", VALUES(text(f.root)));
  add(&tree, "Process", VALUES(number(501)));
  refused("<Process 501>: found 501, expected a name of 1 to 127 characters "
          "without `/`, or a pid from 1 to 500");
  fixture_remove(&f);
}
END_TEST

START_TEST(a_backend_that_is_not_there_is_refused) {
  begin();
  add(&tree, "Backend", VALUES(text("windows")));
  refused("<Plugin procmon>: Backend: found \"windows\", but this build has no "
          "such backend; expected auto, linux or ps");
  begin();
  add(&tree, "Backend", VALUES(text("magic")));
  refused("<Plugin procmon>: Backend: found \"magic\", expected auto, linux or "
          "ps");
  begin();
  add(&tree, "Backend", VALUES(number(1)));
  refused("<Plugin procmon>: Backend: found 1, expected auto, linux or ps");
}
END_TEST

START_TEST(the_ps_utility_can_be_chosen) {
  begin();
  add(&tree, "Backend", VALUES(text("ps")));
  add(&tree, "PsCommand", VALUES(text("/bin/sh")));
  add(&tree, "Process", VALUES(number(1)));
  accepted(0);
  ck_assert_ptr_eq(config.backend, &backend_ps);
  ck_assert_str_eq(config.ps_command, "/bin/sh");
  config_clear(&config);
  begin();
  add(&tree, "PsCommand", VALUES(text("/nonexistent")));
  refused("<Plugin procmon>: PsCommand: found \"/nonexistent\", expected the "
          "absolute path of a program that is there");
  begin();
  add(&tree, "PsCommand", VALUES(text("/etc/passwd")));
  refused("<Plugin procmon>: PsCommand: found \"/etc/passwd\", expected the "
          "absolute path of a program that is there");
}
END_TEST

START_TEST(each_selector_is_kept) {
  begin();
  add(&tree, "CgroupRoot", VALUES(text("/")));
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "CommandLine", VALUES(text("^java .*-jar")));
  add_in(&tree, "User", VALUES(text("www-data")));
  add_in(&tree, "Unit", VALUES(text("nginx")));
  add_in(&tree, "Children", VALUES(boolean(true)));
  add_in(&tree, "Notify", VALUES(boolean(false)));
  add(&tree, "Process", VALUES(text("y")));
  add_in(&tree, "User", VALUES(number(1000)));
  add_in(&tree, "Cgroup", VALUES(text("/user.slice")));
  const struct monitor_config *m = accepted(0);
  ck_assert_str_eq(m->command_line, "^java .*-jar");
  ck_assert_str_eq(m->user, "www-data");
  ck_assert_str_eq(m->unit, "nginx");
  ck_assert(m->children && !m->notify && !m->each);
  ck_assert_str_eq(config.monitors[1].user, "1000");
  ck_assert_str_eq(config.monitors[1].cgroup, "/user.slice");
  ck_assert(!config.monitors[1].children && config.monitors[1].notify);
  ck_assert_uint_eq(config.monitors[1].max_processes, 1000);
  ck_assert_str_eq(config.cgroup_root, "/");
}
END_TEST

START_TEST(a_bad_regular_expression_is_refused) {
  option_refused(
      "CommandLine", VALUES(text("a(b")),
      "CommandLine: found \"a(b\", expected a POSIX extended regular "
      "expression: Unmatched ( or \\(");
}
END_TEST

START_TEST(a_regular_expression_has_its_bound) {
  char pattern[4098] = "";

  memset(pattern, 'x', 4097);
  option_refused("CommandLine", VALUES(text(pattern)),
                 "CommandLine: found 4097 characters, expected at most 4096");
}
END_TEST

START_TEST(two_groups_are_refused) {
  begin();
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Unit", VALUES(text("nginx")));
  add_in(&tree, "Cgroup", VALUES(text("/user.slice")));
  refused("<Process \"x\">: Cgroup: found together with Unit, expected one of "
          "them");
}
END_TEST

START_TEST(what_a_backend_cannot_tell_is_refused) {
  begin();
  add(&tree, "Backend", VALUES(text("ps")));
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Unit", VALUES(text("nginx")));
  refused("<Process \"x\">: Unit: found with the backend ps, which cannot tell "
          "that; expected another selector");
}
END_TEST

START_TEST(a_proc_root_must_be_there) {
  begin();
  add(&tree, "ProcRoot", VALUES(text("/nonexistent")));
  refused("<Plugin procmon>: ProcRoot: found \"/nonexistent\", expected the "
          "absolute path of a folder that is there");
  begin();
  add(&tree, "ProcRoot", VALUES(text("proc")));
  refused("<Plugin procmon>: ProcRoot: found \"proc\", expected the absolute "
          "path of a folder that is there");
}
END_TEST

START_TEST(the_processors_are_those_that_are_online) {
  ck_assert_int_eq((long)processors_online(), sysconf(_SC_NPROCESSORS_ONLN));
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      the_processors_are_those_that_are_online,
      backend_and_proc_root_are_the_plugins,
      a_backend_that_is_not_there_is_refused,
      the_ps_utility_can_be_chosen,
      each_selector_is_kept,
      a_bad_regular_expression_is_refused,
      a_regular_expression_has_its_bound,
      two_groups_are_refused,
      what_a_backend_cannot_tell_is_refused,
      a_proc_root_must_be_there,
  };
  return UNIT_RUN("config on Unix", tests);
}
