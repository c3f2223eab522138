#include "targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "account.h"
#include "backends/clock.h"
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
                 struct census *census, struct fd_budget *budget,
                 uint32_t want) {
  *t = (struct targets){
      .config = config, .budget = budget, .until_ns = INT64_MAX};
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
  series_free(t->roster.members[i].series);
  roster_drop(&t->roster, i);
}

void targets_clear(struct targets *t) {
  while (t->roster.n > 0)
    drop(t, t->roster.n - 1);
  roster_clear(&t->roster);
  select_free(t->selection);
  t->selection = NULL;
}

static void say_fault(struct targets *t, struct fault *f, int error,
                      const char *what) {
  const struct backend *b = backend_of(t);

  fault_say(f, t->config->name, error, what,
            b->explain != NULL ? b->explain(error) : NULL);
}

/* --- starts and ends --- */

static void tell_start(struct targets *t, const struct roster_member *m) {
  int64_t now_ns = (int64_t)clock_ns(CLOCK_MONOTONIC);
  uint64_t age_ns = m->started_ns == INT64_MIN || m->started_ns > now_ns
                        ? 0
                        : (uint64_t)(now_ns - m->started_ns);

  if (t->has_baseline && t->config->notify)
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

  if (!t->config->notify)
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

  if (!m->has_ended && m->was_read)
    select_ended(t->selection, m->pid);
  else if (!m->has_ended)
    select_missing(t->selection, m->pid);
  if (!m->has_ended && (m->was_read || t->has_baseline))
    tell_end(t, i);
  m->has_ended = true;
  m->is_gone = r->now[i].have == 0;
  if (m->is_gone && m->has_last)
    r->now[i] = m->last;
}

static size_t find_parent(const struct roster *r, size_t i) {
  pid_t parent = r->members[i].parent;
  size_t p = 0;

  while (p < r->n && (parent == 0 || r->members[p].pid != parent))
    p++;
  return p;
}

/* In whose reaped time that of one that is gone shows: its nearest ancestor
 * that is not gone itself, since one between has been reaped, too. Without any
 * it is the last one above of which the last counters are known. */
static size_t find_reaper(const struct roster *r, size_t i) {
  size_t best = r->n;

  for (size_t steps = 0; steps < r->n; steps++) {
    i = find_parent(r, i);
    if (i == r->n)
      break;
    if (!r->members[i].is_gone)
      return i;
    if (r->members[i].has_last)
      best = i;
  }
  return best;
}

/* What was counted of one that is gone is owed by who reaped it. What it had
 * reaped itself since it was read last shows there, too. */
static void owe(struct roster *r, size_t i) {
  struct roster_member *m = &r->members[i];
  size_t reaper = find_reaper(r, i);
  struct proc_sample counted = r->before[i];

  m->has_reaper = reaper != r->n;
  if (!m->has_reaper)
    return;
  if (m->has_last) {
    counted.cpu_ns = m->last.cpu_ns;
    counted.user_ns = m->last.user_ns;
    counted.system_ns = m->last.system_ns;
  }
  account_inherit(&r->members[reaper].debt, &m->debt);
  if (m->has_before)
    account_owe(&r->members[reaper].debt, &counted);
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
  for (size_t i = first; (r->want & PROC_REAPED) != 0 && i < r->n; i++)
    if (r->members[i].is_gone && !r->members[i].has_owed) {
      owe(r, i);
      r->members[i].has_owed = true;
    }
  return fault;
}

/* --- who belongs to the monitor --- */

static int by_pid(const void *key, const void *element) {
  const pid_t *pid = key;
  const struct wanted *w = element;
  return (*pid > w->pid) - (*pid < w->pid);
}

/* True of the target that the list means, not of one whose pid is reused. */
static bool is_same(const struct roster_member *m, const struct wanted *w) {
  return m->start == 0 || w->start == 0 || m->start == w->start;
}

/* Drops the targets that do not belong to the monitor any more, and marks
 * those of the list that are targets. */
static void drop_unwanted(struct targets *t, struct wanted *list, size_t n) {
  for (size_t i = t->roster.n; i-- > 0;) {
    struct roster_member *m = &t->roster.members[i];
    struct wanted *w =
        n == 0 ? NULL : bsearch(&m->pid, list, n, sizeof(*list), by_pid);
    if (m->is_gone)
      continue;
    if (w != NULL && is_same(m, w)) {
      w->is_target = true;
      m->parent = w->parent;
    } else if (w != NULL && !m->has_ended) {
      t->roster.now[i] = (struct proc_sample){.status = -ESRCH};
      take_end(t, i);
    } else if (!m->has_ended)
      drop(t, i);
  }
}

static int watch(struct targets *t, size_t i) {
  const struct roster *r = &t->roster;
  bool tells = t->config->notify || t->config->file != NULL;

  if (!tells || t->ends_id == 0 || backend_of(t)->watch_end == NULL)
    return 0;
  return backend_of(t)->watch_end(r->ctx, r->targets[i],
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
    error = series_create(t->config, t->budget, w->pid, &m->series);
    if (error != 0) {
      drop(t, r->n - 1);
      return error;
    }
    series_open(m->series, w->pid);
  }
  /* Without a place for it the next sample tells the end. */
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
  int fault = 0;

  for (size_t i = 0; i < n; i++) {
    if (list[i].is_target || list[i].only_known)
      continue;
    if (t->config->each && t->roster.n >= t->config->max_processes) {
      say_limit(t, n);
      break;
    }
    int error = add(t, &list[i], last_ns);
    if (error == -ESRCH)
      select_missing(t->selection, list[i].pid);
    else if (error != 0)
      fault = error;
  }
  say_fault(t, &t->attach_fault, fault, "a process cannot be watched");
}

/* --- what cannot be read --- */

static const struct {
  uint32_t field;
  const char *name;
} field_names[] = {
    {PROC_CPU, "CPU"},
    {PROC_USER_SYSTEM, "user and system time"},
    {PROC_THREADS, "threads"},
    {PROC_HANDLES, "handles"},
    {PROC_FAULTS, "page faults"},
    {PROC_IO, "I/O"},
    {PROC_SWITCHES, "context switches"},
};

/* Writes the names of the fields with commas between; empty: of none. */
static void name_fields(uint32_t fields, char *out, size_t size) {
  size_t used = 0;

  out[0] = '\0';
  for (size_t i = 0; i < sizeof(field_names) / sizeof(field_names[0]); i++)
    if ((fields & field_names[i].field) != 0 && used < size)
      used += (size_t)snprintf(out + used, size - used, "%s%s",
                               used > 0 ? ", " : "", field_names[i].name);
}

/* Says once what is missing of a process though this system can measure it. */
static void say_missing(struct targets *t) {
  const struct roster *r = &t->roster;
  uint32_t can = r->want_now & backend_of(t)->measures;
  char names[128];

  for (size_t i = 0; i < r->n && !t->has_said_missing; i++) {
    if (r->now[i].status != 0)
      continue;
    name_fields(can & ~r->now[i].have, names, sizeof(names));
    if (names[0] == '\0')
      continue;
    report(REPORT_WARNING,
           "<Process \"%s\">: of process %d cannot be read, and so is missing: "
           "%s; collectd has not the rights for it",
           t->config->name, (int)r->members[i].pid, names);
    t->has_said_missing = true;
  }
}

static void say_obstacle(struct targets *t) {
  const char *obstacle = select_obstacle(t->selection);

  if (obstacle != NULL && obstacle != t->obstacle)
    report(REPORT_WARNING, "<Process \"%s\">: %s", t->config->name, obstacle);
  t->obstacle = obstacle;
}

/* --- the group --- */

/* The time of a group that was made since the last reading counts from 0. */
static void sample_group(struct targets *t, uint64_t last_ns) {
  struct roster *r = &t->roster;
  uint64_t incarnation = 0;

  if (t->group == NULL)
    return;
  int error = backend_of(t)->group_sample(r->ctx, t->group, &t->group_now,
                                          &incarnation);
  if (error != 0)
    t->group_now.have = 0;
  r->want_now = r->want;
  if (t->group_now.have == 0)
    return;
  r->want_now &= ~(uint32_t)(PROC_CPU | PROC_USER_SYSTEM);
  t->group_is_new = incarnation != t->group_incarnation;
  if (t->group_is_new)
    t->group_before = t->has_baseline ? account_birth(last_ns) : t->group_now;
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
    drop_unwanted(t, list, n);
    size_t first_new = t->roster.n;
    add_wanted(t, list, n, last_ns);
    check_group_age(t, first_new);
    fault = sample_from(t, first_new);
    t->until_ns = (int64_t)until_ns;
    say_obstacle(t);
    say_missing(t);
  }
  say_fault(t, &t->sample_fault, fault, "a process cannot be read");
  if (t->config->notify)
    notice_flush(&t->notices, t->config->name, clock_ns(CLOCK_MONOTONIC),
                 t->wall_ns);
  return fault == 0 && unselected == 0;
}

static void add_one(struct targets *t, size_t i, struct reading *out,
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
    add_one(t, i, r, totals);
  if (t->group != NULL && t->group_now.have != 0)
    account_add_group(r, totals, &t->group_before, &t->group_now);
}

void targets_account_one(struct targets *t, size_t i, struct reading *r,
                         struct totals *totals) {
  add_one(t, i, r, totals);
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
