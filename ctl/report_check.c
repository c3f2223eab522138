#include "report_check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plugin/printable.h"
#include "report_log.h"
#include "report_number.h"
#include "shown_text.h"

enum { NAME_SHOWN_MAX = 80, FOUND_MAX = 4 * NUMBER_TEXT_MAX };

static bool is_true(double value, enum report_operator comparison,
                    double limit) {
  switch (comparison) {
  case OPERATOR_AT_LEAST:
    return value >= limit;
  case OPERATOR_AT_MOST:
    return value <= limit;
  case OPERATOR_EQUAL:
    return value == limit;
  case OPERATOR_UNEQUAL:
    return value != limit;
  case OPERATOR_GREATER:
    return value > limit;
  default:
    return value < limit;
  }
}

static double figure_of_column(const struct report_stats *s,
                               enum report_function function) {
  switch (function) {
  case FUNCTION_MIN:
    return s->min;
  case FUNCTION_MEAN:
    return s->mean;
  case FUNCTION_MEDIAN:
    return s->median;
  case FUNCTION_P95:
    return s->p95;
  case FUNCTION_MAX:
    return s->max;
  case FUNCTION_LAST:
    return s->last;
  case FUNCTION_SLOPE:
    return s->slope;
  default:
    return (double)s->samples;
  }
}

static double figure_of(const struct report_log *log,
                        const struct report_column *c,
                        enum report_function function) {
  if (c != NULL)
    return figure_of_column(&c->stats, function);
  switch (function) {
  case FUNCTION_SAMPLES:
    return (double)log->rows;
  case FUNCTION_GAPS:
    return (double)log->gaps;
  default:
    return report_log_duration_s(log);
  }
}

static void show_figure(double value, const struct report_column *c,
                        const struct report_expression *e,
                        char out[FOUND_MAX]) {
  char number[NUMBER_TEXT_MAX];
  char low[NUMBER_TEXT_MAX];
  char high[NUMBER_TEXT_MAX];

  report_number_show_beside(value, e->limit, number);
  if (e->function == FUNCTION_SLOPE && !isnan(c->stats.slope_low))
    snprintf(out, FOUND_MAX, "%s (95 %% interval: %s to %s)", number,
             report_number_show(c->stats.slope_low, low),
             report_number_show(c->stats.slope_high, high));
  else
    snprintf(out, FOUND_MAX, "%s", number);
}

/* A part of what the user wrote, for a message. */
static void show_part(const char *part, size_t len, char out[NAME_SHOWN_MAX]) {
  char text[NAME_SHOWN_MAX];

  snprintf(text, sizeof(text), "%.*s", (int)len, part);
  printable_copy(text, out, NAME_SHOWN_MAX);
}

/* Adds a name to a list of them in words. */
static void list(char out[CHECK_WHY_MAX], const char *name) {
  size_t used = strlen(out);
  char shown[NAME_SHOWN_MAX];

  printable_copy(name, shown, sizeof(shown));
  snprintf(out + used, CHECK_WHY_MAX - used, "%s%s", used > 0 ? ", " : "",
           shown);
}

/* How many have this name but for the case of letters. */
static size_t count_alike(const struct report_log *log,
                          const struct report_expression *e) {
  size_t n = 0;

  for (size_t i = 0; i < log->n_columns; i++) {
    const char *name = log->columns[i].name;
    n += strlen(name) == e->column_len &&
         strncasecmp(name, e->column, e->column_len) == 0;
  }
  return n;
}

static int find_column(const struct report_log *log,
                       const struct report_expression *e,
                       const struct report_column **out,
                       char why[CHECK_WHY_MAX]) {
  char shown[NAME_SHOWN_MAX];
  char names[CHECK_WHY_MAX] = "";
  char log_name[NAME_SHOWN_MAX];

  *out = report_log_find(log, e->column, e->column_len);
  if (*out != NULL)
    return 0;
  for (size_t i = 0; i < log->n_columns; i++)
    list(names, log->columns[i].name);
  show_part(e->column, e->column_len, shown);
  printable_copy(log->name, log_name, sizeof(log_name));
  snprintf(why, CHECK_WHY_MAX,
           "found %s column \"%s\" in the log %s, expected one of %.256s",
           count_alike(log, e) > 1 ? "more than one like the" : "no", shown,
           log_name, names);
  return -EINVAL;
}

static int apply_to(struct report *r, const struct report_log *log,
                    const struct report_expression *e,
                    char why[CHECK_WHY_MAX]) {
  const struct report_column *c = NULL;
  char found[FOUND_MAX];

  if (e->column != NULL && find_column(log, e, &c, why) != 0)
    return -EINVAL;
  double value = figure_of(log, c, e->function);
  show_figure(value, c, e, found);
  return report_check_add(r, shown_text("%s: %s", log->name, e->text), found,
                          isnan(value) ||
                              is_true(value, e->comparison, e->limit));
}

static int refuse_log(const struct report *r, const struct report_expression *e,
                      char why[CHECK_WHY_MAX]) {
  char shown[NAME_SHOWN_MAX];
  char names[CHECK_WHY_MAX] = "";

  for (size_t i = 0; i < r->n_logs; i++)
    list(names, r->logs[i].name);
  show_part(e->log, e->log_len, shown);
  snprintf(why, CHECK_WHY_MAX, "found no log \"%s\", expected one of %.256s",
           shown, names);
  return -EINVAL;
}

int report_check_apply(struct report *r, const struct report_expression *e,
                       char why[CHECK_WHY_MAX]) {
  bool is_applied = false;

  for (size_t i = 0; i < r->n_logs; i++) {
    const char *name = r->logs[i].name;
    if (e->log != NULL &&
        (strlen(name) != e->log_len || memcmp(name, e->log, e->log_len) != 0))
      continue;
    int err = apply_to(r, &r->logs[i], e, why);
    if (err != 0)
      return err;
    is_applied = true;
  }
  if (is_applied)
    return 0;
  return refuse_log(r, e, why);
}

int report_check_add(struct report *r, char *text, const char *found,
                     bool failed) {
  struct report_check check = {
      .text = text, .found = strdup(found), .failed = failed};
  struct report_check *more =
      reallocarray(r->checks, r->n_checks + 1, sizeof(*more));

  if (more != NULL)
    r->checks = more;
  if (more == NULL || check.text == NULL || check.found == NULL) {
    free(check.text);
    free(check.found);
    return -ENOMEM;
  }
  r->checks[r->n_checks++] = check;
  return 0;
}

size_t report_check_failed(const struct report *r) {
  size_t n = 0;

  for (size_t i = 0; i < r->n_checks; i++)
    n += r->checks[i].failed;
  return n;
}
