#include "ctl/report_unit.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "plugin/columns.h"
#include "unit.h"

START_TEST(a_column_of_the_plugin_has_the_unit_it_is_written_in) {
  for (int c = 0; c < COLUMN_COUNT; c++) {
    const struct column_info *info = columns_info((enum column)c);
    enum report_unit unit = report_unit_of(info->name);
    bool is_kb = info->kind == KIND_KB;
    bool is_kb_per_s = info->kind == KIND_KB_TENTHS;
    ck_assert_msg((unit == REPORT_KB) == is_kb, "%s", info->name);
    ck_assert_msg((unit == REPORT_KB_PER_S) == is_kb_per_s, "%s", info->name);
    if (info->kind == KIND_CPU)
      ck_assert_int_eq(unit, REPORT_PERCENT);
    if (info->kind == KIND_SECONDS)
      ck_assert_int_eq(unit, REPORT_SECONDS);
    if (info->kind == KIND_TENTHS)
      ck_assert_msg(unit == REPORT_PERCENT || unit == REPORT_PER_S, "%s",
                    info->name);
    if (info->kind == KIND_COUNT || info->kind == KIND_PID)
      ck_assert_int_eq(unit, REPORT_NUMBER);
  }
}
END_TEST

START_TEST(names_are_known_in_any_case_and_others_are_numbers) {
  ck_assert_int_eq(report_unit_of("cpu"), REPORT_PERCENT);
  ck_assert_int_eq(report_unit_of("minorfaults"), REPORT_PER_S);
  ck_assert_int_eq(report_unit_of("Queue"), REPORT_NUMBER);
  ck_assert_int_eq(report_unit_of(""), REPORT_NUMBER);
}
END_TEST

static void check_print(enum report_unit unit, double largest, double value,
                        const char *figure, const char *word) {
  struct report_scale scale = report_unit_scale(unit, largest);
  char text[REPORT_FIGURE_MAX];

  ck_assert_str_eq(report_unit_print(scale, value, false, text), figure);
  ck_assert_str_eq(scale.word, word);
}

START_TEST(the_largest_figure_has_four_digits) {
  check_print(REPORT_PERCENT, 99.5, 99.5, "99.50", "%");
  check_print(REPORT_PERCENT, 250, 99.5, "99.5", "%");
  check_print(REPORT_NUMBER, 44, 43.21, "43.21", "");
  check_print(REPORT_NUMBER, 123456, 5, "5", "");
  check_print(REPORT_NUMBER, 0.00123, 0.00123, "0.001230", "");
}
END_TEST

START_TEST(sizes_are_in_the_unit_that_the_largest_needs) {
  check_print(REPORT_KB, 1023, 1023, "1023", "KiB");
  check_print(REPORT_KB, 1024, 1024, "1.000", "MiB");
  check_print(REPORT_KB, 89056, 44528, "43.48", "MiB");
  check_print(REPORT_KB, 3.0 * 1024 * 1024, 1024, "0.001", "GiB");
  check_print(REPORT_KB_PER_S, 2048, 512, "0.500", "MiB/s");
  check_print(REPORT_KB, 1e12, 1e12, "931.3", "TiB");
}
END_TEST

START_TEST(extremes_stay_short) {
  check_print(REPORT_NUMBER, 1e308, 1e308, "1e+308", "");
  check_print(REPORT_NUMBER, 1e308, -5, "-5", "");
  check_print(REPORT_KB, INFINITY, 1, "0", "TiB");
  check_print(REPORT_NUMBER, NAN, NAN, "\xe2\x80\x93", "");
  check_print(REPORT_NUMBER, 1, INFINITY, "\xe2\x80\x93", "");
  check_print(REPORT_NUMBER, 10, -0.001, "0.00", "");
}
END_TEST

START_TEST(a_slope_shows_its_sign) {
  struct report_scale scale = report_unit_scale(REPORT_KB, 2048);
  char text[REPORT_FIGURE_MAX];

  ck_assert_str_eq(report_unit_print(scale, 2048, true, text), "+2.000");
  ck_assert_str_eq(report_unit_print(scale, -1024, true, text), "-1.000");
  ck_assert_str_eq(report_unit_print(scale, 0.1, true, text), "0.000");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_column_of_the_plugin_has_the_unit_it_is_written_in,
      names_are_known_in_any_case_and_others_are_numbers,
      the_largest_figure_has_four_digits,
      sizes_are_in_the_unit_that_the_largest_needs,
      extremes_stay_short,
      a_slope_shows_its_sign,
  };
  return UNIT_RUN("report_unit", tests);
}
