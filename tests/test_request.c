#include "plugin/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

static char line[8192];
static struct request request;
static const char *why;

static int parse_bytes(const void *text, size_t len) {
  ck_assert_uint_lt(len, sizeof(line));
  memcpy(line, text, len);
  line[len] = '\0';
  why = NULL;
  return request_parse(line, len, &request, &why);
}

static void accepted(const char *text) {
  int error = parse_bytes(text, strlen(text));

  ck_assert_msg(error == 0, "%s: %s", text, why);
}

static void refused(const char *text, const char *expected) {
  ck_assert_int_eq(parse_bytes(text, strlen(text)), -EINVAL);
  ck_assert_msg(strstr(why, expected) != NULL, "%s: %s", text, why);
}

static void check_pair(size_t i, const char *key, const char *value) {
  ck_assert_uint_lt(i, request.n);
  ck_assert_str_eq(request.pairs[i].key, key);
  ck_assert_str_eq(request.pairs[i].value, value);
}

START_TEST(a_command_may_stand_alone) {
  accepted("LIST");
  ck_assert_str_eq(request.command, "LIST");
  ck_assert_uint_eq(request.n, 0);
}
END_TEST

START_TEST(pairs_follow_in_their_order) {
  accepted("START pid=42 Name=x");
  ck_assert_str_eq(request.command, "START");
  ck_assert_uint_eq(request.n, 2);
  check_pair(0, "pid", "42");
  check_pair(1, "Name", "x");
  ck_assert(!request.pairs[0].is_quoted);
}
END_TEST

START_TEST(blanks_around_words_are_no_part_of_them) {
  accepted(" \tSTOP \t id=5\t ");
  ck_assert_str_eq(request.command, "STOP");
  ck_assert_uint_eq(request.n, 1);
  check_pair(0, "id", "5");
}
END_TEST

START_TEST(quotes_hold_blanks_and_signs) {
  accepted("START columns=\"Time CPU\" name=\"a=b\" file=\"\"");
  check_pair(0, "columns", "Time CPU");
  check_pair(1, "name", "a=b");
  check_pair(2, "file", "");
  ck_assert(request.pairs[2].is_quoted);
}
END_TEST

START_TEST(a_backslash_hides_a_quote_and_itself_alone) {
  accepted("START a=\"\\\"\" b=\"\\\\\" c=\"\\n\" d=\"\\\\\\\"\" e=\\");
  check_pair(0, "a", "\"");
  check_pair(1, "b", "\\");
  check_pair(2, "c", "\\n");
  check_pair(3, "d", "\\\"");
  check_pair(4, "e", "\\");
}
END_TEST

START_TEST(a_bare_value_may_be_empty_and_hold_any_other_sign) {
  accepted("START a= b=c=d e==");
  check_pair(0, "a", "");
  check_pair(1, "b", "c=d");
  check_pair(2, "e", "=");
}
END_TEST

START_TEST(a_quote_that_is_out_of_place_is_refused) {
  refused("START name=\"x", "does not end");
  refused("START name=\"x\\\"", "does not end");
  refused("START name=\"", "does not end");
  refused("START name=\"x\"y=1", "not followed by a blank");
  refused("START name=\"x\"\"y\"", "not followed by a blank");
  refused("START name=x\"y\"", "inside of a value");
}
END_TEST

START_TEST(a_word_without_a_key_is_refused) {
  refused("START 42", "without `=`");
  refused("START =42", "without `=`");
  refused("START pid =42", "without `=`");
  refused("START pid= 42", "without `=`");
}
END_TEST

START_TEST(a_key_may_stand_once_in_any_case) {
  refused("START pid=1 pid=1", "a key twice");
  refused("START pid=1 name=x PID=2", "a key twice");
}
END_TEST

START_TEST(an_empty_line_is_refused) {
  refused("", "an empty line");
  refused(" \t ", "an empty line");
}
END_TEST

START_TEST(control_characters_are_refused_wherever_they_stand) {
  static const char *const lines[] = {
      "LIST\r", "START name=\"a\x01\"", "ST\x1b[1mART", "\x7f", "START a\v=1",
  };

  for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
    refused(lines[i], "a control character");
  ck_assert_int_eq(parse_bytes("LIST\0", 5), -EINVAL);
  ck_assert_int_eq(parse_bytes("STOP\0 id=5", 10), -EINVAL);
  ck_assert_int_eq(parse_bytes("\0", 1), -EINVAL);
}
END_TEST

START_TEST(other_bytes_are_text) {
  accepted("START name=\xc3\xa4 command=\xff");
  check_pair(0, "name", "\xc3\xa4");
  check_pair(1, "command", "\xff");
}
END_TEST

static size_t print_pairs(size_t n, char *out, size_t size) {
  size_t used = (size_t)snprintf(out, size, "START");

  for (size_t i = 0; i < n; i++)
    used += (size_t)snprintf(out + used, size - used, " k%zu=%zu", i, i);
  return used;
}

START_TEST(there_is_a_bound_for_the_words) {
  char text[1024];

  print_pairs(REQUEST_PAIRS_MAX, text, sizeof(text));
  accepted(text);
  ck_assert_uint_eq(request.n, REQUEST_PAIRS_MAX);
  check_pair(REQUEST_PAIRS_MAX - 1, "k39", "39");
  print_pairs(REQUEST_PAIRS_MAX + 1, text, sizeof(text));
  refused(text, "too many words");
}
END_TEST

START_TEST(a_pair_is_found_in_any_case) {
  accepted("START Pid=1 b=2");
  ck_assert_str_eq(request_find(&request, "pID")->value, "1");
  ck_assert_str_eq(request_find(&request, "B")->value, "2");
  ck_assert_ptr_null(request_find(&request, "p"));
  ck_assert_ptr_null(request_find(&request, ""));
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_command_may_stand_alone,
      pairs_follow_in_their_order,
      blanks_around_words_are_no_part_of_them,
      quotes_hold_blanks_and_signs,
      a_backslash_hides_a_quote_and_itself_alone,
      a_bare_value_may_be_empty_and_hold_any_other_sign,
      a_quote_that_is_out_of_place_is_refused,
      a_word_without_a_key_is_refused,
      a_key_may_stand_once_in_any_case,
      an_empty_line_is_refused,
      control_characters_are_refused_wherever_they_stand,
      other_bytes_are_text,
      there_is_a_bound_for_the_words,
      a_pair_is_found_in_any_case,
  };
  return UNIT_RUN("request", tests);
}
