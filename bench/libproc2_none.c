#include <stdbool.h>
#include <stdio.h>

#include "libproc2.h"

struct libproc2 *libproc2_open(const pid_t *pids, size_t n) {
  static bool is_said;

  (void)pids;
  (void)n;
  if (!is_said)
    fputs(
        "bench: row: configure found no libproc2 (package libproc2-dev): left "
        "out\n",
        stderr);
  is_said = true;
  return NULL;
}

void libproc2_close(struct libproc2 *l) { (void)l; }

void way_libproc2(void *arg) { (void)arg; }
