/* The texts of cgroups and the names of systemd. The first byte of an input
 * says how long the pieces are in which a cgroup.procs comes. */
#include <limits.h>

#include "backends/cgroup_parse.h"
#include "fuzz.h"

/* Gives the pids of a cgroup.procs that comes in pieces. */
static size_t read_pids(const char *text, size_t len, size_t piece,
                        pid_t *out) {
  struct cgroup_procs procs = {.at = NULL};
  size_t n = 0;

  for (size_t at = 0; at < len; at += piece) {
    cgroup_procs_feed(&procs, text + at, len - at < piece ? len - at : piece);
    while (cgroup_procs_next(&procs, &out[n])) {
      assert(out[n] > 0);
      n++;
    }
  }
  return n;
}

static void check_pids(const char *text, size_t len, size_t piece) {
  pid_t *whole = calloc(len + 1, sizeof(*whole));
  pid_t *pids = calloc(len + 1, sizeof(*pids));

  assert(whole != NULL && pids != NULL);
  size_t n = read_pids(text, len, piece, pids);
  assert(read_pids(text, len, len + 1, whole) == n);
  assert(memcmp(pids, whole, n * sizeof(*pids)) == 0);
  size_t left = cgroup_sort_pids(pids, n);
  assert(left <= n && (left > 0) == (n > 0));
  for (size_t i = 1; i < left; i++)
    assert(pids[i - 1] < pids[i]);
  free(whole);
  free(pids);
}

static void check_clean(const char *path) {
  char again[PATH_MAX];

  if (path[0] == '\0')
    return;
  assert(cgroup_clean_path(path, again, sizeof(again)) == 0);
  assert(strcmp(path, again) == 0);
}

static void check_path(const char *path, size_t size) {
  char *out = malloc(size);

  assert(out != NULL);
  if (cgroup_clean_path(path, out, size) == 0)
    check_clean(out);
  free(out);
}

static void check_unit(const char *name, size_t size) {
  char *unit = malloc(size);
  char again[CGROUP_NAME_MAX + 1], place[PATH_MAX];

  assert(unit != NULL);
  if (cgroup_unit_name(name, unit, size) == 0) {
    assert(cgroup_unit_name(unit, again, sizeof(again)) == 0);
    assert(strcmp(unit, again) == 0);
    cgroup_unit_place(unit, place, 16);
    if (cgroup_unit_place(unit, place, sizeof(place)) == 0)
      check_clean(place);
  }
  free(unit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct cgroup_cpu cpu;
  size_t len, piece = next_byte(&in) + (size_t)1;

  check_pids((const char *)in.at, in.left, piece);
  cgroup_parse_cpu((const char *)in.at, in.left, &cpu);
  char *name = next_part(&in, &len);
  check_path(name, PATH_MAX);
  check_path(name, 16);
  check_unit(name, CGROUP_NAME_MAX + 1);
  check_unit(name, 16);
  free(name);
  return 0;
}
