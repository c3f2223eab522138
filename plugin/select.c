#include "select.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "backends/clock.h"
#include "backends/procfs_parse.h"
#include "compat/file.h"

struct selection {
  const struct monitor_config *config;
  const struct backend *backend;
  struct backend_ctx *ctx;

  pid_t pid;              /* of Pid or PidFile; 0: none */
  bool pid_ended;         /* its process has ended */
  bool pid_only_known;    /* the file does not name it any more */
  struct file_state file; /* PidFile when it was read; all 0: not there */
  struct wanted *list;
  size_t n, capacity;
};

int select_create(const struct monitor_config *config,
                  const struct backend *backend, struct backend_ctx *ctx,
                  struct selection **out) {
  struct selection *s = calloc(1, sizeof(*s));
  if (s == NULL)
    return -ENOMEM;
  s->config = config;
  s->backend = backend;
  s->ctx = ctx;
  s->pid = config->pid;
  *out = s;
  return 0;
}

void select_free(struct selection *s) {
  if (s == NULL)
    return;
  free(s->list);
  free(s);
}

void select_ended(struct selection *s, pid_t pid) {
  if (pid == s->pid)
    s->pid_ended = true;
}

bool select_is_over(const struct selection *s) {
  return s->config->pid != 0 && s->pid_ended;
}

/* A file that was written a moment ago may be written once more without a
 * change of size or time: until then it does not count as read. */
static bool is_settled(const struct file_state *file) {
  const uint64_t moment_ns = 2000000000;
  uint64_t now_ns = clock_ns(CLOCK_REALTIME);

  /* The clock of a file server may be ahead of ours. */
  return now_ns + moment_ns < file->modified_ns ||
         now_ns > file->modified_ns + moment_ns;
}

void select_missing(struct selection *s, pid_t pid) {
  if (s->config->pid_file != NULL && pid == s->pid && is_settled(&s->file))
    s->pid_ended = true;
}

static bool is_same_state(const struct file_state *a,
                          const struct file_state *b) {
  return a->volume == b->volume && a->id == b->id && a->size == b->size &&
         a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}

/* The pid at the start of the file, 0 when there is none, or a negative errno
 * when the file cannot be read now. */
static pid_t read_pid_file(const char *path) {
  char text[64];
  pid_t pid = 0;

  ssize_t len = file_read_start(path, text, sizeof(text));
  if (len < 0)
    return (pid_t)len;
  /* A word at the end of a full buffer may be cut. */
  if (len == (ssize_t)sizeof(text))
    while (len > 0 && !isspace((unsigned char)text[len - 1]))
      len--;
  if (len == 0 || procfs_parse_pid(text, (size_t)len, &pid) != 0)
    return 0;
  return pid;
}

static void look_at_pid_file(struct selection *s) {
  struct file_state file = {.size = 0};
  const char *path = s->config->pid_file;

  bool there = file_look(path, &file) == 0 && file.is_regular;
  bool unchanged = there && is_same_state(&file, &s->file);
  if (unchanged && is_settled(&file))
    return;

  pid_t pid = there ? read_pid_file(path) : 0;
  /* One that cannot be read now does not count as read. */
  s->file = pid >= 0 ? file : (struct file_state){.size = 0};
  s->pid_only_known = pid <= 0;
  if (pid <= 0)
    return;
  /* Written again, the file means a process that runs now. */
  if (pid != s->pid || !unchanged)
    s->pid_ended = false;
  s->pid = pid;
}

static int append(struct selection *s, struct wanted w) {
  if (s->n == s->capacity) {
    size_t capacity = s->capacity == 0 ? 1 : 2 * s->capacity;
    struct wanted *list = realloc(s->list, capacity * sizeof(*list));
    if (list == NULL)
      return -ENOMEM;
    s->list = list;
    s->capacity = capacity;
  }
  s->list[s->n++] = w;
  return 0;
}

/* The system may have cut the name that it keeps. */
static bool is_command(const struct selection *s, const char *command) {
  const char *name = s->config->command;
  size_t max = s->backend->command_max;

  if (s->backend->command_ignores_case)
    return strcasecmp(name, command) == 0;
  if (strlen(name) > max && strlen(command) == max)
    return strncmp(name, command, max) == 0;
  return strcmp(name, command) == 0;
}

static uint32_t look(void *arg, pid_t pid, uint64_t token) {
  (void)arg, (void)pid, (void)token;
  return FACT_COMMAND;
}

static int visit(void *arg, const struct proc_info *info) {
  struct selection *s = arg;

  if (s->pid != 0 && info->pid != s->pid)
    return 0;
  if (!is_command(s, info->command))
    return 0;
  return append(
      s, (struct wanted){.pid = info->pid, .only_known = s->pid_only_known});
}

static int by_pid(const void *a, const void *b) {
  const struct wanted *x = a, *y = b;
  return (x->pid > y->pid) - (x->pid < y->pid);
}

int select_update(struct selection *s, struct wanted **list, size_t *n) {
  const struct monitor_config *c = s->config;
  int error = 0;

  s->n = 0;
  if (c->pid_file != NULL)
    look_at_pid_file(s);
  bool by_id = c->pid != 0 || c->pid_file != NULL;
  bool none = by_id && (s->pid == 0 || s->pid_ended);
  if (!none && c->command != NULL) {
    error = s->backend->scan(
        s->ctx, &(struct scan){.look = look, .visit = visit, .arg = s});
    if (s->n > 1)
      qsort(s->list, s->n, sizeof(*s->list), by_pid);
  } else if (!none)
    error = append(
        s, (struct wanted){.pid = s->pid, .only_known = s->pid_only_known});
  *list = s->list;
  *n = s->n;
  return error;
}
