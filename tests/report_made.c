#include "report_made.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double BEGIN = 1796126400; /* 2026-12-01 12:00:00 */

static void *check_memory(void *memory) {
  if (memory == NULL) {
    fputs("report_made: out of memory\n", stderr);
    exit(2);
  }
  return memory;
}

static char *copy(const char *text) { return check_memory(strdup(text)); }

/* What a column would look like, around a row. */
static double value_of(const char *column, size_t log, size_t row) {
  const double x = (double)row;
  const double noise = (double)((row * 2654435761U >> 7) % 1000) / 1000;
  const double shift = (double)log;

  if (strcmp(column, "CPU") == 0)
    return round(10 * (40 + 30 * sin(x / 60 + shift) + 25 * noise)) / 10;
  if (strcmp(column, "Resident") == 0)
    return 89056 + floor(x * (2 + 3 * shift)) + floor(2000 * noise);
  if (strcmp(column, "Virtual") == 0)
    return 1421672 + 4096 * floor(x / 300);
  if (strcmp(column, "Threads") == 0)
    return 12 + floor(4 * noise) + shift;
  if (strcmp(column, "Write") == 0)
    return row % 97 == 0 ? 40000 * noise : 12.5 * noise;
  return 100 * shift + 50 * cos(x / 100) + 20 * noise;
}

static struct report_column made_column(const char *name, size_t log,
                                        size_t rows) {
  struct report_column column = {.name = copy(name)};

  column.values = check_memory(calloc(rows + 1, sizeof(double)));
  for (size_t row = 0; row < rows; row++)
    column.values[row] = value_of(name, log, row);
  return column;
}

static void *grown(void *array, size_t n, size_t size) {
  return check_memory(realloc(array, (n + 1) * size));
}

void report_made_log(struct report *r, const char *path, const char *name,
                     double begin, double step_s, size_t rows,
                     const char *const *names) {
  struct report_log log = {.path = copy(path), .name = copy(name)};

  log.rows = rows;
  log.interval_s = rows > 1 ? step_s : NAN;
  log.times = check_memory(calloc(rows + 1, sizeof(double)));
  for (size_t row = 0; row < rows; row++)
    log.times[row] = begin + step_s * (double)row;
  for (; names[log.n_columns] != NULL; log.n_columns++) {
    log.columns = grown(log.columns, log.n_columns, sizeof(*log.columns));
    log.columns[log.n_columns] =
        made_column(names[log.n_columns], r->n_logs, rows);
  }
  r->logs = grown(r->logs, r->n_logs, sizeof(*r->logs));
  r->logs[r->n_logs++] = log;
}

void report_made_mark(struct report *r, double time, const char *label) {
  r->marks = grown(r->marks, r->n_marks, sizeof(*r->marks));
  r->marks[r->n_marks++] = (struct report_mark){time, copy(label)};
}

void report_made_check(struct report *r, const char *text, const char *found,
                       bool failed) {
  r->checks = grown(r->checks, r->n_checks, sizeof(*r->checks));
  r->checks[r->n_checks++] =
      (struct report_check){copy(text), copy(found), failed};
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;

  return (x > y) - (x < y);
}

static void count_column(const struct report_log *log,
                         struct report_column *column) {
  struct report_stats *s = &column->stats;
  double *sorted = check_memory(calloc(log->rows + 1, sizeof(double)));
  double sum = 0, t_sum = 0, tt_sum = 0, tv_sum = 0;

  *s = (struct report_stats){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  for (size_t row = 0; row < log->rows; row++) {
    double value = column->values[row];
    double hours = (log->times[row] - log->times[0]) / 3600;
    if (!isfinite(value))
      continue;
    sorted[s->samples++] = s->last = value;
    sum += value;
    t_sum += hours;
    tt_sum += hours * hours;
    tv_sum += hours * value;
  }
  if (s->samples > 0) {
    double n = (double)s->samples;
    qsort(sorted, s->samples, sizeof(double), compare);
    s->min = sorted[0];
    s->max = sorted[s->samples - 1];
    s->median = sorted[s->samples / 2];
    s->p95 = sorted[(size_t)(0.95 * (n - 1))];
    s->mean = sum / n;
    s->slope = (n * tv_sum - t_sum * sum) / (n * tt_sum - t_sum * t_sum);
    s->slope_low = s->slope - (s->max - s->min) / 20;
    s->slope_high = s->slope + (s->max - s->min) / 20;
  }
  free(sorted);
}

void report_made_count(struct report *r) {
  for (size_t i = 0; i < r->n_logs; i++)
    for (size_t c = 0; c < r->logs[i].n_columns; c++)
      count_column(&r->logs[i], &r->logs[i].columns[c]);
}

static void make_one(struct report *r) {
  static const char *const names[] = {"CPU", "Resident", NULL};

  report_made_log(r, "server.tsv", "server", BEGIN, 1, 600, names);
}

static void make_ordinary(struct report *r) {
  static const char *const names[] = {"CPU",     "Resident", "Virtual",
                                      "Threads", "Write",    NULL};

  report_made_log(r, "build/logs/server-1.4.tsv", "server-1.4", BEGIN, 1, 3600,
                  names);
  report_made_log(r, "build/logs/server-1.5.tsv", "server-1.5", BEGIN + 900, 1,
                  3600, names);
  struct report_log *log = &r->logs[0];
  /* Ten minutes without rows, and one row without values. */
  for (size_t row = 2000; row < log->rows; row++)
    log->times[row] += 600;
  log->gaps = 1;
  log->gaps_s = 601;
  for (size_t c = 0; c < log->n_columns; c++)
    log->columns[c].values[1000] = NAN;
  report_made_mark(r, BEGIN + 300, "warm-up done");
  report_made_mark(r, BEGIN + 1800, "load doubled");
  report_made_check(r, "Resident of server-1.4: max < 150 MiB", "98.3 MiB",
                    false);
  report_made_check(r, "Resident of server-1.5: slope < 1 MiB an hour",
                    "+17.5 MiB an hour (17.4 to 17.6)", true);
  report_made_check(r, "CPU of server-1.5: p95 < 95 %", "91.2 %", false);
}

#define SCRIPT "</script><script>alert(1)</script>"
#define IMAGE "\"><img src=x onerror=alert(2)>"

static void make_hostile(struct report *r) {
  static const char *const names[] = {
      SCRIPT,      IMAGE, "\x01\x1b[31m\xff\xc3", "huge", "</script x",
      "__proto__", NULL};

  r->title = copy("<!--" SCRIPT "&lt;\xe2\x80\xae");
  report_made_log(r, "/tmp/" SCRIPT, SCRIPT, BEGIN, 1, 50, names);
  report_made_log(r, IMAGE, IMAGE, BEGIN, 1, 50, names);
  report_made_log(r, "empty", "", BEGIN, 1, 0, names);
  report_made_log(r, "far", "far", -1e300, 1e300, 2, names);
  for (size_t row = 0; row < r->logs[0].rows; row++) {
    r->logs[0].columns[3].values[row] = row % 2 == 0 ? 1e308 : -1e308;
    r->logs[0].columns[4].values[row] = row % 2 == 0 ? NAN : INFINITY;
  }
  report_made_mark(r, BEGIN + 10, SCRIPT);
  report_made_mark(r, 1e300, IMAGE "\xf0\x9f");
  report_made_check(r, SCRIPT, IMAGE, true);
}

static void make_large(struct report *r) {
  static const char *const names[] = {"CPU",   "Resident", "Virtual", "Threads",
                                      "Write", "Handles",  NULL};

  report_made_log(r, "large.tsv", "large", BEGIN, 1, 1000000, names);
  /* A single row that a chart must not lose. */
  r->logs[0].columns[0].values[654321] = 999.5;
}

static void make_many(struct report *r) {
  static const char *const names[] = {"CPU",
                                      "User",
                                      "System",
                                      "Resident",
                                      "Working",
                                      "Virtual",
                                      "Private",
                                      "Threads",
                                      "Handles",
                                      "Processes",
                                      "Anonymous",
                                      "MinorFaults",
                                      "MajorFaults",
                                      "Read",
                                      "Write",
                                      "VoluntarySwitches",
                                      "InvoluntarySwitches",
                                      "Uptime",
                                      "Queue",
                                      "Sessions",
                                      NULL};
  char name[32];

  for (int i = 0; i < 20; i++) {
    snprintf(name, sizeof(name), "worker-%02d", i);
    report_made_log(r, name, name, BEGIN + 60 * i, 1, 20000, names);
  }
}

bool report_made(const char *name, struct report *out) {
  static const struct {
    const char *name;
    void (*make)(struct report *r);
  } all[] = {{"ordinary", make_ordinary}, {"one", make_one},
             {"hostile", make_hostile},   {"large", make_large},
             {"many", make_many},         {"empty", NULL}};

  *out = (struct report){0};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    if (strcmp(name, all[i].name) != 0)
      continue;
    if (all[i].make != NULL)
      all[i].make(out);
    if (out->title == NULL)
      out->title = copy("Load test of the server");
    report_made_count(out);
    return true;
  }
  return false;
}
