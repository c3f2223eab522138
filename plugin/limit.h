/* How often a line may be said: a few times an hour. */
#ifndef PROCMON_LIMIT_H
#define PROCMON_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct limit {
  uint64_t since_ns; /* when the hour began; 0: it has not */
  unsigned said;     /* in that hour */
  uint64_t left_out; /* in that hour */
};

/* True when one more may be said, of `max` an hour. `left_out` is set to how
 * many were not since the last one. now_ns: CLOCK_MONOTONIC. */
bool limit_allows(struct limit *l, unsigned max, uint64_t now_ns,
                  uint64_t *left_out);

#endif
