#include "tsv.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backends/clock.h"
#include "compat/file.h"
#include "log_path.h"
#include "log_tail.h"

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
  int given;           /* that was not looked at yet; -1: none */
  char *path;          /* NULL: not named yet */
  uint64_t volume, id; /* of the file that is, or was last, open */
  uint64_t size;       /* of whole rows; UINT64_MAX: a part of one may follow */
  const char *why;     /* the file cannot be a log; NULL: no reason known */
  bool has_torn;
  struct log_tail tail;
  int sync_error;
};

/* --- life --- */

int tsv_create(const struct tsv_options *options, struct tsv **out) {
  struct tsv *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return -ENOMEM;
  t->options = options;
  t->per_process = log_path_is_per_process(options->path);
  t->created_ns = clock_ns(CLOCK_REALTIME) - COARSE_NS;
  t->fd = -1;
  t->given = options->is_given ? options->fd : -1;
  t->kept = options->is_given;
  *out = t;
  return 0;
}

int tsv_close(struct tsv *t) {
  if (t->given >= 0)
    t->fd = t->given;
  t->given = -1;
  if (t->fd < 0)
    return 0;
  int error = file_close(t->fd);
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

/* --- what is told --- */

const char *tsv_path(const struct tsv *t) {
  return t->path != NULL ? t->path : t->options->path;
}

bool tsv_pid(const struct tsv *t, pid_t *pid) {
  *pid = t->pid;
  return t->path != NULL;
}

const char *tsv_explain(const struct tsv *t, int error) {
  if (error == -EBUSY)
    return "another block, or another collectd, writes to it";
  return t->why;
}

const char *tsv_take_torn(struct tsv *t) {
  bool has_torn = t->has_torn;

  t->has_torn = false;
  return has_torn ? t->tail.torn : NULL;
}

int tsv_sync_error(const struct tsv *t) { return t->sync_error; }

/* --- opening --- */

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

static int open_file(struct tsv *t) {
  t->why = NULL;
  if (t->begun && file_open_log_again(t->path, &t->fd) == 0)
    return 0;
  int error = file_open_log(t->path, &t->fd, &t->why);
  if (error == -ENOENT)
    error = make_folders(t->path);
  else
    return error;
  return error == 0 ? file_open_log(t->path, &t->fd, &t->why) : error;
}

/* Cuts off what is behind the last whole line. */
static int repair_tail(struct tsv *t, struct file_state *file) {
  bool is_as_we_left_it = t->begun && file->volume == t->volume &&
                          file->id == t->id && file->size == t->size;

  if (is_as_we_left_it)
    return 0;
  int error = log_tail_find(t->fd, file->size, &t->tail);
  if (error == -EILSEQ)
    t->why = "it does not end as a log does: its last line is too long";
  if (error != 0 || t->tail.end == file->size)
    return error;
  error = file_cut(t->fd, t->tail.end);
  t->has_torn = error == 0;
  file->size = t->tail.end;
  return error;
}

static int write_lines(struct tsv *t, const char *text, size_t len) {
  int error = file_reserve(t->fd, t->size, len);

  if (error == 0)
    error = file_write(t->fd, text, len);
  if (error == 0)
    t->size += len;
  return error;
}

static int write_header(struct tsv *t, uint64_t wall_ns) {
  char text[ROW_MAX];

  size_t len = row_print_header(&t->options->style, wall_ns, text);
  return len > 0 ? write_lines(t, text, len) : 0;
}

/* Takes the file for this log alone, empties what an earlier run left, when
 * that is wanted, and gives an empty file its header. */
static int begin_file(struct tsv *t, uint64_t wall_ns) {
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
    error = file_cut(t->fd, 0);
    file.size = 0;
  }
  if (error == 0)
    error = repair_tail(t, &file);
  if (error != 0)
    return error;
  t->begun = t->has_begun_any = true;
  t->volume = file.volume;
  t->id = file.id;
  t->size = file.size;
  return file.size > 0 ? 0 : write_header(t, wall_ns);
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
  error = tsv_close(t);
  free(t->path);
  t->path = copy;
  t->pid = pid;
  t->begun = false;
  return error;
}

/* Leaves a file that has been renamed or removed; one that was emptied is to
 * begin with its header again. */
static int check_place(struct tsv *t, uint64_t wall_ns) {
  struct file_state there;

  bool in_place = file_look_log(t->path, &there) == 0 &&
                  there.volume == t->volume && there.id == t->id;
  if (!in_place)
    return tsv_close(t);
  t->size = there.size;
  return there.size > 0 ? 0 : write_header(t, wall_ns);
}

/* What somebody else has opened is checked as it is written. */
static int begin_given(struct tsv *t, uint64_t wall_ns) {
  struct file_state file;

  int fd = t->given >= 0 ? t->given : t->fd;
  t->why = NULL;
  if (fd < 0)
    return -EBADF;
  int error = file_look_open(fd, &file);
  if (error != 0)
    return error;
  if (!file.is_regular) {
    t->why = "it is no regular file";
    return -EINVAL;
  }
  bool is_new = t->given >= 0 || !t->begun;
  t->fd = fd;
  t->given = -1;
  t->size = file.size;
  if (is_new)
    return begin_file(t, wall_ns);
  return file.size > 0 ? 0 : write_header(t, wall_ns);
}

/* Opens the file of `pid` where it is not open. */
static int open_log(struct tsv *t, pid_t pid, uint64_t wall_ns) {
  if (t->options->is_given)
    return begin_given(t, wall_ns);
  int error = set_path(t, pid);
  if (error == 0 && t->fd >= 0)
    error = check_place(t, wall_ns);
  if (error != 0 || t->fd >= 0)
    return error;
  error = open_file(t);
  if (error != 0) {
    t->fd = -1;
    return error;
  }
  t->kept = fd_budget_take(t->options->budget);
  return begin_file(t, wall_ns);
}

/* Closes what cannot be kept open, or has failed. */
static int finish(struct tsv *t, int error) {
  if (error == 0 && t->kept)
    return 0;
  if (t->options->is_given) {
    t->begun = false;
    t->size = UINT64_MAX;
    return error;
  }
  int close_error = tsv_close(t);
  if (error == 0)
    return close_error;
  /* A part of what was to be written may be left. */
  t->size = UINT64_MAX;
  return error;
}

int tsv_open(struct tsv *t, pid_t pid, uint64_t wall_ns) {
  return finish(t, open_log(t, pid, wall_ns));
}

/* --- writing --- */

int tsv_append(struct tsv *t, pid_t pid, uint64_t wall_ns, const char *text,
               size_t len) {
  int error = open_log(t, pid, wall_ns);
  if (error == 0)
    error = write_lines(t, text, len);
  if (error == 0 && t->options->sync)
    t->sync_error = file_sync(t->fd);
  return finish(t, error);
}
