/* What a monitor says of itself in the daemon's log. */
#ifndef PROCMON_STATUS_H
#define PROCMON_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "limit.h"
#include "monitor_config.h"

/* Zeroed: nothing was said yet. */
struct status {
  size_t n; /* the processes that the log knows of */
  pid_t pid;
  struct limit changes, gaps;
};

void status_say_waiting(const struct monitor_config *c);

/* Says how many processes there are now, and of one which it is, where that is
 * news: a few times an hour where they come and go. */
void status_say_processes(struct status *s, const struct monitor_config *c,
                          size_t n, pid_t pid, uint64_t now_ns);

void status_say_over(const struct monitor_config *c);

/* Says when the time between two readings was more than two intervals, and a
 * second: once an hour. */
void status_say_gap(struct status *s, const struct monitor_config *c,
                    uint64_t elapsed_ns, uint64_t now_ns);

#endif
