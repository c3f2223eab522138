/* An instant of a clock that cannot fail, in nanoseconds. */
#ifndef PROCMON_CLOCK_H
#define PROCMON_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t clock) {
  struct timespec ts = {0, 0};

  clock_gettime(clock, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

#endif
