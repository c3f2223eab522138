/* Walks of cgroups, with one folder open at a time however deep they are. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux_cgroup.h"

/* Folders that wait to be listed. */
struct queue {
  char **paths;
  size_t head, n, room;
};

static int queue_add(struct queue *q, const char *path) {
  if (q->n == q->room) {
    size_t room = q->room == 0 ? 16 : 2 * q->room;
    char **paths = realloc(q->paths, room * sizeof(*paths));
    if (paths == NULL)
      return -ENOMEM;
    q->paths = paths;
    q->room = room;
  }
  q->paths[q->n] = strdup(path);
  if (q->paths[q->n] == NULL)
    return -ENOMEM;
  q->n++;
  return 0;
}

static void queue_free(struct queue *q) {
  while (q->head < q->n)
    free(q->paths[q->head++]);
  free(q->paths);
}

/* Without descriptors or memory the walk cannot go on. */
static int failure_of_walk(int error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOMEM ? error : 0;
}

/* False: it is `.`, `..`, or surely no folder. */
static bool may_be_folder(const struct dirent *e) {
  return (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN) &&
         strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int meet(struct queue *q, const char *parent, const char *name,
                size_t *left, cgroup_visit *visit, void *arg) {
  char path[PATH_MAX];
  struct stat st;

  int len = snprintf(path, sizeof(path), "%s/%s", parent, name);
  if (len < 0 || (size_t)len >= sizeof(path) || lstat(path, &st) != 0 ||
      !S_ISDIR(st.st_mode))
    return 0;
  --*left;
  int result = visit(arg, path, name);
  /* Two links are the folder's own: there is none below it. */
  if (result != 0 || st.st_nlink == 2)
    return result;
  return queue_add(q, path);
}

static int list(struct queue *q, const char *path, size_t *left,
                cgroup_visit *visit, void *arg) {
  int result = 0;
  struct dirent *e;

  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return failure_of_walk(-errno);
  DIR *dir = fdopendir(fd);
  if (dir == NULL) {
    result = failure_of_walk(-errno);
    close(fd);
    return result;
  }
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's own */
  while (result == 0 && *left > 0 && (e = readdir(dir)) != NULL)
    if (may_be_folder(e))
      result = meet(q, path, e->d_name, left, visit, arg);
  closedir(dir);
  return result;
}

int cgroup_walk(const char *top, size_t *left, cgroup_visit *visit, void *arg) {
  struct queue q = {.n = 0};

  int result = queue_add(&q, top);
  while (result == 0 && *left > 0 && q.head < q.n) {
    char *path = q.paths[q.head++];
    result = list(&q, path, left, visit, arg);
    free(path);
  }
  queue_free(&q);
  return result;
}
