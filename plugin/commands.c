#include "commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "answer.h"
#include "backends/clock.h"
#include "commands_start.h"
#include "compat/error_text.h"
#include "compat/printf_like.h"
#include "printable.h"
#include "request.h"

static const uint64_t START_WAIT_NS = UINT64_C(2000000000),
                      STOP_WAIT_NS = UINT64_C(30000000000);

/* More is not laid up for a client that watches and does not read. */
enum { WATCH_WAITING_MAX = 65536 };

/* --- answers --- */

/* An answer in the making: all of it is sent, or nothing. */
struct answer {
  FILE *out;
  char *text;
  size_t len;
};

static void give(struct client *c, const char *text, size_t len) {
  if (client_put(c, text, len) != 0)
    c->state = CLIENT_ENDS;
}

static int begin(struct client *c, struct answer *a) {
  *a = (struct answer){0};
  a->out = open_memstream(&a->text, &a->len);
  if (a->out == NULL)
    c->state = CLIENT_ENDS;
  return a->out != NULL ? 0 : -ENOMEM;
}

static void finish(struct client *c, struct answer *a) {
  bool is_whole = ferror(a->out) == 0;

  is_whole = fclose(a->out) == 0 && is_whole;
  if (is_whole)
    give(c, a->text, a->len);
  else
    c->state = CLIENT_ENDS;
  free(a->text);
}

void commands_refuse(struct client *c, bool ends, const char *why) {
  char text[COMMANDS_WHY_MAX], line[COMMANDS_WHY_MAX + 8];

  /* It may hold what the client has said. */
  printable_copy(why, text, sizeof(text));
  int len = snprintf(line, sizeof(line), "-1 %s\n", text);
  give(c, line, (size_t)len);
  if (ends)
    c->state = CLIENT_ENDS;
}

PRINTF_LIKE(2, 3)
static void refuse(struct client *c, const char *format, ...) {
  char why[COMMANDS_WHY_MAX];
  va_list args;

  va_start(args, format);
  vsnprintf(why, sizeof(why), format, args);
  va_end(args);
  commands_refuse(c, false, why);
}

static void answer_with(struct client *c, const char *status, struct kept *kept,
                        void (*line)(FILE *, struct kept *)) {
  struct answer a;

  if (begin(c, &a) != 0)
    return;
  fputs(status, a.out);
  line(a.out, kept);
  finish(c, &a);
}

/* --- which monitor --- */

/* NULL: the answer says why. */
static struct kept *find(struct commander *x, struct client *c,
                         const struct request *r) {
  const struct request_pair *p = request_find(r, "id");
  char *end = NULL;

  if (p == NULL || r->n != 1) {
    refuse(c, "expected id=, the number of a monitor, and nothing else");
    return NULL;
  }
  unsigned long id = strtoul(p->value, &end, 10);
  struct kept *kept = p->value[0] >= '0' && p->value[0] <= '9' &&
                              *end == '\0' && id <= UINT32_MAX
                          ? keeper_find(&x->keeper, (uint32_t)id)
                          : NULL;
  if (kept == NULL)
    refuse(c, "there is no monitor %.20s, or none any more; LIST shows all",
           p->value);
  return kept;
}

static bool is_allowed(const struct client *c, const struct kept *kept) {
  return c->uid == 0 || (!kept->is_configured && kept->owner == c->uid);
}

static struct kept *find_own(struct commander *x, struct client *c,
                             const struct request *r) {
  struct kept *kept = find(x, c, r);

  if (kept == NULL || is_allowed(c, kept))
    return kept;
  refuse(c, "monitor %" PRIu32 " belongs to %s may do that", kept->id,
         kept->is_configured ? "the configuration; only root"
                             : "another user; only that user or root");
  return NULL;
}

/* --- START and STOP --- */

static void put_id(FILE *out, struct kept *kept) {
  answer_id(out, kept);
  putc('\n', out);
}

static bool is_missing(struct kept *kept) {
  const struct monitor_config *c = kept->config;
  struct view view;
  struct logs_state logs;

  if (c->pid == 0)
    return false;
  monitor_look(kept->monitor, &view, &logs);
  return view.processes == 0;
}

static void start(struct commander *x, struct client *c,
                  const struct request *r) {
  char why[COMMANDS_WHY_MAX];
  struct kept *kept;

  if (commands_start(x, c, r, &kept, why) != 0) {
    commands_refuse(c, false, why);
    return;
  }
  if (is_missing(kept)) {
    refuse(c, "there is no process %d", (int)kept->config->pid);
    keeper_hide(kept);
    return;
  }
  c->state = CLIENT_STARTS;
  c->id = kept->id;
  c->deadline_ns = clock_ns(CLOCK_MONOTONIC) + START_WAIT_NS;
}

/* What the last attempt on a log failed with. */
static const char *words_of(const struct logs_state *logs,
                            char text[ERROR_TEXT_MAX]) {
  return logs->why != NULL ? logs->why : error_text(logs->error, text);
}

static void settle_start(struct client *c, struct kept *kept) {
  struct view view;
  struct logs_state logs;
  char text[ERROR_TEXT_MAX];

  c->state = CLIENT_READY;
  monitor_look(kept->monitor, &view, &logs);
  if (logs.error == 0) {
    answer_with(c, "1 started\n", kept, put_id);
    return;
  }
  refuse(c, "file %.500s: %s", kept->config->file, words_of(&logs, text));
  keeper_hide(kept);
}

static void stop(struct commander *x, struct client *c,
                 const struct request *r) {
  struct kept *kept = find_own(x, c, r);

  if (kept == NULL)
    return;
  if (kept->is_configured) {
    refuse(c,
           "monitor %" PRIu32 " is of collectd's configuration; it stops "
           "when that is changed",
           kept->id);
    return;
  }
  keeper_stop(kept);
  c->state = CLIENT_STOPS;
  c->id = kept->id;
  c->deadline_ns = clock_ns(CLOCK_MONOTONIC) + STOP_WAIT_NS;
}

static void settle_stop(struct client *c, struct kept *kept) {
  struct view view;
  struct logs_state logs;
  char text[ERROR_TEXT_MAX];

  c->state = CLIENT_READY;
  monitor_look(kept->monitor, &view, &logs);
  if (!keeper_is_done(kept))
    refuse(c, "monitor %" PRIu32 " is stopped, but writing to %.500s hangs",
           kept->id, kept->config->file);
  else if (logs.lost + logs.waiting > 0)
    refuse(c,
           "monitor %" PRIu32 " is stopped, but %" PRIu64
           " rows could not be written to %.500s%s%s",
           kept->id, logs.lost + logs.waiting, kept->config->file,
           logs.error != 0 ? ": " : "",
           logs.error != 0 ? words_of(&logs, text) : "");
  else
    answer_with(c, "1 stopped\n", kept, answer_summary);
}

void commands_settle(struct commander *x, struct client *c, uint64_t now_ns) {
  if (c->state != CLIENT_STARTS && c->state != CLIENT_STOPS)
    return;
  struct kept *kept = keeper_find(&x->keeper, c->id);
  if (kept == NULL) {
    c->state = CLIENT_READY;
    refuse(c, "monitor %" PRIu32 " has been forgotten", c->id);
    return;
  }
  if (!keeper_is_done(kept) && now_ns < c->deadline_ns)
    return;
  if (c->state == CLIENT_STARTS)
    settle_start(c, kept);
  else
    settle_stop(c, kept);
}

/* --- what is asked for --- */

static void put_running(FILE *out, struct kept *kept) {
  fprintf(out, "id=%" PRIu32 " running=%s\n", kept->id,
          answer_is_running(kept) ? "true" : "false");
}

static void running(struct commander *x, struct client *c,
                    const struct request *r) {
  struct kept *kept = find(x, c, r);

  if (kept != NULL)
    answer_with(c, answer_is_running(kept) ? "1 true\n" : "1 false\n", kept,
                put_running);
}

static void list(struct commander *x, struct client *c,
                 const struct request *r) {
  const struct keeper *k = &x->keeper;
  struct answer a;
  size_t n = 0;

  if (r->n > 0) {
    refuse(c, "LIST: found %.64s=, expected nothing", r->pairs[0].key);
    return;
  }
  if (begin(c, &a) != 0)
    return;
  for (size_t i = 0; i < k->n; i++)
    n += !k->all[i]->is_hidden;
  fprintf(a.out, "%zu monitor%s\n", n, n == 1 ? "" : "s");
  for (size_t i = 0; i < k->n; i++)
    if (!k->all[i]->is_hidden)
      answer_list(a.out, k->all[i]);
  finish(c, &a);
}

static void read_last(struct commander *x, struct client *c,
                      const struct request *r) {
  struct kept *kept = find_own(x, c, r);
  struct view view;
  struct logs_state logs;
  struct answer a;

  if (kept == NULL)
    return;
  monitor_look(kept->monitor, &view, &logs);
  if (view.readings == 0) {
    refuse(c, "there is no reading of monitor %" PRIu32 " yet", kept->id);
    return;
  }
  if (begin(c, &a) != 0)
    return;
  fputs("1 reading\n", a.out);
  answer_reading(a.out, kept, &view.last);
  finish(c, &a);
}

/* --- WATCH --- */

static void begin_to_watch(struct client *c, struct kept *kept) {
  struct view view;
  struct logs_state logs;

  if (!is_allowed(c, kept) || kept->is_hidden)
    return;
  struct seen *seen = client_seen(c, kept->id);
  if (seen == NULL) {
    c->state = CLIENT_ENDS;
    return;
  }
  monitor_look(kept->monitor, &view, &logs);
  seen->readings = view.readings;
  /* Of all, those that have ended long ago are not worth a word. */
  seen->end = c->id == 0 && !answer_is_running(kept);
}

static void watch(struct commander *x, struct client *c,
                  const struct request *r) {
  struct kept *kept = r->n > 0 ? find_own(x, c, r) : NULL;

  if (r->n > 0 && kept == NULL)
    return;
  c->state = CLIENT_WATCHES;
  c->id = kept != NULL ? kept->id : 0;
  give(c, "0 watching\n", strlen("0 watching\n"));
  if (kept != NULL)
    begin_to_watch(c, kept);
  for (size_t i = 0; kept == NULL && i < x->keeper.n; i++)
    begin_to_watch(c, x->keeper.all[i]);
}

static void show_one(struct client *c, FILE *out, struct kept *kept) {
  struct seen *seen = client_seen(c, kept->id);
  struct view view;
  struct logs_state logs;

  if (seen == NULL || seen->end)
    return;
  bool has_ended = !answer_is_running(kept);
  monitor_look(kept->monitor, &view, &logs);
  if (view.readings > seen->readings + 1) {
    answer_id(out, kept);
    fprintf(out, " missed=%" PRIu64 "\n", view.readings - seen->readings - 1);
  }
  if (view.readings > seen->readings)
    answer_reading(out, kept, &view.last);
  seen->readings = view.readings;
  if (!has_ended)
    return;
  answer_id(out, kept);
  fprintf(out, " running=false\n");
  seen->end = true;
  if (c->id != 0)
    c->state = CLIENT_ENDS;
}

/* Of monitors that are not known any more nothing need be known. */
static void forget_old(const struct commander *x, struct client *c) {
  size_t n = 0;

  if (c->n_seen <= 2 * x->keeper.n)
    return;
  for (size_t i = 0; i < c->n_seen; i++)
    if (keeper_find(&x->keeper, c->seen[i].id) != NULL)
      c->seen[n++] = c->seen[i];
  c->n_seen = n;
}

void commands_show(struct commander *x, struct client *c) {
  struct answer a;

  if (c->state != CLIENT_WATCHES ||
      c->out_len - c->out_sent > WATCH_WAITING_MAX)
    return;
  if (begin(c, &a) != 0)
    return;
  /* Its end was not seen in time, and nothing will come any more. */
  if (c->id != 0 && keeper_find(&x->keeper, c->id) == NULL)
    c->state = CLIENT_ENDS;
  forget_old(x, c);
  for (size_t i = 0; i < x->keeper.n; i++) {
    struct kept *kept = x->keeper.all[i];
    if ((c->id == 0 || c->id == kept->id) && !kept->is_hidden &&
        is_allowed(c, kept))
      show_one(c, a.out, kept);
  }
  finish(c, &a);
}

/* --- all of them --- */

static const struct {
  const char *name;
  void (*run)(struct commander *, struct client *, const struct request *);
} commands[] = {
    {"START", start}, {"STOP", stop},      {"RUNNING", running},
    {"LIST", list},   {"READ", read_last}, {"WATCH", watch},
};

static void run_request(struct commander *x, struct client *c,
                        const struct request *r) {
  size_t n = sizeof(commands) / sizeof(commands[0]), i = 0;

  while (i < n && strcasecmp(r->command, commands[i].name) != 0)
    i++;
  if (i == n)
    refuse(c, "found %.64s, expected START, STOP, RUNNING, LIST, READ or WATCH",
           r->command);
  else
    commands[i].run(x, c, r);
}

/* What came for no START belongs to nothing. */
static void drop_given(struct client *c) {
  int given = client_take_given(c);

  if (given >= 0)
    discard_close(c->discard, given);
}

void commands_run(struct commander *x, struct client *c, char *line,
                  size_t len) {
  struct request r;
  const char *why;

  if (len > 0 && line[len - 1] == '\r')
    line[--len] = '\0';
  /* What has ended by itself is to be seen so. */
  keeper_run(&x->keeper, clock_ns(CLOCK_MONOTONIC));
  if (request_parse(line, len, &r, &why) != 0)
    refuse(c, "%s", why);
  else
    run_request(x, c, &r);
  drop_given(c);
}
