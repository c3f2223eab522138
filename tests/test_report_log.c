#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl/report_log.h"
#include "ctl/report_number.h"
#include "unit.h"

/* 2008-09-16 14:24:10 */
static const double a_time = 1221575050;

/* The log that was read, and what was said of it. */
static struct report_log log_;
static struct report_wall wall;
static char notes[4096];

static void take_note(void *context, const char *text) {
  size_t used = strlen(notes);

  (void)context;
  snprintf(notes + used, sizeof(notes) - used, "%s\n", text);
}

static int read_bytes(const char *text, size_t len, const char *columns,
                      const struct time_format *format) {
  const struct report_rules rules = {
      .columns = columns, .time_format = format, .note = take_note};
  int fd = memfd_create("log", MFD_CLOEXEC);

  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
  ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
  notes[0] = '\0';
  int err = report_log_read(&log_, fd, "log", &rules, &wall);
  close(fd);
  return err;
}

static void read_log(const char *text) {
  ck_assert_msg(read_bytes(text, strlen(text), NULL, NULL) == 0, "%s", notes);
}

/* The log is refused, with one note that has all of the words. */
static void check_refused(const char *text, const char *begin,
                          const char *word) {
  ck_assert_int_lt(read_bytes(text, strlen(text), NULL, NULL), 0);
  ck_assert_msg(strncmp(notes, begin, strlen(begin)) == 0, "%s", notes);
  ck_assert_msg(strstr(notes, word) != NULL, "%s", notes);
  ck_assert_msg(strchr(notes, '\n') == notes + strlen(notes) - 1, "%s", notes);
}

static void check_column(size_t at, const char *name, double first,
                         double last) {
  const struct report_column *c = &log_.columns[at];

  ck_assert_str_eq(c->name, name);
  ck_assert_double_eq(c->values[0], first);
  ck_assert_double_eq(c->values[log_.rows - 1], last);
}

#define ROWS                                                                   \
  "09/16/08 14:24:10\t69.5\t89056\t1421672\n"                                  \
  "09/16/08 14:24:20\t0.0\t89060\t1421680\n"

static void check_rows(void) {
  ck_assert_uint_eq(log_.rows, 2);
  ck_assert_uint_eq(log_.n_columns, 3);
  ck_assert_double_eq(log_.times[0], a_time);
  ck_assert_double_eq(log_.times[1], a_time + 10);
  ck_assert_double_eq(log_.interval_s, 10);
  check_column(0, "CPU", 69.5, 0);
  check_column(1, "Resident", 89056, 89060);
  check_column(2, "Virtual", 1421672, 1421680);
  report_log_free(&log_);
}

START_TEST(every_form_of_header) {
  static const char *const headers[] = {
      "Time\tCPU\tResident\tVirtual\n",
      "Time\tCPU\tResident\tVirtual\n--------------------------------\n",
      "#Time\tCPU\tResident\tVirtual\n",
      "# Time\t\t\tCPU\t Resident \tVirtual\t\n",
      "time\tCPU\tResident\tVirtual\r\n",
      "\xef\xbb\xbfTime\tCPU\tResident\tVirtual\n",
      ""};
  char text[512];

  for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
    snprintf(text, sizeof(text), "%s%s", headers[i], ROWS);
    read_log(text);
    ck_assert_str_eq(notes, "");
    check_rows();
  }
}
END_TEST

START_TEST(windows_columns_without_a_header) {
  read_log("09/16/08 14:20:44\t80\t125164\t212948\t118740\t44\t327\r\n");
  ck_assert_uint_eq(log_.n_columns, 6);
  check_column(1, "Working", 125164, 125164);
  check_column(5, "Handles", 327, 327);
  ck_assert_double_nan(log_.interval_s);
  report_log_free(&log_);
}
END_TEST

START_TEST(the_time_may_stand_anywhere) {
  read_log("Pid\tCPU_total\tTime\n4242\t1.5\t2008-09-16T14:24:10\n");
  check_column(0, "Pid", 4242, 4242);
  check_column(1, "CPU_total", 1.5, 1.5);
  ck_assert_double_eq(log_.times[0], a_time);
  report_log_free(&log_);
}
END_TEST

START_TEST(columns_may_be_named) {
  const char text[] = "4242\t09/16/08 14:24:10\n";

  ck_assert_int_eq(read_bytes(text, strlen(text), "Pid Time", NULL), 0);
  check_column(0, "Pid", 4242, 4242);
  report_log_free(&log_);
  ck_assert_int_lt(read_bytes(text, strlen(text), "Pid CPU", NULL), 0);
  ck_assert_ptr_nonnull(strstr(notes, "no column Time"));
  ck_assert_int_lt(read_bytes(text, strlen(text), "Pid Pid Time", NULL), 0);
  ck_assert_ptr_nonnull(strstr(notes, "two columns of one name"));
}
END_TEST

START_TEST(a_format_may_be_given) {
  const char text[] = "Time\tCPU\n08.01.02 at 14\t1\n";
  struct time_format format;

  ck_assert_ptr_null(report_time_compile(&format, "%y.%m.%d at %H"));
  ck_assert_int_eq(read_bytes(text, strlen(text), NULL, &format), 0);
  ck_assert_str_eq(wall.format.text, "%y.%m.%d at %H");
  report_log_free(&log_);
  check_refused(text, "log:2: found \"08.01.02 at 14\", expected a time",
                "--time-format");
}
END_TEST

START_TEST(a_missing_value_is_none) {
  read_log("Time\tCPU\tHandles\n09/16/08 14:24:10\t-1\t-1\n"
           "09/16/08 14:24:11\t-1.0\t7\n");
  ck_assert_double_nan(log_.columns[0].values[0]);
  ck_assert_uint_eq(log_.columns[0].stats.samples, 0);
  ck_assert_uint_eq(log_.columns[1].stats.samples, 1);
  report_log_free(&log_);
}
END_TEST

START_TEST(headers_may_come_again) {
  read_log("Time\tCPU\n09/16/08 14:24:10\t1\n#Time\tCPU\n----\n"
           "09/16/08 14:24:11\t2\n");
  ck_assert_uint_eq(log_.rows, 2);
  ck_assert_str_eq(notes, "");
  report_log_free(&log_);
  check_refused("Time\tCPU\n09/16/08 14:24:10\t1\nTime\tResident\n",
                "log:3: found other columns", "cut it in two");
}
END_TEST

START_TEST(a_torn_last_line_is_left_out_and_said) {
  read_log("Time\tCPU\n09/16/08 14:24:10\t1\n09/16/08 14:24:1");
  ck_assert_uint_eq(log_.rows, 1);
  ck_assert_str_eq(notes, "log:3: the last line has no end and is left out: "
                          "\"09/16/08 14:24:1\"\n");
  report_log_free(&log_);
}
END_TEST

START_TEST(a_clock_that_is_set_back_is_said_with_its_line) {
  read_log("Time\tCPU\n2026-10-25 02:59:59\t1\nTime\tCPU\n"
           "2026-10-25 02:00:00\t2\n2026-10-25 02:00:01\t3\n");
  ck_assert_ptr_nonnull(strstr(notes, "log:4: the time falls from "
                                      "2026-10-25T02:59:59 to "
                                      "2026-10-25T02:00:00"));
  ck_assert_double_eq(log_.times[2] - log_.times[0], 1);
  ck_assert_uint_eq(log_.n_shifts, 1);
  ck_assert_uint_eq(log_.shifts[0].row, 1);
  ck_assert_double_eq(log_.shifts[0].later_s, 3599);
  report_log_free(&log_);
}
END_TEST

START_TEST(a_clock_without_dates_that_is_set_back_is_said) {
  read_log("Time\tCPU\n10:00:00\t1\n09:59:58\t2\n");
  ck_assert_ptr_nonnull(strstr(notes, "log:3: the time of day falls from "
                                      "10:00:00 to 09:59:58, and by more than "
                                      "3 h it would be another day"));
  report_log_free(&log_);
}
END_TEST

START_TEST(an_offset_tells_that_no_clock_was_set_back) {
  read_log("Time\tCPU\n2026-10-25T02:59:59+0200\t1\n"
           "2026-10-25T02:00:00+0100\t2\n");
  ck_assert_str_eq(notes, "");
  ck_assert_double_eq(log_.times[1] - log_.times[0], 1);
  ck_assert_int_eq(wall.offset_s, 7200);
  report_log_free(&log_);
}
END_TEST

START_TEST(day_and_month_that_cannot_be_told_apart) {
  read_log("Time\tCPU\n09/08/08 14:24:10\t1\n");
  ck_assert_str_eq(wall.format.text, "%m/%d/%y %H:%M:%S");
  ck_assert_int_eq(wall.choice.grounds, DETECT_NONE);
  ck_assert_uint_eq(wall.choice.n_others, 2);
  ck_assert_str_eq(wall.choice.others[0].text, "%d/%m/%y %H:%M:%S");
  report_log_free(&log_);
}
END_TEST

START_TEST(a_log_without_rows_has_columns_all_the_same) {
  read_log("Time\tCPU\n");
  ck_assert_uint_eq(log_.rows, 0);
  ck_assert_uint_eq(log_.n_columns, 1);
  ck_assert_double_nan(log_.columns[0].stats.mean);
  ck_assert_double_nan(log_.interval_s);
  report_log_free(&log_);
}
END_TEST

START_TEST(what_is_refused_is_named_by_its_line) {
  check_refused("", "log: there is no line in it", "expected");
  check_refused("\n", "log:1: found an empty line", "a header");
  check_refused("CPU\tResident\n", "log:1: found 2 fields", "Time");
  check_refused("a\tb\tc\td\n", "log:1: found \"a\"", "--time-format");
  check_refused("Time\tCPU\tCPU\n", "log:1: found two columns", "twice");
  check_refused("Time\tC\033PU\n", "log:1: found a control", "column");
  check_refused("Time\tCPU\n\n", "log:2: found an empty line", "a row");
  check_refused("Time\tCPU\nx\t1\n", "log:2: found \"x\"", "09/16/08");
  check_refused("Time\tCPU\nSep 16 14:24:10\t1\n",
                "log:2: found \"Sep 16 14:24:10\"", "with its year");
  check_refused("Time\tCPU\n09/16/08 14:24:10\t1\t2\n", "log:2: found 3",
                "expected 2");
  check_refused("Time\tCPU\n09/16/08 14:24:10\t1,5\n",
                "log:2: found \"1,5\" for CPU", "-1");
  check_refused("Time\tCPU\n09/16/08 14:24:10\t1\n2008-09-16 14:24:20\t1\n",
                "log:3: found \"2008-09-16 14:24:20\"", "%m/%d/%y");
  check_refused("\x1f\x8b\x08\n", "log:1: the log is compressed",
                "zcat log | procmonctl report -");
  check_refused("\xff\xfeT\n", "log:1: the log is UTF-16", "iconv");
}
END_TEST

START_TEST(a_torn_line_alone_is_no_log) {
  ck_assert_int_lt(read_bytes("Time", 4, NULL, NULL), 0);
  ck_assert_str_eq(notes, "log:1: the last line has no end and is left out: "
                          "\"Time\"\n"
                          "log: there is no line in it, expected a header or "
                          "a row\n");
}
END_TEST

START_TEST(numbers_that_are_none) {
  static const char *const numbers[] = {
      "",    "nan", "inf", "-inf", "1e400", "-2",  "0x10", "1.",    ".5",  "1e",
      "1e+", "+1",  " 1",  "1 ",   "1..2",  "--1", "1e31", "1_000", "-nan"};
  char text[256];

  for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
    snprintf(text, sizeof(text), "Time\tCPU\n09/16/08 14:24:10\t%s\n",
             numbers[i]);
    check_refused(text, "log:2: found \"", "expected a number");
  }
}
END_TEST

START_TEST(numbers_are_those_of_strtod) {
  static const char *const numbers[] = {"0",
                                        "0.0",
                                        "69.5",
                                        "18446744073709551615",
                                        "0.1",
                                        "123456.7",
                                        "1e-5",
                                        "999999999999999",
                                        "1e30",
                                        "2.5E+3",
                                        "1e-400",
                                        "0.000000000000001",
                                        "3.14159265358979323846",
                                        "9007199254740993"};
  char text[256];

  for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
    snprintf(text, sizeof(text), "Time\tCPU\n09/16/08 14:24:10\t%s\n",
             numbers[i]);
    read_log(text);
    ck_assert_double_eq(log_.columns[0].values[0], strtod(numbers[i], NULL));
    report_log_free(&log_);
  }
}
END_TEST

START_TEST(bytes_of_0_and_endless_lines) {
  const char zero[] = "Time\tCPU\n09/16/08 14:24:10\t\0001\n";
  const size_t size = 1 << 20;
  char *endless = malloc(size);

  ck_assert_int_lt(read_bytes(zero, sizeof(zero) - 1, NULL, NULL), 0);
  ck_assert_ptr_nonnull(strstr(notes, "log:2: found a byte of 0"));
  ck_assert_ptr_nonnull(endless);
  memset(endless, '\t', size);
  ck_assert_int_lt(read_bytes(endless, size, NULL, NULL), 0);
  ck_assert_ptr_nonnull(strstr(notes, "log:1: found a line of more than"));
  size_t used = (size_t)sprintf(endless, "Time");
  for (int i = 0; i < 256; i++)
    used += (size_t)sprintf(endless + used, "\tC%d", i);
  endless[used] = '\n';
  ck_assert_int_lt(read_bytes(endless, used + 1, NULL, NULL), 0);
  ck_assert_ptr_nonnull(strstr(notes, "log:1: found more than 256 columns"));
  free(endless);
}
END_TEST

START_TEST(lines_of_any_length_cross_the_buffer) {
  enum { N = 30000 };
  char *text = malloc(N * 40 + 16);
  size_t used = (size_t)sprintf(text, "Time\tCPU\n");

  for (int i = 0; i < N; i++)
    used += (size_t)sprintf(text + used, "%d\t%d\n", 1000000000 + i, i);
  ck_assert_int_eq(read_bytes(text, used, NULL, NULL), 0);
  ck_assert_uint_eq(log_.rows, N);
  for (int i = 0; i < N; i++) {
    ck_assert_double_eq(log_.times[i], 1000000000 + i);
    ck_assert_double_eq(log_.columns[0].values[i], i);
  }
  report_log_free(&log_);
  free(text);
}
END_TEST

START_TEST(a_column_is_found_by_its_name) {
  read_log("Time\tcpu\tCPU\n09/16/08 14:24:10\t1\t2\n");
  ck_assert_ptr_eq(report_log_find(&log_, "CPU)", 3), &log_.columns[1]);
  ck_assert_ptr_eq(report_log_find(&log_, "cpu", 3), &log_.columns[0]);
  ck_assert_ptr_null(report_log_find(&log_, "Cpu", 3));
  ck_assert_ptr_null(report_log_find(&log_, "CP", 2));
  report_log_free(&log_);
  read_log("Time\tcpu\n09/16/08 14:24:10\t1\n");
  ck_assert_ptr_eq(report_log_find(&log_, "CPU", 3), &log_.columns[0]);
  report_log_free(&log_);
}
END_TEST

START_TEST(what_cannot_be_read_at_all) {
  const struct report_rules rules = {.note = take_note};

  notes[0] = '\0';
  ck_assert_int_eq(report_log_read(&log_, -1, "log", &rules, &wall), -EBADF);
  ck_assert_str_eq(notes, "log: Bad file descriptor\n");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      every_form_of_header,
      windows_columns_without_a_header,
      the_time_may_stand_anywhere,
      columns_may_be_named,
      a_format_may_be_given,
      a_missing_value_is_none,
      headers_may_come_again,
      a_torn_last_line_is_left_out_and_said,
      a_clock_that_is_set_back_is_said_with_its_line,
      a_clock_without_dates_that_is_set_back_is_said,
      an_offset_tells_that_no_clock_was_set_back,
      day_and_month_that_cannot_be_told_apart,
      a_log_without_rows_has_columns_all_the_same,
      what_is_refused_is_named_by_its_line,
      a_torn_line_alone_is_no_log,
      numbers_that_are_none,
      numbers_are_those_of_strtod,
      bytes_of_0_and_endless_lines,
      lines_of_any_length_cross_the_buffer,
      a_column_is_found_by_its_name,
      what_cannot_be_read_at_all,
  };
  return UNIT_RUN("report_log", tests);
}
