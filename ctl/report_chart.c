#include "report_chart.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_clock.h"
#include "report_decimate.h"
#include "report_unit.h"

/* Of one line, and of all together: what a browser draws at once. */
enum { BUCKETS_MAX = 2500, ALL_BUCKETS_MAX = 120000 };

/* The farthest time that a browser has a date for. */
static const double TIME_MAX_MS = 8.64e15;

struct writing {
  FILE *out;
  const struct report *report;
  size_t buckets;
  struct report_point *points; /* room for those of one line */
};

double report_chart_gap_s(const struct report_log *log) {
  return log->gaps > 0 ? CLOCK_GAP_STEPS * log->interval_s : NAN;
}

static int64_t to_ms(double time_s) {
  double ms = time_s * 1000;

  return llround(ms > TIME_MAX_MS    ? TIME_MAX_MS
                 : ms > -TIME_MAX_MS ? ms
                                     : -TIME_MAX_MS);
}

static int64_t begin_of(const struct report_log *log) {
  return log->rows > 0 ? to_ms(log->times[0]) : 0;
}

static void print_logs(const struct writing *w) {
  fputs("\"logs\":[", w->out);
  for (size_t i = 0; i < w->report->n_logs; i++) {
    const struct report_log *log = &w->report->logs[i];
    fprintf(w->out, "%s{\"name\":", i > 0 ? "," : "");
    html_print_json(w->out, log->name);
    int64_t begin = begin_of(log);
    int64_t end = log->rows > 0 ? to_ms(log->times[log->rows - 1]) : begin;
    fprintf(w->out, ",\"begin\":%lld,\"end\":%lld}", (long long)begin,
            (long long)end);
  }
  fputs("]", w->out);
}

static void print_marks(const struct writing *w) {
  fputs(",\n\"marks\":[", w->out);
  for (size_t i = 0; i < w->report->n_marks; i++) {
    const struct report_mark *mark = &w->report->marks[i];
    fprintf(w->out, "%s{\"time\":%lld,\"label\":", i > 0 ? "," : "",
            (long long)to_ms(mark->time));
    html_print_json(w->out, mark->label);
    fputc('}', w->out);
  }
  fputs("]", w->out);
}

static void print_points(const struct writing *w, int64_t begin_ms, size_t n) {
  int64_t last_ms = begin_ms;

  fputs("\"times\":[", w->out);
  for (size_t i = 0; i < n; i++) {
    int64_t ms = to_ms(w->points[i].time);
    fprintf(w->out, "%s%lld", i > 0 ? "," : "", (long long)(ms - last_ms));
    last_ms = ms;
  }
  fputs("],\"values\":[", w->out);
  for (size_t i = 0; i < n; i++)
    if (isnan(w->points[i].value))
      fputs(",null", w->out);
    else
      fprintf(w->out, "%s%.7g", i > 0 ? "," : "", w->points[i].value);
  fputs("]}", w->out);
}

/* Gives whether there is a value to draw. */
static bool print_line(const struct writing *w, size_t log_index,
                       const struct report_column *column, bool is_first) {
  const struct report_log *log = &w->report->logs[log_index];
  size_t n = report_decimate(log->times, column->values, log->rows,
                             report_chart_gap_s(log), w->buckets, w->points);

  if (n == 0)
    return false;
  fprintf(w->out, "%s\n{\"log\":%zu,", is_first ? "" : ",", log_index);
  print_points(w, begin_of(log), n);
  return true;
}

/* Those of all logs, from the first one that has the name on. */
static void print_lines(const struct writing *w, size_t log_index,
                        const char *name) {
  bool is_first = true;

  for (; log_index < w->report->n_logs; log_index++) {
    const struct report_log *log = &w->report->logs[log_index];
    for (size_t column = 0; column < log->n_columns; column++)
      if (strcmp(log->columns[column].name, name) == 0 &&
          print_line(w, log_index, &log->columns[column], is_first))
        is_first = false;
  }
}

/* Whether its name stood before it, there or in an earlier log. */
static bool is_known(const struct report *r, size_t log_index, size_t column) {
  const char *name = r->logs[log_index].columns[column].name;

  for (size_t i = 0; i <= log_index; i++) {
    size_t end = i < log_index ? r->logs[i].n_columns : column;
    for (size_t c = 0; c < end; c++)
      if (strcmp(r->logs[i].columns[c].name, name) == 0)
        return true;
  }
  return false;
}

static void print_chart(const struct writing *w, size_t log_index,
                        const char *name, bool is_first) {
  fputs(is_first ? "\n{\"name\":" : ",\n{\"name\":", w->out);
  html_print_json(w->out, name);
  fprintf(w->out, ",\"unit\":\"%s\",\"lines\":[",
          report_unit_name(report_unit_of(name)));
  print_lines(w, log_index, name);
  fputs("]}", w->out);
}

static void print_charts(const struct writing *w) {
  const struct report *r = w->report;
  bool is_first = true;

  fputs(",\n\"charts\":[", w->out);
  for (size_t log = 0; log < r->n_logs; log++)
    for (size_t column = 0; column < r->logs[log].n_columns; column++)
      if (!is_known(r, log, column)) {
        print_chart(w, log, r->logs[log].columns[column].name, is_first);
        is_first = false;
      }
  fputs("]", w->out);
}

static int print_all(struct writing *w, char **json, size_t *len) {
  int err = 0;

  w->points = calloc(REPORT_DECIMATE_MAX(w->buckets), sizeof(*w->points));
  w->out = open_memstream(json, len);
  if (w->points == NULL || w->out == NULL) {
    err = -ENOMEM;
    goto out;
  }
  fputc('{', w->out);
  print_logs(w);
  print_marks(w);
  print_charts(w);
  fputc('}', w->out);
  if (ferror(w->out))
    err = -ENOMEM;
out:
  if (w->out != NULL && fclose(w->out) != 0)
    err = -ENOMEM;
  free(w->points);
  return err;
}

static size_t count_lines(const struct report *r) {
  size_t n = 0;

  for (size_t i = 0; i < r->n_logs; i++)
    n += r->logs[i].n_columns;
  return n;
}

static size_t first_buckets(const struct report *r) {
  size_t lines = count_lines(r);
  size_t share = ALL_BUCKETS_MAX / (lines > 0 ? lines : 1);

  return share > BUCKETS_MAX ? BUCKETS_MAX : share > 0 ? share : 1;
}

static size_t rows_per_bucket(const struct report *r, size_t buckets) {
  size_t most = 1;

  for (size_t i = 0; i < r->n_logs; i++) {
    size_t rows = report_decimate_rows(r->logs[i].rows, buckets);
    most = rows > most ? rows : most;
  }
  return most;
}

int report_chart_data(const struct report *r, size_t max_len,
                      struct report_chart_data *out) {
  struct writing w = {.report = r, .buckets = first_buckets(r)};

  for (;; w.buckets /= 2) {
    char *json = NULL;
    size_t len = 0;
    int err = print_all(&w, &json, &len);
    if (err == 0 && (len <= max_len || w.buckets == 1)) {
      *out =
          (struct report_chart_data){json, len, rows_per_bucket(r, w.buckets)};
      return 0;
    }
    free(json);
    if (err != 0)
      return err;
  }
}
