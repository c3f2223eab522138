/* Where a group is: in which hierarchy, and for a unit, in which folder. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroup_parse.h"
#include "clock.h"
#include "linux_cgroup.h"
#include "linux_target.h"

enum { WALK_MAX = 10000 }; /* folders */
#define WALK_PAUSE_NS (5 * NS_PER_S)

/* --- hierarchies --- */

struct hierarchies {
  const char *root;
  struct dirent **entries; /* NULL: the root is the only one */
  size_t n;
};

static bool is_v2(const char *path) {
  char file[PATH_MAX];
  int len = snprintf(file, sizeof(file), "%s/cgroup.controllers", path);

  return len > 0 && (size_t)len < sizeof(file) && access(file, F_OK) == 0;
}

/* Links are other names of hierarchies. */
static int may_be_hierarchy(const struct dirent *e) {
  return e->d_name[0] != '.' &&
         (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN);
}

/* v2 knows most of a group, and systemd keeps its units in its own. */
static int rank(const char *name) {
  if (strcmp(name, "unified") == 0)
    return 0;
  return strcmp(name, "systemd") == 0 ? 1 : 2;
}

static int compare(const struct dirent **a, const struct dirent **b) {
  int by_rank = rank((*a)->d_name) - rank((*b)->d_name);

  return by_rank != 0 ? by_rank : strcmp((*a)->d_name, (*b)->d_name);
}

static int hierarchies_list(const char *root, struct hierarchies *out) {
  *out = (struct hierarchies){.root = root, .n = 1};
  if (is_v2(root))
    return 0;
  int n = scandir(root, &out->entries, may_be_hierarchy, compare);
  if (n < 0)
    return errno == ENOTDIR ? -ENOENT : -errno;
  out->n = (size_t)n;
  return 0;
}

static void hierarchies_free(struct hierarchies *h) {
  if (h->entries == NULL)
    return;
  for (size_t i = 0; i < h->n; i++)
    free(h->entries[i]);
  free(h->entries);
}

/* False: the path is too long. */
static bool hierarchy_path(const struct hierarchies *h, size_t i,
                           char out[PATH_MAX]) {
  int len = h->entries == NULL ? snprintf(out, PATH_MAX, "%s", h->root)
                               : snprintf(out, PATH_MAX, "%s/%s", h->root,
                                          h->entries[i]->d_name);
  return len > 0 && len < PATH_MAX;
}

/* --- places --- */

/* Goes on from the folder `path` to one below it. */
static bool enter(char path[PATH_MAX], const char *prefix, const char *name,
                  size_t name_len) {
  size_t used = strlen(path);
  struct stat st;

  int len = snprintf(path + used, PATH_MAX - used, "/%s%.*s", prefix,
                     (int)name_len, name);
  if (len > 0 && (size_t)len < PATH_MAX - used && lstat(path, &st) == 0 &&
      S_ISDIR(st.st_mode))
    return true;
  path[used] = '\0';
  return false;
}

/* Goes from a hierarchy to a place in it. systemd puts a `_` before names that
 * look like files of the kernel's. */
static bool enter_place(char path[PATH_MAX], const char *place, bool is_unit) {
  while (*place != '\0') {
    size_t len = strcspn(place, "/");
    if (!enter(path, "", place, len) &&
        !(is_unit && enter(path, "_", place, len)))
      return false;
    place += len + (place[len] == '/');
  }
  return true;
}

static bool is_there(const struct group *g, char path[PATH_MAX]) {
  size_t used = strlen(path);

  if (g->walked != NULL && enter_place(path, g->walked, false))
    return true;
  path[used] = '\0';
  if (g->place != NULL && enter_place(path, g->place, g->unit != NULL))
    return true;
  path[used] = '\0';
  return false;
}

static int adopt_and_read(struct backend_ctx *ctx, struct group *g,
                          const char *path, bool v2) {
  int error = cgroup_adopt(ctx, g, path, v2);

  return error != 0 ? error : cgroup_read(ctx, g);
}

/* Takes the first hierarchy in which the group has a process, or else the first
 * in which it is. */
static int try_places(struct backend_ctx *ctx, struct group *g,
                      const struct hierarchies *h) {
  char path[PATH_MAX], empty[PATH_MAX] = "";
  bool empty_is_v2 = false;

  for (size_t i = 0; i < h->n; i++) {
    if (!hierarchy_path(h, i, path))
      continue;
    bool v2 = (h->entries == NULL || i == 0) && is_v2(path);
    if (!is_there(g, path))
      continue;
    int error = adopt_and_read(ctx, g, path, v2);
    if (error == -ENOENT)
      continue;
    if (error != 0 || g->n > 0)
      return error;
    if (empty[0] == '\0') {
      memcpy(empty, path, sizeof(empty));
      empty_is_v2 = v2;
    }
  }
  return empty[0] == '\0' ? -ENOENT
                          : adopt_and_read(ctx, g, empty, empty_is_v2);
}

/* --- walks --- */

struct search {
  struct group *group;
  const char *hierarchy;
};

static int look_at(void *arg, const char *path, const char *name) {
  struct search *search = arg;
  struct group *g = search->group;

  if (strcmp(name, g->unit) != 0 &&
      !(name[0] == '_' && strcmp(name + 1, g->unit) == 0))
    return 0;
  char *place = strdup(path + strlen(search->hierarchy) + 1);
  if (place == NULL)
    return -ENOMEM;
  free(g->walked);
  g->walked = place;
  return 1;
}

/* Returns 1 when the unit was found, 0, or a negative errno. */
static int walk(struct group *g, const struct hierarchies *h) {
  char path[PATH_MAX];
  size_t left = WALK_MAX;
  int result = 0;

  for (size_t i = 0; result == 0 && i < h->n; i++) {
    struct search search = {g, path};
    if (hierarchy_path(h, i, path))
      result = cgroup_walk(path, &left, look_at, &search);
  }
  return result;
}

int cgroup_find(struct backend_ctx *ctx, struct group *g) {
  struct hierarchies h;

  int error = hierarchies_list(ctx->cgroup_root, &h);
  if (error == 0)
    error = try_places(ctx, g, &h);
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
  if (error == -ENOENT && g->unit != NULL && now_ns >= g->walk) {
    g->walk = now_ns + WALK_PAUSE_NS;
    int found = walk(g, &h);
    if (found != 0)
      error = found < 0 ? found : try_places(ctx, g, &h);
  }
  if (error == -ENOENT)
    cgroup_forget(ctx, g);
  hierarchies_free(&h);
  return error;
}
