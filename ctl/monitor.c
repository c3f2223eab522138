#include "monitor.h"

#include <stdio.h>

#include "answer.h"
#include "say.h"

static int misses(const struct client *c, const char *what) {
  say("the answer at %s has no %s: is procmonctl of another version than "
      "procmon?",
      c->path, what);
  return STATUS_NO_DAEMON;
}

int monitor_start(struct client *c, const struct request *r, int log_fd,
                  char id[MONITOR_ID_MAX]) {
  struct lines lines;
  struct answer a = {.n = 0};

  int status = client_ask(c, r, log_fd, &lines);
  if (status == STATUS_DONE && lines.n > 0)
    answer_parse(&a, lines.line[0]);
  const char *found = answer_get(&a, "id");
  if (status == STATUS_DONE && found == NULL)
    status = misses(c, "id");
  if (status == STATUS_DONE)
    snprintf(id, MONITOR_ID_MAX, "%s", found);
  lines_free(&lines);
  return status;
}

int monitor_ask(struct client *c, const char *command, const char *id,
                struct lines *lines) {
  struct request r;

  *lines = (struct lines){.n = 0};
  request_begin(&r, command);
  if (request_add(&r, "id", id) != 0) {
    say("\"%s\" is no id of a monitor; procmonctl list shows them", id);
    return STATUS_NO;
  }
  int status = client_ask(c, &r, -1, lines);
  if (status == STATUS_DONE && lines->n == 0)
    status = misses(c, "line");
  return status;
}
