/* The process table: one ps for all processes, and a second one once a command
 * line is asked for. Names and command lines both hold blanks, so each must
 * stand last in its line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "ps_target.h"

enum { COLUMNS_MAX = 4 };

/* A process that `look` has asked for. */
struct asked {
  struct ps_process process;
  uint32_t facts;
};

struct command_line {
  pid_t pid;
  const char *text; /* NUL ended */
};

/* Everything of one scan. */
struct table {
  struct command_output processes, lines;
  struct asked *asked;
  size_t n_asked;
  struct command_line *command_lines; /* in the order of their pids */
  size_t n_command_lines;
};

/* Runs ps for all processes, or for `pid` alone. */
static int run(const struct backend_ctx *ctx, const char *const *columns,
               char *pid, struct command_output *out) {
  static char ps[] = "ps", all[] = "-A", o[] = "-o", p[] = "-p";
  char *list[2 * COLUMNS_MAX + 4];
  size_t i = 0;

  list[i++] = ps;
  for (; *columns != NULL; columns++) {
    list[i++] = o;
    list[i++] = (char *)(uintptr_t)*columns;
  }
  list[i++] = pid != NULL ? p : all;
  list[i++] = pid;
  list[i] = NULL;
  return command_run(ctx->path, list, PS_DEADLINE_NS, PS_ALL_MAX_BYTES, out);
}

static int run_for_processes(const struct backend_ctx *ctx, char *pid,
                             struct command_output *out) {
  static const char *const with_owner[] = {
      "pid=", "ppid=", "uid=", "comm=", NULL};
  static const char *const without[] = {"pid=", "ppid=", "comm=", NULL};

  return run(ctx, ctx->tells_owner ? with_owner : without, pid, out);
}

/* Returns how many lines there are; `*has_own` says whether one of them tells
 * of ourselves, so that ps has worked. */
static size_t count_processes(const struct backend_ctx *ctx,
                              const struct command_output *output,
                              bool *has_own) {
  const char *at = output->text, *end = at + output->len, *text;
  struct ps_process process;
  size_t len, n = 0;

  *has_own = false;
  for (; ps_next_line(&at, end, &text, &len); n++)
    if (ps_parse_process(text, len, ctx->tells_owner, &process) == 0)
      *has_own |= process.pid == getpid();
  return n;
}

int ps_find_owner(struct backend_ctx *ctx) {
  struct command_output output;
  char pid[12];

  ctx->tells_owner = true;
  snprintf(pid, sizeof(pid), "%d", (int)getpid());
  int error = run_for_processes(ctx, pid, &output);
  if (error != 0)
    return error;
  count_processes(ctx, &output, &ctx->tells_owner);
  free(output.text);
  return 0;
}

/* Ends a piece of a line with a NUL; the walk is behind its newline by then. */
static const char *end_text(struct command_output *output, const char *text,
                            size_t len) {
  size_t at = (size_t)(text - output->text);

  output->text[at + len] = '\0';
  return output->text + at;
}

static int ask(const struct backend_ctx *ctx, const struct scan *scan,
               struct table *t) {
  struct command_output *output = &t->processes;
  bool has_own;

  int error = run_for_processes(ctx, NULL, output);
  if (error != 0)
    return error;
  size_t len, n = count_processes(ctx, output, &has_own);
  if (!has_own)
    return -EPROTO;
  t->asked = calloc(n, sizeof(*t->asked));
  if (t->asked == NULL)
    return -ENOMEM;
  const char *at = output->text, *end = at + output->len, *text;
  while (ps_next_line(&at, end, &text, &len)) {
    struct asked *a = &t->asked[t->n_asked];
    struct ps_process *p = &a->process;
    if (ps_parse_process(text, len, ctx->tells_owner, p) != 0)
      continue;
    p->command = end_text(output, p->command, p->command_len);
    a->facts = scan->look(scan->arg, p->pid, 0);
    t->n_asked += a->facts != 0;
  }
  return 0;
}

static bool wants_command_lines(const struct table *t) {
  for (size_t i = 0; i < t->n_asked; i++)
    if ((t->asked[i].facts & FACT_COMMAND_LINE) != 0)
      return true;
  return false;
}

static int compare_pids(const void *a, const void *b) {
  const struct command_line *x = a, *y = b;
  return (x->pid > y->pid) - (x->pid < y->pid);
}

static size_t count_lines(const struct command_output *output) {
  const char *at = output->text, *end = at + output->len, *text;
  size_t len, n = 0;

  while (ps_next_line(&at, end, &text, &len))
    n++;
  return n;
}

static int read_command_lines(const struct backend_ctx *ctx, struct table *t) {
  static const char *const columns[] = {"pid=", "args=", NULL};
  struct command_output *output = &t->lines;
  bool has_own = false;
  size_t len;

  int error = run(ctx, columns, NULL, output);
  if (error != 0)
    return error;
  t->command_lines = calloc(count_lines(output) + 1, sizeof(*t->command_lines));
  if (t->command_lines == NULL)
    return -ENOMEM;
  const char *at = output->text, *end = at + output->len, *text;
  while (ps_next_line(&at, end, &text, &len)) {
    struct command_line *line = &t->command_lines[t->n_command_lines];
    if (ps_parse_arguments(text, len, &line->pid, &line->text, &len) != 0)
      continue;
    line->text = end_text(output, line->text, len);
    has_own |= line->pid == getpid();
    t->n_command_lines++;
  }
  qsort(t->command_lines, t->n_command_lines, sizeof(*t->command_lines),
        compare_pids);
  return has_own ? 0 : -EPROTO;
}

/* NULL: it has ended before the second ps looked. */
static const char *find_command_line(const struct table *t, pid_t pid) {
  struct command_line key = {.pid = pid};
  const struct command_line *found = bsearch(
      &key, t->command_lines, t->n_command_lines, sizeof(key), compare_pids);
  return found != NULL ? found->text : NULL;
}

static int visit(const struct table *t, const struct asked *a,
                 const struct scan *scan) {
  const struct ps_process *p = &a->process;
  char brackets[PS_LINE_MAX_BYTES];
  struct proc_info info = {.have = FACT_COMMAND | FACT_PARENT,
                           .pid = p->pid,
                           .age_ns = UINT64_MAX,
                           .command = p->command,
                           .parent = p->parent,
                           .owner = p->owner};

  if (p->has_owner)
    info.have |= FACT_OWNER;
  if ((a->facts & FACT_COMMAND_LINE) != 0) {
    info.command_line = find_command_line(t, p->pid);
    if (info.command_line == NULL)
      return 0;
    info.have |= FACT_COMMAND_LINE;
    snprintf(brackets, sizeof(brackets), "[%s]", p->command);
    if (info.command_line[0] == '\0')
      info.command_line = brackets;
  }
  return scan->visit(scan->arg, &info);
}

int ps_scan(struct backend_ctx *ctx, const struct scan *scan) {
  struct table t = {.n_asked = 0};

  int result = ask(ctx, scan, &t);
  if (result == 0 && wants_command_lines(&t))
    result = read_command_lines(ctx, &t);
  for (size_t i = 0; result == 0 && i < t.n_asked; i++)
    result = visit(&t, &t.asked[i], scan);
  free(t.command_lines);
  free(t.lines.text);
  free(t.asked);
  free(t.processes.text);
  return result;
}
