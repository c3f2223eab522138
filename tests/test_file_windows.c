#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/file.h"
#include "fixture.h"
#include "plugin/log_path.h"
#include "plugin/pid_file.h"
#include "unit.h"

static int open_log(const char *path) {
  const char *why;
  int fd = -1;
  int error = file_open_log(path, &fd, &why);

  return error != 0 ? error : fd;
}

/* What a file is that is refused. */
static const char *why_refused(const char *path) {
  const char *why;
  int fd;

  ck_assert_int_ne(file_open_log(path, &fd, &why), 0);
  ck_assert_ptr_nonnull(why);
  return why;
}

START_TEST(others_can_read_rename_and_remove_an_open_log) {
  struct fixture f;
  char path[256], moved[256];

  fixture_make(&f);
  snprintf(path, sizeof(path), "%s\\log", f.root);
  snprintf(moved, sizeof(moved), "%s\\moved", f.root);
  int fd = open_log(path);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(file_lock(fd), 0);
  ck_assert_int_eq(file_write(fd, "one\n", 4), 0);
  char *text = fixture_read(&f, "log");
  ck_assert_str_eq(text, "one\n");
  free(text);
  ck_assert_msg(MoveFileA(path, moved), "error %lu", GetLastError());
  ck_assert_int_eq(file_write(fd, "two\n", 4), 0);
  text = fixture_read(&f, "moved");
  ck_assert_str_eq(text, "one\ntwo\n");
  free(text);
  ck_assert_msg(DeleteFileA(moved), "error %lu", GetLastError());
  close(fd);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_lock_is_for_one_and_ends_with_it) {
  struct fixture f;
  char path[256];

  fixture_make(&f);
  snprintf(path, sizeof(path), "%s\\log", f.root);
  int first = open_log(path), second = open_log(path);
  ck_assert_int_eq(file_lock(first), 0);
  ck_assert_int_eq(file_lock(second), -EBUSY);
  /* What a log holds is nobody's. */
  OVERLAPPED start = {.Offset = 0};
  ck_assert(LockFileEx((HANDLE)_get_osfhandle(second),
                       LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0,
                       UINT32_MAX, 0, &start));
  close(first);
  ck_assert_int_eq(file_lock(second), 0);
  close(second);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_log_is_appended_to_and_not_inherited) {
  struct fixture f;
  char path[256];
  DWORD flags;

  fixture_make(&f);
  fixture_write(&f, "log", "old\n");
  snprintf(path, sizeof(path), "%s/log", f.root);
  int fd = open_log(path);
  ck_assert(GetHandleInformation((HANDLE)_get_osfhandle(fd), &flags));
  ck_assert_uint_eq(flags & HANDLE_FLAG_INHERIT, 0);
  ck_assert_int_eq(file_write(fd, "new\n", 4), 0);
  char *text = fixture_read(&f, "log");
  ck_assert_str_eq(text, "old\nnew\n");
  free(text);
  close(fd);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_log_is_read_back_and_cut) {
  struct fixture f;
  struct file_state state;
  char path[256], text[4];

  fixture_make(&f);
  fixture_write(&f, "log", "one\ntwo\n");
  snprintf(path, sizeof(path), "%s\\log", f.root);
  int fd = open_log(path);
  ck_assert_int_eq(file_read_at(fd, 4, text, 4), 0);
  ck_assert_mem_eq(text, "two\n", 4);
  ck_assert_int_eq(file_read_at(fd, 5, text, 4), -ENODATA);
  ck_assert_int_eq(file_read_at(fd, 8, text, 4), -ENODATA);
  ck_assert_int_eq(file_cut(fd, 4), 0);
  ck_assert_int_eq(file_write(fd, "new\n", 4), 0);
  ck_assert_int_eq(file_sync(fd), 0);
  ck_assert_int_eq(file_look_log(path, &state), 0);
  ck_assert_uint_eq(state.size, 8);
  close(fd);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_log_has_one_name) {
  struct fixture f;
  char path[256], other[256];

  fixture_make(&f);
  fixture_write(&f, "log", "one\n");
  snprintf(path, sizeof(path), "%s\\log", f.root);
  snprintf(other, sizeof(other), "%s\\other", f.root);
  ck_assert_msg(CreateHardLinkA(other, path, NULL), "error %lu",
                GetLastError());
  ck_assert_str_eq(why_refused(path),
                   "it has a second name (a hard link); a log must have one");
  fixture_remove(&f);
}
END_TEST

START_TEST(names_are_in_utf_8) {
  struct fixture f;
  struct file_state state;
  char path[256];
  WCHAR wide[256];

  fixture_make(&f);
  snprintf(path, sizeof(path), "%s\\l\xc3\xb6g \xe6\x97\xa5", f.root);
  int fd = open_log(path);
  ck_assert_int_ge(fd, 0);
  close(fd);
  MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 256);
  ck_assert_uint_ne(GetFileAttributesW(wide), INVALID_FILE_ATTRIBUTES);
  ck_assert_int_eq(file_look(path, &state), 0);
  ck_assert(DeleteFileW(wide));
  fixture_remove(&f);
}
END_TEST

START_TEST(what_is_no_file_says_so) {
  struct fixture f;
  struct file_state state;
  char path[256];

  fixture_make(&f);
  ck_assert_str_eq(why_refused(f.root), "it is a folder; a log must be a file");
  ck_assert_int_eq(file_look(f.root, &state), 0);
  ck_assert(!state.is_regular);
  snprintf(path, sizeof(path), "%s\\none\\log", f.root);
  ck_assert_int_eq(open_log(path), -ENOENT);
  snprintf(path, sizeof(path), "%s\\a?b", f.root);
  ck_assert_int_eq(open_log(path), -EINVAL);
  ck_assert_str_eq(why_refused("NUL"),
                   "it is a device; a log must be a regular file");
  ck_assert_int_eq(file_make_folder(f.root), 0);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_pid_file_that_somebody_holds_is_read_later) {
  struct fixture f;
  char path[256];
  struct pid_file pid_file;

  fixture_make(&f);
  fixture_write(&f, "pid", "42\n");
  fixture_age(&f, "pid");
  snprintf(path, sizeof(path), "%s\\pid", f.root);
  pid_file_init(&pid_file, path);
  HANDLE held =
      CreateFileA(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
  ck_assert_ptr_ne(held, INVALID_HANDLE_VALUE);
  pid_file_look(&pid_file);
  ck_assert_int_eq(pid_file.pid, 0);
  CloseHandle(held);
  pid_file_look(&pid_file);
  ck_assert_int_eq(pid_file.pid, 42);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_share_is_another_place_than_a_folder) {
  ck_assert(log_path_is_same("C:\\a\\.\\b", 0, "c:/A//b", 0));
  ck_assert(log_path_is_same("\\\\srv\\logs\\x", 0, "//SRV/logs/x", 0));
  ck_assert(!log_path_is_same("\\\\srv\\logs\\x", 0, "\\srv\\logs\\x", 0));
}
END_TEST

START_TEST(a_root_is_a_drive_or_a_share) {
  ck_assert_uint_eq(file_root_length("C:\\a"), 3);
  ck_assert_uint_eq(file_root_length("c:/a"), 3);
  ck_assert_uint_eq(file_root_length("C:a"), 2);
  ck_assert_uint_eq(file_root_length("\\a"), 1);
  ck_assert_uint_eq(file_root_length("/a"), 1);
  ck_assert_uint_eq(file_root_length("\\\\server\\share\\a"), 15);
  ck_assert_uint_eq(file_root_length("\\\\server\\share"), 14);
  ck_assert_uint_eq(file_root_length("\\\\server"), 8);
  ck_assert_uint_eq(file_root_length("\\\\?\\C:\\a"), 7);
  ck_assert_uint_eq(file_root_length("\\\\?\\UNC\\srv\\share\\a"), 18);
  ck_assert_uint_eq(file_root_length("a\\b"), 0);
  ck_assert_uint_eq(file_root_length(""), 0);
  ck_assert(file_is_same_path("C:/Logs/x", "c:/logs/X"));
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      others_can_read_rename_and_remove_an_open_log,
      a_lock_is_for_one_and_ends_with_it,
      a_log_is_appended_to_and_not_inherited,
      a_log_is_read_back_and_cut,
      a_log_has_one_name,
      names_are_in_utf_8,
      what_is_no_file_says_so,
      a_pid_file_that_somebody_holds_is_read_later,
      a_share_is_another_place_than_a_folder,
      a_root_is_a_drive_or_a_share,
  };
  return UNIT_RUN("file on Windows", tests);
}
