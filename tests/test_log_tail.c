#include "plugin/log_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "plugin/row.h"
#include "unit.h"

#ifndef O_BINARY
#define O_BINARY 0
#endif

static struct fixture fixture;

static int find(const void *data, size_t len, struct log_tail *out) {
  fixture_write_bytes(&fixture, "log", data, len);
  int fd = open(fixture_path(&fixture, "log"), O_RDONLY | O_BINARY);
  ck_assert_int_ge(fd, 0);
  int error = log_tail_find(fd, len, out);
  close(fd);
  return error;
}

static void check_tail(const void *data, size_t len, size_t end,
                       const char *torn) {
  struct log_tail tail;

  ck_assert_int_eq(find(data, len, &tail), 0);
  ck_assert_uint_eq(tail.end, end);
  ck_assert_str_eq(tail.torn, torn);
}

START_TEST(whole_lines_are_whole) {
  fixture_make(&fixture);
  check_tail("", 0, 0, "");
  check_tail("\n", 1, 1, "");
  check_tail("a\tb\n1\t2\n", 8, 8, "");
  fixture_remove(&fixture);
}
END_TEST

START_TEST(what_is_behind_the_last_newline_is_torn) {
  fixture_make(&fixture);
  check_tail("a\tb\n1\t", 6, 4, "1\t");
  check_tail("a", 1, 0, "a");
  fixture_remove(&fixture);
}
END_TEST

START_TEST(zero_bytes_are_torn_however_many) {
  const size_t size = 100000;
  char *data = calloc(1, size);

  fixture_make(&fixture);
  check_tail(data, size, 0, "");
  strcpy(data, "a\n");
  check_tail(data, size, 2, "");
  strcpy(data, "a\nbc");
  check_tail(data, size, 2, "bc");
  fixture_remove(&fixture);
  free(data);
}
END_TEST

START_TEST(a_newline_is_found_across_blocks) {
  char data[20000];

  fixture_make(&fixture);
  memset(data, 'x', sizeof(data));
  for (size_t at = 4000; at < 4200; at++) {
    data[at] = '\n';
    check_tail(
        data, at + 1 + ROW_MAX - 1, at + 1,
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    data[at] = 'x';
  }
  fixture_remove(&fixture);
}
END_TEST

START_TEST(too_long_a_line_is_none_of_ours) {
  struct log_tail tail;
  char data[9000];

  fixture_make(&fixture);
  memset(data, 'x', sizeof(data));
  ck_assert_int_eq(find(data, sizeof(data), &tail), -EILSEQ);
  ck_assert_int_eq(find(data, ROW_MAX, &tail), -EILSEQ);
  ck_assert_int_eq(find(data, ROW_MAX - 1, &tail), 0);
  data[100] = '\n';
  ck_assert_int_eq(find(data, sizeof(data), &tail), -EILSEQ);
  ck_assert_int_eq(find(data, 101 + ROW_MAX, &tail), -EILSEQ);
  fixture_remove(&fixture);
}
END_TEST

START_TEST(a_file_that_became_shorter_is_an_error) {
  struct log_tail tail;

  fixture_make(&fixture);
  fixture_write(&fixture, "log", "a\n");
  int fd = open(fixture_path(&fixture, "log"), O_RDONLY | O_BINARY);
  ck_assert_int_eq(log_tail_find(fd, 100, &tail), -ENODATA);
  close(fd);
  fixture_remove(&fixture);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      whole_lines_are_whole,
      what_is_behind_the_last_newline_is_torn,
      zero_bytes_are_torn_however_many,
      a_newline_is_found_across_blocks,
      too_long_a_line_is_none_of_ours,
      a_file_that_became_shorter_is_an_error,
  };
  return UNIT_RUN("log_tail", tests);
}
