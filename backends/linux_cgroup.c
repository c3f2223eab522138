/* Groups: cgroups, by their path or as systemd's units.
 *
 * The folder that was found is known again by its inode, which the kernel does
 * not give out a second time. Files are read first and the folder is looked at
 * after: when it is still the same one, so was what was read. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup_parse.h"
#include "linux_cgroup.h"
#include "linux_target.h"

/* --- the group --- */

static int set_name(struct group *g, enum group_kind kind, const char *name) {
  char unit[CGROUP_NAME_MAX + 1], place[PATH_MAX];

  if (kind == GROUP_UNIT) {
    if (cgroup_unit_name(name, unit, sizeof(unit)) != 0)
      return -EINVAL;
    g->unit = strdup(unit);
    if (g->unit == NULL)
      return -ENOMEM;
    if (cgroup_unit_place(unit, place, sizeof(place)) != 0)
      return 0;
  } else if (cgroup_clean_path(name, place, sizeof(place)) != 0) {
    return -EINVAL;
  }
  g->place = strdup(place);
  return g->place == NULL ? -ENOMEM : 0;
}

int linux_group_create(struct backend_ctx *ctx, enum group_kind kind,
                       const char *name, struct group **out) {
  struct group *g = calloc(1, sizeof(*g));
  if (g == NULL)
    return -ENOMEM;

  g->dir_fd = g->procs_fd = g->stat_fd = -1;
  int error = set_name(g, kind, name);
  if (error != 0)
    linux_group_free(ctx, g);
  else
    *out = g;
  return error;
}

void linux_group_free(struct backend_ctx *ctx, struct group *g) {
  cgroup_forget(ctx, g);
  free(g->unit);
  free(g->place);
  free(g->walked);
  free(g->pids);
  free(g);
}

/* --- its folder --- */

static void drop(struct backend_ctx *ctx, int *fd) {
  if (*fd < 0)
    return;
  close(*fd);
  *fd = -1;
  fd_budget_give(ctx->budget);
}

void cgroup_forget(struct backend_ctx *ctx, struct group *g) {
  drop(ctx, &g->stat_fd);
  drop(ctx, &g->procs_fd);
  drop(ctx, &g->dir_fd);
  free(g->path);
  g->path = NULL;
}

/* The descriptor, or -1 when it is opened for each use instead. */
static int keep(struct backend_ctx *ctx, int dir_fd, const char *path,
                int flags) {
  if (!fd_budget_take(ctx->budget))
    return -1;
  int fd = openat(dir_fd, path, flags | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    fd_budget_give(ctx->budget);
  return fd;
}

static bool is_folder_of(const struct group *g, const struct stat *st) {
  return st->st_ino == g->ino && st->st_dev == g->dev;
}

/* A kept cgroup.procs of v1 goes on telling an old list for as long as it is
 * read more often than once a second, so only v2's is kept. The kept folder
 * keeps its inode from being given out again on other file systems. */
static void keep_files(struct backend_ctx *ctx, struct group *g) {
  struct stat st;

  g->dir_fd = keep(ctx, AT_FDCWD, g->path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (g->dir_fd < 0)
    return;
  if (fstat(g->dir_fd, &st) != 0 || !is_folder_of(g, &st)) {
    drop(ctx, &g->dir_fd);
    return;
  }
  g->procs_fd = keep(ctx, g->dir_fd, "cgroup.procs", O_RDONLY);
  g->stat_fd = keep(ctx, g->dir_fd, "cpu.stat", O_RDONLY);
}

int cgroup_adopt(struct backend_ctx *ctx, struct group *g, const char *path,
                 bool is_v2) {
  struct stat st;

  if (lstat(path, &st) != 0)
    return errno == ENOTDIR ? -ENOENT : -errno;
  if (!S_ISDIR(st.st_mode))
    return -ENOENT;
  if (g->path != NULL && strcmp(g->path, path) == 0 && is_folder_of(g, &st))
    return 0;
  cgroup_forget(ctx, g);
  g->path = strdup(path);
  if (g->path == NULL)
    return -ENOMEM;
  g->dev = st.st_dev;
  g->ino = st.st_ino;
  g->is_v2 = is_v2;
  if (is_v2)
    keep_files(ctx, g);
  return 0;
}

int cgroup_check(const struct group *g, struct stat *st) {
  if (lstat(g->path, st) != 0)
    return errno == ENOTDIR ? -ENOENT : -errno;
  return is_folder_of(g, st) ? 0 : -ENOENT;
}

int cgroup_open_file(const char *folder, const char *name, int kept, int *own) {
  char path[PATH_MAX];

  *own = -1;
  if (kept >= 0)
    return kept;
  int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
  if (len < 0 || (size_t)len >= sizeof(path))
    return -ENOENT;
  *own = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
  return *own < 0 ? -errno : *own;
}

/* --- its members --- */

static int add_pid(struct group *g, pid_t pid) {
  if (g->n == g->room) {
    size_t room = g->room == 0 ? 16 : 2 * g->room;
    pid_t *pids = realloc(g->pids, room * sizeof(*pids));
    if (pids == NULL)
      return -ENOMEM;
    g->pids = pids;
    g->room = room;
  }
  g->pids[g->n++] = pid;
  return 0;
}

static int add_pids(struct group *g, struct cgroup_procs *procs,
                    const char *text, size_t len) {
  pid_t pid;
  int error = 0;

  cgroup_procs_feed(procs, text, len);
  while (error == 0 && cgroup_procs_next(procs, &pid))
    error = add_pid(g, pid);
  return error;
}

static int add_file(struct group *g, int fd) {
  struct cgroup_procs procs = {.number = 0};
  char text[4096];
  off_t at = 0;

  for (;;) {
    ssize_t len = pread(fd, text, sizeof(text), at);
    if (len < 0 && errno == EINTR)
      continue;
    if (len < 0)
      return -errno;
    if (len == 0)
      return add_pids(g, &procs, "\n", 1);
    int error = add_pids(g, &procs, text, (size_t)len);
    if (error != 0)
      return error;
    at += len;
  }
}

/* The processes of a threaded cgroup are told by the domain above it. */
static int add_folder(struct group *g, const char *folder, int kept) {
  int own;
  int fd = cgroup_open_file(folder, "cgroup.procs", kept, &own);
  int error = fd < 0 ? fd : add_file(g, fd);

  if (own >= 0)
    close(own);
  return error == -ENOENT || error == -ENODEV || error == -EOPNOTSUPP ? 0
                                                                      : error;
}

static int add_below(void *arg, const char *path, const char *name) {
  (void)name;
  return add_folder(arg, path, -1);
}

int cgroup_read(struct backend_ctx *ctx, struct group *g) {
  struct stat st;
  size_t left = SIZE_MAX;

  g->n = 0;
  int error = add_folder(g, g->path, g->procs_fd);
  if (error == 0)
    error = cgroup_check(g, &st);
  /* Two links are the folder's own: there is no group below it. */
  if (error == 0 && st.st_nlink != 2)
    error = cgroup_walk(g->path, &left, add_below, g);
  if (error == -ENOENT)
    cgroup_forget(ctx, g);
  g->n = error == 0 ? cgroup_sort_pids(g->pids, g->n) : 0;
  return error;
}

int linux_group_members(struct backend_ctx *ctx, struct group *g,
                        const pid_t **out, size_t *n) {
  int error = g->path == NULL ? -ENOENT : cgroup_read(ctx, g);

  /* One without processes may have some in another hierarchy. */
  if (error == -ENOENT || (error == 0 && g->n == 0))
    error = cgroup_find(ctx, g);
  *out = g->pids;
  *n = error == 0 ? g->n : 0;
  return error;
}
