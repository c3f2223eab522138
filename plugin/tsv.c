#include "tsv.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/clock.h"
#include "compat/file.h"
#include "log_path.h"

/* The clock that file systems stamp with ticks at least as often as this. */
static const uint64_t COARSE_NS = 20000000;

struct tsv {
  const struct tsv_options *options;
  bool per_process;
  bool begun;          /* the file of this path is this run's own */
  bool has_begun_any;  /* so that a file may be that of an earlier path */
  uint64_t created_ns; /* CLOCK_REALTIME: unless it is older than this */
  bool kept;           /* holds a place in the budget */
  pid_t pid;           /* of the path */
  int fd;              /* -1: not open */
  char *path;          /* NULL: not named yet */
};

int tsv_create(const struct tsv_options *options, struct tsv **out) {
  struct tsv *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return -ENOMEM;
  t->options = options;
  t->per_process = log_path_is_per_process(options->path);
  t->created_ns = clock_ns(CLOCK_REALTIME) - COARSE_NS;
  t->fd = -1;
  *out = t;
  return 0;
}

const char *tsv_path(const struct tsv *t) {
  return t->path != NULL ? t->path : t->options->path;
}

const char *tsv_explain(int error) {
  return error == -EBUSY ? "another block, or another collectd, writes to it"
                         : NULL;
}

int tsv_close(struct tsv *t) {
  if (t->fd < 0)
    return 0;
  int error = close(t->fd) != 0 ? -errno : 0;
  if (t->kept)
    fd_budget_give(t->options->budget);
  t->kept = false;
  t->fd = -1;
  return error;
}

void tsv_free(struct tsv *t) {
  if (t == NULL)
    return;
  tsv_close(t);
  free(t->path);
  free(t);
}

static int make_folders(const char *path) {
  char folder[PATH_MAX];

  for (size_t i = file_root_length(path); path[i] != '\0'; i++) {
    if (i == 0 || !file_is_separator(path[i]))
      continue;
    memcpy(folder, path, i);
    folder[i] = '\0';
    int error = file_make_folder(folder);
    if (error != 0)
      return error;
  }
  return 0;
}

static int open_file(const char *path) {
  int fd = file_open_log(path);
  if (fd != -ENOENT)
    return fd;
  int error = make_folders(path);
  return error == 0 ? file_open_log(path) : error;
}

/* Takes the file for this log alone, empties what an earlier run left, when
 * that is wanted, and gives an empty file its header. */
static int begin_file(struct tsv *t, uint64_t wall_ns) {
  char text[ROW_MAX];
  struct file_state file;

  /* Of another monitor, or of another collectd: `collectd -T`. */
  int error = file_lock(t->fd);
  if (error == 0)
    error = file_look_open(t->fd, &file);
  if (error != 0)
    return error;
  bool is_old =
      !t->begun && (!t->has_begun_any || file.modified_ns < t->created_ns);
  if (!t->options->append && file.size > 0 && is_old) {
    if (ftruncate(t->fd, 0) != 0)
      return -errno;
    file.size = 0;
  }
  t->begun = t->has_begun_any = true;
  if (file.size > 0)
    return 0;
  size_t len = row_print_header(&t->options->style, wall_ns, text);
  return len > 0 ? file_write(t->fd, text, len) : 0;
}

/* Names the file of `pid`; another pid than the last means another file. */
static int set_path(struct tsv *t, pid_t pid) {
  char path[PATH_MAX];

  if (t->path != NULL && (!t->per_process || pid == t->pid))
    return 0;
  int error = log_path_expand(t->options->path, pid, path);
  if (error != 0)
    return error;
  char *copy = strdup(path);
  if (copy == NULL)
    return -ENOMEM;
  tsv_close(t);
  free(t->path);
  t->path = copy;
  t->pid = pid;
  t->begun = false;
  return 0;
}

/* Opens the file of `pid` where it is not open. */
static int open_log(struct tsv *t, pid_t pid, uint64_t wall_ns) {
  int error = set_path(t, pid);
  if (error != 0 || t->fd >= 0)
    return error;

  int fd = open_file(t->path);
  if (fd < 0)
    return fd;
  t->fd = fd;
  t->kept = fd_budget_take(t->options->budget);
  return begin_file(t, wall_ns);
}

/* Closes what cannot be kept open, or has failed. */
static int finish(struct tsv *t, int error) {
  if (error == 0 && t->kept)
    return 0;
  int close_error = tsv_close(t);
  return error != 0 ? error : close_error;
}

int tsv_open(struct tsv *t, pid_t pid, uint64_t wall_ns) {
  return finish(t, open_log(t, pid, wall_ns));
}

int tsv_write(struct tsv *t, const struct reading *r) {
  char text[ROW_MAX];

  int error = open_log(t, r->pid, r->wall_ns);
  if (error == 0) {
    size_t len = row_print(&t->options->style, r, text);
    error = file_write(t->fd, text, len);
  }
  return finish(t, error);
}
