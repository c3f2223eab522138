/* Ways to do the same, measured in turn.
 *
 * What counts is CPU time, of this process and of children that it has waited
 * for: other work on the machine slows a way down far less by this clock than
 * by that on the wall, and CPU time is what a monitor takes from others. */
#ifndef PROCMON_BENCH_MEASURE_H
#define PROCMON_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

struct way {
  const char *name;
  /* How ours compares: "0.25x" is at most a quarter of this way, "-" no limit.
   * Of the first way, which is ours, it says nothing. */
  const char *budget;
  void (*run)(void *arg);
  void *arg;
  double parts; /* one run is this many of what is measured */
  unsigned repeats;
};

/* Measures all ways in each round, and writes a line of `what other unit budget
 * ours others`, with tabs between, for each way but the first and each round.
 */
void measure(const char *what, struct way *ways, size_t n);

enum { MEASURE_COUNT_MAX = 64 };

/* "5,000 targets", in `text`. */
const char *measure_count(size_t n, const char *of_what,
                          char text[MEASURE_COUNT_MAX]);

/* A whole number of the environment. */
unsigned measure_setting(const char *name, unsigned otherwise);

/* Ends the program, with what errno says. */
_Noreturn void measure_die(const char *what);

/* Memory of zeros, the caller's; or the end of the program. */
void *measure_zeroed(size_t n, size_t size);

/* What was printed until now reaches the reader; or the program ends. */
void measure_flush(void);

#endif
