#include "compat/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "unit.h"

START_TEST(a_fifo_is_no_file_and_nobody_waits_for_it) {
  struct fixture f;
  struct file_state state;
  char byte;

  fixture_make(&f);
  const char *path = fixture_path(&f, "fifo");
  ck_assert_int_eq(mkfifo(path, 0600), 0);
  ck_assert_int_eq(file_open_log(path), -ENXIO);
  ck_assert_int_eq(file_look(path, &state), 0);
  ck_assert(!state.is_regular);
  ck_assert_int_eq(file_read_start(path, &byte, 1), 0);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_log_is_closed_on_exec_and_not_for_others) {
  struct fixture f;
  struct stat st;

  fixture_make(&f);
  umask(0);
  int fd = file_open_log(fixture_path(&f, "log"));
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
  ck_assert_int_eq(fstat(fd, &st), 0);
  ck_assert_int_eq(st.st_mode & 0777, 0640);
  close(fd);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_full_device_is_an_error) {
  int fd = file_open_log("/dev/full");
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(file_write(fd, "x", 1), -ENOSPC);
  close(fd);
}
END_TEST

START_TEST(a_part_that_was_written_is_an_error) {
  struct fixture f;
  int fds[2];

  fixture_make(&f);
  ck_assert_int_eq(pipe(fds), 0);
  ck_assert_int_eq(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
  static char more[1 << 20];
  ck_assert_int_eq(file_write(fds[1], more, sizeof(more)), -ENOSPC);
  close(fds[0]);
  close(fds[1]);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_root_is_one_slash) {
  ck_assert_uint_eq(file_root_length("/a/b"), 1);
  ck_assert_uint_eq(file_root_length("a/b"), 0);
  ck_assert_uint_eq(file_root_length(""), 0);
  ck_assert(!file_is_separator('\\'));
  ck_assert(!file_is_same_path("/a", "/A"));
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_fifo_is_no_file_and_nobody_waits_for_it,
      a_log_is_closed_on_exec_and_not_for_others,
      a_full_device_is_an_error,
      a_part_that_was_written_is_an_error,
      a_root_is_one_slash,
  };
  return UNIT_RUN("file on POSIX", tests);
}
