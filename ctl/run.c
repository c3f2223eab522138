/* run: a command that is monitored from its first instruction. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "answer.h"
#include "child.h"
#include "client.h"
#include "commands.h"
#include "compat/error_text.h"
#include "log_file.h"
#include "monitor.h"
#include "say.h"
#include "summary.h"

/* Starts the monitor of a child that waits. The monitor ends with the
 * connection, so that it does not outlive a procmonctl that is killed. */
static int monitor_child(struct client *c, struct options *o,
                         const struct child *child, int log_fd,
                         char id[MONITOR_ID_MAX]) {
  char pid[MONITOR_ID_MAX];

  snprintf(pid, sizeof(pid), "%jd", (intmax_t)child->pid);
  if (request_add(&o->start, "pid", pid) != 0 ||
      request_add(&o->start, "lifetime", "client") != 0) {
    say("the options are too long, together at most %d bytes", REQUEST_MAX);
    return STATUS_USAGE;
  }
  return monitor_start(c, &o->start, log_fd, id);
}

/* While the child is a zombie the daemon can still take its last figures. */
static void stop(struct client *c, const char *id, const char *command,
                 bool has_run) {
  struct lines lines;
  struct answer a;

  if (monitor_ask(c, "STOP", id, &lines) == STATUS_DONE && has_run) {
    answer_parse(&a, lines.line[0]);
    fprintf(stderr, "procmonctl: %s", command);
    summary_print(stderr, &a);
  }
  lines_free(&lines);
}

static int run_monitored(struct client *c, char **argv, struct child *child,
                         const char *id) {
  char text[ERROR_TEXT_MAX];

  int err = child_go(child);
  int status = child_wait(child);
  if (err != 0) {
    say("%s cannot be run: %s", argv[0], error_text(err, text));
    status = err == -ENOENT ? STATUS_NO_COMMAND : STATUS_CANNOT_RUN;
  }
  stop(c, id, argv[0], err == 0);
  return status;
}

static int run(struct client *c, struct options *o, struct log_file *log) {
  char id[MONITOR_ID_MAX];
  char text[ERROR_TEXT_MAX];
  struct child child;

  int err = child_fork(&child, o->arguments);
  if (err != 0) {
    say("no process can be made: %s", error_text(err, text));
    log_file_drop(log);
    return STATUS_RUN_FAILED;
  }
  int status = monitor_child(c, o, &child, log->fd, id);
  /* Of a connection that was lost nobody knows whether the log is used. */
  if (status != STATUS_DONE && status != STATUS_NO_DAEMON)
    log_file_drop(log);
  status = status == STATUS_DONE ? run_monitored(c, o->arguments, &child, id)
                                 : STATUS_RUN_FAILED;
  child_reap(&child);
  return status;
}

int command_run(struct options *o) {
  struct client c;
  struct log_file log;

  if (client_open(&c, o->socket) != STATUS_DONE)
    return STATUS_RUN_FAILED;
  int status = log_file_open(&log, o->file, &o->start);
  status = status == STATUS_DONE ? run(&c, o, &log) : STATUS_RUN_FAILED;
  log_file_close(&log);
  client_close(&c);
  return status;
}
