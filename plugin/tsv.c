#include "tsv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tsv {
  const struct tsv_options *options;
  bool per_process;
  bool emptied; /* Append false has been done for the path */
  bool kept;    /* holds a place in the budget */
  pid_t pid;    /* of the path */
  int fd;       /* -1: not open */
  char *path;   /* NULL: not named yet */
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

int tsv_create(const struct tsv_options *options, struct tsv **out) {
  struct tsv *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return -ENOMEM;
  t->options = options;
  t->per_process = tsv_is_per_process(options->path);
  t->fd = -1;
  *out = t;
  return 0;
}

const char *tsv_path(const struct tsv *t) {
  return t->path != NULL ? t->path : t->options->path;
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

static int open_file(const char *path, bool empty) {
  int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
              (empty ? O_TRUNC : 0);
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

static int write_header(const struct tsv *t, uint64_t wall_ns) {
  char text[ROW_MAX];
  struct stat st;

  if (fstat(t->fd, &st) != 0)
    return -errno;
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
  t->emptied = false;
  return 0;
}

int tsv_open(struct tsv *t, pid_t pid, uint64_t wall_ns) {
  int error = set_path(t, pid);
  if (error != 0 || t->fd >= 0)
    return error;

  int fd = open_file(t->path, !t->options->append && !t->emptied);
  if (fd < 0)
    return fd;
  t->fd = fd;
  t->emptied = true;
  t->kept = fd_budget_take(t->options->budget);
  error = write_header(t, wall_ns);
  if (error != 0)
    tsv_close(t);
  return error;
}

int tsv_write(struct tsv *t, const struct reading *r) {
  char text[ROW_MAX];

  int error = tsv_open(t, r->pid, r->wall_ns);
  if (error != 0)
    return error;
  size_t len = row_print(&t->options->style, r, text);
  error = write_whole(t->fd, text, len);
  if (error != 0 || !t->kept) {
    int close_error = tsv_close(t);
    if (error == 0)
      error = close_error;
  }
  return error;
}
