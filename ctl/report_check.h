/* What is asked of the figures of a report. Pure. */
#ifndef PROCMONCTL_REPORT_CHECK_H
#define PROCMONCTL_REPORT_CHECK_H

#include <stddef.h>

#include "report.h"

enum { CHECK_WHY_MAX = 512 };

enum report_function {
  FUNCTION_MIN,
  FUNCTION_MEAN,
  FUNCTION_MEDIAN,
  FUNCTION_P95,
  FUNCTION_MAX,
  FUNCTION_LAST,
  FUNCTION_SLOPE,
  FUNCTION_SAMPLES, /* of a column, or the rows of the log */
  FUNCTION_GAPS,
  FUNCTION_DURATION
};

enum report_operator {
  OPERATOR_AT_LEAST,
  OPERATOR_AT_MOST,
  OPERATOR_EQUAL,
  OPERATOR_UNEQUAL,
  OPERATOR_GREATER,
  OPERATOR_LESS
};

/* A condition that shall not hold: FUNCTION(COLUMN) OPERATOR NUMBER. The texts
 * are parts of the one that was parsed. */
struct report_expression {
  const char *log; /* the name of the only log that it is for; NULL: of all */
  size_t log_len;
  const char *text; /* without the name */
  enum report_function function;
  const char *column; /* NULL: of the log */
  size_t column_len;
  enum report_operator comparison;
  double limit;
};

/* 0, or -EINVAL with what was found and what was expected in `why`. */
int report_check_parse(struct report_expression *e, const char *text,
                       char why[CHECK_WHY_MAX]);

/* Adds a check for each log that the expression is for. It has failed where the
 * condition holds, and where there is no value to tell by. 0; -EINVAL with
 * `why`: there is no such log or column; -ENOMEM. */
int report_check_apply(struct report *r, const struct report_expression *e,
                       char why[CHECK_WHY_MAX]);

/* Adds a check, whose text is owned from here on, whatever comes of it; NULL:
 * there was no memory for it. 0 or -ENOMEM. */
int report_check_add(struct report *r, char *text, const char *found,
                     bool failed);

/* How many have failed. */
size_t report_check_failed(const struct report *r);

#endif
