#include "series.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/clock.h"
#include "backlog.h"
#include "dispatch.h"
#include "fault.h"
#include "log_path.h"
#include "report.h"
#include "tsv.h"

enum { BACKLOG_MAX = 1000 };

struct series_log {
  struct tsv_options options;
  struct tsv *tsv;
  struct backlog backlog;
  uint64_t caught_up; /* rows that waited and are written, in this fault */
  struct fault fault, sync_fault;
};

/* --- life --- */

void series_env_init(struct series_env *env, struct fd_budget *budget) {
  *env = (struct series_env){.budget = budget, .places = BACKLOG_MAX};
}

static char *name_of(const struct monitor_config *c, pid_t pid) {
  size_t size = strlen(c->name) + 16;
  char *name = malloc(size);

  if (name != NULL)
    snprintf(name, size, pid != 0 ? "%s-%d" : "%s", c->name, (int)pid);
  return name;
}

static int create_log(struct series *s) {
  const struct monitor_config *c = s->config;

  s->log = calloc(1, sizeof(*s->log));
  if (s->log == NULL)
    return -ENOMEM;
  s->log->options = (struct tsv_options){
      .path = c->file,
      .append = c->append,
      .sync = c->sync,
      .style = {c->columns, c->header, c->time_format, c->utc},
      .budget = s->env->budget,
  };
  backlog_init(&s->log->backlog, &s->env->places);
  fault_init(&s->log->fault, &s->env->limit);
  fault_init(&s->log->sync_fault, &s->env->limit);
  return tsv_create(&s->log->options, &s->log->tsv);
}

int series_create(const struct monitor_config *config, struct series_env *env,
                  pid_t pid, struct series **out) {
  struct series *s = calloc(1, sizeof(*s));
  if (s == NULL)
    return -ENOMEM;
  s->config = config;
  s->env = env;
  s->name = name_of(config, pid);
  int error = s->name != NULL ? 0 : -ENOMEM;
  if (error == 0 && config->file != NULL)
    error = create_log(s);
  if (error != 0) {
    series_free(s);
    return error;
  }
  *out = s;
  return 0;
}

static void free_log(struct series *s) {
  struct series_log *log = s->log;
  uint64_t lost = log->backlog.n + log->backlog.lost;

  if (lost > 0)
    report(REPORT_ERROR,
           "<Process \"%s\">: File %s: %" PRIu64 " rows are lost, for the file "
           "could not be written until the end",
           s->config->name, tsv_path(log->tsv), lost);
  backlog_clear(&log->backlog);
  tsv_free(log->tsv);
  free(log);
}

void series_free(struct series *s) {
  if (s == NULL)
    return;
  if (s->log != NULL)
    free_log(s);
  free(s->name);
  free(s);
}

/* --- words --- */

static void say_lost(struct series *s) {
  struct series_log *log = s->log;

  if (log->backlog.lost > 0)
    report(REPORT_ERROR,
           "<Process \"%s\">: File %s: %" PRIu64 " rows are lost, for no more "
           "than %d can wait",
           s->config->name, tsv_path(log->tsv), log->backlog.lost, BACKLOG_MAX);
  log->backlog.lost = 0;
}

static void say_torn(struct series *s) {
  const char *torn = tsv_take_torn(s->log->tsv);

  if (torn != NULL)
    report(REPORT_WARNING,
           "<Process \"%s\">: File %s: its last line was torn, and is cut off: "
           "\"%s\"",
           s->config->name, tsv_path(s->log->tsv), torn);
}

static void say_sync(struct series *s) {
  char what[PATH_MAX + sizeof("File : Sync")];
  struct series_log *log = s->log;
  int error = tsv_sync_error(log->tsv);

  if (error == 0 && log->sync_fault.error == 0)
    return;
  snprintf(what, sizeof(what), "File %s: Sync", tsv_path(log->tsv));
  fault_say(&log->sync_fault, error,
            &(struct fault_words){s->config->name, what, NULL, ""},
            clock_ns(CLOCK_MONOTONIC));
}

/* Says what came of the last attempt to open or to write. */
static void say(struct series *s, int error) {
  char what[PATH_MAX + sizeof("File ")], more[80] = "";
  struct series_log *log = s->log;

  say_torn(s);
  say_sync(s);
  if (error == 0 && log->fault.error == 0)
    return;
  snprintf(what, sizeof(what), "File %s", tsv_path(log->tsv));
  if (error != 0)
    snprintf(more, sizeof(more), "; rows wait in memory until it works");
  else if (log->caught_up > 0)
    snprintf(more, sizeof(more), "; %" PRIu64 " rows that waited are written",
             log->caught_up);
  fault_say(&log->fault, error,
            &(struct fault_words){s->config->name, what,
                                  tsv_explain(log->tsv, error), more},
            clock_ns(CLOCK_MONOTONIC));
  if (error != 0)
    return;
  log->caught_up = 0;
  say_lost(s);
}

/* --- rows --- */

void series_open(struct series *s, pid_t pid) {
  /* Without a pid the first row names the file. */
  if (s->log != NULL && (pid != 0 || !log_path_is_per_process(s->config->file)))
    say(s, tsv_open(s->log->tsv, pid, clock_ns(CLOCK_REALTIME)));
}

static int write_waiting(struct series_log *log) {
  struct backlog *b = &log->backlog;
  int error = 0;

  while (b->n > 0 && error == 0) {
    const struct waiting_row *row = b->first;
    error = tsv_append(log->tsv, row->pid, row->wall_ns, row->text, row->len);
    if (error != 0)
      break;
    backlog_pop(b);
    log->caught_up++;
  }
  return error;
}

void series_retry(struct series *s) {
  if (s->log != NULL && s->log->backlog.n > 0)
    say(s, write_waiting(s->log));
}

void series_write_row(struct series *s, const struct reading *r) {
  char text[ROW_MAX];
  struct series_log *log = s->log;

  if (log == NULL || r->rated == 0)
    return;
  size_t len = row_print(&log->options.style, r, text);
  int error = write_waiting(log);
  if (error == 0)
    error = tsv_append(log->tsv, r->pid, r->wall_ns, text, len);
  if (error != 0)
    backlog_push(&log->backlog, r->pid, r->wall_ns, text, len);
  say(s, error);
}

void series_write(struct series *s, const struct reading *r) {
  series_write_row(s, r);
  if (s->config->dispatch)
    dispatch_reading(s->name, s->config->interval_ns, s->config->metrics, r);
}

void series_reopen(struct series *s) {
  pid_t pid;

  if (s->log == NULL || !tsv_pid(s->log->tsv, &pid))
    return;
  int error = tsv_close(s->log->tsv);
  if (error == 0)
    error = tsv_open(s->log->tsv, pid, clock_ns(CLOCK_REALTIME));
  if (error == 0)
    error = write_waiting(s->log);
  say(s, error);
}

void series_close(struct series *s) {
  if (s->log == NULL)
    return;
  series_retry(s);
  int error = tsv_close(s->log->tsv);
  if (error != 0)
    say(s, error);
}

/* --- series of processes that have ended --- */

void series_leave(struct series *s) {
  if (s == NULL)
    return;
  series_retry(s);
  if (s->log == NULL || s->log->backlog.n == 0) {
    series_free(s);
    return;
  }
  s->next = s->env->left;
  s->env->left = s;
}

void series_retry_left(struct series_env *env) {
  struct series **at = &env->left;

  while (*at != NULL) {
    struct series *s = *at;
    series_retry(s);
    if (s->log->backlog.n > 0) {
      at = &s->next;
      continue;
    }
    *at = s->next;
    series_free(s);
  }
}

void series_free_left(struct series_env *env) {
  while (env->left != NULL) {
    struct series *s = env->left;
    env->left = s->next;
    series_free(s);
  }
}
