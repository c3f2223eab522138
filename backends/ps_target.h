/* What the files of the ps backend share. */
#ifndef PROCMON_PS_TARGET_H
#define PROCMON_PS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"
#include "ps_parse.h"

enum {
  PS_LIST_MAX = 99,        /* targets of one list */
  PS_LINE_MAX_BYTES = 512, /* more than any ps writes of one process here */
};

#define PS_ALL_MAX_BYTES ((size_t)64 << 20)
#define PS_DEADLINE_NS UINT64_C(5000000000)

struct backend_ctx {
  char *path;
  struct ps_layout layout;
  bool takes_list;  /* `-p PID,PID`; otherwise all processes are printed */
  bool tells_owner; /* it knows `uid`, which POSIX does not name */
};

struct target {
  pid_t pid;
  bool has_start;
  int64_t start_s; /* after our own: no step of a clock moves it */
};

/* The next line of a text, without its newline; false at the end. */
bool ps_next_line(const char **at, const char *end, const char **line,
                  size_t *len);

/* Runs one ps for up to PS_LIST_MAX targets. -EPROTO: it printed nothing of
 * our own process, so nothing it printed counts. */
int ps_sample_list(const struct backend_ctx *ctx, struct target *const *targets,
                   size_t n, struct proc_sample *out);

/* Finds out whether this ps tells the owner of a process. */
int ps_find_owner(struct backend_ctx *ctx);

/* `sample` and `scan` of the backend's contract. */
int ps_sample(struct backend_ctx *ctx, struct target *const *targets, size_t n,
              uint32_t want, struct proc_sample *out);
int ps_scan(struct backend_ctx *ctx, const struct scan *scan);

#endif
