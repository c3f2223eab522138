/* How many descriptors procmon may keep open in the daemon, shared by the
 * backend and the logs. Other plugins use select(), which breaks above 1023,
 * so whoever gets none here opens and closes for each use. Thread-safe. */
#ifndef PROCMON_FD_BUDGET_H
#define PROCMON_FD_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>

struct fd_budget {
  atomic_int left;
};

/* True when one more descriptor may be kept. */
static inline bool fd_budget_take(struct fd_budget *b) {
  if (atomic_fetch_sub(&b->left, 1) > 0)
    return true;
  atomic_fetch_add(&b->left, 1);
  return false;
}

/* The same, for a use that can do without: `reserve` of them stay for others.
 */
static inline bool fd_budget_take_above(struct fd_budget *b, int reserve) {
  int left = atomic_load(&b->left);

  while (left > reserve)
    if (atomic_compare_exchange_weak(&b->left, &left, left - 1))
      return true;
  return false;
}

static inline void fd_budget_give(struct fd_budget *b) {
  atomic_fetch_add(&b->left, 1);
}

#endif
