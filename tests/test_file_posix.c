#include "compat/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fixture.h"
#include "unit.h"

enum { NOBODY = 65534 };

/* What a file is that is refused; NULL: it is taken. What is refused at first
 * is refused again. */
static const char *why_refused(const char *path) {
  const char *why;
  int fd;

  int error = file_open_log(path, &fd, &why);
  ck_assert_int_eq(error == 0, why == NULL);
  if (error == 0)
    close(fd);
  else
    ck_assert_int_ne(file_open_log_again(path, &fd), 0);
  return why;
}

static int open_log(const char *path) {
  const char *why;
  int fd;

  ck_assert_int_eq(file_open_log(path, &fd, &why), 0);
  return fd;
}

static void make_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);

  snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
  ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
  close(fd);
}

START_TEST(what_is_no_regular_file_is_refused_by_name) {
  struct fixture f;

  fixture_make(&f);
  const char *path = fixture_path(&f, "file");
  ck_assert_int_eq(mkfifo(path, 0600), 0);
  ck_assert_str_eq(why_refused(path),
                   "it is a FIFO; a log must be a regular file");
  unlink(path);
  make_socket(path);
  ck_assert_str_eq(why_refused(path),
                   "it is a socket; a log must be a regular file");
  unlink(path);
  ck_assert_int_eq(symlink("target", path), 0);
  ck_assert_str_eq(why_refused(path),
                   "it is a symbolic link; a log must be a file itself");
  ck_assert_str_eq(why_refused("/dev/null"),
                   "it is a device; a log must be a regular file");
  ck_assert_str_eq(why_refused(f.root), "it is a folder; a log must be a file");
  ck_assert_int_ne(access(fixture_path(&f, "target"), F_OK), 0);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_log_has_one_name) {
  struct fixture f;
  char path[256];

  fixture_make(&f);
  fixture_write(&f, "log", "");
  snprintf(path, sizeof(path), "%s", fixture_path(&f, "log"));
  ck_assert_int_eq(link(path, fixture_path(&f, "other")), 0);
  ck_assert_str_eq(why_refused(path),
                   "it has a second name (a hard link); a log must have one");
  fixture_remove(&f);
}
END_TEST

START_TEST(a_log_is_opened_again_but_not_made) {
  struct fixture f;
  struct stat st;
  int fd;

  fixture_make(&f);
  const char *path = fixture_path(&f, "log");
  ck_assert_int_eq(file_open_log_again(path, &fd), -ENOENT);
  ck_assert_int_ne(access(path, F_OK), 0);
  close(open_log(path));
  ck_assert_int_eq(file_open_log_again(path, &fd), 0);
  ck_assert_int_eq(file_write(fd, "1\n", 2), 0);
  ck_assert_int_eq(fstat(fd, &st), 0);
  ck_assert_int_eq(st.st_size, 2);
  ck_assert_int_ne(fcntl(fd, F_GETFL) & O_APPEND, 0);
  ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  close(fd);
  fixture_remove(&f);
}
END_TEST

/* It may be one that was laid there where the first log was. */
START_TEST(a_log_of_another_user_is_not_opened_again_without_a_look) {
  struct fixture f;
  int fd;

  if (geteuid() != 0) {
    puts("SKIP: only root can give a file away");
    return;
  }
  fixture_make(&f);
  fixture_write(&f, "log", "");
  const char *path = fixture_path(&f, "log");
  ck_assert_int_eq(chown(path, NOBODY, NOBODY), 0);
  ck_assert_int_eq(file_open_log_again(path, &fd), -EINVAL);
  fixture_remove(&f);
}
END_TEST

START_TEST(in_a_folder_of_all_a_log_is_ours_or_roots) {
  struct fixture f;

  if (geteuid() != 0) {
    puts("SKIP: only root can give a file away");
    return;
  }
  fixture_make(&f);
  fixture_write(&f, "log", "");
  const char *path = fixture_path(&f, "log");
  ck_assert_int_eq(chown(path, NOBODY, NOBODY), 0);
  ck_assert_ptr_null(why_refused(path));
  ck_assert_int_eq(chmod(f.root, 01777), 0);
  ck_assert_str_eq(
      why_refused(path),
      "it belongs to another user, in a folder that all may write to");
  ck_assert_int_eq(chown(f.root, NOBODY, NOBODY), 0);
  ck_assert_int_eq(seteuid(NOBODY), 0);
  ck_assert_ptr_null(why_refused(path));
  ck_assert_int_eq(seteuid(0), 0);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_fifo_is_no_pid_file_and_nobody_waits_for_it) {
  struct fixture f;
  struct file_state state;
  char byte;

  fixture_make(&f);
  const char *path = fixture_path(&f, "fifo");
  ck_assert_int_eq(mkfifo(path, 0600), 0);
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
  int fd = open_log(fixture_path(&f, "log"));
  ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
  ck_assert_int_eq(fstat(fd, &st), 0);
  ck_assert_int_eq(st.st_mode & 0777, 0640);
  close(fd);
  umask(077);
  fd = open_log(fixture_path(&f, "private"));
  ck_assert_int_eq(fstat(fd, &st), 0);
  ck_assert_int_eq(st.st_mode & 0777, 0600);
  close(fd);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_log_without_a_folder_is_in_the_current_one) {
  struct fixture f;

  fixture_make(&f);
  ck_assert_int_eq(chdir(f.root), 0);
  close(open_log("log"));
  ck_assert_int_eq(access(fixture_path(&f, "log"), F_OK), 0);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_full_device_is_an_error) {
  int fd = open("/dev/full", O_WRONLY);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(file_write(fd, "x", 1), -ENOSPC);
  close(fd);
}
END_TEST

/* Of all files of the process: libcheck's own too, which must not assert
 * meanwhile. */
static void set_most(rlim_t bytes) {
  struct rlimit most = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

  setrlimit(RLIMIT_FSIZE, &most);
}

START_TEST(a_part_that_was_written_is_cut_off_again) {
  struct fixture f;

  fixture_make(&f);
  signal(SIGXFSZ, SIG_IGN);
  int fd = open_log(fixture_path(&f, "log"));
  ck_assert_int_eq(file_write(fd, "one\n", 4), 0);
  set_most(6);
  int error = file_write(fd, "two\n", 4);
  set_most(RLIM_INFINITY);
  ck_assert_int_eq(error, -ENOSPC);
  char *text = fixture_read(&f, "log");
  ck_assert_str_eq(text, "one\n");
  free(text);
  ck_assert_int_eq(file_write(fd, "two\n", 4), 0);
  text = fixture_read(&f, "log");
  ck_assert_str_eq(text, "one\ntwo\n");
  free(text);
  file_close(fd);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_lock_is_given_back_though_a_child_has_the_file_open) {
  struct fixture f;

  fixture_make(&f);
  int first = open_log(fixture_path(&f, "log"));
  int second = open_log(fixture_path(&f, "log"));
  ck_assert_int_eq(file_lock(first), 0);
  ck_assert_int_eq(file_lock(second), -EBUSY);
  pid_t child = fixture_child();
  ck_assert_int_eq(file_close(first), 0);
  ck_assert_int_eq(file_lock(second), 0);
  ck_assert_int_eq(file_close(second), 0);
  fixture_end(child);
  fixture_remove(&f);
}
END_TEST

START_TEST(space_is_set_aside_for_all_of_it_or_nothing) {
  struct fixture f;
  struct file_state state;

  fixture_make(&f);
  int fd = open_log(fixture_path(&f, "log"));
  ck_assert_int_eq(file_reserve(fd, 0, 4), 0);
  ck_assert_int_eq(file_reserve(fd, 0, (size_t)1 << 62), -EFBIG);
  ck_assert_int_eq(file_look_open(fd, &state), 0);
  ck_assert_uint_eq(state.size, 0);
  file_close(fd);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_log_is_read_back_and_cut) {
  struct fixture f;
  struct file_state state;
  char text[4];

  fixture_make(&f);
  fixture_write(&f, "log", "one\ntwo\n");
  int fd = open_log(fixture_path(&f, "log"));
  ck_assert_int_eq(file_read_at(fd, 4, text, 4), 0);
  ck_assert_mem_eq(text, "two\n", 4);
  ck_assert_int_eq(file_read_at(fd, 5, text, 4), -ENODATA);
  ck_assert_int_eq(file_cut(fd, 4), 0);
  ck_assert_int_eq(file_write(fd, "new\n", 4), 0);
  ck_assert_int_eq(file_sync(fd), 0);
  ck_assert_int_eq(file_look_log(fixture_path(&f, "log"), &state), 0);
  ck_assert_uint_eq(state.size, 8);
  close(fd);
  fixture_remove(&f);
}
END_TEST

START_TEST(what_has_the_path_of_a_log_may_be_a_link) {
  struct fixture f;
  struct file_state log, link;
  char path[256];

  fixture_make(&f);
  fixture_write(&f, "log", "");
  snprintf(path, sizeof(path), "%s", fixture_path(&f, "log"));
  ck_assert_int_eq(file_look_log(path, &log), 0);
  ck_assert_int_eq(symlink(path, fixture_path(&f, "link")), 0);
  ck_assert_int_eq(file_look_log(fixture_path(&f, "link"), &link), 0);
  ck_assert_uint_ne(link.id, log.id);
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
      what_is_no_regular_file_is_refused_by_name,
      a_log_has_one_name,
      a_log_is_opened_again_but_not_made,
      a_log_of_another_user_is_not_opened_again_without_a_look,
      in_a_folder_of_all_a_log_is_ours_or_roots,
      a_fifo_is_no_pid_file_and_nobody_waits_for_it,
      a_log_is_closed_on_exec_and_not_for_others,
      a_log_without_a_folder_is_in_the_current_one,
      a_full_device_is_an_error,
      a_part_that_was_written_is_cut_off_again,
      a_lock_is_given_back_though_a_child_has_the_file_open,
      space_is_set_aside_for_all_of_it_or_nothing,
      a_log_is_read_back_and_cut,
      what_has_the_path_of_a_log_may_be_a_link,
      a_root_is_one_slash,
  };
  return UNIT_RUN("file on POSIX", tests);
}
