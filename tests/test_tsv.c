#include "plugin/tsv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "unit.h"

static const uint64_t wall_ns = UINT64_C(1221575050000000000);

struct log {
  struct fixture fixture;
  struct fd_budget budget;
  char path[256];
  struct tsv_options options;
  struct tsv *tsv;
};

static void log_make(struct log *l, const char *name) {
  fixture_make(&l->fixture);
  snprintf(l->path, sizeof(l->path), "%s/%s", l->fixture.root, name);
  atomic_init(&l->budget.left, 8);
  l->options = (struct tsv_options){
      .path = l->path,
      .append = true,
      .style = {.header = HEADER_NAMES, .time_format = "%S", .utc = true},
      .budget = &l->budget,
  };
  columns_add(&l->options.style.columns, COLUMN_TIME);
  columns_add(&l->options.style.columns, COLUMN_PROCESSES);
  ck_assert_int_eq(tsv_create(&l->options, &l->tsv), 0);
}

static void log_remove(struct log *l) {
  tsv_free(l->tsv);
  ck_assert_int_eq(atomic_load(&l->budget.left), 8);
  fixture_remove(&l->fixture);
}

static int write_row(struct log *l, pid_t pid, uint64_t processes) {
  char text[ROW_MAX];
  struct reading r = {.wall_ns = wall_ns, .pid = pid, .processes = processes};

  size_t len = row_print(&l->options.style, &r, text);
  return tsv_append(l->tsv, pid, wall_ns, text, len);
}

static void check_text(struct log *l, const char *name, const char *expected) {
  char *text = fixture_read(&l->fixture, name);

  ck_assert_ptr_nonnull(text);
  ck_assert_str_eq(text, expected);
  free(text);
}

START_TEST(a_new_log_begins_with_its_header) {
  struct log l;

  log_make(&l, "log");
  ck_assert_int_eq(tsv_open(l.tsv, 1, wall_ns), 0);
  check_text(&l, "log", "Time\tProcesses\n");
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  ck_assert_int_eq(write_row(&l, 1, 6), 0);
  check_text(&l, "log", "Time\tProcesses\n10\t5\n10\t6\n");
  log_remove(&l);
}
END_TEST

START_TEST(append_goes_on_without_a_second_header) {
  struct log l;

  log_make(&l, "log");
  fixture_write(&l.fixture, "log", "Time\tProcesses\n09\t1\n");
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  check_text(&l, "log", "Time\tProcesses\n09\t1\n10\t5\n");
  log_remove(&l);
}
END_TEST

/* A file that an earlier run left. */
static void write_old(struct log *l, const char *name, const char *text) {
  fixture_write(&l->fixture, name, text);
  fixture_age(&l->fixture, name);
}

START_TEST(append_false_empties_the_log_once) {
  struct log l;

  log_make(&l, "log");
  l.options.append = false;
  fixture_write(&l.fixture, "log", "just now\n");
  ck_assert_int_eq(tsv_open(l.tsv, 1, wall_ns), 0);
  check_text(&l, "log", "Time\tProcesses\n");
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  ck_assert_int_eq(tsv_close(l.tsv), 0);
  ck_assert_int_eq(write_row(&l, 1, 6), 0);
  check_text(&l, "log", "Time\tProcesses\n10\t5\n10\t6\n");
  log_remove(&l);
}
END_TEST

START_TEST(missing_folders_are_made) {
  struct log l;

  log_make(&l, "a/b/c/log");
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  check_text(&l, "a/b/c/log", "Time\tProcesses\n10\t5\n");
  log_remove(&l);
}
END_TEST

START_TEST(another_pid_means_another_file) {
  struct log l;

  log_make(&l, "%p.log");
  ck_assert_int_eq(write_row(&l, 42, 1), 0);
  ck_assert_int_eq(write_row(&l, 42, 2), 0);
  ck_assert_int_eq(write_row(&l, 43, 3), 0);
  check_text(&l, "42.log", "Time\tProcesses\n10\t1\n10\t2\n");
  check_text(&l, "43.log", "Time\tProcesses\n10\t3\n");
  ck_assert_ptr_nonnull(strstr(tsv_path(l.tsv), "/43.log"));
  log_remove(&l);
}
END_TEST

START_TEST(append_false_keeps_what_this_run_wrote) {
  struct log l;

  log_make(&l, "%p.log");
  l.options.append = false;
  write_old(&l, "43.log", "old\n");
  ck_assert_int_eq(write_row(&l, 42, 1), 0);
  ck_assert_int_eq(write_row(&l, 43, 2), 0);
  ck_assert_int_eq(write_row(&l, 42, 3), 0);
  check_text(&l, "42.log", "Time\tProcesses\n10\t1\n10\t3\n");
  check_text(&l, "43.log", "Time\tProcesses\n10\t2\n");
  log_remove(&l);
}
END_TEST

START_TEST(a_log_that_another_writes_to_is_left_alone) {
  struct log l;
  struct tsv *other;

  log_make(&l, "log");
  l.options.append = false;
  ck_assert_int_eq(tsv_create(&l.options, &other), 0);
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  ck_assert_int_eq(tsv_open(other, 1, wall_ns), -EBUSY);
  ck_assert_str_eq(tsv_explain(other, -EBUSY),
                   "another block, or another collectd, writes to it");
  check_text(&l, "log", "Time\tProcesses\n10\t5\n");
  ck_assert_int_eq(tsv_close(l.tsv), 0);
  ck_assert_int_eq(tsv_open(other, 1, wall_ns), 0);
  tsv_free(other);
  log_remove(&l);
}
END_TEST

START_TEST(without_a_place_in_the_budget_no_descriptor_is_kept) {
  struct log l;

  log_make(&l, "log");
  atomic_store(&l.budget.left, 0);
  int lowest = dup(0);
  close(lowest);
  ck_assert_int_eq(tsv_open(l.tsv, 1, wall_ns), 0);
  int opened = dup(0);
  close(opened);
  ck_assert_int_eq(opened, lowest);
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  ck_assert_int_eq(write_row(&l, 1, 6), 0);
  int again = dup(0);
  close(again);
  ck_assert_int_eq(again, lowest);
  check_text(&l, "log", "Time\tProcesses\n10\t5\n10\t6\n");
  atomic_store(&l.budget.left, 8);
  log_remove(&l);
}
END_TEST

START_TEST(what_cannot_be_opened_says_why_and_works_later) {
  struct log l;

  log_make(&l, "file/log");
  fixture_write(&l.fixture, "file", "not a folder");
  ck_assert_int_eq(write_row(&l, 1, 5), -ENOTDIR);
  ck_assert_ptr_nonnull(strstr(tsv_path(l.tsv), "/file/log"));
  ck_assert_int_eq(unlink(fixture_path(&l.fixture, "file")), 0);
  ck_assert_int_eq(write_row(&l, 1, 6), 0);
  check_text(&l, "file/log", "Time\tProcesses\n10\t6\n");
  log_remove(&l);
}
END_TEST

START_TEST(what_was_wrong_with_a_log_is_not_said_of_another_error) {
  struct log l;
  char moved[sizeof(l.path) + 8];

  log_make(&l, "log");
  atomic_store(&l.budget.left, 0);
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  snprintf(moved, sizeof(moved), "%s.1", l.path);
  ck_assert_int_eq(rename(l.path, moved), 0);
  fixture_write(&l.fixture, "log/file", "");
  ck_assert_int_ne(write_row(&l, 1, 6), 0);
  ck_assert_ptr_nonnull(tsv_explain(l.tsv, -EINVAL));
  ck_assert_int_eq(unlink(fixture_path(&l.fixture, "log/file")), 0);
  ck_assert_int_eq(rmdir(l.path), 0);
  ck_assert_int_eq(rename(moved, l.path), 0);
  ck_assert_int_eq(write_row(&l, 1, 7), 0);
  ck_assert_ptr_null(tsv_explain(l.tsv, -ENOSPC));
  atomic_store(&l.budget.left, 8);
  log_remove(&l);
}
END_TEST

/* Moves the log away under its name and `suffix`. */
static void move_log(struct log *l, const char *suffix) {
  char moved[sizeof(l->path) + 8];

  snprintf(moved, sizeof(moved), "%s%s", l->path, suffix);
  ck_assert_int_eq(rename(l->path, moved), 0);
}

START_TEST(a_log_that_was_renamed_is_begun_anew) {
  struct log l;

  log_make(&l, "log");
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  move_log(&l, ".1");
  ck_assert_int_eq(write_row(&l, 1, 6), 0);
  check_text(&l, "log.1", "Time\tProcesses\n10\t5\n");
  check_text(&l, "log", "Time\tProcesses\n10\t6\n");
  move_log(&l, ".2");
  fixture_write(&l.fixture, "log", "");
  ck_assert_int_eq(write_row(&l, 1, 7), 0);
  check_text(&l, "log", "Time\tProcesses\n10\t7\n");
  check_text(&l, "log.2", "Time\tProcesses\n10\t6\n");
  log_remove(&l);
}
END_TEST

START_TEST(a_log_that_was_emptied_gets_its_header_again) {
  struct log l;

  log_make(&l, "log");
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  ck_assert_int_eq(truncate(l.path, 0), 0);
  ck_assert_int_eq(write_row(&l, 1, 6), 0);
  check_text(&l, "log", "Time\tProcesses\n10\t6\n");
  log_remove(&l);
}
END_TEST

START_TEST(a_torn_last_line_is_cut_off_and_told) {
  struct log l;

  log_make(&l, "log");
  fixture_write(&l.fixture, "log", "Time\tProcesses\n09\t1\n10\t");
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  check_text(&l, "log", "Time\tProcesses\n09\t1\n10\t5\n");
  ck_assert_str_eq(tsv_take_torn(l.tsv), "10\t");
  ck_assert_ptr_null(tsv_take_torn(l.tsv));
  log_remove(&l);
}
END_TEST

START_TEST(a_file_of_something_else_is_left_alone) {
  struct log l;
  char other[ROW_MAX + 1];

  log_make(&l, "log");
  memset(other, 'x', ROW_MAX);
  other[ROW_MAX] = '\0';
  fixture_write(&l.fixture, "log", other);
  ck_assert_int_eq(write_row(&l, 1, 5), -EILSEQ);
  ck_assert_str_eq(tsv_explain(l.tsv, -EILSEQ),
                   "it does not end as a log does: its last line is too long");
  check_text(&l, "log", other);
  log_remove(&l);
}
END_TEST

START_TEST(what_a_row_left_behind_is_cut_off_before_the_next) {
  struct log l;

  log_make(&l, "log");
  atomic_store(&l.budget.left, 0);
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  /* As a crash of another writer would. */
  fixture_write(&l.fixture, "log", "Time\tProcesses\n10\t5\n1");
  ck_assert_int_eq(write_row(&l, 1, 6), 0);
  check_text(&l, "log", "Time\tProcesses\n10\t5\n10\t6\n");
  atomic_store(&l.budget.left, 8);
  log_remove(&l);
}
END_TEST

START_TEST(sync_writes_the_row_all_the_same) {
  struct log l;

  log_make(&l, "log");
  l.options.sync = true;
  ck_assert_int_eq(write_row(&l, 1, 5), 0);
  ck_assert_int_eq(tsv_sync_error(l.tsv), 0);
  check_text(&l, "log", "Time\tProcesses\n10\t5\n");
  log_remove(&l);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_new_log_begins_with_its_header,
      append_goes_on_without_a_second_header,
      append_false_empties_the_log_once,
      missing_folders_are_made,
      another_pid_means_another_file,
      append_false_keeps_what_this_run_wrote,
      a_log_that_another_writes_to_is_left_alone,
      without_a_place_in_the_budget_no_descriptor_is_kept,
      what_cannot_be_opened_says_why_and_works_later,
      what_was_wrong_with_a_log_is_not_said_of_another_error,
      a_log_that_was_renamed_is_begun_anew,
      a_log_that_was_emptied_gets_its_header_again,
      a_torn_last_line_is_cut_off_and_told,
      a_file_of_something_else_is_left_alone,
      what_a_row_left_behind_is_cut_off_before_the_next,
      sync_writes_the_row_all_the_same,
  };
  return UNIT_RUN("tsv", tests);
}
