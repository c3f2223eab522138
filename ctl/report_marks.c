#include "report_marks.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plugin/printable.h"
#include "report_civil.h"
#include "report_place.h"
#include "report_time.h"

/* What is between the first row and the last one. */
struct span {
  double begin, end;
};

static struct span find_span(const struct report *r) {
  struct span s = {NAN, NAN};

  for (size_t i = 0; i < r->n_logs; i++)
    if (r->logs[i].rows > 0) {
      s.begin = fmin(s.begin, r->logs[i].times[0]);
      s.end = fmax(s.end, r->logs[i].times[r->logs[i].rows - 1]);
    }
  return s;
}

static int complain(char why[MARK_WHY_MAX], const char *text,
                    const char *expected) {
  char shown[MARK_WHY_MAX / 4];

  printable_copy(text, shown, sizeof(shown));
  snprintf(why, MARK_WHY_MAX, "found \"%s\", expected %s", shown, expected);
  return -EINVAL;
}

/* A mark as it was written. */
struct written {
  const struct report *report;
  const char *text;
  struct span span; /* of all logs */
  struct time_format format;
  struct place_time time;
  size_t reader; /* the log that writes times like it, or any with rows */
};

/* The only moment of the span at which it is that time of the day. */
static size_t find_moments(const struct written *w, double *out) {
  const struct span *s = &w->span;
  size_t n = 0;

  for (long day = civil_day_of(s->begin); day <= civil_day_of(s->end); day++) {
    double at = (double)day * DAY_S + w->time.own_s;
    if (at < s->begin || at > s->end)
      continue;
    *out = at;
    n++;
  }
  return n;
}

static int place_time_of_day(const struct written *w, double *out,
                             char why[MARK_WHY_MAX]) {
  const struct report *r = w->report;
  size_t n = 0;

  if (isnan(w->span.begin))
    return complain(why, w->text, "a date too: the logs have no rows");
  for (size_t i = 0; i < r->n_logs; i++) {
    const struct places found = report_place_find(&r->logs[i], &w->time);
    /* Clocks that were set differ by little: that is the same moment. */
    if (n == 1 && found.n == 1 && fabs(found.first - *out) < DAY_S / 2.0)
      continue;
    if (n == 0)
      *out = found.first;
    n += found.n;
  }
  if (n == 0)
    n = find_moments(w, out);
  if (n > 1)
    return complain(why, w->text,
                    "a date too: the logs pass that time of day more often "
                    "than once");
  return n == 1 ? 0
                : complain(why, w->text,
                           "a time of day that the logs pass, or a date too");
}

static void remark(const struct written *w, char why[MARK_WHY_MAX],
                   const char *what) {
  char shown[MARK_WHY_MAX / 4];

  printable_copy(w->text, shown, sizeof(shown));
  snprintf(why, MARK_WHY_MAX, "\"%s\" %s", shown, what);
}

static bool is_between(const struct written *w, double at) {
  return at >= w->span.begin && at <= w->span.end;
}

/* Where no log has rows on both sides of it. */
static double place_outside(const struct written *w, char why[MARK_WHY_MAX]) {
  const struct report *r = w->report;
  char begin[CIVIL_TEXT_MAX];
  char end[CIVIL_TEXT_MAX];
  char what[MARK_WHY_MAX / 4];

  const double at = report_place_guess(&r->logs[w->reader], &w->time);
  if (is_between(w, at))
    return at;
  if (isnan(w->span.begin))
    return at;
  snprintf(what, sizeof(what), "is outside of the logs, from %s to %s",
           civil_print(w->span.begin, begin), civil_print(w->span.end, end));
  remark(w, why, what);
  return at;
}

static double place_date(const struct written *w, char why[MARK_WHY_MAX]) {
  const struct report *r = w->report;

  for (size_t i = 0; i < r->n_logs; i++) {
    const struct report_log *log = &r->logs[(w->reader + i) % r->n_logs];
    const struct places found = report_place_find(log, &w->time);
    if (found.n > 1)
      remark(w, why,
             "is more than one moment, as the clock was set back: the first "
             "is taken");
    if (found.n > 0)
      return found.first;
  }
  return place_outside(w, why);
}

/* Reads a time that a blank ends. Gives what comes behind it, or NULL. */
static const char *read_time(const struct time_format *f, const char *text,
                             struct time_read *out) {
  const char *end = report_time_read(f, text, out);

  return end != NULL && (*end == ' ' || *end == '\t' || *end == '\0') ? end
                                                                      : NULL;
}

/* The format without the fraction of its seconds. False: it has none. */
static bool cut_fraction(const struct time_format *f, struct time_format *out) {
  char format[TIME_FORMAT_MAX];

  snprintf(format, sizeof(format), "%s", f->text);
  for (char *at = format; (at = strchr(at, '%')) != NULL; at++) {
    char *end = at + 1 + (at[1] >= '1' && at[1] <= '9');
    if (*end != 'N')
      continue;
    if (at > format && (at[-1] == '.' || at[-1] == ','))
      at--;
    memmove(at, end + 1, strlen(end + 1) + 1);
    return report_time_compile(out, format) == NULL;
  }
  return false;
}

/* The time as one of the logs writes it. */
static const char *read_as_logged(struct written *w,
                                  const struct report_wall *walls,
                                  const char *text) {
  const struct report *r = w->report;
  struct time_read time;

  for (size_t i = 0; i < r->n_logs; i++) {
    if (r->logs[i].rows == 0)
      continue;
    w->format = walls[i].format;
    const char *end = read_time(&w->format, text, &time);
    if (end == NULL && cut_fraction(&walls[i].format, &w->format))
      end = read_time(&w->format, text, &time);
    if (end == NULL)
      continue;
    w->reader = i;
    w->time.own_s = time.seconds - time.offset_s + walls[i].offset_s;
    return end;
  }
  return NULL;
}

static const char *read_common(struct written *w, const char *text) {
  static const char *const formats[] = {
      "%Y-%m-%d %H:%M:%S.%N", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%N",
      "%Y-%m-%dT%H:%M:%S",    "%H:%M:%S.%N",       "%H:%M:%S"};
  struct time_read time;

  for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
    if (report_time_compile(&w->format, formats[i]) != NULL)
      continue;
    const char *end = read_time(&w->format, text, &time);
    w->time.own_s = time.seconds;
    if (end != NULL)
      return end;
  }
  return NULL;
}

/* 10:00:01 PM, where nothing has read the PM. */
static bool is_half_read(const struct written *w, const char *label) {
  const double of_day =
      w->time.own_s - (double)civil_day_of(w->time.own_s) * DAY_S;

  return (strncasecmp(label, "AM", 2) == 0 ||
          strncasecmp(label, "PM", 2) == 0) &&
         !isalnum((unsigned char)label[2]) && of_day >= HOUR_S &&
         of_day < 13 * HOUR_S && !report_time_has(&w->format, "ps");
}

static int add(struct report *r, double time, const char *label) {
  struct report_mark *more =
      reallocarray(r->marks, r->n_marks + 1, sizeof(*more));

  if (more == NULL)
    return -ENOMEM;
  r->marks = more;
  char *kept = strdup(label);
  if (kept == NULL)
    return -ENOMEM;
  r->marks[r->n_marks++] = (struct report_mark){.time = time, .label = kept};
  return 0;
}

/* Gives the label, or NULL with `why`. */
static const char *read_mark(struct written *w, const struct report_wall *walls,
                             char why[MARK_WHY_MAX]) {
  const char *at = w->text + strspn(w->text, " \t");
  const char *expected = NULL;

  const char *label = read_as_logged(w, walls, at);
  if (label == NULL)
    label = read_common(w, at);
  if (label != NULL)
    label += strspn(label, " \t");
  if (label == NULL)
    expected = "a time as the logs have it, 2008-09-16 14:24:10 or 14:24:10, "
               "and a label behind it";
  else if (*label == '\0')
    expected = "a label behind the time";
  else if (is_half_read(w, label))
    expected = "hours up to 23, or AM and PM as the logs have them";
  if (expected == NULL)
    return label;
  complain(why, w->text, expected);
  return NULL;
}

int report_marks_add(struct report *r, const struct report_wall *walls,
                     const char *text, char why[MARK_WHY_MAX]) {
  struct written w = {.report = r, .text = text, .span = find_span(r)};
  double time = 0;

  why[0] = '\0';
  const char *label = read_mark(&w, walls, why);
  if (label == NULL)
    return -EINVAL;
  w.time.has_date = w.format.has_date;
  w.time.resolution_s = w.format.resolution_s;
  /* A log that begins at 10.5 s has begun at 10 s. */
  w.span.begin -= fmod(w.span.begin, w.time.resolution_s);
  if (w.time.has_date)
    time = place_date(&w, why);
  else {
    int err = place_time_of_day(&w, &time, why);
    if (err != 0)
      return err;
  }
  return add(r, time, label);
}
