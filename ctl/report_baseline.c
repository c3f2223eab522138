#include "report_baseline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report_check.h"
#include "report_log.h"
#include "report_number.h"
#include "shown_text.h"

struct comparison {
  struct report *report;
  const struct report_log *old;
  double tolerance;
  void (*note)(void *context, const char *text);
  void *context;
};

static int compare_figure(const struct comparison *c,
                          const struct report_log *log, const char *column,
                          const char *function, double old, double new) {
  const double limit = old * (1 + c->tolerance / 100);
  char shown_limit[NUMBER_TEXT_MAX];
  char tolerance[NUMBER_TEXT_MAX];
  char shown_old[NUMBER_TEXT_MAX];
  char found[NUMBER_TEXT_MAX];

  /* Whoever compares the two as they are shown comes to the same end. */
  report_number_show_beside(limit, new, shown_limit);
  report_number_show_beside(new, strtod(shown_limit, NULL), found);
  return report_check_add(
      c->report,
      shown_text("%s: %s(%s) > %s, %s %% above %s of %s", log->name, function,
                 column, shown_limit,
                 report_number_show(c->tolerance, tolerance),
                 report_number_show(old, shown_old), c->old->path),
      found, isnan(new) || new > limit);
}

static void tell(const struct comparison *c, const struct report_log *log,
                 const char *column, const char *what) {
  char *text = shown_text("%s: column %s is not compared: it %s", log->name,
                          column, what);

  if (text != NULL)
    c->note(c->context, text);
  free(text);
}

static void tell_nothing(const struct comparison *c,
                         const struct report_log *log) {
  char *text = shown_text("--baseline %s: there is nothing to compare: it has "
                          "no values of a column that %s has",
                          c->old->path, log->name);

  if (text != NULL)
    c->note(c->context, text);
  free(text);
}

/* More of these is not worse. */
static bool is_compared(const char *column) {
  return strcasecmp(column, "Pid") != 0 && strcasecmp(column, "Uptime") != 0;
}

static int compare_column(const struct comparison *c,
                          const struct report_log *log,
                          const struct report_column *old,
                          const struct report_column *new) {
  if (old->stats.samples == 0) {
    tell(c, log, new->name, "has no value in the baseline");
    return 0;
  }
  int err = compare_figure(c, log, new->name, "mean", old->stats.mean,
                           new->stats.mean);
  if (err == 0)
    err = compare_figure(c, log, new->name, "p95", old->stats.p95,
                         new->stats.p95);
  return err;
}

static void tell_old_columns(const struct comparison *c,
                             const struct report_log *log) {
  for (size_t i = 0; i < c->old->n_columns; i++) {
    const char *name = c->old->columns[i].name;
    if (is_compared(name) && report_log_find(log, name, strlen(name)) == NULL)
      tell(c, log, name, "is in the baseline alone");
  }
}

static int compare_log(const struct comparison *c,
                       const struct report_log *log) {
  bool has_one = false;

  for (size_t i = 0; i < log->n_columns; i++) {
    const struct report_column *new = &log->columns[i];
    const struct report_column *old =
        report_log_find(c->old, new->name, strlen(new->name));
    if (!is_compared(new->name))
      continue;
    if (old == NULL) {
      tell(c, log, new->name, "is not in the baseline");
      continue;
    }
    has_one |= old->stats.samples > 0;
    int err = compare_column(c, log, old, new);
    if (err != 0)
      return err;
  }
  tell_old_columns(c, log);
  return has_one ? 0 : -EINVAL;
}

int report_baseline_check(struct report *r, const struct report_log *old,
                          double tolerance,
                          void (*note)(void *context, const char *text),
                          void *context) {
  const struct comparison c = {.report = r,
                               .old = old,
                               .tolerance = tolerance,
                               .note = note,
                               .context = context};

  for (size_t i = 0; i < r->n_logs; i++) {
    int err = compare_log(&c, &r->logs[i]);
    if (err == -EINVAL)
      tell_nothing(&c, &r->logs[i]);
    if (err != 0)
      return err;
  }
  return 0;
}
