/* A log from its first byte to its figures. */
#include "report_reading.h"

#include <stdlib.h>
#include <string.h>

#include "compat/error_text.h"
#include "plugin/printable.h"
#include "report_civil.h"
#include "report_clock.h"

enum { PROGRESS_LINES = 8192, FALLS_TOLD = 3, QUOTE_MAX = 64 };

/* What is no text, by its first bytes, and what makes one of it. */
static const struct {
  const char *begin;
  const char *is;
  const char *tool;
} foreign[] = {
    {"\x1f\x8b", "compressed", "zcat"},
    {"BZh", "compressed", "bzcat"},
    {"\xfd"
     "7zXZ",
     "compressed", "xzcat"},
    {"\x28\xb5\x2f\xfd", "compressed", "zstdcat"},
    {"\xff\xfe", "UTF-16", "iconv -f UTF-16"},
    {"\xfe\xff", "UTF-16", "iconv -f UTF-16"},
};

static int refuse_foreign(struct reading *r, const char *line) {
  for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
    if (strncmp(line, foreign[i].begin, strlen(foreign[i].begin)) == 0)
      return reading_refuse(r,
                            "the log is %s; read it by: %s %s | procmonctl "
                            "report -",
                            foreign[i].is, foreign[i].tool, r->path);
  return 0;
}

static int take(struct reading *r, char *line, size_t len, bool is_torn) {
  static const char mark[] = "\xef\xbb\xbf";
  char quoted[QUOTE_MAX];

  if (r->lines.number == 1) {
    int err = refuse_foreign(r, line);
    if (err != 0)
      return err;
    if (strncmp(line, mark, strlen(mark)) == 0) {
      line += strlen(mark);
      len -= strlen(mark);
    }
  }
  if (is_torn) {
    printable_copy(line, quoted, sizeof(quoted));
    reading_note(r, r->lines.number,
                 "the last line has no end and is left out: \"%s\"", quoted);
    return 0;
  }
  if (memchr(line, '\0', len) != NULL)
    return reading_refuse(r,
                          "found a byte of 0, expected text: this is no log");
  return reading_take(r, line);
}

static int read_lines(struct reading *r) {
  const struct report_rules *rules = r->rules;
  bool is_torn = false;
  char *line;
  size_t len;

  for (;;) {
    int got = report_lines_next(&r->lines, &line, &len, &is_torn);
    if (got == -EMSGSIZE)
      return reading_refuse(r,
                            "found a line of more than %d bytes, expected a "
                            "row: this is no log",
                            LINE_MAX_BYTES);
    if (got <= 0)
      return got;
    int err = take(r, line, len, is_torn);
    if (err != 0)
      return err;
    if (rules->progress != NULL && r->lines.number % PROGRESS_LINES == 0)
      rules->progress(rules->context, r->path, r->lines.read_bytes);
  }
}

struct falls {
  const struct reading *r;
  size_t n;
  int err;
};

static size_t line_of(const struct reading *r, size_t row) {
  size_t line = row + 1;

  for (size_t i = 0; i < r->n_skipped && r->skipped[i] <= row; i++)
    line++;
  return line;
}

static void tell_fall(struct falls *falls, size_t row, double from, double to,
                      double later_s) {
  char before[CIVIL_TEXT_MAX];
  char now[CIVIL_TEXT_MAX];

  if (falls->n++ >= FALLS_TOLD)
    return;
  civil_print(from, before);
  civil_print(to, now);
  if (report_detect_format(&falls->r->detect)->has_date)
    reading_note(falls->r, line_of(falls->r, row),
                 "the time falls from %s to %s: the clock was set back; until "
                 "it has caught up the rows are taken for %.10g s later",
                 before, now, later_s);
  else
    reading_note(falls->r, line_of(falls->r, row),
                 "the time of day falls from %s to %s, and by more than %d h "
                 "it would be another day: the clock was set back; until it "
                 "has caught up the rows are taken for %.10g s later",
                 strchr(before, 'T') + 1, strchr(now, 'T') + 1,
                 CLOCK_NEW_DAY_S / HOUR_S, later_s);
}

static void take_shift(void *context, size_t row, double from, double to,
                       double later_s) {
  struct falls *falls = context;

  if (later_s > 0)
    tell_fall(falls, row, from, to, later_s);
  if (falls->err == 0)
    falls->err = report_log_shift(falls->r->log, row, later_s);
}

/* The times as they are kept. */
static int settle_times(struct reading *r) {
  struct report_log *log = r->log;
  struct falls falls = {.r = r};

  const struct time_format *format = report_detect_format(&r->detect);
  report_clock_rise(log->times, log->rows, format->has_date, take_shift,
                    &falls);
  if (falls.n > FALLS_TOLD)
    reading_note(r, 0, "the time falls %zu times more", falls.n - FALLS_TOLD);
  report_clock_spread(log->times, log->rows, format->resolution_s);
  return falls.err;
}

static int finish(struct reading *r, struct report_wall *wall) {
  struct report_log *log = r->log;

  if (log->rows == 0)
    return report_log_figure(log, 0);
  *wall = (struct report_wall){.offset_s = r->offset_s,
                               .has_offset = r->has_offset};
  report_detect_end(&r->detect, log->times, log->rows, &wall->choice);
  wall->format = *report_detect_format(&r->detect);
  int err = settle_times(r);
  return err != 0 ? err : report_log_figure(log, wall->format.resolution_s);
}

static void tell_error(const struct reading *r, int err) {
  char text[ERROR_TEXT_MAX];

  if (err == -ENOMEM)
    reading_note(r, 0, "not enough memory for %zu rows", r->log->rows);
  else if (err != 0 && err != READING_REFUSED)
    reading_note(r, 0, "%s", error_text(err, text));
}

int report_log_read(struct report_log *log, int fd, const char *path,
                    const struct report_rules *rules,
                    struct report_wall *wall) {
  struct reading r = {.log = log, .path = path, .rules = rules};

  *log = (struct report_log){.rows = 0};
  int err = report_lines_begin(&r.lines, fd);
  if (err == 0)
    log->path = strdup(path);
  if (err == 0 && log->path == NULL)
    err = -ENOMEM;
  if (err == 0)
    err = read_lines(&r);
  if (err == 0 && r.header.n == 0) {
    reading_note(&r, 0, "there is no line in it, expected a header or a row");
    err = READING_REFUSED;
  }
  if (err == 0)
    err = finish(&r, wall);
  tell_error(&r, err);
  report_lines_end(&r.lines);
  free(r.names);
  free(r.skipped);
  if (err != 0)
    report_log_free(log);
  return err;
}
