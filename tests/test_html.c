#include "ctl/html.h"

#include <stdlib.h>

#include "unit.h"

typedef void print(FILE *out, const char *text);

static void check_print(print *p, const char *text, const char *expected) {
  char *written = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&written, &len);

  ck_assert_ptr_nonnull(out);
  p(out, text);
  ck_assert_int_eq(fclose(out), 0);
  ck_assert_str_eq(written, expected);
  free(written);
}

static void check_html(const char *text, const char *expected) {
  check_print(html_print, text, expected);
}

static void check_json(const char *text, const char *expected) {
  check_print(html_print_json, text, expected);
}

START_TEST(text_stays_as_it_is) {
  check_html("", "");
  check_html("CPU % of a/b\tc\nd", "CPU % of a/b\tc\nd");
  check_html("\xc3\xb6 \xe2\x82\xac \xf0\x9f\x90\xa2",
             "\xc3\xb6 \xe2\x82\xac \xf0\x9f\x90\xa2");
  check_json("", "\"\"");
  check_json("\xc3\xb6 \xe2\x82\xac /", "\"\xc3\xb6 \xe2\x82\xac /\"");
}
END_TEST

START_TEST(nothing_in_html_is_a_tag_or_ends_an_attribute) {
  check_html("</script><b a=\"x\" b='y'>&amp;",
             "&lt;/script&gt;&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
}
END_TEST

START_TEST(nothing_in_json_ends_the_string_or_the_element) {
  check_json("</script><!--&\"\\\t\n",
             "\"\\u003c/script\\u003e\\u003c!--\\u0026\\u0022\\u005c\\u0009"
             "\\u000a\"");
}
END_TEST

#define BAD "\xef\xbf\xbd"

START_TEST(control_characters_are_replaced) {
  check_html("\x01\x1b[31m\x7f\r", BAD BAD "[31m" BAD BAD);
  check_html("\xc2\x80\xc2\x9f\xc2\xa0", BAD BAD "\xc2\xa0");
  check_json("\x01\x1b[31m\x7f\r", "\"" BAD BAD "[31m" BAD BAD "\"");
}
END_TEST

START_TEST(what_is_no_utf8_is_replaced) {
  check_html("a\xff\xfe"
             "b",
             "a" BAD BAD "b");
  /* A lone byte that continues, a character cut off, and a tag behind it. */
  check_html("\x80\xe2\x82<", BAD BAD BAD "&lt;");
  /* `<` and `/` in too many bytes, half of a pair, beyond the last. */
  check_html("\xc0\xbc\xe0\x80\xaf\xed\xa0\x80\xf4\x90\x80\x80",
             BAD BAD BAD BAD BAD BAD BAD BAD BAD BAD BAD BAD);
  check_json("\xe2\x82\"", "\"" BAD BAD "\\u0022\"");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      text_stays_as_it_is,
      nothing_in_html_is_a_tag_or_ends_an_attribute,
      nothing_in_json_ends_the_string_or_the_element,
      control_characters_are_replaced,
      what_is_no_utf8_is_replaced,
  };
  return UNIT_RUN("html", tests);
}
