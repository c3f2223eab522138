/* A fault that lasts is said when it begins and when it is over, and once an
 * hour in between; one that comes and goes, a few times an hour. */
#ifndef PROCMON_FAULT_H
#define PROCMON_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "limit.h"

struct fault {
  int error;        /* 0: none */
  bool is_said;     /* that it has begun */
  uint64_t said_ns; /* when the error was said last */
  uint64_t again;   /* how often it came since then */
  struct limit *limit;
};

/* What a fault is of, and its words. */
struct fault_words {
  const char *name; /* of the block */
  const char *what; /* fails or works */
  const char *why;  /* what the error means; NULL: what errno says of it */
  const char *more; /* what comes of it, or of its end; "": nothing */
};

/* `limit` counts the beginnings that are said, also those of other faults that
 * share it; it outlives the fault. */
void fault_init(struct fault *f, struct limit *limit);

/* Takes note that something failed with `error`, a negative errno, or went
 * well, and says so where that is news. now_ns: CLOCK_MONOTONIC. */
void fault_say(struct fault *f, int error, const struct fault_words *words,
               uint64_t now_ns);

#endif
