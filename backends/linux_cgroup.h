/* What the files of the Linux backend's groups share. */
#ifndef PROCMON_LINUX_CGROUP_H
#define PROCMON_LINUX_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "backend.h"

struct group {
  char *unit;    /* NULL: it is a cgroup by its path */
  char *place;   /* below a hierarchy, where it is looked for; NULL: none */
  char *walked;  /* the place where a walk has found the unit; NULL: none */
  uint64_t walk; /* the next walk is not before */

  /* The folder that was found; all below is of it. */
  char *path; /* NULL: none */
  dev_t dev;
  ino_t ino;
  bool is_v2;
  /* Kept open within the budget, or -1. */
  int dir_fd, procs_fd, stat_fd;

  pid_t *pids;
  size_t n, room;
};

/* `group_create` and so on of the backend's contract. */
int linux_group_create(struct backend_ctx *ctx, enum group_kind kind,
                       const char *name, struct group **out);
int linux_group_members(struct backend_ctx *ctx, struct group *g,
                        const pid_t **out, size_t *n);
int linux_group_sample(struct backend_ctx *ctx, struct group *g,
                       struct proc_sample *out, uint64_t *incarnation);
void linux_group_free(struct backend_ctx *ctx, struct group *g);

/* Makes `path` the folder of the group; when it is that already, nothing is
 * opened anew. -ENOENT: there is no such folder. */
int cgroup_adopt(struct backend_ctx *ctx, struct group *g, const char *path,
                 bool is_v2);

/* Gives up the folder of the group, and its descriptors. */
void cgroup_forget(struct backend_ctx *ctx, struct group *g);

/* Looks at the group's folder again. -ENOENT: it is gone, or another one. */
int cgroup_check(const struct group *g, struct stat *st);

/* `kept`, or where that is -1, the file opened for this once: then `*own` is
 * the descriptor to close, else -1. */
int cgroup_open_file(const char *folder, const char *name, int kept, int *own);

/* Reads the members of the group's folder. -ENOENT: it is gone, and given up.
 */
int cgroup_read(struct backend_ctx *ctx, struct group *g);

/* Looks for the folder of the group and reads its members. -ENOENT: there is
 * none. */
int cgroup_find(struct backend_ctx *ctx, struct group *g);

/* A folder that a walk has met: its path and its name, the last part of it. A
 * value other than 0 ends the walk. */
typedef int cgroup_visit(void *arg, const char *path, const char *name);

/* Visits the folders below `top`, the nearer ones first, at most `*left`, which
 * it counts down. Links are not followed; what vanishes meanwhile or may not be
 * listed counts as empty. Returns what ended the walk, or a negative errno, or
 * 0. */
int cgroup_walk(const char *top, size_t *left, cgroup_visit *visit, void *arg);

#endif
