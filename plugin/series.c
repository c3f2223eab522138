#include "series.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backends/clock.h"
#include "dispatch.h"
#include "fault.h"
#include "log_path.h"
#include "tsv.h"

struct series_log {
  struct tsv_options options;
  struct tsv *tsv;
  struct fault fault;
};

static char *name_of(const struct monitor_config *c, pid_t pid) {
  size_t size = strlen(c->name) + 16;
  char *name = malloc(size);

  if (name != NULL)
    snprintf(name, size, pid != 0 ? "%s-%d" : "%s", c->name, (int)pid);
  return name;
}

static int create_log(struct series *s, struct fd_budget *budget) {
  const struct monitor_config *c = s->config;

  s->log = calloc(1, sizeof(*s->log));
  if (s->log == NULL)
    return -ENOMEM;
  s->log->options = (struct tsv_options){
      .path = c->file,
      .append = c->append,
      .style = {c->columns, c->header, c->time_format, c->utc},
      .budget = budget,
  };
  return tsv_create(&s->log->options, &s->log->tsv);
}

int series_create(const struct monitor_config *config, struct fd_budget *budget,
                  pid_t pid, struct series **out) {
  struct series *s = calloc(1, sizeof(*s));
  if (s == NULL)
    return -ENOMEM;
  s->config = config;
  s->name = name_of(config, pid);
  int error = s->name != NULL ? 0 : -ENOMEM;
  if (error == 0 && config->file != NULL)
    error = create_log(s, budget);
  if (error != 0) {
    series_free(s);
    return error;
  }
  *out = s;
  return 0;
}

void series_free(struct series *s) {
  if (s == NULL)
    return;
  if (s->log != NULL) {
    tsv_free(s->log->tsv);
    free(s->log);
  }
  free(s->name);
  free(s);
}

static void say(struct series *s, int error) {
  char what[PATH_MAX + sizeof("File ")];
  struct series_log *log = s->log;

  if (error == log->fault.error)
    return;
  snprintf(what, sizeof(what), "File %s", tsv_path(log->tsv));
  fault_say(&log->fault, s->config->name, error, what, tsv_explain(error));
}

void series_open(struct series *s, pid_t pid) {
  /* Without a pid the first row names the file. */
  if (s->log != NULL && (pid != 0 || !log_path_is_per_process(s->config->file)))
    say(s, tsv_open(s->log->tsv, pid, clock_ns(CLOCK_REALTIME)));
}

void series_write_row(struct series *s, const struct reading *r) {
  if (s->log != NULL && r->rated > 0)
    say(s, tsv_write(s->log->tsv, r));
}

void series_write(struct series *s, const struct reading *r) {
  series_write_row(s, r);
  if (s->config->dispatch)
    dispatch_reading(s->name, s->config->interval_ns, s->config->metrics, r);
}

void series_close(struct series *s) {
  int error = s->log != NULL ? tsv_close(s->log->tsv) : 0;
  if (error != 0)
    say(s, error);
}
