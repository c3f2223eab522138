/* The POSIX `ps` utility, on any Unix that has no backend of its own. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "ps_parse.h"
#include "ps_target.h"

enum {
  COMMAND_MAX = 15, /* what procps prints; other systems know more */
  INIT_PID = 1,     /* is always there */
};

/* The richest first. */
static const struct ps_layout layouts[] = {
    /* Linux, the BSDs, macOS */
    {{PS_PID, PS_STATE, PS_PCPU, PS_RSS, PS_VSZ, PS_TIME, PS_ETIME, PS_LSTART},
     8},
    /* Solaris, illumos */
    {{PS_PID, PS_PCPU, PS_RSS, PS_VSZ, PS_TIME, PS_ETIME}, 6},
    /* POSIX; AIX */
    {{PS_PID, PS_PCPU, PS_VSZ, PS_TIME, PS_ETIME}, 5},
};

/* --- the context --- */

static const char *find_ps(void) {
  static const char *const paths[] = {"/usr/bin/ps", "/bin/ps", "/usr/sbin/ps",
                                      "/sbin/ps"};

  for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
    if (access(paths[i], X_OK) == 0)
      return paths[i];
  return NULL;
}

/* Finds the richest columns that this ps prints of ourselves, and whether it
 * takes a list: of one that does not there would be no line of init. */
static int find_layout(struct backend_ctx *ctx) {
  struct target init = {.pid = INIT_PID};
  struct target *targets[] = {&init};
  struct proc_sample sample;

  for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
    ctx->layout = layouts[i];
    ctx->takes_list = true;
    int error = ps_sample_list(ctx, targets, 1, &sample);
    if (error == -EPROTO)
      continue;
    ctx->takes_list = sample.status == 0;
    return error;
  }
  return -ENOTSUP;
}

static void ps_close(struct backend_ctx *ctx) {
  free(ctx->path);
  free(ctx);
}

static int ps_open(const struct backend_options *options,
                   struct backend_ctx **out) {
  const char *path =
      options->ps_command != NULL ? options->ps_command : find_ps();
  if (path == NULL)
    return -ENOENT;
  struct backend_ctx *ctx = calloc(1, sizeof(*ctx));
  if (ctx == NULL)
    return -ENOMEM;
  ctx->path = strdup(path);
  int error = ctx->path != NULL ? find_layout(ctx) : -ENOMEM;
  if (error == 0)
    error = ps_find_owner(ctx);
  if (error != 0) {
    ps_close(ctx);
    return error;
  }
  *out = ctx;
  return 0;
}

/* Runs no ps: the first sample tells what the process is. */
static int ps_attach(struct backend_ctx *ctx, pid_t pid, uint64_t start,
                     uint32_t want, struct target **out, uint64_t *age_ns) {
  (void)ctx, (void)start, (void)want;
  if (kill(pid, 0) != 0 && errno == ESRCH)
    return -ESRCH;
  struct target *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return -ENOMEM;
  t->pid = pid;
  *age_ns = UINT64_MAX;
  *out = t;
  return 0;
}

static void ps_detach(struct backend_ctx *ctx, struct target *t) {
  (void)ctx;
  free(t);
}

static pid_t ps_max_pid(const struct backend_options *options) {
  (void)options;
  return INT_MAX;
}

static const char *ps_explain(int error) {
  switch (error) {
  case -ETIMEDOUT:
    return "ps did not end within 5 seconds and was killed";
  case -EPROTO:
    return "ps failed: it printed nothing of collectd's own process";
  case -EFBIG:
    return "ps printed more than it can have to say, and was killed";
  case -ENOTSUP:
    return "this ps prints nothing that is understood";
  case -EINVAL:
    return "ps printed a line that is not understood";
  default:
    return NULL;
  }
}

const struct backend backend_ps = {
    .name = "ps",
    .requires = "a ps that knows -p and the columns pid, pcpu, vsz, time and "
                "etime (that of BusyBox does not); PsCommand chooses one",
    .measures = PROC_CPU | PROC_RESIDENT | PROC_VIRTUAL | PROC_UPTIME,
    .tells = FACT_COMMAND | FACT_COMMAND_LINE | FACT_OWNER | FACT_PARENT,
    .open = ps_open,
    .attach = ps_attach,
    .sample = ps_sample,
    .detach = ps_detach,
    .scan = ps_scan,
    .max_pid = ps_max_pid,
    .command_max = COMMAND_MAX,
    .explain = ps_explain,
    .close = ps_close,
};
