#include "report_marks.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/printable.h"
#include "report_civil.h"
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

/* The only moment of the span at which it is that time of the day. */
static int find_moment(const struct span *s, double time_of_day, double *out,
                       const char *text, char why[MARK_WHY_MAX]) {
  int n = 0;

  for (long day = civil_day_of(s->begin); day <= civil_day_of(s->end); day++) {
    double at = (double)day * DAY_S + time_of_day;
    if (at < s->begin || at > s->end)
      continue;
    *out = at;
    if (++n > 1)
      return complain(why, text,
                      "a date too: the logs pass that time of day more often "
                      "than once");
  }
  return n == 1 ? 0
                : complain(why, text,
                           "a time of day that the logs pass, or a date too");
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
static const char *read_as_logged(const struct report *r,
                                  const struct report_wall *walls,
                                  const char *text, struct time_format *f,
                                  double *out) {
  struct time_read time;

  for (size_t i = 0; i < r->n_logs; i++) {
    if (r->logs[i].rows == 0)
      continue;
    *f = walls[i].format;
    const char *end = read_time(f, text, &time);
    if (end == NULL && cut_fraction(&walls[i].format, f))
      end = read_time(f, text, &time);
    if (end == NULL)
      continue;
    *out = time.seconds - time.offset_s + walls[i].offset_s;
    return end;
  }
  return NULL;
}

static const char *read_common(const char *text, struct time_format *f,
                               double *out) {
  static const char *const formats[] = {
      "%Y-%m-%d %H:%M:%S.%N", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%N",
      "%Y-%m-%dT%H:%M:%S",    "%H:%M:%S.%N",       "%H:%M:%S"};
  struct time_read time;

  for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
    if (report_time_compile(f, formats[i]) != NULL)
      continue;
    const char *end = read_time(f, text, &time);
    *out = time.seconds;
    if (end != NULL)
      return end;
  }
  return NULL;
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

int report_marks_add(struct report *r, const struct report_wall *walls,
                     const char *text, char why[MARK_WHY_MAX]) {
  const struct span span = find_span(r);
  struct time_format format;
  double time = 0;

  const char *at = text + strspn(text, " \t");
  const char *label = read_as_logged(r, walls, at, &format, &time);
  if (label == NULL)
    label = read_common(at, &format, &time);
  if (label == NULL)
    return complain(why, text,
                    "a time as the logs have it, 2008-09-16 14:24:10 or "
                    "14:24:10, and a label behind it");
  label += strspn(label, " \t");
  if (*label == '\0')
    return complain(why, text, "a label behind the time");
  if (!format.has_date) {
    int err = isnan(span.begin)
                  ? complain(why, text, "a date too: the logs have no rows")
                  : find_moment(&span, time, &time, text, why);
    if (err != 0)
      return err;
  }
  return add(r, time, label);
}
