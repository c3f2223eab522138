/* Samples: one ps for all targets of a monitor, and what it printed.
 *
 * Our own pid is always among those it is asked for: when its line is there, ps
 * has worked, and a process without a line has ended. The exit status cannot
 * tell, since collectd ignores the ends of its children. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ps_target.h"

enum {
  PIDS_MAX = PS_LIST_MAX + 1, /* with our own; AIX takes 128 */
  START_JITTER_S = 2,         /* procps rounds the start anew each time */
};

static const uint64_t NS_PER_S = 1000000000;

static const char *const column_names[] = {
    [PS_PID] = "pid=",     [PS_STATE] = "stat=",    [PS_PCPU] = "pcpu=",
    [PS_RSS] = "rss=",     [PS_VSZ] = "vsz=",       [PS_TIME] = "time=",
    [PS_ETIME] = "etime=", [PS_LSTART] = "lstart=",
};

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

bool ps_next_line(const char **at, const char *end, const char **line,
                  size_t *len) {
  if (*at >= end)
    return false;
  const char *eol = memchr(*at, '\n', (size_t)(end - *at));
  *line = *at;
  *len = (size_t)((eol != NULL ? eol : end) - *at);
  *at = eol != NULL ? eol + 1 : end;
  return true;
}

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

  while (ps_next_line(&at, end, &text, &len))
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
  while (ps_next_line(&at, end, &text, &len)) {
    struct ps_line line;
    int line_error = ps_parse_line(text, len, &ctx->layout, &line);
    take_line(targets, n, &line, line_error, &own, output->first_ns, out);
  }
  return 0;
}

int ps_sample_list(const struct backend_ctx *ctx, struct target *const *targets,
                   size_t n, struct proc_sample *out) {
  struct arguments arguments;
  struct command_output output;

  for (size_t i = 0; i < n; i++)
    out[i] = (struct proc_sample){.status = -ESRCH};
  set_arguments(&arguments, ctx, targets, n);
  size_t max = ctx->takes_list ? (n + 1) * PS_LINE_MAX_BYTES : PS_ALL_MAX_BYTES;
  int error =
      command_run(ctx->path, arguments.list, PS_DEADLINE_NS, max, &output);
  if (error != 0)
    return error;
  error = take_output(ctx, &output, targets, n, out);
  free(output.text);
  return error;
}

int ps_sample(struct backend_ctx *ctx, struct target *const *targets, size_t n,
              uint32_t want, struct proc_sample *out) {
  (void)want; /* ps prints all of it in one go */
  for (size_t first = 0; first < n; first += PS_LIST_MAX) {
    size_t some = n - first < PS_LIST_MAX ? n - first : PS_LIST_MAX;
    int error = ps_sample_list(ctx, targets + first, some, out + first);
    if (error != 0)
      return error;
  }
  return 0;
}
