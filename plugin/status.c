#include "status.h"

#include <inttypes.h>
#include <stdio.h>

#include "report.h"

enum { CHANGES_AN_HOUR = 30, LEFT_OUT_MAX = 64 };

static const uint64_t NS_PER_S = 1000000000;

static void print_left_out(uint64_t left_out, char out[LEFT_OUT_MAX]) {
  out[0] = '\0';
  if (left_out > 0)
    snprintf(out, LEFT_OUT_MAX, " (%" PRIu64 " such lines were left out)",
             left_out);
}

static void say_waiting(const struct monitor_config *c, const char *rest) {
  char selectors[1024];

  monitor_config_describe(c, selectors, sizeof(selectors));
  report(REPORT_NOTICE,
         "<Process \"%s\">: no process now with %s, waiting for it%s", c->name,
         selectors, rest);
}

void status_say_waiting(const struct monitor_config *c) { say_waiting(c, ""); }

void status_say_over(const struct monitor_config *c) {
  report(REPORT_NOTICE,
         "<Process \"%s\">: process %d has ended, and so has this monitor",
         c->name, (int)c->pid);
}

static void say_processes(const struct monitor_config *c, size_t n, pid_t pid,
                          const char *rest) {
  if (n == 0)
    say_waiting(c, rest);
  else if (n == 1)
    report(REPORT_INFO, "<Process \"%s\">: watching process %d%s", c->name,
           (int)pid, rest);
  else
    report(REPORT_INFO, "<Process \"%s\">: watching %zu processes%s", c->name,
           n, rest);
}

void status_say_processes(struct status *s, const struct monitor_config *c,
                          size_t n, pid_t pid, uint64_t now_ns) {
  char rest[LEFT_OUT_MAX];
  uint64_t left_out;
  bool both = n > 0 && s->n > 0;
  bool same = n == s->n ? n != 1 || pid == s->pid : both && n > 1;

  s->n = n;
  s->pid = pid;
  if (same || !limit_allows(&s->changes, CHANGES_AN_HOUR, now_ns, &left_out))
    return;
  print_left_out(left_out, rest);
  say_processes(c, n, pid, rest);
}

void status_say_gap(struct status *s, const struct monitor_config *c,
                    uint64_t elapsed_ns, uint64_t now_ns) {
  char rest[LEFT_OUT_MAX];
  uint64_t left_out;

  if (elapsed_ns <= 2 * c->interval_ns || elapsed_ns < NS_PER_S ||
      !limit_allows(&s->gaps, 1, now_ns, &left_out))
    return;
  print_left_out(left_out, rest);
  report(REPORT_WARNING,
         "<Process \"%s\">: %.1f s between two readings, of an interval of %g "
         "s: the system's clock was set back, or collectd had no time or no "
         "free thread (ReadThreads)%s",
         c->name, (double)elapsed_ns / 1e9, (double)c->interval_ns / 1e9, rest);
}
