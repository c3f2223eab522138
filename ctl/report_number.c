#include "report_number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* So many digits a double has room for exactly. */
enum { EXACT_DIGITS = 15 };

/* With so many every double reads back as itself. */
enum { ALL_DIGITS = 17 };

/* So many people are shown. */
enum { SHOWN_DIGITS = 6 };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *skip_digits(const char *at) {
  while (is_digit(*at))
    at++;
  return at;
}

/* The text has a number's form. */
static bool is_number(const char *at) {
  at += *at == '-';
  const char *end = skip_digits(at);
  if (end == at)
    return false;
  if (*end == '.') {
    at = end + 1;
    end = skip_digits(at);
    if (end == at)
      return false;
  }
  if (*end == 'e' || *end == 'E') {
    at = end + 1 + (end[1] == '+' || end[1] == '-');
    end = skip_digits(at);
    if (end == at)
      return false;
  }
  return *end == '\0';
}

/* Of a number that the digits make exactly, which is nearly all of them. */
static bool read_short(const char *at, double *out) {
  static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  int64_t digits = 0;
  int n = 0;
  int behind = 0;
  const bool is_negative = *at == '-';

  at += is_negative;
  for (; is_digit(*at); n++)
    if (n < EXACT_DIGITS)
      digits = digits * 10 + (*at++ - '0');
    else
      return false;
  if (n == 0)
    return false;
  const bool has_point = *at == '.';
  at += has_point;
  for (; has_point && is_digit(*at); behind++)
    if (n + behind < EXACT_DIGITS)
      digits = digits * 10 + (*at++ - '0');
    else
      return false;
  if (*at != '\0' || (has_point && behind == 0))
    return false;
  /* Both are exact, so that the quotient is what strtod would give. */
  *out = (double)(is_negative ? -digits : digits) / powers[behind];
  return true;
}

bool report_number_read(const char *text, double *out) {
  if (read_short(text, out))
    return true;
  if (!is_number(text))
    return false;
  /* No part of the program sets a locale, so that the point is one. */
  *out = strtod(text, NULL);
  return fabs(*out) <= NUMBER_MAX;
}

const char *report_number_print(double number, char out[NUMBER_TEXT_MAX]) {
  if (isnan(number)) {
    snprintf(out, NUMBER_TEXT_MAX, "null");
    return out;
  }
  for (int digits = EXACT_DIGITS; digits <= ALL_DIGITS; digits++) {
    snprintf(out, NUMBER_TEXT_MAX, "%.*g", digits, number);
    if (strtod(out, NULL) == number)
      break;
  }
  return out;
}

const char *report_number_show(double number, char out[NUMBER_TEXT_MAX]) {
  if (isnan(number))
    snprintf(out, NUMBER_TEXT_MAX, "no value");
  else
    snprintf(out, NUMBER_TEXT_MAX, fabs(number) < 1e6 ? "%.6g" : "%.0f",
             number);
  return out;
}

/* Whether two numbers are on the same side of a third one, or both on it. */
static bool are_alike(double a, double b, double limit) {
  return (a > limit) == (b > limit) && (a < limit) == (b < limit);
}

const char *report_number_show_beside(double number, double limit,
                                      char out[NUMBER_TEXT_MAX]) {
  report_number_show(number, out);
  if (isnan(number) || isnan(limit))
    return out;
  for (int digits = SHOWN_DIGITS + 1;
       digits <= ALL_DIGITS && !are_alike(strtod(out, NULL), number, limit);
       digits++)
    snprintf(out, NUMBER_TEXT_MAX, "%.*g", digits, number);
  return out;
}
