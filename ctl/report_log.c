#include "report_log.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/printable.h"
#include "report_number.h"
#include "report_reading.h"

enum { NOTE_MAX = 1024, QUOTE_MAX = 64, FIRST_ROOM = 1024 };

static void note(const struct reading *r, size_t line, const char *format,
                 va_list arguments) {
  char what[NOTE_MAX];
  char path[NOTE_MAX];
  char text[2 * NOTE_MAX + 32];

  vsnprintf(what, sizeof(what), format, arguments);
  printable_copy(r->path, path, sizeof(path));
  if (line > 0)
    snprintf(text, sizeof(text), "%s:%zu: %s", path, line, what);
  else
    snprintf(text, sizeof(text), "%s: %s", path, what);
  r->rules->note(r->rules->context, text);
}

void reading_note(const struct reading *r, size_t line, const char *format,
                  ...) {
  va_list arguments;

  va_start(arguments, format);
  note(r, line, format, arguments);
  va_end(arguments);
}

int reading_refuse(const struct reading *r, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  note(r, r->lines.number, format, arguments);
  va_end(arguments);
  return READING_REFUSED;
}

static const char *quote(const char *text, char out[QUOTE_MAX]) {
  printable_copy(text, out, QUOTE_MAX);
  return *out != '\0' ? out : "nothing";
}

static int begin_columns(struct reading *r) {
  struct report_log *log = r->log;

  log->n_columns = r->header.n - 1;
  /* One at least: a log of times alone is a log. */
  log->columns = calloc(r->header.n, sizeof(*log->columns));
  if (log->columns == NULL)
    return -ENOMEM;
  for (size_t i = 0, at = 0; i < r->header.n; i++)
    if (i != r->header.time) {
      log->columns[at].name = strdup(r->header.names[i]);
      if (log->columns[at++].name == NULL)
        return -ENOMEM;
    }
  return 0;
}

static size_t count_fields(const char *line) {
  size_t n = 1;

  for (; (line = strchr(line, '\t')) != NULL; line++)
    n++;
  return n;
}

static int choose_columns(struct reading *r, const char *line) {
  const char *wrong;
  char quoted[QUOTE_MAX];
  size_t fields = count_fields(line);

  if (r->rules->columns != NULL) {
    r->names = strdup(r->rules->columns);
    if (r->names == NULL)
      return -ENOMEM;
    wrong = report_header_choose(&r->header, r->names);
    return wrong == NULL ? 0 : reading_refuse(r, "--columns: found %s", wrong);
  }
  wrong = report_header_guess(&r->header, fields);
  return wrong == NULL
             ? 0
             : reading_refuse(r,
                              "found %zu field%s, \"%s\", and no header; "
                              "expected %s",
                              fields, fields == 1 ? "" : "s",
                              quote(line, quoted), wrong);
}

static int take_header(struct reading *r, const char *line) {
  r->names = strdup(line);
  if (r->names == NULL)
    return -ENOMEM;
  const char *wrong = report_header_take(&r->header, r->names);
  return wrong == NULL ? 0
                       : reading_refuse(r,
                                        "found %s, expected a name for each "
                                        "column, and no name twice",
                                        wrong);
}

/* A line that is no row. */
static int skip(struct reading *r) {
  if (r->n_skipped == r->skipped_room) {
    size_t room = r->skipped_room > 0 ? 2 * r->skipped_room : 16;
    size_t *more = reallocarray(r->skipped, room, sizeof(*more));
    if (more == NULL)
      return -ENOMEM;
    r->skipped = more;
    r->skipped_room = room;
  }
  r->skipped[r->n_skipped++] = r->log->rows;
  return 0;
}

/* A header in the middle, of a log that was begun anew. */
static int take_second_header(struct reading *r, char *line) {
  struct report_header other;
  bool is_same =
      report_header_take(&other, line) == NULL && other.n == r->header.n;

  for (size_t i = 0; is_same && i < other.n; i++)
    is_same = strcmp(other.names[i], r->header.names[i]) == 0;
  if (is_same)
    return skip(r);
  return reading_refuse(r, "found other columns than the log began with, "
                           "expected the same; cut it in two here");
}

static int grow(double **numbers, size_t room) {
  double *more = reallocarray(*numbers, room, sizeof(*more));

  if (more == NULL)
    return -ENOMEM;
  *numbers = more;
  return 0;
}

static int make_room(struct reading *r) {
  struct report_log *log = r->log;

  if (log->rows < r->room)
    return 0;
  size_t room = r->room > 0 ? 2 * r->room : FIRST_ROOM;
  int err = grow(&log->times, room);
  for (size_t i = 0; i < log->n_columns && err == 0; i++)
    err = grow(&log->columns[i].values, room);
  if (err == 0)
    r->room = room;
  return err;
}

int report_log_shift(struct report_log *log, size_t row, double later_s) {
  struct report_shift *more =
      reallocarray(log->shifts, log->n_shifts + 1, sizeof(*more));

  if (more == NULL)
    return -ENOMEM;
  log->shifts = more;
  log->shifts[log->n_shifts++] =
      (struct report_shift){.row = row, .later_s = later_s};
  return 0;
}

static int refuse_time(struct reading *r, const char *text) {
  char quoted[QUOTE_MAX];

  quote(text, quoted);
  if (r->detect.n == 0)
    return reading_refuse(
        r,
        "found \"%s\", expected a time of day, or a time with "
        "its year, such as %s; --time-format says how it is written%s",
        quoted, report_detect_examples,
        r->has_header ? "" : ", --columns where it stands");
  return reading_refuse(r,
                        "found \"%s\", expected a time like those before, %s",
                        quoted, report_detect_format(&r->detect)->text);
}

static int take_time(struct reading *r, const char *text) {
  struct report_log *log = r->log;
  struct time_read time;

  if (r->detect.n == 0 && r->rules->time_format != NULL)
    report_detect_set(&r->detect, r->rules->time_format);
  if (r->detect.n == 0 && !report_detect_begin(&r->detect, text))
    return refuse_time(r, text);
  if (!report_detect_read(&r->detect, text, log->times, log->rows, &time))
    return refuse_time(r, text);
  if (log->rows == 0) {
    r->offset_s = time.offset_s;
    r->has_offset = time.has_offset;
  }
  log->times[log->rows] = time.seconds - time.offset_s + r->offset_s;
  return 0;
}

static int take_value(struct reading *r, struct report_column *c,
                      const char *text) {
  char quoted[QUOTE_MAX];
  char name[QUOTE_MAX];
  double *value = &c->values[r->log->rows];

  if (!report_number_read(text, value) || (*value < 0 && *value != -1)) {
    quote(c->name, name);
    return reading_refuse(r,
                          "found \"%s\" for %s, expected a number from 0 to "
                          "1e30, or -1 where it is missing",
                          quote(text, quoted), name);
  }
  if (*value == -1)
    *value = NAN;
  return 0;
}

static int take_row(struct reading *r, char *line) {
  struct report_column *column = r->log->columns;
  size_t fields = count_fields(line);
  char quoted[QUOTE_MAX];

  if (*line == '\0')
    return reading_refuse(r, "found an empty line, expected a row");
  if (fields != r->header.n)
    return reading_refuse(
        r, "found %zu field%s, \"%s\", expected %zu, one for each column",
        fields, fields == 1 ? "" : "s", quote(line, quoted), r->header.n);
  int err = make_room(r);
  for (size_t i = 0; i < fields && err == 0; i++) {
    char *end = strchr(line, '\t');
    if (end != NULL)
      *end = '\0';
    err = i == r->header.time ? take_time(r, line)
                              : take_value(r, column++, line);
    line = end != NULL ? end + 1 : line;
  }
  if (err == 0)
    r->log->rows++;
  return err;
}

/* The first line: a header, or already a row. */
static int begin(struct reading *r, char *line) {
  if (*line == '\0')
    return reading_refuse(r, "found an empty line, expected a header or a row");
  r->has_header = report_header_is(line);
  int err = r->has_header ? take_header(r, line) : choose_columns(r, line);
  if (err == 0)
    err = begin_columns(r);
  if (err != 0)
    return err;
  return r->has_header ? skip(r) : take_row(r, line);
}

int reading_take(struct reading *r, char *line) {
  if (r->header.n == 0)
    return begin(r, line);
  if (*line == '-' && report_header_is_rule(line))
    return skip(r);
  /* Nearly all rows begin with a digit, and no name does. */
  if ((*line < '0' || *line > '9') && report_header_is(line))
    return take_second_header(r, line);
  return take_row(r, line);
}
