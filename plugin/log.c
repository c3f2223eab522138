#include "log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/clock.h"
#include "compat/file.h"
#include "log_job.h"
#include "row.h"

static const uint64_t HANG_NS = UINT64_C(5000000000);

/* The lock must be held. */
static void add_work(struct log *log, unsigned wishes) {
  struct logs *l = log->logs;

  log->wishes |= wishes;
  if (log->has_work)
    return;
  log->has_work = true;
  log->next_work = NULL;
  if (l->work == NULL)
    l->work = log;
  else
    l->last_work->next_work = log;
  l->last_work = log;
  l->n_work++;
}

/* --- all logs of a monitor --- */

static char *folder_of(const char *file) {
  size_t len = strlen(file);

  while (len > 0 && !file_is_separator(file[len - 1]))
    len--;
  char *folder = malloc(len + 1);
  if (folder == NULL)
    return NULL;
  memcpy(folder, file, len);
  folder[len] = '\0';
  return folder;
}

static void close_given(int fd, struct fd_budget *budget) {
  if (fd < 0)
    return;
  file_close(fd);
  fd_budget_give(budget);
}

void logs_refuse(const struct monitor_config *config,
                 struct fd_budget *budget) {
  close_given(config->has_log_fd ? config->log_fd : -1, budget);
}

/* All rows of a reading come at once, which is no reason to lose one. */
static size_t rows_max(const struct monitor_config *c) {
  return ROWS_MAX + (c->each ? (size_t)c->max_processes : 0);
}

int logs_init(struct logs *l, const struct monitor_config *config,
              struct fd_budget *budget, struct writers *writers,
              const char *place) {
  *l = (struct logs){
      .given_fd = config->has_log_fd ? config->log_fd : -1,
      .config = config,
      .budget = budget,
      .writers = writers,
      .rows_max = rows_max(config),
      .places.left = rows_max(config),
  };
  pthread_mutex_init(&l->lock, NULL);
  fault_init(&l->hang, &l->hang_limit);
  l->folder = folder_of(config->file != NULL ? config->file : "");
  l->job = (struct job){
      .run = log_job, .arg = l, .place = place != NULL ? place : l->folder};
  return l->folder != NULL ? 0 : -ENOMEM;
}

void logs_retry_left(struct logs *l) {
  pthread_mutex_lock(&l->lock);
  bool has_left = l->left != NULL;
  for (struct log *log = l->left; log != NULL; log = log->next_left)
    add_work(log, 0);
  pthread_mutex_unlock(&l->lock);
  if (has_left)
    writers_ask(l->writers, &l->job);
}

bool logs_wait(struct logs *l, uint64_t deadline_ns) {
  return writers_wait(l->writers, &l->job, deadline_ns);
}

void logs_look(struct logs *l, struct logs_state *out) {
  pthread_mutex_lock(&l->lock);
  *out = (struct logs_state){
      .written = l->written,
      .lost = l->lost + l->places.lost,
      .waiting = l->rows_max - l->places.left,
      .error = l->error,
      .why = l->why,
  };
  pthread_mutex_unlock(&l->lock);
}

void logs_say_hanging(struct logs *l) {
  pthread_mutex_lock(&l->lock);
  struct lost lost = {
      .rows = l->rows_max - l->places.left + l->places.lost,
  };
  pthread_mutex_unlock(&l->lock);
  log_say_lost(l, &lost, "writing hangs and the end is not to wait for it");
}

void logs_clear(struct logs *l) {
  while (l->left != NULL) {
    struct log *log = l->left;
    l->left = log->next_left;
    log_free(log);
  }
  if (l->lost_at_end.rows > 0)
    log_say_lost(l, &l->lost_at_end, "they could not be written until the end");
  close_given(l->given_fd, l->budget);
  backlog_places_clear(&l->places);
  pthread_mutex_destroy(&l->lock);
  free(l->folder);
}

/* --- one log --- */

int log_create(struct logs *l, struct log **out) {
  const struct monitor_config *c = l->config;
  struct log *log = calloc(1, sizeof(*log));
  if (log == NULL)
    return -ENOMEM;
  log->logs = l;
  log->options = (struct tsv_options){
      .path = c->file,
      .append = c->append,
      .sync = c->sync,
      .style = {c->columns, c->header, c->time_format, c->utc, &l->time},
      .budget = l->budget,
      .is_given = l->given_fd >= 0,
      .fd = l->given_fd,
  };
  backlog_init(&log->backlog, &l->places);
  fault_init(&log->fault, &l->limit);
  fault_init(&log->sync_fault, &l->limit);
  int error = tsv_create(&log->options, &log->tsv);
  if (error != 0) {
    free(log);
    return error;
  }
  l->given_fd = -1;
  *out = log;
  return 0;
}

void log_free(struct log *log) {
  struct logs *l = log->logs;

  pthread_mutex_lock(&l->lock);
  uint64_t lost = log->backlog.n + backlog_take_lost(&log->backlog);
  l->lost_at_end.rows += lost;
  l->lost_at_end.files += lost > 0;
  backlog_clear(&log->backlog);
  pthread_mutex_unlock(&l->lock);
  tsv_free(log->tsv);
  free(log);
}

static void ask_for(struct log *log, unsigned wishes) {
  struct logs *l = log->logs;

  pthread_mutex_lock(&l->lock);
  add_work(log, wishes);
  pthread_mutex_unlock(&l->lock);
  writers_ask(l->writers, &l->job);
}

void log_open(struct log *log, pid_t pid) {
  pthread_mutex_lock(&log->logs->lock);
  log->pid = pid;
  pthread_mutex_unlock(&log->logs->lock);
  ask_for(log, WISH_OPEN);
}

/* A log that hangs is said by who does not. */
static void say_hanging(struct logs *l, uint64_t waited_ns) {
  char what[PATH_MAX + sizeof("File ")];
  int error = waited_ns >= HANG_NS ? -ETIMEDOUT : 0;

  if (error == 0 && l->hang.error == 0)
    return;
  snprintf(what, sizeof(what), "File %s", l->config->file);
  fault_say(&l->hang, error,
            &(struct fault_words){
                l->config->name, what, "writing hangs",
                error != 0 ? "; rows wait in memory until it goes on" : ""},
            clock_ns(CLOCK_MONOTONIC));
}

void log_write(struct log *log, const struct reading *r) {
  char text[ROW_MAX];
  struct logs *l = log->logs;

  size_t len = row_print(&log->options.style, r, text);
  pthread_mutex_lock(&l->lock);
  backlog_push(&log->backlog, r->pid, r->wall_ns, text, len);
  add_work(log, 0);
  pthread_mutex_unlock(&l->lock);
  say_hanging(l, writers_ask(l->writers, &l->job));
}

void log_retry(struct log *log) {
  pthread_mutex_lock(&log->logs->lock);
  bool has_rows = log->backlog.n > 0;
  pthread_mutex_unlock(&log->logs->lock);
  if (has_rows)
    ask_for(log, 0);
}

void log_reopen(struct log *log) { ask_for(log, WISH_REOPEN); }

void log_close(struct log *log, bool is_over) {
  ask_for(log, is_over ? WISH_CLOSE | WISH_SAY_OVER : WISH_CLOSE);
}

static void take_back_work(struct log *log) {
  struct logs *l = log->logs;
  struct log **at = &l->work, *before = NULL;

  while (*at != NULL && *at != log) {
    before = *at;
    at = &before->next_work;
  }
  if (*at == NULL)
    return;
  *at = log->next_work;
  if (l->last_work == log)
    l->last_work = before;
  l->n_work--;
}

static void leave(struct log *log) {
  struct logs *l = log->logs;

  log->is_left = true;
  log->next_left = l->left;
  l->left = log;
  add_work(log, WISH_CLOSE);
}

void log_leave(struct log *log) {
  struct logs *l = log->logs;

  pthread_mutex_lock(&l->lock);
  /* While logs hang there is no end of those that come and go. */
  bool is_dropped =
      l->places.left == 0 && !log->is_begun && log->backlog.n == 0;
  if (is_dropped)
    take_back_work(log);
  else
    leave(log);
  pthread_mutex_unlock(&l->lock);
  /* Once it is left the job may free it. */
  if (is_dropped)
    log_free(log);
  else
    writers_ask(l->writers, &l->job);
}
