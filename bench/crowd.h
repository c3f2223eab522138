/* Many processes that do nothing. They end with the one that made them. */
#ifndef PROCMON_BENCH_CROWD_H
#define PROCMON_BENCH_CROWD_H

#include <stddef.h>
#include <sys/types.h>

struct crowd {
  const char *name; /* of the i-th process: with i behind it */
  unsigned threads; /* of each process, the first one too */
  pid_t *pids;
  size_t n;
};

/* Starts or ends processes until there are `n`. */
void crowd_resize(struct crowd *c, size_t n);

#endif
