#include "notice.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "dispatch.h"

enum { SENT_MAX = 20 };

static const uint64_t NS_PER_S = 1000000000;
static const uint64_t WINDOW_NS = UINT64_C(10000000000);
static const uint64_t FOUND_NS = UINT64_C(10000000000);

enum { DURATION_MAX = 48 };

/* The two largest units of a time: `3d 4h`. */
static void print_duration(uint64_t ns, char out[DURATION_MAX]) {
  static const struct {
    uint64_t s;
    char name;
  } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
  uint64_t s = ns / NS_PER_S;
  size_t i = 0;

  if (s < 10) {
    snprintf(out, DURATION_MAX, "%" PRIu64 ".%" PRIu64 "s", s,
             ns % NS_PER_S / (NS_PER_S / 10));
    return;
  }
  while (s < units[i].s)
    i++;
  uint64_t first = s / units[i].s, rest = s % units[i].s;
  if (units[i].s == 1 || rest / units[i + 1].s == 0)
    snprintf(out, DURATION_MAX, "%" PRIu64 "%c", first, units[i].name);
  else
    snprintf(out, DURATION_MAX, "%" PRIu64 "%c %" PRIu64 "%c", first,
             units[i].name, rest / units[i + 1].s, units[i + 1].name);
}

/* False when there were too many already. */
static bool may_send(struct notices *n, const char *name, uint64_t now_ns,
                     uint64_t wall_ns) {
  notice_flush(n, name, now_ns, wall_ns);
  if (n->window_ns == 0)
    n->window_ns = now_ns;
  if (n->sent == SENT_MAX)
    return false;
  n->sent++;
  return true;
}

void notice_started(struct notices *n, const char *name, pid_t pid,
                    uint64_t age_ns, uint64_t now_ns, uint64_t wall_ns) {
  char text[NOTICE_MAX], age[DURATION_MAX];

  if (!may_send(n, name, now_ns, wall_ns)) {
    n->started++;
    return;
  }
  print_duration(age_ns, age);
  if (age_ns > FOUND_NS)
    snprintf(text, sizeof(text), "%s: process %d found, running for %s", name,
             (int)pid, age);
  else
    snprintf(text, sizeof(text), "%s: process %d started", name, (int)pid);
  dispatch_notification(name, DISPATCH_OKAY, wall_ns, text);
}

static void print_exit(struct proc_exit how, char *out, size_t size) {
  switch (how.how) {
  case EXIT_STATUS:
    snprintf(out, size, "exited with status %d", how.code);
    break;
  case EXIT_SIGNAL:
    snprintf(out, size, "killed by signal %d", how.code);
    break;
  case EXIT_UNKNOWN:
    snprintf(out, size, "status unknown");
    break;
  }
}

void notice_ended(struct notices *n, const char *name, pid_t pid,
                  uint64_t age_ns, struct proc_exit how, uint64_t now_ns,
                  uint64_t wall_ns) {
  char text[NOTICE_MAX], age[DURATION_MAX], status[64];

  if (!may_send(n, name, now_ns, wall_ns)) {
    n->ended++;
    return;
  }
  print_exit(how, status, sizeof(status));
  print_duration(age_ns, age);
  if (age_ns == UINT64_MAX)
    snprintf(text, sizeof(text), "%s: process %d ended, %s", name, (int)pid,
             status);
  else
    snprintf(text, sizeof(text), "%s: process %d ended after %s, %s", name,
             (int)pid, age, status);
  dispatch_notification(name, DISPATCH_WARNING, wall_ns, text);
}

void notice_flush(struct notices *n, const char *name, uint64_t now_ns,
                  uint64_t wall_ns) {
  char text[NOTICE_MAX];

  if (n->window_ns == 0 || now_ns - n->window_ns < WINDOW_NS)
    return;
  if (n->started + n->ended > 0) {
    snprintf(text, sizeof(text),
             "%s: %" PRIu64 " more %s started and %" PRIu64
             " more ended within %" PRIu64 " s",
             name, n->started, n->started == 1 ? "process" : "processes",
             n->ended, (now_ns - n->window_ns) / NS_PER_S);
    dispatch_notification(name, n->ended > 0 ? DISPATCH_WARNING : DISPATCH_OKAY,
                          wall_ns, text);
  }
  *n = (struct notices){.window_ns = 0};
}
