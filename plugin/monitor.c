#include "monitor.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "account.h"
#include "backends/clock.h"
#include "compat/error_text.h"
#include "dispatch.h"
#include "metrics.h"
#include "report.h"
#include "roster.h"
#include "select.h"
#include "tsv.h"

/* A fault that lasts is said when it begins and when it is over. */
struct fault {
  int error; /* 0: none */
};

struct monitor {
  const struct monitor_config *config;
  struct selection *selection;
  struct roster roster;
  struct totals totals;
  struct tsv_options log_options;
  struct tsv *log;  /* NULL: none */
  uint64_t last_ns; /* CLOCK_MONOTONIC of the baseline or the last reading */
  bool has_read;    /* a reading was taken since the baseline */
  bool is_stopped, is_over, has_said_over;
  size_t said_n; /* the processes that the daemon's log knows of */
  pid_t said_pid;
  struct fault attach_fault, sample_fault, select_fault, log_fault;
};

/* `words` say what the error means, or are NULL. */
static void say_fault(const struct monitor *m, struct fault *f, int error,
                      const char *what, const char *words) {
  char text[ERROR_TEXT_MAX];

  if (error == f->error)
    return;
  f->error = error;
  if (error != 0)
    report(REPORT_ERROR, "<Process \"%s\">: %s: %s", m->config->name, what,
           words != NULL ? words : error_text(error, text));
  else
    report(REPORT_NOTICE, "<Process \"%s\">: %s: works again", m->config->name,
           what);
}

static void say_backend_fault(const struct monitor *m, struct fault *f,
                              int error, const char *what) {
  const struct backend *backend = m->roster.backend;

  say_fault(m, f, error, what,
            backend->explain != NULL ? backend->explain(error) : NULL);
}

static void say_log_fault(struct monitor *m, int error) {
  char what[PATH_MAX + sizeof("File ")];

  if (error == m->log_fault.error)
    return;
  snprintf(what, sizeof(what), "File %s", tsv_path(m->log));
  say_fault(m, &m->log_fault, error, what, tsv_explain(error));
}

/* --- the processes --- */

static void say_waiting(const struct monitor *m) {
  const struct monitor_config *c = m->config;
  char pid[32] = "";

  if (c->pid != 0)
    snprintf(pid, sizeof(pid), " Pid %d", (int)c->pid);
  report(REPORT_NOTICE,
         "<Process \"%s\">: no process now with%s%s%s%s%s%s%s, waiting for it",
         c->name, pid, c->pid_file != NULL ? " PidFile \"" : "",
         c->pid_file != NULL ? c->pid_file : "",
         c->pid_file != NULL ? "\"" : "",
         c->command != NULL ? " Command \"" : "",
         c->command != NULL ? c->command : "", c->command != NULL ? "\"" : "");
}

static void say_processes(struct monitor *m) {
  size_t n = m->roster.n;
  pid_t pid = roster_oldest(&m->roster);
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

static int by_pid(const void *key, const void *element) {
  const pid_t *pid = key;
  const struct wanted *w = element;
  return (*pid > w->pid) - (*pid < w->pid);
}

/* Drops the targets that do not belong to the monitor any more, and marks
 * those of the list that are targets. */
static void drop_unwanted(struct monitor *m, struct wanted *list, size_t n) {
  for (size_t i = m->roster.n; i-- > 0;) {
    struct wanted *w = n == 0 ? NULL
                              : bsearch(&m->roster.members[i].pid, list, n,
                                        sizeof(*list), by_pid);
    if (w != NULL)
      w->is_target = true;
    else
      roster_drop(&m->roster, i);
  }
}

/* Samples the targets from the first-th on; gives a fault that one had. */
static int sample_from(struct monitor *m, size_t first) {
  struct roster *r = &m->roster;
  int fault = 0;

  roster_sample(r, first);
  for (size_t i = r->n; i-- > first;) {
    int status = r->now[i].status;
    if (status == -ESRCH) {
      if (r->members[i].was_read)
        select_ended(m->selection, r->members[i].pid);
      else
        select_missing(m->selection, r->members[i].pid);
      roster_drop(r, i);
    } else if (status != 0)
      fault = status;
  }
  return fault;
}

/* Attaches what belongs to the monitor and is no target yet. */
static void add_wanted(struct monitor *m, const struct wanted *list, size_t n,
                       int64_t since_ns) {
  int fault = 0;

  for (size_t i = 0; i < n; i++) {
    if (list[i].is_target || list[i].only_known)
      continue;
    int error = roster_add(&m->roster, list[i].pid, since_ns);
    if (error == -ESRCH)
      select_missing(m->selection, list[i].pid);
    else if (error != 0)
      fault = error;
  }
  say_backend_fault(m, &m->attach_fault, fault, "a process cannot be watched");
}

/* Brings the targets up to date and samples each once. False when that failed
 * for one of them: what the others say is not all of it. */
static bool sample_all(struct monitor *m, int64_t since_ns) {
  struct wanted *list;
  size_t n;
  int unselected = 0;

  int fault = sample_from(m, 0);
  if (fault == 0) {
    unselected = select_update(m->selection, &list, &n);
    say_backend_fault(m, &m->select_fault, unselected,
                      "processes cannot be selected");
  }
  if (fault == 0 && unselected == 0) {
    drop_unwanted(m, list, n);
    size_t first_new = m->roster.n;
    add_wanted(m, list, n, since_ns);
    fault = sample_from(m, first_new);
  }
  say_backend_fault(m, &m->sample_fault, fault, "a process cannot be read");
  m->is_over = select_is_over(m->selection);
  return fault == 0 && unselected == 0;
}

/* --- readings --- */

static void keep_samples(struct roster *r) {
  for (size_t i = 0; i < r->n; i++)
    if (r->now[i].status == 0) {
      r->before[i] = r->now[i];
      r->members[i].has_before = true;
    }
}

/* False when there is none: the next one then counts all since the last. */
static bool take_reading(struct monitor *m, uint64_t now_ns,
                         struct reading *out) {
  struct roster *r = &m->roster;

  account_begin(out, r->want);
  out->wall_ns = clock_ns(CLOCK_REALTIME);
  if (!sample_all(m, (int64_t)m->last_ns))
    return false;
  for (size_t i = 0; i < r->n; i++)
    account_add(out, &m->totals,
                r->members[i].has_before ? &r->before[i] : NULL, &r->now[i]);
  account_end(out, &m->totals, m->config->num_processors);
  out->pid = roster_oldest(r);
  keep_samples(r);
  m->last_ns = now_ns;
  m->has_read = true;
  return true;
}

/* A row tells of an interval: without a rate there was none yet. */
static void write_row(struct monitor *m, const struct reading *r) {
  if (m->log != NULL && r->rated > 0)
    say_log_fault(m, tsv_write(m->log, r));
}

static void close_log(struct monitor *m) {
  int error = m->log != NULL ? tsv_close(m->log) : 0;
  if (error != 0)
    say_log_fault(m, error);
}

/* The log of a monitor that is over is complete. */
static void tell_processes(struct monitor *m) {
  if (m->has_said_over)
    return;
  say_processes(m);
  if (m->is_over)
    close_log(m);
  m->has_said_over = m->is_over;
}

static uint64_t elapsed_ns(const struct monitor *m, uint64_t now_ns) {
  return now_ns - m->last_ns;
}

void monitor_read(struct monitor *m) {
  struct reading r;
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

  /* collectd reads for the first time at once, and twice in a row when it was
   * late: neither is an interval. */
  uint64_t least_ns = m->config->interval_ns / (m->has_read ? 10 : 2);
  if (elapsed_ns(m, now_ns) < least_ns)
    return;
  if (!take_reading(m, now_ns, &r))
    return;
  write_row(m, &r);
  if (m->config->dispatch)
    dispatch_reading(m->config->name, m->config->interval_ns,
                     m->config->metrics, &r);
  tell_processes(m);
}

/* --- life --- */

static int create_log(struct monitor *m, const struct monitor_env *env) {
  const struct monitor_config *c = m->config;

  if (c->file == NULL)
    return 0;
  m->log_options = (struct tsv_options){
      .path = c->file,
      .append = c->append,
      .style = {c->columns, c->header, c->time_format, c->utc},
      .budget = env->budget,
  };
  int error = tsv_create(&m->log_options, &m->log);
  if (error != 0)
    return error;
  /* Without a pid the first row names the file. */
  if (c->pid != 0 || !tsv_is_per_process(c->file))
    say_log_fault(m, tsv_open(m->log, c->pid, clock_ns(CLOCK_REALTIME)));
  return 0;
}

static uint32_t needed_fields(const struct monitor_config *c) {
  uint32_t need = c->file != NULL ? columns_need(&c->columns) : 0;
  return need | (c->dispatch ? metrics_need(c->metrics) : 0);
}

int monitor_start(const struct monitor_config *config,
                  const struct monitor_env *env, struct monitor **out) {
  struct monitor *m = calloc(1, sizeof(*m));
  if (m == NULL)
    return -ENOMEM;
  m->config = config;
  roster_init(&m->roster, env->backend, env->ctx, needed_fields(config));
  int error = select_create(config, env->backend, env->ctx, &m->selection);
  if (error == 0)
    error = create_log(m, env);
  if (error != 0) {
    monitor_free(m);
    return error;
  }

  m->last_ns = clock_ns(CLOCK_MONOTONIC);
  sample_all(m, INT64_MAX);
  keep_samples(&m->roster);
  tell_processes(m);
  if (m->roster.n == 0 && !m->is_over)
    say_waiting(m);
  *out = m;
  return 0;
}

bool monitor_is_running(const struct monitor *m) {
  return !m->is_stopped && !m->is_over;
}

void monitor_stop(struct monitor *m) {
  struct reading r;
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

  bool is_due = elapsed_ns(m, now_ns) >= m->config->interval_ns / 10;
  /* What hung a moment ago would hang once more, for each monitor. */
  bool works = m->sample_fault.error == 0 && m->select_fault.error == 0;
  if (monitor_is_running(m) && is_due && works && take_reading(m, now_ns, &r))
    write_row(m, &r);
  close_log(m);
  m->is_stopped = true;
}

void monitor_free(struct monitor *m) {
  if (m == NULL)
    return;
  roster_clear(&m->roster);
  select_free(m->selection);
  tsv_free(m->log);
  free(m);
}
