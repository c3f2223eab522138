#include "targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "account.h"
#include "backends/clock.h"
#include "missing.h"
#include "reaper.h"
#include "report.h"
#include "series.h"

static const struct backend *backend_of(const struct targets *t) {
  return t->roster.backend;
}

/* Reaped time counts where children belong to the monitor; a process that is
 * reported by itself answers for itself. */
static uint32_t fields_for(const struct monitor_config *c, uint32_t want) {
  bool counts_reaped =
      c->children && !c->each && (want & (PROC_CPU | PROC_USER_SYSTEM)) != 0;

  return want | (counts_reaped ? PROC_REAPED : 0u);
}

int targets_init(struct targets *t, const struct monitor_config *config,
                 const struct backend *backend, struct backend_ctx *ctx,
                 struct census *census, struct logs *logs, uint32_t want) {
  *t = (struct targets){.config = config, .logs = logs, .until_ns = INT64_MAX};
  fault_init(&t->select_fault, &t->limit);
  fault_init(&t->attach_fault, &t->limit);
  fault_init(&t->sample_fault, &t->limit);
  roster_init(&t->roster, backend, ctx, fields_for(config, want));
  int error = select_create(config, backend, ctx, census, &t->selection);
  if (error == 0)
    t->group = select_whole_group(t->selection);
  return error;
}

bool targets_work(const struct targets *t) {
  return t->sample_fault.error == 0 && t->select_fault.error == 0;
}

bool targets_are_over(const struct targets *t) {
  return t->selection != NULL && select_is_over(t->selection) &&
         t->roster.n == 0;
}

static void drop(struct targets *t, size_t i) {
  series_leave(t->roster.members[i].series);
  roster_drop(&t->roster, i);
}

void targets_release(struct targets *t) {
  while (t->roster.n > 0)
    drop(t, t->roster.n - 1);
}

void targets_clear(struct targets *t) {
  while (t->roster.n > 0) {
    series_free(t->roster.members[t->roster.n - 1].series);
    roster_drop(&t->roster, t->roster.n - 1);
  }
  roster_clear(&t->roster);
  select_free(t->selection);
  t->selection = NULL;
}

static void say_fault(struct targets *t, struct fault *f, int error,
                      const char *what) {
  const struct backend *b = backend_of(t);

  const char *why = b->explain != NULL ? b->explain(error) : NULL;

  if (error != 0 || f->error != 0)
    fault_say(f, error, &(struct fault_words){t->config->name, what, why, ""},
              clock_ns(CLOCK_MONOTONIC));
}

/* --- starts and ends --- */

static bool tells(const struct targets *t) {
  return t->config->notify && !t->is_quiet;
}

static void tell_start(struct targets *t, const struct roster_member *m) {
  int64_t now_ns = (int64_t)clock_ns(CLOCK_MONOTONIC);
  uint64_t age_ns = m->started_ns == INT64_MIN || m->started_ns > now_ns
                        ? 0
                        : (uint64_t)(now_ns - m->started_ns);

  if (t->has_baseline && tells(t))
    notice_started(&t->notices, t->config->name, m->pid, age_ns,
                   (uint64_t)now_ns, t->wall_ns);
}

static void tell_end(struct targets *t, size_t i) {
  const struct roster *r = &t->roster;
  const struct roster_member *m = &r->members[i];
  const struct backend *b = backend_of(t);
  struct proc_exit how = {EXIT_UNKNOWN, 0};
  int64_t now_ns = (int64_t)clock_ns(CLOCK_MONOTONIC);
  uint64_t age_ns = m->started_ns == INT64_MIN
                        ? UINT64_MAX
                        : (uint64_t)(now_ns - m->started_ns);

  if (!tells(t))
    return;
  if (b->exit_of != NULL)
    how = b->exit_of(r->ctx, r->targets[i]);
  notice_ended(&t->notices, t->config->name, m->pid, age_ns, how,
               (uint64_t)now_ns, t->wall_ns);
}

/* Takes note of an end. A last sample that was taken in time counts. */
static void take_end(struct targets *t, size_t i) {
  struct roster *r = &t->roster;
  struct roster_member *m = &r->members[i];

  if (!m->has_ended) {
    /* Of a pid file that may be stale it is not sure that it meant this one. */
    if (m->was_read || t->config->pid != 0)
      select_ended(t->selection, m->pid);
    else
      select_missing(t->selection, m->pid);
    if (m->was_read || t->has_baseline)
      tell_end(t, i);
  }
  m->has_ended = true;
  m->is_gone = r->now[i].have == 0;
  if (m->is_gone && m->has_last)
    r->now[i] = m->last;
}

/* Samples the targets from the first-th on; gives a fault that one had. */
static int sample_from(struct targets *t, size_t first) {
  struct roster *r = &t->roster;
  int fault = 0;

  roster_sample(r, first, r->n - first);
  for (size_t i = first; i < r->n; i++) {
    int status = r->now[i].status;
    if (status == -ESRCH)
      take_end(t, i);
    else if (status != 0)
      fault = status;
  }
  if ((r->want & PROC_REAPED) != 0)
    reaper_owe(r, first);
  return fault;
}

/* --- who belongs to the monitor --- */

static int by_pid(const void *key, const void *element) {
  const pid_t *pid = key;
  const struct wanted *w = element;
  return (*pid > w->pid) - (*pid < w->pid);
}

/* Marks those of the list that are targets: also one whose pid was reused since
 * the targets were sampled, for the next sample tells of that. What the others
 * used until now counts, and they belong to the monitor no more. */
static void part_unwanted(struct targets *t, struct wanted *list, size_t n) {
  for (size_t i = t->roster.n; i-- > 0;) {
    struct roster_member *m = &t->roster.members[i];
    struct wanted *w =
        n == 0 ? NULL : bsearch(&m->pid, list, n, sizeof(*list), by_pid);
    if (m->is_gone)
      continue;
    if (w != NULL) {
      w->is_target = true;
      m->parent = w->parent;
    } else if (!m->has_ended)
      m->has_ended = m->is_gone = true;
  }
}

/* Without a place for it the next sample tells the end. */
static void watch(struct targets *t, size_t i) {
  const struct roster *r = &t->roster;
  bool is_of_use = t->config->notify || t->config->file != NULL;

  if (is_of_use && t->ends_id != 0 && backend_of(t)->watch_end != NULL)
    backend_of(t)->watch_end(r->ctx, r->targets[i],
                             ends_key(t->ends_id, r->members[i].pid));
}

static int add(struct targets *t, const struct wanted *w, uint64_t last_ns) {
  struct roster *r = &t->roster;

  int error = roster_add(r, w->pid, w->start, t->until_ns, last_ns);
  if (error != 0)
    return error;
  struct roster_member *m = &r->members[r->n - 1];
  m->parent = w->parent;
  if (t->config->each) {
    error = series_create(t->config, t->logs, w->pid, &m->series);
    if (error != 0) {
      drop(t, r->n - 1);
      return error;
    }
    series_open(m->series, w->pid);
  }
  watch(t, r->n - 1);
  tell_start(t, m);
  return 0;
}

static void say_limit(struct targets *t, size_t n) {
  if (!t->has_said_limit)
    report(REPORT_WARNING,
           "<Process \"%s\">: %zu processes match; only %u of them are "
           "reported, for MaxProcesses says so",
           t->config->name, n, t->config->max_processes);
  t->has_said_limit = true;
}

/* Attaches what belongs to the monitor and is no target yet. */
static void add_wanted(struct targets *t, const struct wanted *list, size_t n,
                       uint64_t last_ns) {
  size_t running = roster_running(&t->roster);
  int fault = 0;

  for (size_t i = 0; i < n; i++) {
    if (list[i].is_target || list[i].only_known)
      continue;
    if (t->config->each && running >= t->config->max_processes) {
      say_limit(t, n);
      break;
    }
    int error = add(t, &list[i], last_ns);
    running += error == 0;
    if (error == -ESRCH)
      select_missing(t->selection, list[i].pid);
    else if (error != 0)
      fault = error;
  }
  say_fault(t, &t->attach_fault, fault, "a process cannot be watched");
}

/* --- words --- */

/* Says once what is missing of a process though this system can measure it. */
static void say_missing(struct targets *t) {
  uint32_t can = t->roster.want_now & backend_of(t)->measures;

  if (!t->has_said_missing)
    t->has_said_missing = missing_say(&t->roster, can, t->config->name);
}

static void say_obstacle(struct targets *t) {
  const char *obstacle = select_obstacle(t->selection);

  if (obstacle != NULL && obstacle != t->obstacle)
    report(REPORT_WARNING, "<Process \"%s\">: %s", t->config->name, obstacle);
  t->obstacle = obstacle;
}

/* --- the group --- */

/* The time of a group that was made since the last reading counts from 0: of
 * one that was not there then, or another one. Of a group that was there, and
 * could not be read, it counts from now on. */
static void sample_group(struct targets *t, uint64_t last_ns) {
  struct roster *r = &t->roster;
  uint64_t incarnation = 0;

  if (t->group == NULL)
    return;
  bool was_missing = t->group_is_missing;
  bool had_time = t->group_before.have != 0;
  int error = backend_of(t)->group_sample(r->ctx, t->group, &t->group_now,
                                          &incarnation);
  if (error != 0)
    t->group_now.have = 0;
  t->group_is_missing = error == -ENOENT;
  r->want_now = r->want;
  if (t->group_now.have == 0)
    return;
  r->want_now &= ~(uint32_t)(PROC_CPU | PROC_USER_SYSTEM);
  t->group_is_new =
      was_missing || (had_time && incarnation != t->group_incarnation);
  if (t->group_is_new)
    t->group_before = account_birth(last_ns);
  else if (!had_time)
    t->group_before = t->group_now;
  t->group_incarnation = incarnation;
}

/* A group that was found late is as old as its oldest process. */
static void check_group_age(struct targets *t, size_t first_new) {
  const struct roster *r = &t->roster;

  for (size_t i = first_new; i < r->n; i++)
    if (!r->members[i].has_before && t->group_is_new)
      t->group_before = t->group_now;
}

/* --- the whole --- */

static uint64_t max_age_ns(const struct targets *t) {
  const uint64_t longest_ns = 1000000000;
  uint64_t age_ns = t->config->interval_ns / 10;

  return age_ns < longest_ns ? age_ns : longest_ns;
}

static void set_clocks(struct targets *t) {
  t->wall_ns = clock_ns(CLOCK_REALTIME);
  t->now_ns = clock_ns(CLOCK_MONOTONIC);
}

bool targets_update(struct targets *t, uint64_t last_ns) {
  struct wanted *list;
  size_t n;
  uint64_t until_ns;
  int unselected = 0;

  int unprepared = select_prepare(t->selection, max_age_ns(t));
  set_clocks(t);
  int fault = sample_from(t, 0);
  if (fault == 0) {
    unselected = unprepared != 0
                     ? unprepared
                     : select_update(t->selection, &list, &n, &until_ns);
    say_fault(t, &t->select_fault, unselected, "processes cannot be selected");
  }
  if (fault == 0 && unselected == 0) {
    sample_group(t, last_ns);
    part_unwanted(t, list, n);
    size_t first_new = t->roster.n;
    add_wanted(t, list, n, last_ns);
    check_group_age(t, first_new);
    fault = sample_from(t, first_new);
    t->until_ns = (int64_t)until_ns;
    say_obstacle(t);
    say_missing(t);
  }
  say_fault(t, &t->sample_fault, fault, "a process cannot be read");
  if (tells(t))
    notice_flush(&t->notices, t->config->name, clock_ns(CLOCK_MONOTONIC),
                 t->wall_ns);
  return fault == 0 && unselected == 0;
}

void targets_account_one(struct targets *t, size_t i, struct reading *out,
                         struct totals *totals) {
  struct roster *r = &t->roster;
  struct roster_member *m = &r->members[i];
  const struct proc_sample *before = m->has_before ? &r->before[i] : NULL;
  struct proc_sample *now = &r->now[i];

  if (!m->has_ended)
    account_add(out, totals, before, now);
  else if (before != NULL) {
    /* What was used until then was used in this interval. */
    now->time_ns = t->now_ns;
    account_add_ended(out, totals, before, now);
  }
  if (before != NULL && (r->want & PROC_REAPED) != 0 && !m->has_reaper)
    account_add_reaped(out, totals, before, now, &m->debt);
}

void targets_account(struct targets *t, struct reading *r,
                     struct totals *totals) {
  for (size_t i = 0; i < t->roster.n; i++)
    targets_account_one(t, i, r, totals);
  if (t->group != NULL && t->group_now.have != 0)
    account_add_group(r, totals, &t->group_before, &t->group_now);
}

/* A tree waits for the parent of one that has ended to take note of it. */
static bool is_done(const struct roster *r, const struct roster_member *m) {
  return m->is_gone || (m->has_ended && (r->want & PROC_REAPED) == 0);
}

void targets_settle(struct targets *t) {
  struct roster *r = &t->roster;

  for (size_t i = r->n; i-- > 0;) {
    if (is_done(r, &r->members[i])) {
      drop(t, i);
      continue;
    }
    if (r->now[i].status == 0 || r->now[i].have != 0) {
      r->before[i] = r->now[i];
      r->members[i].has_before = true;
      r->members[i].has_last = false;
    }
  }
  t->group_before = t->group_now;
  t->has_baseline = true;
}

bool targets_end(struct targets *t, pid_t pid) {
  struct roster *r = &t->roster;

  size_t i = roster_find(r, pid);
  if (i == r->n || r->members[i].has_ended)
    return false;
  t->wall_ns = clock_ns(CLOCK_REALTIME);
  roster_sample(r, i, 1);
  if (r->now[i].status != -ESRCH)
    return false;
  struct roster_member *m = &r->members[i];
  m->last = r->now[i];
  m->has_last = m->last.have != 0;
  take_end(t, i);
  /* Whether it has gone is told by the next update. */
  m->is_gone = false;
  return true;
}
