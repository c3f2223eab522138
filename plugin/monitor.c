#include "monitor.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "account.h"
#include "backends/clock.h"
#include "compat/thread.h"
#include "dispatch.h"
#include "metrics.h"
#include "series.h"
#include "status.h"
#include "targets.h"

struct monitor {
  const struct monitor_config *config;
  struct ends *ends;
  pthread_mutex_t lock; /* readings, ends and stop are of several threads */
  struct targets targets;
  struct logs logs;
  struct series *series;
  uint64_t last_ns;  /* CLOCK_MONOTONIC of the baseline or the last reading */
  bool has_read;     /* a reading was taken since the baseline */
  bool has_read_end; /* one was taken at an end, before its time */
  bool is_stopped, is_over, has_said_over;
  atomic_bool is_running; /* as it was at the last reading */
  struct status status;
  atomic_uint wishes; /* for who holds the lock next */
  void (*told)(void *arg);
  void *told_arg;
  pthread_mutex_t view_lock; /* guards the view; nobody hangs who holds it */
  struct view view;
};

/* What others want done, without waiting for a monitor that may hang. */
enum wish { WISH_LOOK_FOR_ENDS = 1, WISH_REOPEN = 2 };

/* The log of a monitor that is said to be over is complete. */
static void tell_processes(struct monitor *m) {
  const struct roster *r = &m->targets.roster;

  if (!m->is_over)
    status_say_processes(&m->status, m->config, roster_running(r),
                         roster_oldest(r), m->targets.now_ns);
  else if (m->has_said_over)
    series_retry(m->series);
  else
    series_close(m->series, true);
  m->has_said_over = m->is_over;
}

/* --- the view --- */

static void show(struct monitor *m, const struct reading *r) {
  const struct roster *roster = &m->targets.roster;
  struct view *v = &m->view;

  atomic_store(&m->is_running, !m->is_stopped && !m->is_over);
  if (m->told == NULL)
    return;
  pthread_mutex_lock(&m->view_lock);
  if (r != NULL)
    view_add(v, r, m->targets.now_ns);
  if (v->over_ns == 0 && (m->is_stopped || m->is_over))
    v->over_ns = m->is_over ? m->targets.now_ns : clock_ns(CLOCK_MONOTONIC);
  v->processes = roster_running(roster);
  v->n_pids = 0;
  for (size_t i = 0; i < roster->n && v->n_pids < VIEW_PIDS_MAX; i++)
    if (!roster->members[i].has_ended)
      v->pids[v->n_pids++] = roster->members[i].pid;
  pthread_mutex_unlock(&m->view_lock);
  m->told(m->told_arg);
}

void monitor_look(struct monitor *m, struct view *view,
                  struct logs_state *logs) {
  pthread_mutex_lock(&m->view_lock);
  *view = m->view;
  pthread_mutex_unlock(&m->view_lock);
  logs_look(&m->logs, logs);
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

static void write_sum(struct monitor *m, bool only_rows, struct reading *r) {
  begin(m, r);
  targets_account(&m->targets, r, &m->series->totals);
  account_end(r, &m->series->totals, m->config->num_processors);
  r->pid = roster_oldest(&m->targets.roster);
  if (m->config->each && !only_rows && m->config->dispatch)
    dispatch_reading(m->series->name, m->config->interval_ns, m->config->layout,
                     m->config->metrics & METRIC_COUNT, r);
  else if (!m->config->each && only_rows)
    series_write_row(m->series, r);
  else if (!m->config->each)
    series_write(m->series, r);
}

/* A reading of which a part is missing is none: the next one then counts all
 * since the last. */
static void take_reading(struct monitor *m, bool only_rows) {
  struct reading sum;

  if (!targets_update(&m->targets, m->last_ns))
    return;
  logs_retry_left(&m->logs);
  if (m->config->each)
    write_each(m, only_rows);
  write_sum(m, only_rows, &sum);
  targets_settle(&m->targets);
  m->is_over = targets_are_over(&m->targets);
  m->last_ns = m->targets.now_ns;
  m->has_read = true;
  tell_processes(m);
  show(m, &sum);
}

/* True when a tenth of the interval has passed: less is no interval. */
static bool is_due(const struct monitor *m) {
  uint64_t elapsed_ns = clock_ns(CLOCK_MONOTONIC) - m->last_ns;

  return elapsed_ns >= m->config->interval_ns / 10;
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

/* --- the lock --- */

static void look_for_ends(struct monitor *m) {
  const struct roster *r = &m->targets.roster;
  bool found = false;

  for (size_t i = 0; i < r->n; i++)
    found |= targets_end(&m->targets, r->members[i].pid);
  if (found)
    take_last_reading(m);
}

/* The log of a monitor that is over stays where it was moved to. */
static void reopen(struct monitor *m) {
  const struct roster *r = &m->targets.roster;

  logs_retry_left(&m->logs);
  for (size_t i = 0; m->config->each && i < r->n; i++)
    series_reopen(r->members[i].series);
  if (m->is_over)
    series_retry(m->series);
  else if (!m->config->each)
    series_reopen(m->series);
}

static void grant(struct monitor *m, unsigned wishes) {
  if (m->is_stopped)
    return;
  if ((wishes & WISH_LOOK_FOR_ENDS) != 0)
    look_for_ends(m);
  if ((wishes & WISH_REOPEN) != 0)
    reopen(m);
}

/* Then grants what was wished for meanwhile. Both sides change the wishes and
 * then look at the lock, or the other way round: one of them sees the other. */
static void unlock(struct monitor *m) {
  pthread_mutex_unlock(&m->lock);
  while (atomic_fetch_or(&m->wishes, 0) != 0 &&
         pthread_mutex_trylock(&m->lock) == 0) {
    grant(m, atomic_exchange(&m->wishes, 0));
    pthread_mutex_unlock(&m->lock);
  }
}

static void wish(struct monitor *m, enum wish wish) {
  atomic_fetch_or(&m->wishes, wish);
  if (pthread_mutex_trylock(&m->lock) == 0)
    unlock(m);
}

void monitor_read(struct monitor *m) {
  pthread_mutex_lock(&m->lock);
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
  uint64_t elapsed_ns = now_ns - m->last_ns;
  /* collectd reads for the first time at once, and twice in a row when it was
   * late: neither is an interval. */
  if (m->has_read ? is_due(m) : elapsed_ns >= m->config->interval_ns / 2) {
    if (m->has_read)
      status_say_gap(&m->status, m->config, elapsed_ns, now_ns);
    m->has_read_end = false;
    take_reading(m, false);
  }
  unlock(m);
}

static void end_target(void *arg, pid_t pid) {
  struct monitor *m = arg;

  if (pthread_mutex_trylock(&m->lock) != 0) {
    wish(m, WISH_LOOK_FOR_ENDS);
    return;
  }
  if (!m->is_stopped && targets_end(&m->targets, pid))
    take_last_reading(m);
  unlock(m);
}

void monitor_reopen(struct monitor *m) { wish(m, WISH_REOPEN); }

void monitor_look_for_ends(struct monitor *m) { wish(m, WISH_LOOK_FOR_ENDS); }

/* --- life --- */

static uint32_t needed_fields(const struct monitor_config *c) {
  uint32_t need = c->file != NULL ? columns_need(&c->columns) : 0;
  return need | (c->dispatch ? metrics_need(c->metrics) : 0);
}

int monitor_create(const struct monitor_config *config,
                   const struct monitor_env *env,
                   const struct monitor_extra *extra, struct monitor **out) {
  static const struct monitor_extra none;
  struct monitor *m = calloc(1, sizeof(*m));
  if (m == NULL) {
    logs_refuse(config, env->budget);
    return -ENOMEM;
  }
  if (extra == NULL)
    extra = &none;
  m->config = config;
  pthread_mutex_init(&m->lock, NULL);
  pthread_mutex_init(&m->view_lock, NULL);
  atomic_init(&m->wishes, 0);
  atomic_init(&m->is_running, true);
  m->told = env->told;
  m->told_arg = env->told_arg;
  int error =
      logs_init(&m->logs, config, env->budget, env->writers, extra->place);
  if (error == 0)
    error =
        targets_init(&m->targets, config, env->backend, env->ctx, env->census,
                     &m->logs, needed_fields(config) | extra->want);
  if (error == 0)
    error = series_create(config, &m->logs, 0, &m->series);
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
    status_say_waiting(m->config);
  m->view.start_ns = m->view.end_ns = m->last_ns;
  show(m, NULL);
  unlock(m);
}

bool monitor_is_running(struct monitor *m) {
  return atomic_load(&m->is_running);
}

void monitor_stop(struct monitor *m) {
  pthread_mutex_lock(&m->lock);
  bool is_running = !m->is_stopped && !m->is_over;
  /* What hung a moment ago would hang once more, for each monitor. */
  m->targets.is_quiet = true;
  if (is_running && is_due(m) && targets_work(&m->targets))
    take_reading(m, true);
  logs_retry_left(&m->logs);
  targets_release(&m->targets);
  series_close(m->series, false);
  m->is_stopped = true;
  show(m, NULL);
  pthread_mutex_unlock(&m->lock);
}

bool monitor_wait(struct monitor *m, uint64_t deadline_ns) {
  return logs_wait(&m->logs, deadline_ns);
}

void monitor_abandon(struct monitor *m) { logs_say_hanging(&m->logs); }

void monitor_free(struct monitor *m) {
  if (m == NULL)
    return;
  if (m->ends != NULL)
    ends_leave(m->ends, m->targets.ends_id);
  targets_clear(&m->targets);
  series_free(m->series);
  logs_clear(&m->logs);
  pthread_mutex_destroy(&m->lock);
  pthread_mutex_destroy(&m->view_lock);
  free(m);
}
