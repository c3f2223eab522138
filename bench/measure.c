#include "measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "backends/clock.h"

enum { WAYS_MAX = 8 };

void measure_die(const char *what) {
  fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
  exit(1);
}

void *measure_zeroed(size_t n, size_t size) {
  void *memory = calloc(n, size);

  if (memory == NULL)
    measure_die("memory");
  return memory;
}

void measure_flush(void) {
  if (fflush(stdout) != 0)
    measure_die("standard output");
}

unsigned measure_setting(const char *name, unsigned otherwise) {
  const char *text = getenv(name);

  return text != NULL && *text != '\0' ? (unsigned)strtoul(text, NULL, 10)
                                       : otherwise;
}

const char *measure_count(size_t n, const char *of_what,
                          char text[MEASURE_COUNT_MAX]) {
  const char *s = n == 1 || of_what[strlen(of_what) - 1] == 's' ? "" : "s";

  if (n < 1000)
    snprintf(text, MEASURE_COUNT_MAX, "%zu %s%s", n, of_what, s);
  else
    snprintf(text, MEASURE_COUNT_MAX, "%zu,%03zu %s%s", n / 1000, n % 1000,
             of_what, s);
  return text;
}

static uint64_t used_ns(void) {
  struct rusage children;

  getrusage(RUSAGE_CHILDREN, &children);
  int64_t children_us =
      (int64_t)(children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1000000 +
      children.ru_utime.tv_usec + children.ru_stime.tv_usec;
  return clock_ns(CLOCK_PROCESS_CPUTIME_ID) + (uint64_t)children_us * 1000;
}

/* The microseconds of one part. */
static double run(const struct way *way) {
  uint64_t start_ns = used_ns();

  for (unsigned i = 0; i < way->repeats; i++)
    way->run(way->arg);
  return (double)(used_ns() - start_ns) / 1e3 / way->parts / way->repeats;
}

/* Long enough for the clock and for what happens beside it. */
static void calibrate(struct way *way) {
  double at_least_us = 1e3 * measure_setting("BENCH_MS", 20);

  way->repeats = 1;
  run(way);
  double once_us = run(way) * way->parts;
  if (once_us < at_least_us)
    way->repeats =
        (unsigned)(at_least_us / (once_us > 0.1 ? once_us : 0.1)) + 1;
}

void measure(const char *what, struct way *ways, size_t n) {
  unsigned rounds = measure_setting("BENCH_ROUNDS", 9);
  double us[WAYS_MAX];

  for (size_t i = 0; i < n; i++)
    calibrate(&ways[i]);
  for (unsigned round = 0; round < rounds; round++) {
    /* To and fro, so that none profits from a machine that becomes faster. */
    for (size_t k = 0; k < n; k++) {
      size_t i = round % 2 == 0 ? k : n - 1 - k;
      us[i] = run(&ways[i]);
    }
    for (size_t i = 1; i < n; i++)
      printf("%s\t%s\tµs\t%s\t%.4f\t%.4f\n", what, ways[i].name, ways[i].budget,
             us[0], us[i]);
  }
  measure_flush();
}
