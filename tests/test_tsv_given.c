/* A log whose file somebody else has opened. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fixture.h"
#include "plugin/tsv.h"
#include "unit.h"

static const uint64_t wall_ns = UINT64_C(1221575050000000000);

static struct fixture fixture;
static struct fd_budget budget;
static struct tsv_options options;
static struct tsv *tsv;
static int other; /* the file once more, as its owner has it */

static void begin_with(int fd, bool append) {
  atomic_init(&budget.left, 8);
  ck_assert(fd_budget_take(&budget));
  options = (struct tsv_options){
      .path = "/the/log",
      .append = append,
      .style = {.header = HEADER_NAMES, .time_format = "%S", .utc = true},
      .budget = &budget,
      .is_given = true,
      .fd = fd,
  };
  columns_add(&options.style.columns, COLUMN_TIME);
  columns_add(&options.style.columns, COLUMN_PROCESSES);
  ck_assert_int_eq(tsv_create(&options, &tsv), 0);
}

static int open_log(void) {
  int fd = open(fixture_path(&fixture, "log"), O_RDWR | O_APPEND | O_CLOEXEC);

  ck_assert_int_ge(fd, 0);
  return fd;
}

static void begin(const char *text, bool append) {
  fixture_make(&fixture);
  fixture_write(&fixture, "log", text);
  other = open_log();
  begin_with(open_log(), append);
}

static bool is_open(void) { return fcntl(options.fd, F_GETFD) >= 0; }

static void end(void) {
  tsv_free(tsv);
  ck_assert(!is_open());
  ck_assert_int_eq(atomic_load(&budget.left), 8);
  close(other);
  fixture_remove(&fixture);
}

static int write_row(uint64_t processes) {
  char text[ROW_MAX];
  struct reading r = {.wall_ns = wall_ns, .processes = processes};

  size_t len = row_print(&options.style, &r, text);
  return tsv_append(tsv, 0, wall_ns, text, len);
}

static void check_text(const char *expected) {
  char *text = fixture_read(&fixture, "log");

  ck_assert_str_eq(text, expected);
  free(text);
}

START_TEST(an_empty_file_gets_a_header) {
  begin("", true);
  ck_assert_int_eq(tsv_open(tsv, 0, wall_ns), 0);
  check_text("Time\tProcesses\n");
  ck_assert_int_eq(write_row(5), 0);
  ck_assert_int_eq(write_row(6), 0);
  check_text("Time\tProcesses\n10\t5\n10\t6\n");
  ck_assert_str_eq(tsv_path(tsv), "/the/log");
  end();
}
END_TEST

START_TEST(a_file_that_is_not_empty_is_continued) {
  begin("Time\tProcesses\n09\t1\n", true);
  ck_assert_int_eq(write_row(5), 0);
  check_text("Time\tProcesses\n09\t1\n10\t5\n");
  end();
}
END_TEST

START_TEST(append_false_empties_it_once) {
  begin("just now\n", false);
  ck_assert_int_eq(tsv_open(tsv, 0, wall_ns), 0);
  check_text("Time\tProcesses\n");
  ck_assert_int_eq(write_row(5), 0);
  ck_assert_int_eq(tsv_open(tsv, 0, wall_ns), 0);
  ck_assert_int_eq(write_row(6), 0);
  check_text("Time\tProcesses\n10\t5\n10\t6\n");
  end();
}
END_TEST

START_TEST(a_torn_last_line_is_cut_off) {
  begin("Time\tProcesses\n09\t1\n10\t", true);
  ck_assert_int_eq(write_row(5), 0);
  check_text("Time\tProcesses\n09\t1\n10\t5\n");
  ck_assert_str_eq(tsv_take_torn(tsv), "10\t");
  end();
}
END_TEST

START_TEST(one_that_was_emptied_begins_with_its_header_again) {
  begin("", true);
  ck_assert_int_eq(write_row(5), 0);
  ck_assert_int_eq(ftruncate(other, 0), 0);
  ck_assert_int_eq(write_row(6), 0);
  check_text("Time\tProcesses\n10\t6\n");
  end();
}
END_TEST

START_TEST(one_that_was_renamed_or_removed_is_written_all_the_same) {
  char text[64] = "";

  begin("", true);
  ck_assert_int_eq(write_row(5), 0);
  ck_assert_int_eq(unlink(fixture_path(&fixture, "log")), 0);
  ck_assert_int_eq(write_row(6), 0);
  ck_assert_int_gt(pread(other, text, sizeof(text) - 1, 0), 0);
  ck_assert_str_eq(text, "Time\tProcesses\n10\t5\n10\t6\n");
  end();
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_and_left_alone) {
  int fds[2];

  fixture_make(&fixture);
  ck_assert_int_eq(pipe(fds), 0);
  other = fds[0];
  begin_with(fds[1], false);
  for (int i = 0; i < 2; i++) {
    ck_assert_int_eq(i == 0 ? tsv_open(tsv, 0, wall_ns) : write_row(5),
                     -EINVAL);
    ck_assert_str_eq(tsv_explain(tsv, -EINVAL), "it is no regular file");
    ck_assert(is_open());
  }
  end();
}
END_TEST

START_TEST(once_closed_it_cannot_be_opened_again) {
  begin("", true);
  ck_assert_int_eq(write_row(5), 0);
  ck_assert_int_eq(tsv_close(tsv), 0);
  ck_assert(!is_open());
  ck_assert_int_eq(tsv_open(tsv, 0, wall_ns), -EBADF);
  ck_assert_int_eq(write_row(6), -EBADF);
  ck_assert_ptr_null(tsv_explain(tsv, -EBADF));
  ck_assert_int_eq(tsv_close(tsv), 0);
  check_text("Time\tProcesses\n10\t5\n");
  end();
}
END_TEST

START_TEST(one_that_was_never_looked_at_is_closed_too) {
  begin("", true);
  ck_assert_int_eq(tsv_close(tsv), 0);
  ck_assert(!is_open());
  check_text("");
  end();
}
END_TEST

START_TEST(a_log_that_another_writes_to_is_left_alone) {
  begin("09\t1\n", false);
  ck_assert_int_eq(flock(other, LOCK_EX), 0);
  ck_assert_int_eq(tsv_open(tsv, 0, wall_ns), -EBUSY);
  ck_assert_int_eq(write_row(5), -EBUSY);
  check_text("09\t1\n");
  ck_assert_int_eq(flock(other, LOCK_UN), 0);
  ck_assert_int_eq(write_row(6), 0);
  check_text("Time\tProcesses\n10\t6\n");
  /* It has the lock until it is closed. */
  ck_assert_int_ne(flock(other, LOCK_EX | LOCK_NB), 0);
  ck_assert_int_eq(tsv_close(tsv), 0);
  ck_assert_int_eq(flock(other, LOCK_EX | LOCK_NB), 0);
  end();
}
END_TEST

/* Writes a row where files end at this size. */
static int write_row_within(rlim_t bytes, uint64_t processes) {
  struct rlimit most = {bytes, RLIM_INFINITY},
                none = {RLIM_INFINITY, RLIM_INFINITY};

  signal(SIGXFSZ, SIG_IGN);
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &most), 0);
  int error = write_row(processes);
  setrlimit(RLIMIT_FSIZE, &none);
  return error;
}

static const char one_row[] = "Time\tProcesses\n10\t5\n";

START_TEST(a_full_disk_leaves_whole_rows) {
  begin("", true);
  ck_assert_int_eq(write_row(5), 0);
  /* The next row finds room for a part of it, then for nothing. */
  ck_assert_int_eq(write_row_within(strlen(one_row) + 2, 6), -ENOSPC);
  check_text(one_row);
  ck_assert_int_eq(write_row_within(strlen(one_row), 6), -EFBIG);
  check_text(one_row);
  ck_assert_int_eq(write_row(7), 0);
  check_text("Time\tProcesses\n10\t5\n10\t7\n");
  ck_assert_ptr_null(tsv_take_torn(tsv));
  end();
}
END_TEST

START_TEST(append_false_throws_nothing_away_after_a_full_disk) {
  begin("old\n", false);
  ck_assert_int_eq(write_row(5), 0);
  ck_assert_int_eq(write_row_within(strlen(one_row), 6), -EFBIG);
  ck_assert_int_eq(write_row(7), 0);
  check_text("Time\tProcesses\n10\t5\n10\t7\n");
  end();
}
END_TEST

START_TEST(what_is_said_of_a_file_is_what_is_wrong_with_it_now) {
  char text[ROW_MAX + 1];

  memset(text, 'x', ROW_MAX);
  text[ROW_MAX] = '\0';
  begin(text, true);
  ck_assert_int_eq(write_row(5), -EILSEQ);
  ck_assert_ptr_nonnull(tsv_explain(tsv, -EILSEQ));
  ck_assert_int_eq(ftruncate(other, 0), 0);
  ck_assert_int_eq(write_row_within(0, 6), -EFBIG);
  ck_assert_ptr_null(tsv_explain(tsv, -EFBIG));
  ck_assert_int_eq(write_row(7), 0);
  check_text("Time\tProcesses\n10\t7\n");
  end();
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      an_empty_file_gets_a_header,
      a_file_that_is_not_empty_is_continued,
      append_false_empties_it_once,
      a_torn_last_line_is_cut_off,
      one_that_was_emptied_begins_with_its_header_again,
      one_that_was_renamed_or_removed_is_written_all_the_same,
      what_is_no_regular_file_is_refused_and_left_alone,
      once_closed_it_cannot_be_opened_again,
      one_that_was_never_looked_at_is_closed_too,
      a_log_that_another_writes_to_is_left_alone,
      a_full_disk_leaves_whole_rows,
      append_false_throws_nothing_away_after_a_full_disk,
      what_is_said_of_a_file_is_what_is_wrong_with_it_now,
  };
  return UNIT_RUN("tsv_given", tests);
}
