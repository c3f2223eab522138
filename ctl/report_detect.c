#include "report_detect.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_civil.h"

const char report_detect_examples[] =
    "09/16/08 14:24:10, 2008-09-16 14:24:10.125, 2008-09-16T14:24:10+02:00, "
    "16.09.2008 14:24:10 or 1221575050.125";

/* What comes first is taken where there is nothing to choose by: what the
 * plugin writes. */
static const char *const dates[] = {
    "%m/%d/%y", "%d/%m/%y", "%y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d",
    "%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%y-%m-%d", "%d-%m-%y", "%m-%d-%y",
    "%d.%m.%Y", "%d.%m.%y", "%Y.%m.%d", "%Y%m%d",   "%d/%b/%Y", "%d-%b-%Y",
    "%d %b %Y", "%b %e %Y", ""};
static const char *const between[] = {" ", "T", "_", "-", ":", ""};
static const char *const clocks[] = {"%I:%M:%S %p", "%H:%M:%S", "%H%M%S",
                                     "%I:%M %p", "%H:%M"};
static const char *const fractions[] = {"", ".%N", ",%N"};
static const char *const zones[] = {"", "%z", " %z", " %Z"};
static const char *const others[] = {
    "%a %b %e %H:%M:%S %Y", "%a %b %e %H:%M:%S %Z %Y", "%s.%N", "%s,%N"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add(struct report_detect *d, const char *format, const char *text) {
  struct time_read unused;

  if (d->n == DETECT_MAX ||
      report_time_compile(&d->format[d->n], format) != NULL ||
      !report_time_read_all(&d->format[d->n], text, &unused))
    return;
  d->n++;
}

/* Digits alone: seconds, seconds and a fraction, or a date and a time. */
static void find_digits(struct report_detect *d, const char *text) {
  size_t len = strlen(text);

  if (len >= 9 && len <= 11)
    add(d, "%s", text);
  else if (len == 13)
    add(d, "%s%3N", text);
  else if (len == 16)
    add(d, "%s%6N", text);
  else if (len == 19)
    add(d, "%s%9N", text);
}

/* The dates that go with a kind of clock. */
static void find_dates(struct report_detect *d, const char *separator,
                       const char *clock, const char *tail, const char *text) {
  char format[TIME_FORMAT_MAX];

  for (size_t i = 0; i < COUNT(dates); i++) {
    /* A time of day alone has nothing to be separated from. */
    if (dates[i][0] == '\0' && (separator[0] != '\0' || d->n > 0))
      continue;
    if (dates[i][0] != '\0' && separator[0] == '\0' &&
        strcmp(dates[i], "%Y%m%d") != 0)
      continue;
    snprintf(format, sizeof(format), "%s%s%s%s", dates[i], separator, clock,
             tail);
    add(d, format, text);
  }
}

static void find_clocks(struct report_detect *d, const char *tail,
                        const char *text) {
  for (size_t c = 0; c < COUNT(clocks) && d->n == 0; c++)
    for (size_t b = 0; b < COUNT(between) && d->n == 0; b++)
      if (strstr(text, between[b]) != NULL)
        find_dates(d, between[b], clocks[c], tail, text);
}

/* What stands before the conversion of a tail stands in the text, too. */
static bool can_have(const char *text, const char *tail) {
  return *tail == '\0' || *tail == '%' || strchr(text, *tail) != NULL;
}

bool report_detect_begin(struct report_detect *d, const char *text) {
  char tail[16];

  *d = (struct report_detect){.day = LONG_MIN};
  /* No time that is found is longer. */
  if (strlen(text) > 48)
    return false;
  if (strspn(text, "0123456789") == strlen(text))
    find_digits(d, text);
  for (size_t z = 0; z < COUNT(zones) && d->n == 0; z++)
    for (size_t f = 0; f < COUNT(fractions) && d->n == 0; f++) {
      if (!can_have(text, zones[z]) || !can_have(text, fractions[f]))
        continue;
      snprintf(tail, sizeof(tail), "%s%s", fractions[f], zones[z]);
      find_clocks(d, tail, text);
    }
  for (size_t i = 0; i < COUNT(others) && d->n == 0; i++)
    add(d, others[i], text);
  return d->n > 0;
}

void report_detect_set(struct report_detect *d, const struct time_format *f) {
  *d = (struct report_detect){.format = {*f}, .n = 1, .day = LONG_MIN};
}

static bool has_short_year(const struct time_format *f) {
  return strstr(f->text, "%y") != NULL;
}

/* The day that was written by one order, read by another. */
static long turn_day(const struct time_format *from,
                     const struct time_format *to, long day) {
  struct civil c;
  int written[3];

  civil_from_days(day, &c);
  for (int i = 0; i < 3; i++)
    written[i] = from->order[i] == 'm'   ? c.month
                 : from->order[i] == 'd' ? c.day
                                         : c.year;
  for (int i = 0; i < 3; i++)
    if (to->order[i] == 'm')
      c.month = written[i] % 100;
    else if (to->order[i] == 'd')
      c.day = written[i] % 100;
    else
      c.year =
          has_short_year(to) ? report_time_year(written[i] % 100) : written[i];
  (void)civil_to_days(&c, &day);
  return day;
}

void report_detect_turn(const struct time_format *from,
                        const struct time_format *to, double *times, size_t n) {
  long day = LONG_MIN;
  long turned = 0;

  if (from == to)
    return;
  for (size_t i = 0; i < n; i++) {
    long own = civil_day_of(times[i]);
    if (own != day)
      turned = turn_day(from, to, own);
    day = own;
    times[i] += (double)(turned - own) * DAY_S;
  }
}

/* On a day that is not that of the time before: what can it not be? */
static void strike_out(struct report_detect *d, const char *text) {
  struct time_read unused;

  for (size_t i = 0; i < d->n; i++)
    if (!d->is_out[i] && i != d->current)
      d->is_out[i] = !report_time_read_all(&d->format[i], text, &unused);
}

/* Another format in the place of the current one. False: none is left. */
static bool replace(struct report_detect *d, const char *text, double *times,
                    size_t n, struct time_read *out) {
  const struct time_format *old = &d->format[d->current];

  d->is_out[d->current] = true;
  for (size_t i = 0; i < d->n; i++) {
    if (d->is_out[i])
      continue;
    d->is_out[i] = !report_time_read_all(&d->format[i], text, out);
    if (d->is_out[i])
      continue;
    report_detect_turn(old, &d->format[i], times, n);
    d->current = i;
    return true;
  }
  return false;
}

bool report_detect_read(struct report_detect *d, const char *text,
                        double *times, size_t n, struct time_read *out) {
  if (!report_time_read_all(&d->format[d->current], text, out) &&
      !replace(d, text, times, n, out))
    return false;
  long day = civil_day_of(out->seconds);
  if (d->n > 1 && day != d->day)
    strike_out(d, text);
  d->day = day;
  return true;
}

/* How many days the log goes through, there and back, by a format. */
static double way_of(const struct report_detect *d, size_t at,
                     const double *times, size_t n) {
  const struct time_format *from = &d->format[d->current];
  const struct time_format *to = &d->format[at];
  double way = 0;
  long day = LONG_MIN;
  long turned = 0;

  for (size_t i = 0; i < n; i++) {
    long own = civil_day_of(times[i]);
    if (own == day)
      continue;
    long next = from == to ? own : turn_day(from, to, own);
    way += day == LONG_MIN ? 0 : (double)labs(next - turned);
    day = own;
    turned = next;
  }
  return way;
}

/* Both orders make the same day of the first time: 09/09/2008. */
static bool is_same_day(const struct report_detect *d, size_t a, size_t b,
                        const double *times, size_t n) {
  const struct time_format *from = &d->format[d->current];

  if (n == 0)
    return true;
  const long day = civil_day_of(times[0]);
  return turn_day(from, &d->format[a], day) ==
         turn_day(from, &d->format[b], day);
}

static bool is_default(const struct time_format *f) {
  return strncmp(f->text, dates[0], strlen(dates[0])) == 0;
}

/* Days of a month that are taken for years say nothing of day and month. */
static bool is_rival(const struct time_format *f,
                     const struct time_format *best) {
  return f->order[0] != 'y' || best->order[0] == 'y';
}

/* What has to be told of the formats that were not taken. */
static void tell_others(const struct report_detect *d, size_t best,
                        const double ways[DETECT_MAX], const double *times,
                        size_t n, struct detect_choice *out) {
  size_t overruled = best;

  *out = (struct detect_choice){.grounds = DETECT_SURE};
  for (size_t i = 0; i < d->n; i++) {
    if (i == best || d->is_out[i])
      continue;
    const bool is_even = ways[i] == ways[best];
    if (is_rival(&d->format[i], &d->format[best]) &&
        out->grounds != DETECT_NONE)
      out->grounds = is_even ? DETECT_NONE : DETECT_WAY;
    if (is_even && !is_same_day(d, i, best, times, n))
      out->others[out->n_others++] = d->format[i];
    else if (!is_even && is_default(&d->format[i]))
      overruled = i;
  }
  if (out->grounds == DETECT_WAY && overruled != best)
    out->others[out->n_others++] = d->format[overruled];
}

void report_detect_end(struct report_detect *d, double *times, size_t n,
                       struct detect_choice *out) {
  double ways[DETECT_MAX];
  size_t best = DETECT_MAX;

  for (size_t i = 0; i < d->n; i++) {
    if (d->is_out[i])
      continue;
    ways[i] = way_of(d, i, times, n);
    if (best == DETECT_MAX || ways[i] < ways[best])
      best = i;
  }
  *out = (struct detect_choice){.grounds = DETECT_NONE};
  if (best == DETECT_MAX)
    return;
  tell_others(d, best, ways, times, n, out);
  report_detect_turn(&d->format[d->current], &d->format[best], times, n);
  d->current = best;
}

bool report_detect_is_alike(const struct time_format *a,
                            const struct time_format *b) {
  const bool is_year_alike = has_short_year(a) == has_short_year(b);

  /* A year of four digits in front is no day and no month. */
  return a->order[2] != '\0' && b->order[2] != '\0' &&
         a->text[2] == b->text[2] &&
         (is_year_alike || (a->order[0] != 'y' && b->order[0] != 'y'));
}

const struct time_format *report_detect_format(const struct report_detect *d) {
  return &d->format[d->current];
}
