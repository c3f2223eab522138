#include "ctl/report_chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report_made.h"
#include "unit.h"

enum { ENOUGH = 1 << 20 };

static const char *const both[] = {"CPU", "Queue", NULL};
static const char *const queue[] = {"Queue", NULL};

static struct report_chart_data make(const struct report *r, size_t max_len) {
  struct report_chart_data data;

  ck_assert_int_eq(report_chart_data(r, max_len, &data), 0);
  ck_assert_uint_eq(strlen(data.json), data.len);
  return data;
}

static void check_json(struct report *r, const char *expected) {
  struct report_chart_data data = make(r, ENOUGH);

  ck_assert_str_eq(data.json, expected);
  ck_assert_uint_eq(data.rows_per_bucket, 1);
  free(data.json);
  report_free(r);
}

static void set_values(struct report_column *column, size_t rows,
                       double value) {
  for (size_t row = 0; row < rows; row++)
    column->values[row] = value + (double)row;
}

START_TEST(logs_of_one_column_share_a_chart) {
  struct report r = {0};

  report_made_log(&r, "a.tsv", "a", 1000, 0.5, 3, both);
  report_made_log(&r, "b.tsv", "b", 2000, 60, 2, queue);
  set_values(&r.logs[0].columns[0], 3, 0.25);
  set_values(&r.logs[0].columns[1], 3, 7);
  set_values(&r.logs[1].columns[0], 2, 1421672);
  r.logs[0].columns[0].values[1] = NAN;
  report_made_mark(&r, 1000.25, "half");
  check_json(
      &r, "{\"logs\":[{\"name\":\"a\",\"begin\":1000000,\"end\":1001000},"
          "{\"name\":\"b\",\"begin\":2000000,\"end\":2060000}],\n"
          "\"marks\":[{\"time\":1000250,\"label\":\"half\"}],\n\"charts\":[\n"
          "{\"name\":\"CPU\",\"unit\":\"percent\",\"lines\":[\n"
          "{\"log\":0,\"times\":[0,500,500],\"values\":[0.25,null,2.25]}]},\n"
          "{\"name\":\"Queue\",\"unit\":\"number\",\"lines\":[\n"
          "{\"log\":0,\"times\":[0,500,500],\"values\":[7,8,9]},\n"
          "{\"log\":1,\"times\":[0,60000],\"values\":[1421672,1421673]}]}]}");
}
END_TEST

START_TEST(of_nothing_there_is_nothing) {
  struct report r = {0};

  check_json(&r, "{\"logs\":[],\n\"marks\":[],\n\"charts\":[]}");
}
END_TEST

START_TEST(a_column_without_values_has_no_line) {
  struct report r = {0};

  report_made_log(&r, "a.tsv", "a", 1000, 1, 2, queue);
  r.logs[0].columns[0].values[0] = r.logs[0].columns[0].values[1] = NAN;
  report_made_log(&r, "b.tsv", "b", 1000, 1, 0, queue);
  check_json(&r,
             "{\"logs\":[{\"name\":\"a\",\"begin\":1000000,\"end\":1001000},"
             "{\"name\":\"b\",\"begin\":0,\"end\":0}],\n\"marks\":[],\n"
             "\"charts\":[\n{\"name\":\"Queue\",\"unit\":\"number\","
             "\"lines\":[]}]}");
}
END_TEST

START_TEST(a_gap_in_the_rows_is_a_gap_in_the_line) {
  struct report r = {0};

  report_made_log(&r, "a.tsv", "a", 0, 1, 3, queue);
  set_values(&r.logs[0].columns[0], 3, 1);
  r.logs[0].times[2] = 11;
  r.logs[0].gaps = 1;
  check_json(&r, "{\"logs\":[{\"name\":\"a\",\"begin\":0,\"end\":11000}],\n"
                 "\"marks\":[],\n\"charts\":[\n{\"name\":\"Queue\","
                 "\"unit\":\"number\",\"lines\":[\n{\"log\":0,"
                 "\"times\":[0,1000,5000,5000],\"values\":[1,2,null,3]}]}]}");
}
END_TEST

START_TEST(many_rows_are_decimated_until_they_fit) {
  struct report r = {0};

  report_made_log(&r, "a.tsv", "a", 1000, 1, 100000, both);
  struct report_chart_data wide = make(&r, ENOUGH);
  struct report_chart_data narrow = make(&r, 20000);
  ck_assert_uint_gt(wide.len, 20000);
  ck_assert_uint_le(narrow.len, 20000);
  ck_assert_uint_gt(narrow.len, 5000);
  ck_assert_uint_gt(wide.rows_per_bucket, 1);
  ck_assert_uint_gt(narrow.rows_per_bucket, wide.rows_per_bucket);
  free(wide.json);
  free(narrow.json);
  report_free(&r);
}
END_TEST

START_TEST(what_cannot_be_decimated_any_more_is_kept) {
  struct report r = {0};

  report_made_log(&r, "a.tsv", "a", 1000, 1, 1000, queue);
  struct report_chart_data data = make(&r, 10);
  ck_assert_ptr_nonnull(strstr(data.json, "\"lines\":[\n{\"log\":0,"));
  ck_assert_uint_eq(data.rows_per_bucket, 998);
  free(data.json);
  report_free(&r);
}
END_TEST

START_TEST(times_that_no_browser_knows_are_cut) {
  struct report r = {0};

  report_made_log(&r, "a.tsv", "a", -1e300, 1e300, 2, queue);
  set_values(&r.logs[0].columns[0], 2, 1e308);
  check_json(&r, "{\"logs\":[{\"name\":\"a\",\"begin\":-8640000000000000,"
                 "\"end\":0}],\n\"marks\":[],\n\"charts\":[\n"
                 "{\"name\":\"Queue\",\"unit\":\"number\",\"lines\":[\n"
                 "{\"log\":0,\"times\":[0,8640000000000000],"
                 "\"values\":[1e+308,1e+308]}]}]}");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      logs_of_one_column_share_a_chart,
      of_nothing_there_is_nothing,
      a_column_without_values_has_no_line,
      a_gap_in_the_rows_is_a_gap_in_the_line,
      many_rows_are_decimated_until_they_fit,
      what_cannot_be_decimated_any_more_is_kept,
      times_that_no_browser_knows_are_cut,
  };
  return UNIT_RUN("report_chart", tests);
}
