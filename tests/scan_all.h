/* A scan that asks for all facts of every process. */
#ifndef PROCMON_TESTS_SCAN_ALL_H
#define PROCMON_TESTS_SCAN_ALL_H

#include "backends/backend.h"

static inline uint32_t ask_all(void *arg, pid_t pid, uint64_t token) {
  (void)arg, (void)pid, (void)token;
  return UINT32_MAX;
}

static inline int scan_all(const struct backend *b, struct backend_ctx *ctx,
                           int (*visit)(void *, const struct proc_info *),
                           void *arg) {
  struct scan scan = {.look = ask_all, .visit = visit, .arg = arg};

  return b->scan(ctx, &scan);
}

#endif
