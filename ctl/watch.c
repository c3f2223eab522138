/* watch: readings as they come. */
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "client.h"
#include "commands.h"
#include "say.h"

enum { CELL_MAX = 64 };

static const char format[] = "%-12s %5s %6s %7s %10s %11s %11s %7s %7s  %s\n";

static void print_header(void) {
  printf(format, "TIME", "ID", "PROCS", "CPU", "RESIDENT", "VIRTUAL", "PRIVATE",
         "THREADS", "HANDLES", "NAME");
}

static void print_reading(const struct answer *a) {
  char at[CELL_MAX];
  char resident[CELL_MAX];
  char virtual[CELL_MAX];
  char private[CELL_MAX];

  printf(format, answer_time(a, "time", "%H:%M:%S", true, at, sizeof(at)),
         answer_show(a, "id"), answer_show(a, "processes"),
         answer_show(a, "cpu"),
         answer_kib(a, "resident", resident, sizeof(resident)),
         answer_kib(a, "virtual", virtual, sizeof(virtual)),
         answer_kib(a, "private", private, sizeof(private)),
         answer_show(a, "threads"), answer_show(a, "handles"),
         answer_show(a, "name"));
}

/* What is no reading is told on standard error. True: the monitor has ended. */
static bool show(const struct answer *a) {
  const char *running = answer_get(a, "running");
  const char *missed = answer_get(a, "missed");

  if (missed != NULL)
    say("monitor %s \"%s\": %s readings are left out, they came faster than "
        "they were printed",
        answer_show(a, "id"), answer_show(a, "name"), missed);
  else if (running == NULL)
    print_reading(a);
  else if (strcmp(running, "false") == 0)
    say("monitor %s \"%s\" has ended", answer_show(a, "id"),
        answer_show(a, "name"));
  return running != NULL && strcmp(running, "false") == 0;
}

static int follow(struct client *c, bool of_one) {
  struct answer a;
  char *line;
  bool ended = false;

  print_header();
  for (;;) {
    /* Each line is seen at once, and nobody waits for what cannot be shown. */
    int status = say_flush();
    if (status == STATUS_DONE)
      status = client_wait(c, &line);
    if (status != STATUS_DONE)
      return status;
    if (line == NULL)
      break;
    answer_parse(&a, line);
    ended = show(&a);
  }
  if (of_one && ended)
    return STATUS_DONE;
  say("collectd has closed the connection to %s: has it ended? Its log tells",
      c->path);
  return STATUS_NO_DAEMON;
}

int command_watch(struct options *o) {
  struct client c;
  struct lines lines;
  struct request r;

  request_begin(&r, "WATCH");
  if (o->n_arguments > 0 && request_add(&r, "id", o->arguments[0]) != 0) {
    say("\"%s\" is no id of a monitor; procmonctl list shows them",
        o->arguments[0]);
    return STATUS_NO;
  }
  int status = client_open(&c, o->socket);
  if (status != STATUS_DONE)
    return status;
  status = client_ask(&c, &r, -1, &lines);
  lines_free(&lines);
  if (status == STATUS_DONE)
    status = follow(&c, o->n_arguments > 0);
  client_close(&c);
  return status;
}
