#include "log_job.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "backends/clock.h"
#include "report.h"
#include "status.h"

/* --- words --- */

void log_say_lost(const struct logs *l, const struct lost *lost,
                  const char *why) {
  char files[48] = "";

  if (lost->files > 1)
    snprintf(files, sizeof(files), " of %" PRIu64 " files", lost->files);
  report(REPORT_ERROR,
         "<Process \"%s\">: File %s: %" PRIu64 " rows%s are lost, for %s",
         l->config->name, l->config->file, lost->rows, files, why);
}

static void say_overflow(struct logs *l) {
  char why[48];

  if (l->lost_now.rows == 0)
    return;
  snprintf(why, sizeof(why), "no more than %zu can wait", l->rows_max);
  log_say_lost(l, &l->lost_now, why);
  l->lost_now = (struct lost){0};
}

static void note_lost(struct log *log) {
  struct logs *l = log->logs;

  pthread_mutex_lock(&l->lock);
  uint64_t rows = backlog_take_lost(&log->backlog);
  l->lost += rows;
  pthread_mutex_unlock(&l->lock);
  l->lost_now.rows += rows;
  l->lost_now.files += rows > 0;
}

static void say_torn(struct log *log) {
  const char *torn = tsv_take_torn(log->tsv);

  if (torn != NULL)
    report(REPORT_WARNING,
           "<Process \"%s\">: File %s: its last line was torn, and is cut off: "
           "\"%s\"",
           log->logs->config->name, tsv_path(log->tsv), torn);
}

static void say_sync(struct log *log) {
  char what[PATH_MAX + sizeof("File : Sync")];
  int error = tsv_sync_error(log->tsv);

  if (error == 0 && log->sync_fault.error == 0)
    return;
  snprintf(what, sizeof(what), "File %s: Sync", tsv_path(log->tsv));
  fault_say(&log->sync_fault, error,
            &(struct fault_words){log->logs->config->name, what, NULL, ""},
            clock_ns(CLOCK_MONOTONIC));
}

static void say_fault(struct log *log, int error) {
  char what[PATH_MAX + sizeof("File ")], more[80] = "";

  snprintf(what, sizeof(what), "File %s", tsv_path(log->tsv));
  if (error != 0)
    snprintf(more, sizeof(more), "; rows wait in memory until it works");
  else if (log->caught_up > 0)
    snprintf(more, sizeof(more), "; %" PRIu64 " rows that waited are written",
             log->caught_up);
  fault_say(&log->fault, error,
            &(struct fault_words){log->logs->config->name, what,
                                  tsv_explain(log->tsv, error), more},
            clock_ns(CLOCK_MONOTONIC));
}

/* For whoever asks. */
static void keep_error(struct log *log, int error) {
  struct logs *l = log->logs;

  pthread_mutex_lock(&l->lock);
  l->error = error;
  l->why = error != 0 ? tsv_explain(log->tsv, error) : NULL;
  pthread_mutex_unlock(&l->lock);
}

/* Says what came of the last attempt to open or to write. */
static void say(struct log *log, int error) {
  keep_error(log, error);
  say_torn(log);
  say_sync(log);
  if (error != 0 || log->fault.error != 0)
    say_fault(log, error);
  if (error != 0)
    return;
  log->caught_up = 0;
  note_lost(log);
}

/* --- the job --- */

static uint64_t count_rows(struct log *log) {
  pthread_mutex_lock(&log->logs->lock);
  uint64_t n = log->backlog.n;
  pthread_mutex_unlock(&log->logs->lock);
  return n;
}

static struct waiting_row *take_row(struct log *log) {
  pthread_mutex_lock(&log->logs->lock);
  struct waiting_row *row = backlog_take(&log->backlog);
  pthread_mutex_unlock(&log->logs->lock);
  return row;
}

static void settle_row(struct log *log, struct waiting_row *row, int error) {
  struct backlog *b = &log->backlog;

  pthread_mutex_lock(&log->logs->lock);
  if (error == 0) {
    log->caught_up += b->failed > 0;
    log->logs->written++;
    backlog_done(b, row);
  } else {
    backlog_put_back(b, row);
    b->failed = b->n;
  }
  pthread_mutex_unlock(&log->logs->lock);
}

/* Those that come meanwhile ask for the job anew: on a slow disk it would else
 * never end, and no log behind it have its turn. */
static int write_rows(struct log *log, bool *was_tried) {
  struct waiting_row *row;
  int error = 0;

  for (uint64_t n = count_rows(log);
       n > 0 && error == 0 && (row = take_row(log)) != NULL; n--) {
    *was_tried = true;
    error = tsv_append(log->tsv, row->pid, row->wall_ns, row->text, row->len);
    settle_row(log, row, error);
  }
  return error;
}

static int reopen(struct log *log, bool *was_tried) {
  pid_t pid;

  if (!tsv_pid(log->tsv, &pid))
    return 0;
  *was_tried = true;
  int error = tsv_close(log->tsv);
  return error != 0 ? error : tsv_open(log->tsv, pid, clock_ns(CLOCK_REALTIME));
}

static void close_file(struct log *log) {
  int error = tsv_close(log->tsv);

  if (error != 0)
    say(log, error);
}

static void serve(struct log *log, unsigned wishes, pid_t pid) {
  bool was_tried = false;
  int error = 0;

  if ((wishes & WISH_OPEN) != 0)
    say(log, tsv_open(log->tsv, pid, clock_ns(CLOCK_REALTIME)));
  if ((wishes & WISH_REOPEN) != 0)
    error = reopen(log, &was_tried);
  if (error == 0)
    error = write_rows(log, &was_tried);
  if (was_tried)
    say(log, error);
  log->is_closed = log->is_closed || (wishes & WISH_CLOSE) != 0;
  if (log->is_closed)
    close_file(log);
  if ((wishes & WISH_SAY_OVER) != 0)
    status_say_over(log->logs->config);
}

/* Frees a log that is left, once it has nothing to do any more. */
static void settle(struct log *log) {
  struct logs *l = log->logs;
  struct log **at = &l->left;

  pthread_mutex_lock(&l->lock);
  bool is_done = log->is_left && !log->has_work && log->backlog.n == 0;
  if (is_done) {
    while (*at != log)
      at = &(*at)->next_left;
    *at = log->next_left;
  }
  pthread_mutex_unlock(&l->lock);
  if (is_done)
    log_free(log);
}

static struct log *take_work(struct logs *l, unsigned *wishes, pid_t *pid) {
  pthread_mutex_lock(&l->lock);
  struct log *log = l->work;
  if (log != NULL) {
    l->work = log->next_work;
    l->n_work--;
    log->has_work = false;
    log->is_begun = true;
    *wishes = log->wishes;
    *pid = log->pid;
    log->wishes = 0;
  }
  pthread_mutex_unlock(&l->lock);
  return log;
}

void log_job(void *logs) {
  struct logs *l = logs;
  struct log *log;
  unsigned wishes;
  pid_t pid;

  pthread_mutex_lock(&l->lock);
  size_t n = l->n_work;
  pthread_mutex_unlock(&l->lock);
  for (; n > 0 && (log = take_work(l, &wishes, &pid)) != NULL; n--) {
    serve(log, wishes, pid);
    settle(log);
  }
  say_overflow(l);
}
