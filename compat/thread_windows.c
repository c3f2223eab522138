#include "thread.h"

#include <errno.h>
#include <time.h>

int thread_start(pthread_t *out, void *(*run)(void *), void *arg) {
  return -pthread_create(out, NULL, run, arg);
}

void thread_cond_init(pthread_cond_t *cond) { pthread_cond_init(cond, NULL); }

static uint64_t now_ns(clockid_t clock) {
  struct timespec ts = {0, 0};

  clock_gettime(clock, &ts);
  return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Its conditions know the wall clock alone, which may be set: a step wakes too
 * early or too late by no more than a turn. */
int thread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock,
                     uint64_t deadline_ns) {
  static const uint64_t TURN_NS = 100000000;
  uint64_t now = now_ns(CLOCK_MONOTONIC);
  if (now >= deadline_ns)
    return -ETIMEDOUT;
  uint64_t left_ns = deadline_ns - now;
  uint64_t until = now_ns(CLOCK_REALTIME);
  until += left_ns < TURN_NS ? left_ns : TURN_NS;
  struct timespec ts = {
      .tv_sec = (time_t)(until / 1000000000),
      .tv_nsec = (long)(until % 1000000000),
  };
  int error = pthread_cond_timedwait(cond, lock, &ts);
  return error == ETIMEDOUT ? 0 : -error;
}
