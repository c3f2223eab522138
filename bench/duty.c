/* A process that uses a given share of a processor, and knows to the
 * microsecond when it used what: `duty PERCENT THREADS IDLE_S BUSY_S`. At its
 * end it prints lines of `thread wall_ns cpu_ns`; between two of them a thread
 * either ran or slept. */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "backends/clock.h"
#include "measure.h"

enum { THREADS_MAX = 8 };

static const uint64_t PERIOD_NS = 10000000, STEP_NS = 200000;

struct point {
  uint64_t wall_ns, cpu_ns;
};

struct worker {
  double share;
  uint64_t start_ns, busy_ns; /* CLOCK_MONOTONIC */
  struct point *points;
  size_t n, capacity;
};

/* The thread's own clock: of another thread that runs at the moment, getrusage
 * tells only what it had used at the last tick. */
static uint64_t own_cpu_ns(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

/* A preemption between the clocks would set them apart. */
static struct point look(void) {
  const uint64_t close_enough_ns = 20000;
  struct point p;
  uint64_t before_ns, after_ns;

  do {
    before_ns = clock_ns(CLOCK_REALTIME);
    p.cpu_ns = own_cpu_ns();
    after_ns = clock_ns(CLOCK_REALTIME);
  } while (after_ns - before_ns > close_enough_ns);
  p.wall_ns = before_ns + (after_ns - before_ns) / 2;
  return p;
}

static void note(struct worker *w) {
  if (w->n < w->capacity)
    w->points[w->n++] = look();
}

static void burn(struct worker *w, uint64_t cpu_ns) {
  uint64_t until_ns = own_cpu_ns() + cpu_ns;
  uint64_t next_ns = own_cpu_ns();

  for (uint64_t now_ns = next_ns; now_ns < until_ns; now_ns = own_cpu_ns())
    if (now_ns >= next_ns) {
      note(w);
      next_ns = now_ns + STEP_NS;
    }
  note(w);
}

static void sleep_until(uint64_t ns) {
  struct timespec ts = {.tv_sec = (time_t)(ns / 1000000000),
                        .tv_nsec = (long)(ns % 1000000000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
    ;
}

static void *work(void *arg) {
  struct worker *w = arg;
  uint64_t due_ns = w->start_ns;

  note(w);
  while (due_ns < w->start_ns + w->busy_ns) {
    sleep_until(due_ns);
    burn(w, (uint64_t)(w->share * (double)PERIOD_NS));
    due_ns += PERIOD_NS;
  }
  return NULL;
}

static void make_room(struct worker *w) {
  w->capacity = (size_t)(2 * w->busy_ns / STEP_NS) + 16;
  w->points = measure_zeroed(w->capacity, sizeof(*w->points));
}

static void print(size_t thread, const struct worker *w) {
  for (size_t i = 0; i < w->n; i++)
    printf("%zu %" PRIu64 " %" PRIu64 "\n", thread, w->points[i].wall_ns,
           w->points[i].cpu_ns);
}

int main(int argc, char **argv) {
  struct worker workers[THREADS_MAX];
  pthread_t threads[THREADS_MAX];

  if (argc != 5) {
    fputs("usage: duty PERCENT THREADS IDLE_S BUSY_S\n", stderr);
    return 2;
  }
  size_t n = strtoul(argv[2], NULL, 10);
  if (n > THREADS_MAX)
    return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  uint64_t start_ns =
      clock_ns(CLOCK_MONOTONIC) + (uint64_t)(strtod(argv[3], NULL) * 1e9);
  for (size_t i = 0; i < n; i++) {
    workers[i] = (struct worker){
        .share = strtod(argv[1], NULL) / 100,
        .start_ns = start_ns,
        .busy_ns = (uint64_t)(strtod(argv[4], NULL) * 1e9),
    };
    make_room(&workers[i]);
    if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
      measure_die("thread");
  }
  for (size_t i = 0; i < n; i++)
    pthread_join(threads[i], NULL);
  for (size_t i = 0; i < n; i++)
    print(i, &workers[i]);
  measure_flush();
  return 0;
}
