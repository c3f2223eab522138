/* The commands that send a request or two. */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "client.h"
#include "log_file.h"
#include "monitor.h"
#include "say.h"
#include "summary.h"

static int start(struct client *c, struct options *o, char id[MONITOR_ID_MAX]) {
  struct log_file log;

  int status = log_file_open(&log, o->file, &o->start);
  if (status != STATUS_DONE)
    return status;
  status = monitor_start(c, &o->start, log.fd, id);
  /* Of a connection that was lost nobody knows whether the log is used. */
  if (status == STATUS_NO)
    log_file_drop(&log);
  else
    log_file_close(&log);
  return status;
}

static int say_what_to_start(void) {
  say("start wants the pid of the process, or --set with another way to choose "
      "processes, such as --set command=nginx");
  return STATUS_USAGE;
}

int command_start(struct options *o) {
  struct client c;
  char id[MONITOR_ID_MAX];

  if (o->n_arguments == 0 && !o->has_settings)
    return say_what_to_start();
  if (o->n_arguments > 0 && request_add(&o->start, "pid", o->arguments[0]) != 0)
    return say_what_to_start();
  int status = client_open(&c, o->socket);
  if (status != STATUS_DONE)
    return status;
  status = start(&c, o, id);
  client_close(&c);
  if (status != STATUS_DONE)
    return status;
  printf("%s\n", id);
  status = say_flush();
  if (status != STATUS_DONE)
    say("monitor %s has started all the same", id);
  return status;
}

static int stop(struct client *c, const char *id, bool is_verbose) {
  struct lines lines;
  struct answer a;

  int status = monitor_ask(c, "STOP", id, &lines);
  if (status == STATUS_DONE && is_verbose) {
    answer_parse(&a, lines.line[0]);
    printf("monitor %s \"%s\"", answer_show(&a, "id"), answer_show(&a, "name"));
    summary_print(stdout, &a);
  }
  lines_free(&lines);
  return status;
}

int command_stop(struct options *o) {
  struct client c;

  int status = client_open(&c, o->socket);
  if (status != STATUS_DONE)
    return status;
  /* One that cannot be stopped does not keep the others running. */
  for (int i = 0; i < o->n_arguments && status != STATUS_NO_DAEMON; i++) {
    int one = stop(&c, o->arguments[i], o->is_verbose);
    status = one != STATUS_DONE ? one : status;
  }
  client_close(&c);
  int flushed = say_flush();
  return status != STATUS_DONE ? status : flushed;
}

int command_running(struct options *o) {
  struct client c;
  struct lines lines;
  struct answer a;

  int status = client_open(&c, o->socket);
  if (status != STATUS_DONE)
    return status;
  status = monitor_ask(&c, "RUNNING", o->arguments[0], &lines);
  if (status == STATUS_DONE) {
    answer_parse(&a, lines.line[0]);
    bool is_running = strcmp(answer_show(&a, "running"), "true") == 0;
    printf("%s\n", is_running ? "true" : "false");
    status = is_running ? STATUS_DONE : STATUS_NO;
  }
  lines_free(&lines);
  client_close(&c);
  int flushed = say_flush();
  return flushed != STATUS_DONE ? flushed : status;
}
