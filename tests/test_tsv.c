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
  struct reading r = {.wall_ns = wall_ns, .pid = pid, .processes = processes};
  return tsv_write(l->tsv, &r);
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
  ck_assert_str_eq(tsv_explain(-EBUSY),
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
  };
  return UNIT_RUN("tsv", tests);
}
