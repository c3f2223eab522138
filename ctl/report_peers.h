/* What the logs of one report tell of each other. Pure. */
#ifndef PROCMONCTL_REPORT_PEERS_H
#define PROCMONCTL_REPORT_PEERS_H

#include "report_log.h"

struct report_peers {
  struct report_log *logs;
  struct report_wall *walls; /* how each of them tells the time */
  size_t n;
  /* A line for people, of what is not taken as it stands. */
  void (*note)(void *context, const char *text);
  void *context;
};

/* A log of which day and month cannot be told apart takes their order from one
 * of which they can, if there are not two that differ. Tells of what is not
 * sure. 0 or -ENOMEM. */
int report_peers_order(const struct report_peers *p);

/* Where all logs say their offset from UTC, all times become those of the clock
 * of the first one. Where only some do each keeps its clock, and differing
 * offsets are told. Logs without rows do not count. */
void report_peers_offset(const struct report_peers *p);

#endif
