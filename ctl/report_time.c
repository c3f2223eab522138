#include "report_time.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "report_civil.h"
#include "report_time_steps.h"

/* What the steps have read so far. */
struct parts {
  struct civil date;
  int day_of_year; /* 0: not given */
  int hour, minute, second;
  int half; /* 1: the second one of the day; -1: not given */
  bool has_epoch;
  long long epoch;
  double fraction;
  int offset_s;
  bool has_offset;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *take_number(const char *at, int digits_max, int *out) {
  int n = 0;

  for (*out = 0; n < digits_max && is_digit(at[n]); n++)
    *out = *out * 10 + (at[n] - '0');
  return n > 0 ? at + n : NULL;
}

static const char *take_between(const char *at, int low, int high, int *out) {
  at = take_number(at, high > 99 ? 3 : 2, out);
  return at != NULL && *out >= low && *out <= high ? at : NULL;
}

static const char *take_fraction(const char *at, int digits, double *out) {
  double scale = 1;
  double number = 0;
  int n = 0;

  for (; n < (digits != 0 ? digits : 9) && is_digit(at[n]); n++) {
    number = number * 10 + (at[n] - '0');
    scale *= 10;
  }
  *out = number / scale;
  return n > 0 && (digits == 0 || n == digits) ? at + n : NULL;
}

/* Seconds since 1970; `behind` of the digits are a fraction's. */
static const char *take_epoch(const char *at, int behind, struct parts *p) {
  int n = 0;

  while (is_digit(at[n]))
    n++;
  n -= behind;
  if (n < 1 || n > 12)
    return NULL;
  for (int i = 0; i < n; i++)
    p->epoch = p->epoch * 10 + (at[i] - '0');
  p->has_epoch = true;
  return at + n;
}

static const char *take_letters(const char *at) {
  const char *end = at;

  while (isalpha((unsigned char)*end))
    end++;
  return end > at ? end : NULL;
}

static const char *take_month(const char *at, int *out) {
  static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
  const char *end = take_letters(at);

  if (end == NULL || end - at < 3)
    return NULL;
  for (int i = 0; i < 12; i++)
    if (strncasecmp(at, names + 3 * (ptrdiff_t)i, 3) == 0) {
      *out = i + 1;
      return end;
    }
  return NULL;
}

static const char *take_half(const char *at, int *out) {
  if (strncasecmp(at, "AM", 2) != 0 && strncasecmp(at, "PM", 2) != 0)
    return NULL;
  *out = toupper((unsigned char)*at) == 'P';
  return at + 2;
}

/* Z, +02, +0200 or +02:00. */
static const char *take_offset(const char *at, struct parts *p) {
  int hours;
  int minutes = 0;

  p->has_offset = true;
  if (*at == 'Z' || *at == 'z')
    return at + 1;
  if (*at != '+' && *at != '-')
    return NULL;
  int sign = *at == '-' ? -1 : 1;
  at = take_between(at + 1, 0, 15, &hours);
  if (at == NULL)
    return NULL;
  bool has_colon = *at == ':';
  if (has_colon || is_digit(*at))
    at = take_between(at + has_colon, 0, 59, &minutes);
  p->offset_s = sign * (hours * HOUR_S + minutes * MINUTE_S);
  return at;
}

/* A name of letters, or digits as of a zone without a name. */
static const char *take_zone(const char *at, struct parts *p) {
  return *at == '+' || *at == '-' ? take_offset(at, p) : take_letters(at);
}

int report_time_year(int two_digits) {
  return two_digits + (two_digits < 69 ? 2000 : 1900);
}

static const char *take_year(const struct time_step *s, const char *at,
                             int *out) {
  const int digits = s->kind == 'Y' ? 4 : 2;
  const char *end = take_number(at, digits, out);

  if (end == NULL || (end - at != digits && !s->bare))
    return NULL;
  if (s->kind == 'y')
    *out = report_time_year(*out);
  return end;
}

static const char *take_date(const struct time_step *s, const char *at,
                             struct parts *p) {
  switch (s->kind) {
  case 'Y':
  case 'y':
    return take_year(s, at, &p->date.year);
  case 'm':
    return take_between(at, 1, 12, &p->date.month);
  case 'b':
    return take_month(at, &p->date.month);
  case 'd':
    return take_between(at, 1, 31, &p->date.day);
  case 'j':
    return take_between(at, 1, 366, &p->day_of_year);
  default:
    return take_letters(at);
  }
}

static const char *take_step(const struct time_step *s, const char *at,
                             struct parts *p) {
  int unused;

  switch (s->kind) {
  case TIME_LITERAL:
    return *at == s->detail ? at + 1 : NULL;
  case TIME_UNUSED:
    return take_number(at, 4, &unused);
  case 'H':
    return take_between(at, 0, 23, &p->hour);
  case 'I':
    return take_between(at, 1, 12, &p->hour);
  case 'p':
    return take_half(at, &p->half);
  case 'M':
    return take_between(at, 0, 59, &p->minute);
  case 'S':
    /* One more in the minute of a leap second. */
    return take_between(at, 0, 60, &p->second);
  case 'N':
    return take_fraction(at, s->detail, &p->fraction);
  case 's':
    return take_epoch(at, s->detail, p);
  case 'z':
    return take_offset(at, p);
  case 'Z':
    return take_zone(at, p);
  default:
    return take_date(s, at, p);
  }
}

static bool add_up(struct parts *p, bool has_date, struct time_read *out) {
  long days;

  out->offset_s = p->offset_s;
  out->has_offset = p->has_offset || p->has_epoch;
  if (p->has_epoch) {
    out->seconds = (double)p->epoch + p->fraction + p->offset_s;
    return true;
  }
  if (p->day_of_year > 0)
    p->date.month = p->date.day = 1;
  if (!civil_to_days(&p->date, &days))
    return false;
  days = has_date ? days + p->day_of_year - (p->day_of_year > 0) : 0;
  if (p->half >= 0)
    p->hour = p->hour % 12 + 12 * p->half;
  out->seconds = (double)days * DAY_S + p->hour * HOUR_S +
                 p->minute * MINUTE_S + p->second + p->fraction;
  return true;
}

const char *report_time_read(const struct time_format *f, const char *text,
                             struct time_read *out) {
  /* A year that is not given is a leap year: it has all days. */
  struct parts p = {.date = {2000, 1, 1}, .half = -1};

  for (size_t i = 0; i < f->n && text != NULL; i++) {
    while (f->steps[i].padded && *text == ' ')
      text++;
    text = take_step(&f->steps[i], text, &p);
  }
  return text != NULL && add_up(&p, f->has_date, out) ? text : NULL;
}

bool report_time_read_all(const struct time_format *f, const char *text,
                          struct time_read *out) {
  const char *end = report_time_read(f, text, out);
  return end != NULL && *end == '\0';
}
