/* The POSIX `ps` utility, on any Unix that has no backend of its own.
 *
 * One ps serves all targets of a monitor. Our own pid is always among those it
 * is asked for: when its line is there, ps has worked, and a process without a
 * line has ended. The exit status cannot tell, since collectd ignores the ends
 * of its children. */
#include "backend.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ps_parse.h"

enum {
  COMMAND_MAX = 15,     /* what procps prints; other systems know more */
  LINE_MAX_BYTES = 512, /* more than any ps writes of one process here */
  PIDS_MAX = 100,       /* in one list; AIX takes 128 */
  INIT_PID = 1,         /* is always there */
  START_JITTER_S = 2,   /* procps rounds the start anew each time */
};

static const uint64_t NS_PER_S = 1000000000;
static const size_t ALL_MAX_BYTES = (size_t)64 << 20;
static const uint64_t DEADLINE_NS = UINT64_C(5000000000);

struct backend_ctx {
  char *path;
  struct ps_layout layout;
  bool takes_list; /* `-p PID,PID`; otherwise all processes are printed */
};

struct target {
  pid_t pid;
  bool has_start;
  int64_t start_s; /* after our own: no step of a clock moves it */
};

static const char *const column_names[] = {
    [PS_PID] = "pid=",     [PS_STATE] = "stat=",    [PS_PCPU] = "pcpu=",
    [PS_RSS] = "rss=",     [PS_VSZ] = "vsz=",       [PS_TIME] = "time=",
    [PS_ETIME] = "etime=", [PS_LSTART] = "lstart=",
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

/* --- running ps --- */

struct arguments {
  char *list[2 * PS_COLUMNS_MAX + 4];
  char pids[PIDS_MAX * 12];
};

/* Fills in `ps -o pid= -o … -p PID,PID,…`, our own pid first, or `… -A`. */
static void set_arguments(struct arguments *a, const struct backend_ctx *ctx,
                          struct target *const *targets, size_t n) {
  static char ps[] = "ps", o[] = "-o", p[] = "-p", all[] = "-A";
  const struct ps_layout *layout = &ctx->layout;
  size_t i = 0, used;

  a->list[i++] = ps;
  for (size_t c = 0; c < layout->n; c++) {
    a->list[i++] = o;
    a->list[i++] = (char *)(uintptr_t)column_names[layout->columns[c]];
  }
  a->list[i++] = ctx->takes_list ? p : all;
  a->list[i++] = ctx->takes_list ? a->pids : NULL;
  a->list[i] = NULL;
  used = (size_t)snprintf(a->pids, sizeof(a->pids), "%d", (int)getpid());
  for (size_t t = 0; t < n; t++)
    used += (size_t)snprintf(a->pids + used, sizeof(a->pids) - used, ",%d",
                             (int)targets[t]->pid);
}

/* The next line of a text, without its newline; false at the end. */
static bool next_line(const char **at, const char *end, const char **line,
                      size_t *len) {
  if (*at >= end)
    return false;
  const char *eol = memchr(*at, '\n', (size_t)(end - *at));
  *line = *at;
  *len = (size_t)((eol != NULL ? eol : end) - *at);
  *at = eol != NULL ? eol + 1 : end;
  return true;
}

/* --- samples --- */

/* How long after our own start the process has started. */
static int64_t start_of(const struct ps_line *line, const struct ps_line *own) {
  if ((line->have & own->have & 1u << PS_LSTART) != 0)
    return line->start_s - own->start_s;
  return (int64_t)own->elapsed_s - (int64_t)line->elapsed_s;
}

/* False when the line is of another process that took the pid. */
static bool is_same_process(struct target *t, int64_t start_s) {
  if (!t->has_start) {
    t->has_start = true;
    t->start_s = start_s;
  }
  return llabs(start_s - t->start_s) <= START_JITTER_S;
}

static void set_sample(const struct ps_line *line, uint64_t time_ns,
                       struct proc_sample *out) {
  /* Memory is shown of a main thread that may have ended before the others. */
  bool has_memory = (line->have & 1u << PS_VSZ) != 0 && line->vsz_kb > 0;

  *out = (struct proc_sample){.time_ns = time_ns, .cpu_percent = -1};
  if ((line->have & 1u << PS_TIME) != 0) {
    out->cpu_ns = line->cpu_ns;
    out->cpu_resolution_ns = line->cpu_resolution_ns;
    out->have |= PROC_CPU;
  }
  if ((line->have & 1u << PS_PCPU) != 0)
    out->cpu_percent = line->percent;
  if (has_memory && (line->have & 1u << PS_RSS) != 0) {
    out->resident_bytes = line->rss_kb * 1024;
    out->have |= PROC_RESIDENT;
  }
  if (has_memory) {
    out->virtual_bytes = line->vsz_kb * 1024;
    out->have |= PROC_VIRTUAL;
  }
  if ((line->have & 1u << PS_ETIME) != 0) {
    out->uptime_ns = line->elapsed_s * NS_PER_S;
    out->have |= PROC_UPTIME;
  }
}

/* Where ps does not tell the state, a zombie shows by its lack of memory. */
static bool has_ended(const struct ps_line *line) {
  if ((line->have & 1u << PS_STATE) != 0)
    return line->is_zombie;
  return (line->have & 1u << PS_VSZ) == 0 || line->vsz_kb == 0;
}

static void take_line(struct target *const *targets, size_t n,
                      const struct ps_line *line, int error,
                      const struct ps_line *own, uint64_t time_ns,
                      struct proc_sample *out) {
  for (size_t i = 0; i < n; i++) {
    if (targets[i]->pid != line->pid)
      continue;
    if (error != 0)
      out[i].status = error;
    else if (has_ended(line) ||
             !is_same_process(targets[i], start_of(line, own)))
      out[i].status = -ESRCH;
    else
      set_sample(line, time_ns, &out[i]);
  }
}

static int find_own_line(const struct backend_ctx *ctx,
                         const struct command_output *output,
                         struct ps_line *own) {
  const char *at = output->text, *end = at + output->len, *text;
  size_t len;

  while (next_line(&at, end, &text, &len))
    if (ps_parse_line(text, len, &ctx->layout, own) == 0 &&
        own->pid == getpid())
      return 0;
  return -EPROTO;
}

/* Reads what ps printed. -EPROTO: our own line is not in it. */
static int take_output(const struct backend_ctx *ctx,
                       const struct command_output *output,
                       struct target *const *targets, size_t n,
                       struct proc_sample *out) {
  const char *at = output->text, *end = at + output->len, *text;
  struct ps_line own;
  size_t len;

  int error = find_own_line(ctx, output, &own);
  if (error != 0)
    return error;
  while (next_line(&at, end, &text, &len)) {
    struct ps_line line;
    int line_error = ps_parse_line(text, len, &ctx->layout, &line);
    take_line(targets, n, &line, line_error, &own, output->first_ns, out);
  }
  return 0;
}

static int sample_list(const struct backend_ctx *ctx,
                       struct target *const *targets, size_t n,
                       struct proc_sample *out) {
  struct arguments arguments;
  struct command_output output;

  for (size_t i = 0; i < n; i++)
    out[i] = (struct proc_sample){.status = -ESRCH};
  set_arguments(&arguments, ctx, targets, n);
  size_t max = ctx->takes_list ? (n + 1) * LINE_MAX_BYTES : ALL_MAX_BYTES;
  int error = command_run(ctx->path, arguments.list, DEADLINE_NS, max, &output);
  if (error != 0)
    return error;
  error = take_output(ctx, &output, targets, n, out);
  free(output.text);
  return error;
}

static int ps_sample(struct backend_ctx *ctx, struct target *const *targets,
                     size_t n, uint32_t want, struct proc_sample *out) {
  (void)want; /* ps prints all of it in one go */
  for (size_t first = 0; first < n; first += PIDS_MAX - 1) {
    size_t some = n - first < PIDS_MAX - 1 ? n - first : PIDS_MAX - 1;
    int error = sample_list(ctx, targets + first, some, out + first);
    if (error != 0)
      return error;
  }
  return 0;
}

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
    int error = sample_list(ctx, targets, 1, &sample);
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
  if (error != 0) {
    ps_close(ctx);
    return error;
  }
  *out = ctx;
  return 0;
}

/* Runs no ps: the first sample tells what the process is. */
static int ps_attach(struct backend_ctx *ctx, pid_t pid, uint32_t want,
                     struct target **out, uint64_t *age_ns) {
  (void)ctx, (void)want;
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

struct scan {
  scan_visit visit;
  void *arg;
  bool has_own;
};

static int visit_line(const char *text, size_t len, struct scan *s) {
  char name[LINE_MAX_BYTES];
  const char *command;
  size_t command_len;
  pid_t pid;

  if (ps_parse_command(text, len, &pid, &command, &command_len) != 0)
    return 0;
  s->has_own |= pid == getpid();
  snprintf(name, sizeof(name), "%.*s", (int)command_len, command);
  return s->visit(&(struct proc_info){.pid = pid, .command = name}, s->arg);
}

static int ps_scan(struct backend_ctx *ctx, scan_visit visit, void *arg) {
  static char ps[] = "ps", all[] = "-A", o[] = "-o",
              pid[] = "pid=", comm[] = "comm=";
  char *const arguments[] = {ps, all, o, pid, o, comm, NULL};
  struct scan scan = {.visit = visit, .arg = arg};
  struct command_output output;

  int result =
      command_run(ctx->path, arguments, DEADLINE_NS, ALL_MAX_BYTES, &output);
  if (result != 0)
    return result;
  const char *at = output.text, *end = at + output.len, *text;
  size_t len;
  while (result == 0 && next_line(&at, end, &text, &len))
    result = visit_line(text, len, &scan);
  free(output.text);
  return result == 0 && !scan.has_own ? -EPROTO : result;
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
