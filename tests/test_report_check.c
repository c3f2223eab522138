#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/report_baseline.h"
#include "ctl/report_check.h"
#include "ctl/report_civil.h"
#include "ctl/report_log.h"
#include "ctl/report_marks.h"
#include "ctl/report_names.h"
#include "ctl/report_stats.h"
#include "unit.h"

enum { ROWS = 4, LOGS_MAX = 8 };

/* 2008-09-16 14:24:10 */
static const double a_time = 1221575050;

static struct report report;
static struct report_wall walls[LOGS_MAX];
static char notes[4096];

static void take_note(void *context, const char *text) {
  size_t used = strlen(notes);

  (void)context;
  snprintf(notes + used, sizeof(notes) - used, "%s\n", text);
}

static void fill_column(struct report_log *log, const char *name,
                        const double values[ROWS]) {
  struct report_column *c = &log->columns[log->n_columns++];
  double room[ROWS];

  c->name = strdup(name);
  c->values = calloc(ROWS, sizeof(double));
  memcpy(c->values, values, ROWS * sizeof(double));
  report_stats_fill(&c->stats, log->times, c->values, ROWS, room);
}

/* A log with a row every 10 s; its CPU is what is given. */
static void fill_log(struct report_log *log, const char *path, double cpu) {
  const double cpus[] = {cpu, cpu, cpu, cpu};
  const double resident[] = {100, 200, 300, 400};
  const double none[] = {NAN, NAN, NAN, NAN};
  const double pids[] = {1, 2, 3, 4};

  *log = (struct report_log){.path = strdup(path), .rows = ROWS};
  log->times = calloc(ROWS, sizeof(double));
  log->columns = calloc(4, sizeof(*log->columns));
  for (int i = 0; i < ROWS; i++)
    log->times[i] = a_time + 10 * i;
  log->gaps = 2;
  fill_column(log, "CPU", cpus);
  fill_column(log, "Resident", resident);
  fill_column(log, "Handles", none);
  fill_column(log, "Pid", pids);
}

static void add_log(const char *path, double cpu) {
  struct time_format format;

  if (report.logs == NULL)
    report.logs = calloc(LOGS_MAX, sizeof(*report.logs));
  ck_assert_ptr_null(report_time_compile(&format, "%m/%d/%y %H:%M:%S.%3N"));
  walls[report.n_logs].format = format;
  fill_log(&report.logs[report.n_logs++], path, cpu);
  ck_assert_int_eq(report_names_set(&report), 0);
}

/* Whether the check of an expression of the log has failed, and whether it had
 * a value: a check without one fails always. */
static bool fails_with(const char *text, bool has_value) {
  struct report_expression e;
  char why[CHECK_WHY_MAX];

  add_log("server.tsv", 50);
  ck_assert_msg(report_check_parse(&e, text, why) == 0, "%s: %s", text, why);
  ck_assert_msg(report_check_apply(&report, &e, why) == 0, "%s: %s", text, why);
  ck_assert_uint_eq(report.n_checks, 1);
  bool failed = report.checks[0].failed;
  ck_assert_int_eq(strcmp(report.checks[0].found, "no value") != 0, has_value);
  report_free(&report);
  return failed;
}

static bool fails(const char *text) { return fails_with(text, true); }

START_TEST(expressions) {
  ck_assert(fails("max(Resident) > 399"));
  ck_assert(!fails("max(Resident) > 400"));
  ck_assert(fails("  MAX ( resident )>=400 "));
  ck_assert(fails("min(Resident) == 100"));
  ck_assert(fails("min(Resident) != 1"));
  ck_assert(fails("mean(Resident) <= 250"));
  ck_assert(!fails("mean(Resident) < 250"));
  ck_assert(fails("median(Resident) == 250"));
  ck_assert(fails("p95(Resident) < 4e2"));
  ck_assert(fails("last(Resident)==400.0"));
  /* 100 in 10 s. */
  ck_assert(fails("slope(Resident) >= 35999.9"));
  ck_assert(!fails("slope(Resident) > 36000.1"));
  ck_assert(fails("samples(CPU) == 4"));
  ck_assert(fails("samples == 4"));
  ck_assert(fails("gaps > 1"));
  ck_assert(fails("duration == 30"));
  ck_assert(fails("server: max(CPU) > 1"));
}
END_TEST

START_TEST(a_check_without_a_value_has_failed) {
  ck_assert(fails_with("max(Handles) > 1", false));
  ck_assert(fails_with("max(Handles) < 1", false));
  ck_assert(fails_with("slope(Handles) > 1", false));
  ck_assert(!fails("samples(Handles) > 0"));
}
END_TEST

START_TEST(what_is_no_expression) {
  static const struct {
    const char *text;
    const char *found;
    const char *expected;
  } wrong[] = {
      {"", "found \"\"", "median"},
      {"top(CPU) > 1", "found \"top(CPU) > 1\"", "median"},
      {"max > 1", "found \"> 1\"", "a (COLUMN)"},
      {"max(CPU > 1", "found \"(CPU > 1\"", "a (COLUMN)"},
      {"max() > 1", "found \"() > 1\"", "a (COLUMN)"},
      {"gaps(CPU) > 1", "found \"(CPU) > 1\"", "whole log"},
      {"max(CPU)", "found \"\"", ">="},
      {"max(CPU) = 1", "found \"= 1\"", "=="},
      {"max(CPU) >", "found \"\"", "a number"},
      {"max(CPU) > 1k", "found \"1k\"", "without a unit"},
      {"max(CPU) > 1 2", "found \"1 2\"", "a number"},
      {"max(CPU) > nan", "found \"nan\"", "a number"},
      {"server: top(CPU) > 1", "found \"top(CPU) > 1\"", "median"},
  };
  struct report_expression e;
  char why[CHECK_WHY_MAX];

  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    ck_assert_int_eq(report_check_parse(&e, wrong[i].text, why), -EINVAL);
    ck_assert_msg(strstr(why, wrong[i].found) == why, "%s", why);
    ck_assert_msg(strstr(why, wrong[i].expected) != NULL, "%s", why);
  }
}
END_TEST

START_TEST(an_expression_of_one_log_and_of_all) {
  struct report_expression e;
  char why[CHECK_WHY_MAX];

  add_log("a.tsv", 1);
  add_log("b: c.tsv", 2);
  ck_assert_int_eq(report_check_parse(&e, "max(CPU) > 1", why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), 0);
  ck_assert_uint_eq(report.n_checks, 2);
  ck_assert_uint_eq(report_check_failed(&report), 1);
  ck_assert_str_eq(report.checks[1].text, "b: c: max(CPU) > 1");
  ck_assert_str_eq(report.checks[1].found, "2");
  ck_assert_int_eq(report_check_parse(&e, "b: c: max(CPU) > 1", why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), 0);
  ck_assert_uint_eq(report.n_checks, 3);
  ck_assert_int_eq(report_check_parse(&e, "d: max(CPU) > 1", why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), -EINVAL);
  ck_assert_str_eq(why, "found no log \"d\", expected one of a, b: c");
  ck_assert_int_eq(report_check_parse(&e, "max(Time) > 1", why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), -EINVAL);
  ck_assert_str_eq(why, "found no column \"Time\" in the log a, expected one "
                        "of CPU, Resident, Handles, Pid");
  report_free(&report);
}
END_TEST

/* What the check of an expression of the log has found. */
static const char *found_by(const char *text, double cpu) {
  static char found[128];
  struct report_expression e;
  char why[CHECK_WHY_MAX];

  add_log("server.tsv", cpu);
  ck_assert_int_eq(report_check_parse(&e, text, why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), 0);
  snprintf(found, sizeof(found), "%s", report.checks[0].found);
  report_free(&report);
  return found;
}

START_TEST(what_is_found_shows_why_it_failed) {
  ck_assert_str_eq(found_by("max(CPU) > 200000", 200000.33), "200000.3");
  ck_assert_str_eq(found_by("max(CPU) > 1234567", 1234567.3), "1234567.3");
  ck_assert_str_eq(found_by("max(CPU) < 50.00004", 50.00001), "50");
  ck_assert_str_eq(found_by("max(CPU) < 50", 49.9999999), "49.9999999");
  ck_assert_str_eq(found_by("max(CPU) != 50", 50.000000001), "50.000000001");
  ck_assert_str_eq(found_by("max(CPU) > 0.3", 0.1 + 0.2),
                   "0.30000000000000004");
  ck_assert_str_eq(found_by("max(CPU) >= 50", 50), "50");
  ck_assert_str_eq(found_by("max(CPU) > 1", 200000.33), "200000");
}
END_TEST

START_TEST(a_baseline_shows_why_it_failed) {
  struct report_log old;

  fill_log(&old, "old.tsv", 200000.31);
  add_log("new.tsv", 200000.33);
  ck_assert_int_eq(report_baseline_check(&report, &old, 0, take_note, NULL), 0);
  ck_assert(report.checks[0].failed);
  ck_assert_str_eq(report.checks[0].text,
                   "new: mean(CPU) > 200000, 0 % above 200000 of old.tsv");
  ck_assert_str_eq(report.checks[0].found, "200000.3");
  report_log_free(&old);
  report_free(&report);
  /* Rounded, the limit is greater than what was found. */
  fill_log(&old, "old.tsv", 90404.07);
  add_log("new.tsv", 90404.08);
  ck_assert_int_eq(report_baseline_check(&report, &old, 0, take_note, NULL), 0);
  ck_assert_ptr_nonnull(strstr(report.checks[0].text, "> 90404.07, "));
  ck_assert_str_eq(report.checks[0].found, "90404.1");
  report_log_free(&old);
  report_free(&report);
}
END_TEST

START_TEST(names_that_are_alike_but_for_case) {
  struct report_expression e;
  char why[CHECK_WHY_MAX];

  add_log("server.tsv", 1);
  memcpy(report.logs[0].columns[3].name, "cpu", sizeof("cpu"));
  ck_assert_int_eq(report_check_parse(&e, "max(cpu) > 3", why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), 0);
  ck_assert_str_eq(report.checks[0].found, "4");
  ck_assert_int_eq(report_check_parse(&e, "max(Cpu) > 3", why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), -EINVAL);
  ck_assert_str_eq(why, "found more than one like the column \"Cpu\" in the "
                        "log server, expected one of CPU, Resident, Handles, "
                        "cpu");
  report_free(&report);
}
END_TEST

START_TEST(names_are_shown_whole_and_steer_no_terminal) {
  enum { N = 1000 };
  struct report_expression e;
  char why[CHECK_WHY_MAX];
  char name[3 * N + 1];

  add_log("a\x1b[31m\n.tsv", 1);
  ck_assert_int_eq(report_check_parse(&e, "max(none) > 3", why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), -EINVAL);
  ck_assert_ptr_nonnull(strstr(why, "in the log a\\x1b[31m\\n, "));
  report_free(&report);
  for (size_t i = 0; i < N; i++)
    memcpy(name + 3 * i, "\u20ac", sizeof("\u20ac"));
  add_log(name, 1);
  ck_assert_int_eq(report_check_parse(&e, "max(CPU) > 3", why), 0);
  ck_assert_int_eq(report_check_apply(&report, &e, why), 0);
  ck_assert_uint_eq(strlen(report.checks[0].text),
                    strlen(name) + strlen(": max(CPU) > 3"));
  report_free(&report);
}
END_TEST

START_TEST(a_baseline) {
  struct report_log old;

  fill_log(&old, "old.tsv", 50);
  notes[0] = '\0';
  add_log("same.tsv", 55);
  add_log("worse.tsv", 55.1);
  add_log("better.tsv", 0);
  ck_assert_int_eq(report_baseline_check(&report, &old, 10, take_note, NULL),
                   0);
  /* CPU and Resident of each. */
  ck_assert_uint_eq(report.n_checks, 12);
  ck_assert_uint_eq(report_check_failed(&report), 2);
  ck_assert(report.checks[4].failed);
  ck_assert_str_eq(report.checks[4].text,
                   "worse: mean(CPU) > 55, 10 % above 50 of old.tsv");
  ck_assert_str_eq(report.checks[4].found, "55.1");
  ck_assert(report.checks[5].failed);
  ck_assert_ptr_nonnull(strstr(notes, "same: column Handles is not compared: "
                                      "it has no value in the baseline"));
  ck_assert_ptr_null(strstr(notes, "Pid"));
  report_log_free(&old);
  report_free(&report);
}
END_TEST

START_TEST(a_baseline_with_other_columns) {
  struct report_log old;

  fill_log(&old, "old.tsv", 50);
  add_log("new.tsv", 50);
  old.columns[0].name[0] = 'X';
  notes[0] = '\0';
  ck_assert_int_eq(report_baseline_check(&report, &old, 0, take_note, NULL), 0);
  ck_assert_ptr_nonnull(strstr(notes, "new: column CPU is not compared: it is "
                                      "not in the baseline"));
  ck_assert_ptr_nonnull(strstr(notes, "new: column XPU is not compared: it is "
                                      "in the baseline alone"));
  /* Handles, which both have, have no values. */
  old.columns[1].name[0] = 'X';
  ck_assert_int_eq(report_baseline_check(&report, &old, 0, take_note, NULL),
                   -EINVAL);
  ck_assert_ptr_nonnull(strstr(notes, "nothing to compare"));
  report_log_free(&old);
  report_free(&report);
}
END_TEST

START_TEST(a_value_that_is_missing_now_is_worse) {
  const double values[] = {1, 1, 1, 1};
  struct report_log old;
  double room[ROWS];

  fill_log(&old, "old.tsv", 50);
  report_stats_fill(&old.columns[2].stats, old.times, values, ROWS, room);
  add_log("new.tsv", 50);
  ck_assert_int_eq(report_baseline_check(&report, &old, 0, take_note, NULL), 0);
  ck_assert_uint_eq(report_check_failed(&report), 2);
  ck_assert_str_eq(report.checks[4].found, "no value");
  report_log_free(&old);
  report_free(&report);
}
END_TEST

static double mark_time(const char *text) {
  char why[MARK_WHY_MAX] = "";

  ck_assert_msg(report_marks_add(&report, walls, text, why) == 0, "%s", why);
  ck_assert_str_eq(report.marks[report.n_marks - 1].label, "two words");
  return report.marks[report.n_marks - 1].time;
}

static void check_no_mark(const char *text, const char *word) {
  char why[MARK_WHY_MAX];

  ck_assert_int_eq(report_marks_add(&report, walls, text, why), -EINVAL);
  ck_assert_msg(strstr(why, word) != NULL, "%s", why);
}

START_TEST(marks) {
  add_log("server.tsv", 1);
  ck_assert_double_eq(mark_time("09/16/08 14:24:10.000 two words"), a_time);
  ck_assert_double_eq(mark_time("09/16/08 14:24:15 two words"), a_time + 5);
  ck_assert_double_eq(mark_time("2008-09-16 14:24:15 two words"), a_time + 5);
  ck_assert_double_eq(mark_time(" 2008-09-16T14:24:15.5  two words"),
                      a_time + 5.5);
  ck_assert_double_eq(mark_time("14:24:15 two words"), a_time + 5);
  ck_assert_double_eq(mark_time("2009-01-01 00:00:00 two words"), 1230768000);
  check_no_mark("", "a label behind it");
  check_no_mark("soon two words", "2008-09-16 14:24:10");
  check_no_mark("2008-09-16 14:24:15", "a label");
  check_no_mark("2008-09-16 14:24:15 ", "a label");
  check_no_mark("2008-09-16 14:24:15x two words", "a time");
  check_no_mark("15:00:00 two words", "that the logs pass");
  report.logs[0].times[ROWS - 1] += DAY_S;
  check_no_mark("14:24:15 two words", "more often");
  report_free(&report);
}
END_TEST

START_TEST(a_mark_stands_on_the_row_that_has_its_time) {
  struct report_shift *shifts = calloc(2, sizeof(*shifts));

  /* Its own clock: 14:24:10, 20, 00, 50. */
  ck_assert_ptr_nonnull(shifts);
  add_log("server.tsv", 1);
  shifts[0] = (struct report_shift){.row = 2, .later_s = 30};
  shifts[1] = (struct report_shift){.row = 3, .later_s = 0};
  report.logs[0].times[3] += 10;
  report.logs[0].shifts = shifts;
  report.logs[0].n_shifts = 2;
  ck_assert_double_eq(mark_time("2008-09-16 14:24:20 two words"), a_time + 10);
  ck_assert_double_eq(mark_time("09/16/08 14:24:00 two words"), a_time + 20);
  ck_assert_double_eq(mark_time("14:24:00 two words"), a_time + 20);
  ck_assert_double_eq(mark_time("2008-09-16 14:24:50 two words"), a_time + 40);
  /* Nobody knows when it was that. */
  ck_assert_double_eq(mark_time("2008-09-16 14:24:40 two words"), a_time + 40);
  report_free(&report);
}
END_TEST

START_TEST(a_time_that_a_clock_has_shown_twice) {
  struct report_shift *shifts = calloc(1, sizeof(*shifts));
  char why[MARK_WHY_MAX];

  /* Its own clock: 14:24:10, 20, 15, 25. */
  ck_assert_ptr_nonnull(shifts);
  add_log("server.tsv", 1);
  *shifts = (struct report_shift){.row = 2, .later_s = 15};
  report.logs[0].shifts = shifts;
  report.logs[0].n_shifts = 1;
  check_no_mark("14:24:18 two words", "more often than once");
  ck_assert_int_eq(
      report_marks_add(&report, walls, "2008-09-16 14:24:18 x", why), 0);
  ck_assert_double_eq(report.marks[0].time, a_time + 8);
  ck_assert_ptr_nonnull(strstr(why, "more than one moment"));
  ck_assert_double_eq(mark_time("14:24:25 two words"), a_time + 30);
  report_free(&report);
}
END_TEST

START_TEST(marks_at_the_ends_of_a_log_and_outside) {
  char why[MARK_WHY_MAX];

  add_log("server.tsv", 1);
  report.logs[0].times[0] += 0.5;
  ck_assert_double_eq(mark_time("14:24:10 two words"), a_time);
  ck_assert_double_eq(mark_time("14:24:40 two words"), a_time + 30);
  ck_assert_int_eq(
      report_marks_add(&report, walls, "2008-09-16 14:24:10 x", why), 0);
  ck_assert_str_eq(why, "");
  ck_assert_int_eq(
      report_marks_add(&report, walls, "2008-09-17 14:24:10 x", why), 0);
  ck_assert_str_eq(why, "\"2008-09-17 14:24:10 x\" is outside of the logs, "
                        "from 2008-09-16T14:24:10 to 2008-09-16T14:24:40");
  report_free(&report);
}
END_TEST

START_TEST(a_half_of_the_day_is_no_label) {
  add_log("server.tsv", 1);
  check_no_mark("2008-09-16 10:00:01 PM deploy", "hours up to 23");
  check_no_mark("10:00:01 am", "hours up to 23");
  ck_assert_ptr_null(
      report_time_compile(&walls[0].format, "%m/%d/%y %I:%M:%S %p"));
  ck_assert_double_eq(mark_time("09/16/08 02:24:10 PM two words"), a_time);
  report_free(&report);
}
END_TEST

START_TEST(names_are_short_and_unlike) {
  static const char *const paths[] = {
      "/var/log/server.tsv", "-",    "run/1/log.tsv", "run/2/log.tsv",
      "run/2/log.tsv",       ".tsv", "log.txt"};
  static const char *const names[] = {"server",    "stdin",         "1/log",
                                      "run/2/log", "run/2/log (2)", ".tsv",
                                      "log.txt"};

  for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
    add_log(paths[i], 1);
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    ck_assert_str_eq(report.logs[i].name, names[i]);
  report_free(&report);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      expressions,
      a_check_without_a_value_has_failed,
      what_is_no_expression,
      an_expression_of_one_log_and_of_all,
      what_is_found_shows_why_it_failed,
      a_baseline_shows_why_it_failed,
      names_that_are_alike_but_for_case,
      names_are_shown_whole_and_steer_no_terminal,
      a_baseline,
      a_baseline_with_other_columns,
      a_value_that_is_missing_now_is_worse,
      marks,
      a_mark_stands_on_the_row_that_has_its_time,
      a_time_that_a_clock_has_shown_twice,
      marks_at_the_ends_of_a_log_and_outside,
      a_half_of_the_day_is_no_label,
      names_are_short_and_unlike,
  };
  return UNIT_RUN("report_check", tests);
}
