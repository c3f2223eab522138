#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report_clock.h"
#include "report_log.h"
#include "report_stats.h"

int report_log_figure(struct report_log *log, double resolution_s) {
  struct clock_steps steps;
  double *room = calloc(log->rows + 1, sizeof(*room));

  if (room == NULL)
    return -ENOMEM;
  report_clock_measure(log->times, log->rows, resolution_s, room, &steps);
  log->interval_s = steps.usual_s;
  log->gaps = steps.gaps;
  log->gaps_s = steps.gaps_s;
  for (size_t i = 0; i < log->n_columns; i++)
    report_stats_fill(&log->columns[i].stats, log->times,
                      log->columns[i].values, log->rows, room);
  free(room);
  return 0;
}

void report_log_free(struct report_log *log) {
  for (size_t i = 0; i < log->n_columns; i++) {
    if (log->columns == NULL)
      break;
    free(log->columns[i].name);
    free(log->columns[i].values);
  }
  free(log->columns);
  free(log->times);
  free(log->shifts);
  free(log->path);
  free(log->name);
  *log = (struct report_log){.rows = 0};
}

double report_log_duration_s(const struct report_log *log) {
  return log->rows > 0 ? log->times[log->rows - 1] - log->times[0] : NAN;
}

const struct report_column *report_log_find(const struct report_log *log,
                                            const char *name, size_t len) {
  const struct report_column *alike = NULL;
  size_t n_alike = 0;

  for (size_t i = 0; i < log->n_columns; i++) {
    const struct report_column *c = &log->columns[i];
    if (strlen(c->name) != len || strncasecmp(c->name, name, len) != 0)
      continue;
    if (memcmp(c->name, name, len) == 0)
      return c;
    alike = c;
    n_alike++;
  }
  return n_alike == 1 ? alike : NULL;
}

void report_free(struct report *r) {
  for (size_t i = 0; i < r->n_logs; i++)
    report_log_free(&r->logs[i]);
  for (size_t i = 0; i < r->n_marks; i++)
    free(r->marks[i].label);
  for (size_t i = 0; i < r->n_checks; i++) {
    free(r->checks[i].text);
    free(r->checks[i].found);
  }
  free(r->logs);
  free(r->marks);
  free(r->checks);
  free(r->title);
  *r = (struct report){.title = NULL};
}
