/* Expressions, taken apart. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "plugin/printable.h"
#include "report_check.h"
#include "report_number.h"

enum { NAME_SHOWN_MAX = 80 };

enum { OF_COLUMN = 1, OF_LOG = 2 };

static const struct {
  const char *name;
  int of;
} functions[] = {
    [FUNCTION_MIN] = {"min", OF_COLUMN},
    [FUNCTION_MEAN] = {"mean", OF_COLUMN},
    [FUNCTION_MEDIAN] = {"median", OF_COLUMN},
    [FUNCTION_P95] = {"p95", OF_COLUMN},
    [FUNCTION_MAX] = {"max", OF_COLUMN},
    [FUNCTION_LAST] = {"last", OF_COLUMN},
    [FUNCTION_SLOPE] = {"slope", OF_COLUMN},
    [FUNCTION_SAMPLES] = {"samples", OF_COLUMN | OF_LOG},
    [FUNCTION_GAPS] = {"gaps", OF_LOG},
    [FUNCTION_DURATION] = {"duration", OF_LOG},
};

static const char expected_function[] =
    "min, mean, median, p95, max, last, slope or samples of a (COLUMN), or "
    "samples, gaps or duration";

/* Those of two characters are seen first. */
static const char *const operators[] = {
    [OPERATOR_AT_LEAST] = ">=", [OPERATOR_AT_MOST] = "<=",
    [OPERATOR_EQUAL] = "==",    [OPERATOR_UNEQUAL] = "!=",
    [OPERATOR_GREATER] = ">",   [OPERATOR_LESS] = "<"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

static const char *skip_blanks(const char *at) {
  return at + strspn(at, " \t");
}

static int complain(char why[CHECK_WHY_MAX], const char *found,
                    const char *expected) {
  char shown[NAME_SHOWN_MAX];

  printable_copy(found, shown, sizeof(shown));
  snprintf(why, CHECK_WHY_MAX, "found \"%s\", expected %s", shown, expected);
  return -EINVAL;
}

static int take_function(struct report_expression *e, const char **at,
                         char why[CHECK_WHY_MAX]) {
  size_t len = 0;

  while (is_letter((*at)[len]))
    len++;
  for (size_t i = 0; i < COUNT(functions); i++)
    if (strlen(functions[i].name) == len &&
        strncasecmp(functions[i].name, *at, len) == 0) {
      e->function = (enum report_function)i;
      *at = skip_blanks(*at + len);
      return 0;
    }
  return complain(why, *at, expected_function);
}

static int take_column(struct report_expression *e, const char **at,
                       char why[CHECK_WHY_MAX]) {
  const int of = functions[e->function].of;
  const char *end = strrchr(*at, ')');

  if (**at != '(')
    return (of & OF_LOG) != 0 ? 0 : complain(why, *at, "a (COLUMN)");
  if ((of & OF_COLUMN) == 0)
    return complain(why, *at, "no column: it is of the whole log");
  if (end == NULL)
    return complain(why, *at, "a (COLUMN)");
  e->column = skip_blanks(*at + 1);
  while (end > e->column && end[-1] == ' ')
    end--;
  e->column_len = (size_t)(end - e->column);
  if (e->column_len == 0)
    return complain(why, *at, "a (COLUMN)");
  *at = skip_blanks(strrchr(*at, ')') + 1);
  return 0;
}

static int take_comparison(struct report_expression *e, const char **at,
                           char why[CHECK_WHY_MAX]) {
  for (size_t i = 0; i < COUNT(operators); i++) {
    size_t len = strlen(operators[i]);
    if (strncmp(*at, operators[i], len) != 0)
      continue;
    e->comparison = (enum report_operator)i;
    *at = skip_blanks(*at + len);
    return 0;
  }
  return complain(why, *at, ">, >=, <, <=, == or !=, and a number");
}

static int take_limit(struct report_expression *e, const char *at,
                      char why[CHECK_WHY_MAX]) {
  char number[NUMBER_TEXT_MAX];
  size_t len = strlen(at);

  while (len > 0 && at[len - 1] == ' ')
    len--;
  if (len < sizeof(number)) {
    memcpy(number, at, len);
    number[len] = '\0';
    if (report_number_read(number, &e->limit))
      return 0;
  }
  return complain(why, at, "a number, without a unit");
}

static int parse(struct report_expression *e, const char *text,
                 char why[CHECK_WHY_MAX]) {
  const char *at = skip_blanks(text);

  *e = (struct report_expression){.text = at};
  int err = take_function(e, &at, why);
  if (err == 0)
    err = take_column(e, &at, why);
  if (err == 0)
    err = take_comparison(e, &at, why);
  return err == 0 ? take_limit(e, at, why) : err;
}

int report_check_parse(struct report_expression *e, const char *text,
                       char why[CHECK_WHY_MAX]) {
  char unused[CHECK_WHY_MAX] = "";

  int err = parse(e, text, why);
  /* Behind the name of a log, which may have colons itself. */
  for (const char *colon = strchr(text, ':'); colon != NULL && err != 0;
       colon = strchr(colon + 1, ':')) {
    /* What is said is of what comes behind the last name that it may be. */
    err = parse(e, colon + 1, strchr(colon + 1, ':') == NULL ? why : unused);
    e->log = text;
    e->log_len = (size_t)(colon - text);
  }
  return err;
}
