/* Starts and ends of targets as notifications of collectd, and not too many of
 * them: more than 20 within 10 s are counted, and told in one. */
#ifndef PROCMON_NOTICE_H
#define PROCMON_NOTICE_H

#include <stdint.h>
#include <sys/types.h>

#include "backends/backend.h"

/* Of one monitor; all 0 at first. */
struct notices {
  uint64_t window_ns; /* when the window began, CLOCK_MONOTONIC; 0: none has */
  unsigned sent;      /* in the window */
  uint64_t started, ended; /* in the window, and not told */
};

/* `name` is the monitor's; now_ns is CLOCK_MONOTONIC and wall_ns
 * CLOCK_REALTIME. A process that has been running for longer than it takes to
 * start one was found. */
void notice_started(struct notices *n, const char *name, pid_t pid,
                    uint64_t age_ns, uint64_t now_ns, uint64_t wall_ns);

/* age_ns: for how long it ran; UINT64_MAX: not known. */
void notice_ended(struct notices *n, const char *name, pid_t pid,
                  uint64_t age_ns, struct proc_exit how, uint64_t now_ns,
                  uint64_t wall_ns);

/* Tells the counted ones once the window is over; to be called now and then. */
void notice_flush(struct notices *n, const char *name, uint64_t now_ns,
                  uint64_t wall_ns);

#endif
