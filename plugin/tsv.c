#include "tsv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/clock.h"

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

int tsv_expand(const char *path, pid_t pid, char out[PATH_MAX]) {
  size_t used = 0;

  while (*path != '\0') {
    int n = 1;
    if (path[0] != '%')
      out[used] = *path++;
    else if (path[1] == '%' || path[1] == 'p') {
      n = path[1] == '%' ? snprintf(out + used, PATH_MAX - used, "%%")
                         : snprintf(out + used, PATH_MAX - used, "%d", pid);
      path += 2;
    } else
      return -EINVAL;
    used += (size_t)n;
    if (used >= PATH_MAX)
      return -ENAMETOOLONG;
  }
  out[used] = '\0';
  return 0;
}

bool tsv_is_per_process(const char *path) {
  for (; *path != '\0'; path++) {
    if (path[0] == '%' && path[1] == 'p')
      return true;
    if (path[0] == '%' && path[1] == '%')
      path++;
  }
  return false;
}

/* Takes `//` and `/./` out of a path. */
static void simplify(char *path) {
  char *to = path;

  for (const char *from = path; *from != '\0'; from++) {
    if (from[0] == '/' && from[1] == '/')
      continue;
    if (from[0] == '/' && from[1] == '.' && from[2] == '/') {
      from++;
      continue;
    }
    *to++ = *from;
  }
  *to = '\0';
}

bool tsv_is_same(const char *a, pid_t a_pid, const char *b, pid_t b_pid) {
  char path[PATH_MAX], other[PATH_MAX];
  bool pids_known = a_pid != 0 && b_pid != 0;

  if (!pids_known && tsv_is_per_process(a))
    return false;
  if (tsv_expand(a, a_pid, path) != 0 || tsv_expand(b, b_pid, other) != 0)
    return false;
  simplify(path);
  simplify(other);
  return strcmp(path, other) == 0;
}

int tsv_create(const struct tsv_options *options, struct tsv **out) {
  struct tsv *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return -ENOMEM;
  t->options = options;
  t->per_process = tsv_is_per_process(options->path);
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

  for (const char *slash = strchr(path + 1, '/'); slash != NULL;
       slash = strchr(slash + 1, '/')) {
    size_t len = (size_t)(slash - path);
    memcpy(folder, path, len);
    folder[len] = '\0';
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
      return -errno;
  }
  return 0;
}

/* Does not wait for a reader where somebody has put a FIFO. */
static int open_file(const char *path) {
  const int flags =
      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  int fd = open(path, flags, 0640);
  if (fd < 0 && errno == ENOENT) {
    int error = make_folders(path);
    if (error != 0)
      return error;
    fd = open(path, flags, 0640);
  }
  return fd >= 0 ? fd : -errno;
}

static int write_whole(int fd, const char *text, size_t len) {
  ssize_t n;

  do
    n = write(fd, text, len);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -errno;
  return (size_t)n == len ? 0 : -ENOSPC;
}

/* Takes the file for this log alone, empties what an earlier run left, when
 * that is wanted, and gives an empty file its header. */
static int begin_file(struct tsv *t, uint64_t wall_ns) {
  char text[ROW_MAX];
  struct stat st;

  /* Of another monitor, or of another collectd: `collectd -T`. */
  if (flock(t->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return -EBUSY;
  if (fstat(t->fd, &st) != 0)
    return -errno;
  uint64_t written_ns = (uint64_t)st.st_mtim.tv_sec * UINT64_C(1000000000) +
                        (uint64_t)st.st_mtim.tv_nsec;
  bool is_old = !t->begun && (!t->has_begun_any || written_ns < t->created_ns);
  if (!t->options->append && st.st_size > 0 && is_old) {
    if (ftruncate(t->fd, 0) != 0)
      return -errno;
    st.st_size = 0;
  }
  t->begun = t->has_begun_any = true;
  if (st.st_size > 0)
    return 0;
  size_t len = row_print_header(&t->options->style, wall_ns, text);
  return len > 0 ? write_whole(t->fd, text, len) : 0;
}

/* Names the file of `pid`; another pid than the last means another file. */
static int set_path(struct tsv *t, pid_t pid) {
  char path[PATH_MAX];

  if (t->path != NULL && (!t->per_process || pid == t->pid))
    return 0;
  int error = tsv_expand(t->options->path, pid, path);
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
    error = write_whole(t->fd, text, len);
  }
  return finish(t, error);
}
