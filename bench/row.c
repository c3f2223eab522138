/* What a row costs, of crowds of several sizes; and of one process with many
 * threads. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crowd.h"
#include "libproc2.h"
#include "measure.h"
#include "ways.h"

enum { MANY_THREADS = 2000 };

static void measure_rows(const struct crowd *c, const char *columns,
                         const char *of_stat, const char *of_floor) {
  struct subjects s;
  double n = (double)c->n;
  /* ps and libproc2 do not count descriptors. */
  bool is_unix = strcmp(columns, "unix") == 0;
  struct libproc2 *libproc2 = is_unix ? libproc2_open(c->pids, c->n) : NULL;

  subjects_open(&s, columns, c->pids, c->n);
  struct way ways[] = {
      {.name = "ours", .run = way_rows, .arg = &s, .parts = n},
      {.name = "/proc/PID/stat",
       .budget = of_stat,
       .run = way_stat,
       .arg = &s,
       .parts = n},
      {.name = "bare system calls",
       .budget = of_floor,
       .run = way_floor,
       .arg = &s,
       .parts = n},
      {.name = "popen ps", .budget = "-", .run = way_ps, .arg = &s, .parts = 1},
      {.name = "libproc2",
       .budget = "-",
       .run = way_libproc2,
       .arg = libproc2,
       .parts = n},
  };
  size_t n_ways = 3 + (size_t)is_unix + (libproc2 != NULL);
  char number[MEASURE_COUNT_MAX], what[96];
  snprintf(what, sizeof(what), "row of `%s` columns, %s", columns,
           measure_count(c->n, "target", number));
  measure(what, ways, n_ways);
  libproc2_close(libproc2);
  subjects_close(&s);
}

/* One monitor of many against one of a single process. */
static void measure_flatness(const struct crowd *c) {
  struct subjects all, one;

  subjects_open(&all, "unix", c->pids, c->n);
  subjects_open(&one, "unix", c->pids, 1);
  struct way ways[] = {
      {.name = "ours", .run = way_sum, .arg = &all, .parts = (double)c->n},
      {.name = "of 1 target",
       .budget = "1.3x",
       .run = way_sum,
       .arg = &one,
       .parts = 1},
  };
  char number[MEASURE_COUNT_MAX], what[96];
  snprintf(what, sizeof(what), "a target, in a monitor of %s",
           measure_count(c->n, "target", number));
  measure(what, ways, sizeof(ways) / sizeof(ways[0]));
  subjects_close(&one);
  subjects_close(&all);
}

static void measure_threads(unsigned threads) {
  struct crowd crowd = {.name = "threads", .threads = threads};
  struct subjects s;

  crowd_resize(&crowd, 1);
  subjects_open(&s, "unix", crowd.pids, 1);
  struct way ways[] = {
      {.name = "ours", .run = way_rows, .arg = &s, .parts = 1},
      {.name = "bare system calls",
       .budget = "1.5x",
       .run = way_floor,
       .arg = &s,
       .parts = 1},
      {.name = "/proc/PID/stat",
       .budget = "-",
       .run = way_stat,
       .arg = &s,
       .parts = 1},
  };
  char number[MEASURE_COUNT_MAX], what[96];
  snprintf(what, sizeof(what), "row of a target with %s",
           measure_count(threads, "thread", number));
  measure(what, ways, sizeof(ways) / sizeof(ways[0]));
  subjects_close(&s);
  crowd_resize(&crowd, 0);
  free(crowd.pids);
}

int main(void) {
  static const size_t sizes[] = {1, 100, 1000, 5000};
  struct crowd crowd = {.name = "crowd", .threads = 1};
  size_t most = measure_setting("BENCH_MOST", 5000);

  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    if (sizes[i] > most)
      break;
    crowd_resize(&crowd, sizes[i]);
    measure_rows(&crowd, "unix", "0.25x", "1.5x");
    measure_rows(&crowd, "windows", "1x", "-");
    if (crowd.n > 1)
      measure_flatness(&crowd);
  }
  crowd_resize(&crowd, 0);
  free(crowd.pids);
  measure_threads(1);
  measure_threads(MANY_THREADS);
  return 0;
}
