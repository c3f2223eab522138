#include "plugin/log_path.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

START_TEST(path_knows_pid_and_percent) {
  char out[PATH_MAX];

  ck_assert_int_eq(log_path_expand("/a/%p-100%%.tsv", 42, out), 0);
  ck_assert_str_eq(out, "/a/42-100%.tsv");
  ck_assert(log_path_is_per_process("/%p"));
  ck_assert(!log_path_is_per_process("/%%p"));
  ck_assert(!log_path_is_per_process("/p"));
}
END_TEST

START_TEST(path_refuses_other_percents_and_too_much) {
  char out[PATH_MAX], path[PATH_MAX + 8];

  ck_assert_int_eq(log_path_expand("/a/%d", 42, out), -EINVAL);
  ck_assert_int_eq(log_path_expand("/a/%", 42, out), -EINVAL);
  memset(path, 'x', sizeof(path));
  path[PATH_MAX - 1] = '\0';
  ck_assert_int_eq(log_path_expand(path, 42, out), 0);
  path[PATH_MAX - 1] = 'x';
  path[PATH_MAX] = '\0';
  ck_assert_int_eq(log_path_expand(path, 42, out), -ENAMETOOLONG);
  memcpy(path + PATH_MAX - 3, "%p", 3);
  ck_assert_int_eq(log_path_expand(path, 4242, out), -ENAMETOOLONG);
}
END_TEST

START_TEST(paths_of_one_file_are_the_same) {
  ck_assert(log_path_is_same("/a/b", 0, "/a/b", 0));
  ck_assert(log_path_is_same("/a//b", 0, "/a/./b", 7));
  ck_assert(log_path_is_same("/a/%p", 7, "/a/7", 8));
  ck_assert(!log_path_is_same("/a/%p", 7, "/a/%p", 8));
  ck_assert(!log_path_is_same("/a/%p", 7, "/a/%p", 0));
  ck_assert(log_path_is_same("/a/%p", 7, "/a/7", 0));
  ck_assert(log_path_is_same("/a/7", 0, "/a/%p", 7));
  ck_assert(!log_path_is_same("/a/%p", 0, "/a/0", 7));
  ck_assert(!log_path_is_same("/a/0", 7, "/a/%p", 0));
  ck_assert(!log_path_is_same("/a/.b", 0, "/a/b", 0));
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      path_knows_pid_and_percent,
      path_refuses_other_percents_and_too_much,
      paths_of_one_file_are_the_same,
  };
  return UNIT_RUN("log_path", tests);
}
