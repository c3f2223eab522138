#include "plugin/printable.h"

#include "unit.h"

static void check_copy(const char *text, const char *expected) {
  char out[64];

  printable_copy(text, out, sizeof(out));
  ck_assert_str_eq(out, expected);
}

START_TEST(control_characters_are_shown_and_the_rest_stays) {
  check_copy("", "");
  check_copy("a b\\c \xc3\xb6 \xff", "a b\\c \xc3\xb6 \xff");
  check_copy("one\ntwo\tthree\r", "one\\ntwo\\tthree\\r");
  check_copy("\x1b[31m\x7f\x01", "\\x1b[31m\\x7f\\x01");
}
END_TEST

START_TEST(what_does_not_fit_is_left_out) {
  char out[6];

  printable_copy("abcdefgh", out, sizeof(out));
  ck_assert_str_eq(out, "abcde");
  printable_copy("ab\x1b", out, sizeof(out));
  ck_assert_str_eq(out, "ab");
  printable_copy("a\x1b\x1b", out, sizeof(out));
  ck_assert_str_eq(out, "a\\x1b");
  printable_copy("x", out, 1);
  ck_assert_str_eq(out, "");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      control_characters_are_shown_and_the_rest_stays,
      what_does_not_fit_is_left_out,
  };
  return UNIT_RUN("printable", tests);
}
