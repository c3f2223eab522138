#include "series.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch.h"
#include "log_path.h"
#include "status.h"

static char *name_of(const struct monitor_config *c, pid_t pid) {
  size_t size = strlen(c->name) + 16;
  char *name = malloc(size);

  if (name != NULL)
    snprintf(name, size, pid != 0 ? "%s-%d" : "%s", c->name, (int)pid);
  return name;
}

int series_create(const struct monitor_config *config, struct logs *logs,
                  pid_t pid, struct series **out) {
  struct series *s = calloc(1, sizeof(*s));
  if (s == NULL)
    return -ENOMEM;
  s->config = config;
  s->name = name_of(config, pid);
  int error = s->name != NULL ? 0 : -ENOMEM;
  if (error == 0 && config->file != NULL)
    error = log_create(logs, &s->log);
  if (error != 0) {
    series_free(s);
    return error;
  }
  *out = s;
  return 0;
}

static void free_all_but_log(struct series *s) {
  free(s->name);
  free(s);
}

void series_free(struct series *s) {
  if (s == NULL)
    return;
  if (s->log != NULL)
    log_free(s->log);
  free_all_but_log(s);
}

void series_leave(struct series *s) {
  if (s == NULL)
    return;
  if (s->log != NULL)
    log_leave(s->log);
  free_all_but_log(s);
}

void series_open(struct series *s, pid_t pid) {
  const struct monitor_config *c = s->config;

  /* Without a pid the first row names the file. */
  if (s->log != NULL &&
      (pid != 0 || c->has_log_fd || !log_path_is_per_process(c->file)))
    log_open(s->log, pid);
}

void series_write_row(struct series *s, const struct reading *r) {
  if (s->log != NULL && r->rated > 0)
    log_write(s->log, r);
}

void series_write(struct series *s, const struct reading *r) {
  series_write_row(s, r);
  if (s->config->dispatch)
    dispatch_reading(s->name, s->config->interval_ns, s->config->layout,
                     s->config->metrics, r);
}

void series_retry(struct series *s) {
  if (s->log != NULL)
    log_retry(s->log);
}

void series_reopen(struct series *s) {
  if (s->log != NULL)
    log_reopen(s->log);
}

void series_close(struct series *s, bool is_over) {
  if (s->log != NULL)
    log_close(s->log, is_over);
  else if (is_over)
    status_say_over(s->config);
}
