#include "monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "account.h"
#include "backends/clock.h"
#include "compat/thread.h"
#include "dispatch.h"
#include "metrics.h"
#include "report.h"
#include "series.h"
#include "targets.h"

struct monitor {
  const struct monitor_config *config;
  struct ends *ends;
  pthread_mutex_t lock; /* readings, ends and stop are of several threads */
  struct targets targets;
  struct series *series;
  uint64_t last_ns;  /* CLOCK_MONOTONIC of the baseline or the last reading */
  bool has_read;     /* a reading was taken since the baseline */
  bool has_read_end; /* one was taken at an end, before its time */
  bool is_stopped, is_over, has_said_over;
  size_t said_n; /* the processes that the daemon's log knows of */
  pid_t said_pid;
};

/* --- words --- */

static void say_waiting(const struct monitor *m) {
  char selectors[1024];

  monitor_config_describe(m->config, selectors, sizeof(selectors));
  report(REPORT_NOTICE,
         "<Process \"%s\">: no process now with %s, waiting for it",
         m->config->name, selectors);
}

static void say_processes(struct monitor *m) {
  size_t n = roster_running(&m->targets.roster);
  pid_t pid = roster_oldest(&m->targets.roster);
  bool same = n > 0 && m->said_n > 0 && (n > 1 || pid == m->said_pid);

  if (m->is_over)
    report(REPORT_NOTICE,
           "<Process \"%s\">: process %d has ended, and so has "
           "this monitor",
           m->config->name, (int)m->config->pid);
  else if (n == 0 && m->said_n > 0)
    say_waiting(m);
  else if (n == 1 && !same)
    report(REPORT_INFO, "<Process \"%s\">: watching process %d",
           m->config->name, (int)pid);
  else if (n > 1 && !same)
    report(REPORT_INFO, "<Process \"%s\">: watching %zu processes",
           m->config->name, n);
  m->said_n = n;
  m->said_pid = pid;
}

/* The log of a monitor that is over is complete. */
static void tell_processes(struct monitor *m) {
  if (m->has_said_over)
    return;
  say_processes(m);
  if (m->is_over)
    series_close(m->series);
  m->has_said_over = m->is_over;
}

/* --- readings --- */

static void begin(const struct monitor *m, struct reading *r) {
  account_begin(r, m->targets.roster.want);
  r->wall_ns = m->targets.wall_ns;
}

/* Each process by itself; how many there are goes with the monitor's name. */
static void write_each(struct monitor *m, bool only_rows) {
  struct roster *roster = &m->targets.roster;

  for (size_t i = 0; i < roster->n; i++) {
    struct series *s = roster->members[i].series;
    struct reading r;
    begin(m, &r);
    targets_account_one(&m->targets, i, &r, &s->totals);
    account_end(&r, &s->totals, m->config->num_processors);
    r.pid = roster->members[i].pid;
    if (only_rows)
      series_write_row(s, &r);
    else
      series_write(s, &r);
  }
}

static void write_sum(struct monitor *m, bool only_rows) {
  struct reading r;

  begin(m, &r);
  targets_account(&m->targets, &r, &m->series->totals);
  account_end(&r, &m->series->totals, m->config->num_processors);
  r.pid = roster_oldest(&m->targets.roster);
  if (m->config->each && !only_rows && m->config->dispatch)
    dispatch_reading(m->series->name, m->config->interval_ns,
                     m->config->metrics & METRIC_COUNT, &r);
  else if (!m->config->each && only_rows)
    series_write_row(m->series, &r);
  else if (!m->config->each)
    series_write(m->series, &r);
}

/* A reading of which a part is missing is none: the next one then counts all
 * since the last. */
static void take_reading(struct monitor *m, bool only_rows) {
  if (!targets_update(&m->targets, m->last_ns))
    return;
  if (m->config->each)
    write_each(m, only_rows);
  write_sum(m, only_rows);
  targets_settle(&m->targets);
  m->is_over = targets_are_over(&m->targets);
  m->last_ns = m->targets.now_ns;
  m->has_read = true;
  tell_processes(m);
}

/* True when a tenth of the interval has passed: less is no interval. */
static bool is_due(const struct monitor *m) {
  uint64_t elapsed_ns = clock_ns(CLOCK_MONOTONIC) - m->last_ns;

  return elapsed_ns >= m->config->interval_ns / 10;
}

void monitor_read(struct monitor *m) {
  pthread_mutex_lock(&m->lock);
  uint64_t elapsed_ns = clock_ns(CLOCK_MONOTONIC) - m->last_ns;
  /* collectd reads for the first time at once, and twice in a row when it was
   * late: neither is an interval. */
  if (m->has_read ? is_due(m) : elapsed_ns >= m->config->interval_ns / 2) {
    m->has_read_end = false;
    take_reading(m, false);
  }
  pthread_mutex_unlock(&m->lock);
}

/* Nobody is left to read: the last row is not left to the next interval. Of
 * processes that come and go one after the other only the first end of an
 * interval is worth a reading. */
static void take_last_reading(struct monitor *m) {
  if (m->has_read_end || roster_running(&m->targets.roster) > 0 ||
      !targets_work(&m->targets))
    return;
  m->has_read_end = true;
  take_reading(m, false);
}

static void end_target(void *arg, pid_t pid) {
  struct monitor *m = arg;

  pthread_mutex_lock(&m->lock);
  if (!m->is_stopped && targets_end(&m->targets, pid))
    take_last_reading(m);
  pthread_mutex_unlock(&m->lock);
}

/* --- life --- */

static uint32_t needed_fields(const struct monitor_config *c) {
  uint32_t need = c->file != NULL ? columns_need(&c->columns) : 0;
  return need | (c->dispatch ? metrics_need(c->metrics) : 0);
}

int monitor_create(const struct monitor_config *config,
                   const struct monitor_env *env, struct monitor **out) {
  struct monitor *m = calloc(1, sizeof(*m));
  if (m == NULL)
    return -ENOMEM;
  m->config = config;
  pthread_mutex_init(&m->lock, NULL);
  int error = targets_init(&m->targets, config, env->backend, env->ctx,
                           env->census, env->budget, needed_fields(config));
  if (error == 0)
    error = series_create(config, env->budget, 0, &m->series);
  if (error == 0 && env->ends != NULL)
    error = ends_join(env->ends, end_target, m, &m->targets.ends_id);
  if (error != 0) {
    monitor_free(m);
    return error;
  }
  m->ends = env->ends;
  *out = m;
  return 0;
}

void monitor_start(struct monitor *m) {
  pthread_mutex_lock(&m->lock);
  if (!m->config->each)
    series_open(m->series, m->config->pid);
  targets_update(&m->targets, clock_ns(CLOCK_MONOTONIC));
  m->last_ns = m->targets.now_ns;
  targets_settle(&m->targets);
  m->is_over = targets_are_over(&m->targets);
  tell_processes(m);
  if (roster_running(&m->targets.roster) == 0 && !m->is_over)
    say_waiting(m);
  pthread_mutex_unlock(&m->lock);
}

bool monitor_is_running(struct monitor *m) {
  pthread_mutex_lock(&m->lock);
  bool is_running = !m->is_stopped && !m->is_over;
  pthread_mutex_unlock(&m->lock);
  return is_running;
}

void monitor_stop(struct monitor *m) {
  pthread_mutex_lock(&m->lock);
  bool is_running = !m->is_stopped && !m->is_over;
  /* What hung a moment ago would hang once more, for each monitor. */
  m->targets.is_quiet = true;
  if (is_running && is_due(m) && targets_work(&m->targets))
    take_reading(m, true);
  series_close(m->series);
  m->is_stopped = true;
  pthread_mutex_unlock(&m->lock);
}

void monitor_free(struct monitor *m) {
  if (m == NULL)
    return;
  if (m->ends != NULL)
    ends_leave(m->ends, m->targets.ends_id);
  targets_clear(&m->targets);
  series_free(m->series);
  pthread_mutex_destroy(&m->lock);
  free(m);
}
