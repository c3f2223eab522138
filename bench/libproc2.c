#include "libproc2.h"

#include <errno.h>
#include <libproc2/pids.h>
#include <stdint.h>
#include <stdlib.h>

#include "measure.h"

/* The library takes no more at once. */
enum { CHUNK_MAX = 255 };

/* All of one file, /proc/PID/stat: what is of `statm` or `status` costs another
 * file for each process. */
static enum pids_item items[] = {PIDS_ID_PID, PIDS_TICS_ALL, PIDS_RSS,
                                 PIDS_VSIZE_BYTES};
enum { ID_PID, TICS_ALL, RSS, VSIZE_BYTES, ITEMS };

struct libproc2 {
  struct pids_info *info;
  unsigned *pids;
  size_t n;
};

/* So that no compiler takes for useless what is done here. */
static volatile uint64_t sink;

struct libproc2 *libproc2_open(const pid_t *pids, size_t n) {
  struct libproc2 *l = measure_zeroed(1, sizeof(*l));

  l->pids = measure_zeroed(n, sizeof(*l->pids));
  for (size_t i = 0; i < n; i++)
    l->pids[i] = (unsigned)pids[i];
  l->n = n;
  int error = procps_pids_new(&l->info, items, ITEMS);
  if (error < 0) {
    errno = -error;
    measure_die("libproc2");
  }
  return l;
}

void libproc2_close(struct libproc2 *l) {
  if (l == NULL)
    return;
  procps_pids_unref(&l->info);
  free(l->pids);
  free(l);
}

static void measure_chunk(struct libproc2 *l, size_t start, size_t n) {
  struct pids_fetch *fetch =
      procps_pids_select(l->info, l->pids + start, (int)n, PIDS_SELECT_PID);

  if (fetch == NULL)
    measure_die("libproc2");
  for (size_t i = 0; i < n; i++) {
    const struct pids_stack *of_one =
        i < (size_t)fetch->counts->total ? fetch->stacks[i] : NULL;
    if (of_one == NULL || (unsigned)PIDS_VAL(ID_PID, s_int, of_one, l->info) !=
                              l->pids[start + i]) {
      errno = ESRCH;
      measure_die("libproc2");
    }
    sink += PIDS_VAL(TICS_ALL, ull_int, of_one, l->info);
    sink += PIDS_VAL(RSS, ul_int, of_one, l->info);
    sink += PIDS_VAL(VSIZE_BYTES, ul_int, of_one, l->info);
  }
}

void way_libproc2(void *arg) {
  struct libproc2 *l = arg;

  for (size_t i = 0; i < l->n; i += CHUNK_MAX)
    measure_chunk(l, i, l->n - i < CHUNK_MAX ? l->n - i : CHUNK_MAX);
}
