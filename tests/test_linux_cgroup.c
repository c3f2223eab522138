/* Groups in trees of files that look like cgroups. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "backends/backend.h"
#include "backends/linux_cgroup.h"
#include "fixture.h"
#include "unit.h"

static const uint32_t cpu_fields = PROC_CPU | PROC_USER_SYSTEM;

/* How far the monotonic clock is ahead of the system's. */
static time_t ahead_s;

/* In place of the libc's: what waits by the clock is tested without waiting. */
int clock_gettime(clockid_t clock, struct timespec *ts) {
  int result = (int)syscall(SYS_clock_gettime, clock, ts);

  if (clock == CLOCK_MONOTONIC)
    ts->tv_sec += ahead_s;
  return result;
}

struct world {
  struct fixture fixture;
  struct fd_budget budget;
  struct backend_ctx *ctx;
};

static void world_open(struct world *w, int budget) {
  fixture_make(&w->fixture);
  atomic_init(&w->budget.left, budget);
  struct backend_options options = {.proc_root = "/proc",
                                    .cgroup_root = w->fixture.root,
                                    .budget = &w->budget};
  ck_assert_int_eq(backend_linux.open(&options, &w->ctx), 0);
}

static void world_close(struct world *w) {
  backend_linux.close(w->ctx);
  fixture_remove(&w->fixture);
}

/* A pure v2 tree. */
static void v2_world(struct world *w, int budget) {
  world_open(w, budget);
  fixture_write(&w->fixture, "cgroup.controllers", "cpu memory\n");
}

static void remove_file(struct world *w, const char *name) {
  const char *path = fixture_path(&w->fixture, name);
  ck_assert_int_eq(remove(path), 0);
}

static struct group *create(struct world *w, enum group_kind kind,
                            const char *name) {
  struct group *g = NULL;

  ck_assert_int_eq(backend_linux.group_create(w->ctx, kind, name, &g), 0);
  ck_assert_ptr_nonnull(g);
  return g;
}

/* The members as "1 2 3", or "ENOENT". */
static const char *members(struct world *w, struct group *g) {
  static char text[256];
  const pid_t *pids;
  size_t n, used = 0;

  text[0] = '\0';
  int error = backend_linux.group_members(w->ctx, g, &pids, &n);
  if (error == -ENOENT)
    return "ENOENT";
  ck_assert_int_eq(error, 0);
  for (size_t i = 0; i < n; i++)
    used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d",
                             i == 0 ? "" : " ", pids[i]);
  return text;
}

/* The members of a group that is made for this question only. */
static const char *members_of(struct world *w, enum group_kind kind,
                              const char *name) {
  struct group *g = create(w, kind, name);
  const char *text = members(w, g);

  backend_linux.group_free(w->ctx, g);
  return text;
}

static int create_error(struct world *w, enum group_kind kind,
                        const char *name) {
  struct group *g;
  return backend_linux.group_create(w->ctx, kind, name, &g);
}

/* --- members --- */

START_TEST(members_are_those_of_all_folders_below) {
  struct world w;

  for (int budget = 0; budget <= 8; budget++) {
    v2_world(&w, budget);
    fixture_write(&w.fixture, "a/cgroup.procs", "30\n0\n7\n");
    fixture_write(&w.fixture, "a/b/cgroup.procs", "100\n30\n");
    fixture_write(&w.fixture, "a/b/c/d/cgroup.procs", "2\n");
    fixture_write(&w.fixture, "a/e/memory.stat", "");
    fixture_write(&w.fixture, "other/cgroup.procs", "9\n");
    struct group *g = create(&w, GROUP_CGROUP, "/a");
    for (int i = 0; i < 2; i++)
      ck_assert_str_eq(members(&w, g), "2 7 30 100");
    fixture_write(&w.fixture, "a/cgroup.procs", "8\n");
    fixture_write(&w.fixture, "a/e/cgroup.procs", "9\n");
    ck_assert_str_eq(members(&w, g), "2 8 9 30 100");
    backend_linux.group_free(w.ctx, g);
    ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a/b/"), "2 30 100");
    ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "/"), "2 8 9 30 100");
    ck_assert_int_eq(atomic_load(&w.budget.left), budget);
    world_close(&w);
  }
}
END_TEST

START_TEST(a_file_of_members_may_be_huge) {
  struct world w;
  enum { COUNT = 100000 };
  char *text = malloc(COUNT * 12);
  const pid_t *pids;
  size_t n, used = 0;

  ck_assert_ptr_nonnull(text);
  for (int i = COUNT; i > 0; i--)
    used += (size_t)sprintf(text + used, "%d\n%s", i * 7, i % 5 ? "" : "35\n");
  v2_world(&w, 8);
  fixture_write(&w.fixture, "a/cgroup.procs", text);
  struct group *g = create(&w, GROUP_CGROUP, "a");
  ck_assert_int_eq(backend_linux.group_members(w.ctx, g, &pids, &n), 0);
  ck_assert_uint_eq(n, COUNT);
  for (size_t i = 0; i < n; i++)
    ck_assert_int_eq(pids[i], (pid_t)(i + 1) * 7);
  fixture_write(&w.fixture, "a/cgroup.procs", "1\n");
  ck_assert_str_eq(members(&w, g), "1");
  backend_linux.group_free(w.ctx, g);
  world_close(&w);
  free(text);
}
END_TEST

START_TEST(what_is_no_pid_is_no_member) {
  struct world w;

  v2_world(&w, 8);
  fixture_write(&w.fixture, "a/cgroup.procs",
                "x\n-4\n99999999999999999999\n5\n\n6 7\n2147483648\n8");
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a"), "5 8");
  world_close(&w);
}
END_TEST

START_TEST(links_are_not_followed) {
  struct world w;

  v2_world(&w, 8);
  fixture_write(&w.fixture, "a/cgroup.procs", "1\n");
  fixture_write(&w.fixture, "b/x.service/cgroup.procs", "2\n");
  ck_assert_int_eq(symlink("..", fixture_path(&w.fixture, "a/up")), 0);
  ck_assert_int_eq(symlink("a", fixture_path(&w.fixture, "link")), 0);
  fixture_write(&w.fixture, "c/y", "");
  ck_assert_int_eq(
      symlink("../a", fixture_path(&w.fixture, "c/sought.service")), 0);
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a"), "1");
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "link"), "ENOENT");
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a/up/b"), "ENOENT");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "sought"), "ENOENT");
  world_close(&w);
}
END_TEST

START_TEST(a_bad_name_is_refused) {
  struct world w;
  char *name = calloc(1, PATH_MAX + 2);

  ck_assert_ptr_nonnull(name);
  v2_world(&w, 8);
  ck_assert_int_eq(create_error(&w, GROUP_CGROUP, ""), -EINVAL);
  ck_assert_int_eq(create_error(&w, GROUP_CGROUP, ".."), -EINVAL);
  ck_assert_int_eq(create_error(&w, GROUP_CGROUP, "/a/../../etc"), -EINVAL);
  ck_assert_int_eq(create_error(&w, GROUP_UNIT, ""), -EINVAL);
  ck_assert_int_eq(create_error(&w, GROUP_UNIT, "../x.service"), -EINVAL);
  memset(name, 'x', PATH_MAX + 1);
  ck_assert_int_eq(create_error(&w, GROUP_CGROUP, name), -EINVAL);
  ck_assert_int_eq(create_error(&w, GROUP_UNIT, name), -EINVAL);
  /* It fits, but not behind the root. */
  name[PATH_MAX - 2] = '\0';
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, name), "ENOENT");
  free(name);
  world_close(&w);
}
END_TEST

START_TEST(a_file_in_place_of_a_folder_is_no_group) {
  struct world w;

  v2_world(&w, 8);
  fixture_write(&w.fixture, "a/b", "1\n");
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a/b"), "ENOENT");
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a/b/c"), "ENOENT");
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a"), "");
  world_close(&w);
}
END_TEST

/* --- hierarchies --- */

static uint32_t fields_of(struct world *w, const char *name) {
  struct proc_sample s;
  uint64_t incarnation = 0;
  struct group *g = create(w, GROUP_CGROUP, name);

  members(w, g);
  ck_assert_int_eq(backend_linux.group_sample(w->ctx, g, &s, &incarnation), 0);
  ck_assert_uint_ne(incarnation, 0);
  backend_linux.group_free(w->ctx, g);
  return s.have;
}

#define CPU_STAT "usage_usec 70\nuser_usec 50\nsystem_usec 20\n"

START_TEST(of_several_hierarchies_the_first_with_a_process_wins) {
  struct world w;

  for (int budget = 0; budget <= 8; budget += 8) {
    world_open(&w, budget);
    fixture_write(&w.fixture, "unified/cgroup.controllers", "\n");
    fixture_write(&w.fixture, "blkio/a/cgroup.procs", "4\n");
    fixture_write(&w.fixture, "cpu/a/cgroup.procs", "3\n");
    fixture_write(&w.fixture, "cpu/a/cpu.stat", CPU_STAT);
    ck_assert_int_eq(symlink("cpu", fixture_path(&w.fixture, "acct")), 0);
    fixture_write(&w.fixture, "bad", "no hierarchy");
    struct group *g = create(&w, GROUP_CGROUP, "a");
    ck_assert_str_eq(members(&w, g), "4");
    ck_assert_uint_eq(fields_of(&w, "a"), 0);
    fixture_write(&w.fixture, "systemd/a/b/cgroup.procs", "2\n");
    ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a"), "2");
    fixture_write(&w.fixture, "unified/a/cgroup.procs", "");
    fixture_write(&w.fixture, "unified/a/cpu.stat", CPU_STAT);
    ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a"), "2");
    ck_assert_uint_eq(fields_of(&w, "a"), 0);
    fixture_write(&w.fixture, "unified/a/c/cgroup.procs", "1\n");
    ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a"), "1");
    ck_assert_uint_eq(fields_of(&w, "a"), cpu_fields);
    /* What was found is gone on with until it is empty. */
    ck_assert_str_eq(members(&w, g), "4");
    fixture_write(&w.fixture, "blkio/a/cgroup.procs", "");
    ck_assert_str_eq(members(&w, g), "1");
    fixture_write(&w.fixture, "unified/a/c/cgroup.procs", "");
    fixture_write(&w.fixture, "systemd/a/b/cgroup.procs", "");
    ck_assert_str_eq(members(&w, g), "3");
    fixture_write(&w.fixture, "cpu/a/cgroup.procs", "");
    ck_assert_str_eq(members(&w, g), "");
    ck_assert_uint_eq(fields_of(&w, "a"), cpu_fields);
    backend_linux.group_free(w.ctx, g);
    ck_assert_int_eq(atomic_load(&w.budget.left), budget);
    world_close(&w);
  }
}
END_TEST

START_TEST(in_a_tree_of_v2_the_folders_are_no_hierarchies) {
  struct world w;

  v2_world(&w, 8);
  fixture_write(&w.fixture, "unified/cgroup.controllers", "\n");
  fixture_write(&w.fixture, "unified/a/cgroup.procs", "1\n");
  fixture_write(&w.fixture, "systemd/a/cgroup.procs", "2\n");
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a"), "ENOENT");
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "systemd/a"), "2");
  world_close(&w);
}
END_TEST

START_TEST(without_v2_nothing_is_told_of_cpu) {
  struct world w;

  world_open(&w, 8);
  fixture_write(&w.fixture, "cpu/a/cgroup.procs", "1\n");
  fixture_write(&w.fixture, "systemd/a/cgroup.procs", "2\n");
  fixture_write(&w.fixture, "systemd/a/cpu.stat", CPU_STAT);
  ck_assert_str_eq(members_of(&w, GROUP_CGROUP, "a"), "2");
  ck_assert_uint_eq(fields_of(&w, "a"), 0);
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  world_close(&w);
}
END_TEST

START_TEST(cgroups_may_be_mounted_later) {
  struct world w;

  v2_world(&w, 8);
  struct group *g = create(&w, GROUP_CGROUP, "a");
  struct group *unit = create(&w, GROUP_UNIT, "a");
  fixture_remove(&w.fixture);
  ck_assert_str_eq(members(&w, g), "ENOENT");
  ck_assert_str_eq(members(&w, unit), "ENOENT");
  ck_assert_int_eq(mkdir(w.fixture.root, 0755), 0);
  fixture_write(&w.fixture, "cgroup.controllers", "\n");
  fixture_write(&w.fixture, "a/cgroup.procs", "1\n");
  fixture_write(&w.fixture, "system.slice/a.service/cgroup.procs", "2\n");
  ck_assert_str_eq(members(&w, g), "1");
  ck_assert_str_eq(members(&w, unit), "2");
  backend_linux.group_free(w.ctx, g);
  backend_linux.group_free(w.ctx, unit);
  world_close(&w);
}
END_TEST

/* --- units --- */

START_TEST(units_are_where_systemd_puts_them) {
  struct world w;

  v2_world(&w, 8);
  struct fixture *f = &w.fixture;
  fixture_write(f, "cgroup.procs", "1\n");
  fixture_write(f, "init.scope/cgroup.procs", "2\n");
  fixture_write(f, "system.slice/nginx.service/cgroup.procs", "3\n");
  fixture_write(f, "system.slice/_memory.service/cgroup.procs", "4\n");
  fixture_write(f, "system.slice/system-foo.slice/foo@bar.service/cgroup.procs",
                "5\n");
  fixture_write(f, "_cpu.slice/cpu-x.slice/cgroup.procs", "6\n");
  fixture_write(f, "machine.slice/cgroup.procs", "7\n");
  fixture_write(f, "decoy/nginx.service/cgroup.procs", "8\n");
  fixture_write(f, "decoy/init.scope/cgroup.procs", "9\n");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "nginx"), "3");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "nginx.service"), "3");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "memory"), "4");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "foo@bar"), "5");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "cpu-x.slice"), "6");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "machine.slice"), "7");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "init.scope"), "2");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "system.slice"), "3 4 5");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "-.slice"), "1 2 3 4 5 6 7 8 9");
  /* A unit is a name, not the start or the end of one. */
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "inx"), "ENOENT");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "nginx.socket"), "ENOENT");
  world_close(&w);
}
END_TEST

START_TEST(units_elsewhere_are_found_by_a_walk) {
  struct world w;

  v2_world(&w, 8);
  fixture_write(&w.fixture, "a/b/c/web.service/cgroup.procs", "1\n");
  fixture_write(&w.fixture, "x/y/web.service/cgroup.procs", "2\n");
  fixture_write(&w.fixture, "x/y/z/_io.mount/cgroup.procs", "3\n");
  fixture_write(&w.fixture, "user.slice/u/user@1.service/app/cgroup.procs",
                "4\n");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "web"), "2");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "io.mount"), "3");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "user@1"), "4");
  world_close(&w);
}
END_TEST

START_TEST(a_walk_in_one_hierarchy_helps_in_all) {
  struct world w;

  world_open(&w, 8);
  fixture_write(&w.fixture, "unified/cgroup.controllers", "\n");
  fixture_write(&w.fixture, "unified/a/web.service/cgroup.procs", "");
  fixture_write(&w.fixture, "systemd/a/web.service/cgroup.procs", "1\n");
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "web"), "1");
  world_close(&w);
}
END_TEST

START_TEST(a_unit_that_is_awaited_is_not_walked_for_all_the_time) {
  struct world w;

  v2_world(&w, 8);
  struct group *g = create(&w, GROUP_UNIT, "web");
  ck_assert_str_eq(members(&w, g), "ENOENT");
  fixture_write(&w.fixture, "a/web.service/cgroup.procs", "1\n");
  ahead_s += 4;
  ck_assert_str_eq(members(&w, g), "ENOENT");
  ahead_s += 1;
  ck_assert_str_eq(members(&w, g), "1");
  /* The place is remembered; the next walk need not be waited for. */
  remove_file(&w, "a/web.service/cgroup.procs");
  remove_file(&w, "a/web.service");
  ck_assert_str_eq(members(&w, g), "ENOENT");
  fixture_write(&w.fixture, "a/web.service/cgroup.procs", "2\n");
  ck_assert_str_eq(members(&w, g), "2");
  /* The places of systemd's are tried at every call. */
  remove_file(&w, "a/web.service/cgroup.procs");
  remove_file(&w, "a/web.service");
  ck_assert_str_eq(members(&w, g), "ENOENT");
  fixture_write(&w.fixture, "system.slice/web.service/cgroup.procs", "3\n");
  ck_assert_str_eq(members(&w, g), "3");
  backend_linux.group_free(w.ctx, g);
  world_close(&w);
}
END_TEST

static int count_visit(void *arg, const char *path, const char *name) {
  ck_assert_str_eq(path + strlen(path) - strlen(name), name);
  return ++*(int *)arg == 7 ? 7 : 0;
}

START_TEST(a_walk_ends) {
  struct world w;
  char name[64];

  v2_world(&w, 8);
  for (int i = 0; i < 10; i++) {
    snprintf(name, sizeof(name), "a/%d/b/file", i);
    fixture_write(&w.fixture, name, "");
  }
  for (size_t max = 0; max < 9; max++) {
    int visits = 0;
    size_t left = max;
    int result = cgroup_walk(w.fixture.root, &left, count_visit, &visits);
    ck_assert_int_eq(result, max < 7 ? 0 : 7);
    ck_assert_int_eq(visits, max < 7 ? (int)max : 7);
    ck_assert_uint_eq(left, max - (size_t)visits);
  }
  world_close(&w);
}
END_TEST

START_TEST(a_walk_goes_as_deep_as_a_path_can_be) {
  struct world w;
  enum { DEPTH = 1500 };
  const pid_t *pids;
  size_t n;

  v2_world(&w, 8);
  fixture_write(&w.fixture, "deep/cgroup.procs", "1\n");
  int root = open(fixture_path(&w.fixture, "deep"), O_RDONLY | O_DIRECTORY);
  int fd = dup(root);
  for (int i = 0; i < DEPTH; i++) {
    ck_assert_int_eq(mkdirat(fd, "abc", 0755), 0);
    int next = openat(fd, "abc", O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(next, 0);
    close(fd);
    fd = next;
  }
  struct group *g = create(&w, GROUP_CGROUP, "deep");
  ck_assert_int_eq(backend_linux.group_members(w.ctx, g, &pids, &n), 0);
  ck_assert_uint_eq(n, 1);
  backend_linux.group_free(w.ctx, g);
  ck_assert_str_eq(members_of(&w, GROUP_UNIT, "web"), "ENOENT");
  /* Too deep for a path: it is taken down from within. */
  for (int i = 0; i < DEPTH; i++) {
    int up = openat(fd, "..", O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(up, 0);
    ck_assert_int_eq(unlinkat(up, "abc", AT_REMOVEDIR), 0);
    close(fd);
    fd = up;
  }
  close(fd);
  close(root);
  world_close(&w);
}
END_TEST

/* --- groups that come and go --- */

static uint64_t incarnation_of(struct world *w, struct group *g) {
  struct proc_sample s;
  uint64_t incarnation = 0;

  ck_assert_int_eq(backend_linux.group_sample(w->ctx, g, &s, &incarnation), 0);
  ck_assert_uint_ne(incarnation, 0);
  return incarnation;
}

START_TEST(a_group_may_come_and_go_and_come_back) {
  struct world w;
  struct proc_sample s;
  uint64_t number;

  for (int budget = 0; budget <= 8; budget++) {
    v2_world(&w, budget);
    struct group *g = create(&w, GROUP_CGROUP, "a/b");
    ck_assert_str_eq(members(&w, g), "ENOENT");
    ck_assert_int_eq(backend_linux.group_sample(w.ctx, g, &s, &number),
                     -ENOENT);
    fixture_write(&w.fixture, "a/b/cgroup.procs", "1\n");
    ck_assert_str_eq(members(&w, g), "1");
    uint64_t first = incarnation_of(&w, g);
    ck_assert_uint_eq(incarnation_of(&w, g), first);
    /* So that the inode is not given out again, with no budget too. */
    int held = open(fixture_path(&w.fixture, "a/b"), O_RDONLY);
    remove_file(&w, "a/b/cgroup.procs");
    remove_file(&w, "a/b");
    if (budget % 2 == 0)
      ck_assert_str_eq(members(&w, g), "ENOENT");
    ck_assert_int_eq(backend_linux.group_sample(w.ctx, g, &s, &number),
                     -ENOENT);
    ck_assert_uint_eq(s.have, 0);
    ck_assert_int_eq(atomic_load(&w.budget.left), budget);
    fixture_write(&w.fixture, "a/b/cgroup.procs", "2\n");
    ck_assert_str_eq(members(&w, g), "2");
    ck_assert_uint_ne(incarnation_of(&w, g), first);
    close(held);
    backend_linux.group_free(w.ctx, g);
    ck_assert_int_eq(atomic_load(&w.budget.left), budget);
    world_close(&w);
  }
}
END_TEST

START_TEST(a_group_that_was_made_anew_meanwhile_is_found_again) {
  struct world w;

  for (int budget = 0; budget <= 8; budget++) {
    v2_world(&w, budget);
    fixture_write(&w.fixture, "a/cgroup.procs", "1\n");
    struct group *g = create(&w, GROUP_CGROUP, "a");
    ck_assert_str_eq(members(&w, g), "1");
    for (int i = 0; i < 3; i++) {
      char text[32], pid[16];
      remove_file(&w, "a/cgroup.procs");
      remove_file(&w, "a");
      snprintf(pid, sizeof(pid), "%d", 10 + i);
      snprintf(text, sizeof(text), "%s\n", pid);
      fixture_write(&w.fixture, "a/cgroup.procs", text);
      ck_assert_str_eq(members(&w, g), pid);
    }
    backend_linux.group_free(w.ctx, g);
    world_close(&w);
  }
}
END_TEST

/* --- samples --- */

START_TEST(a_sample_is_what_cpu_stat_says) {
  struct world w;
  struct proc_sample s;
  struct timespec now;
  uint64_t number;

  for (int budget = 0; budget <= 3; budget++) {
    v2_world(&w, budget);
    fixture_write(&w.fixture, "a/cgroup.procs", "1\n");
    fixture_write(&w.fixture, "a/cpu.stat", CPU_STAT);
    struct group *g = create(&w, GROUP_CGROUP, "a");
    ck_assert_str_eq(members(&w, g), "1");
    memset(&s, 0xee, sizeof(s));
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t before_ns =
        (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    ck_assert_int_eq(backend_linux.group_sample(w.ctx, g, &s, &number), 0);
    ck_assert_int_eq(s.status, 0);
    ck_assert_uint_eq(s.have, cpu_fields);
    ck_assert_uint_eq(s.cpu_ns, 70000);
    ck_assert_uint_eq(s.user_ns, 50000);
    ck_assert_uint_eq(s.system_ns, 20000);
    ck_assert_uint_eq(s.cpu_resolution_ns, 0);
    ck_assert(s.cpu_percent < 0);
    ck_assert_uint_ge(s.time_ns, before_ns);
    ck_assert_uint_lt(s.time_ns, before_ns + 1000000000);
    fixture_write(&w.fixture, "a/cpu.stat", "nonsense\n");
    ck_assert_int_eq(backend_linux.group_sample(w.ctx, g, &s, &number), 0);
    ck_assert_int_eq(s.status, 0);
    ck_assert_uint_eq(s.have, 0);
    backend_linux.group_free(w.ctx, g);
    world_close(&w);
  }
}
END_TEST

START_TEST(without_cpu_stat_nothing_is_told_of_cpu) {
  struct world w;

  v2_world(&w, 8);
  fixture_write(&w.fixture, "a/cgroup.procs", "1\n");
  ck_assert_uint_eq(fields_of(&w, "a"), 0);
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  world_close(&w);
}
END_TEST

/* --- descriptors --- */

enum { MAX_FD = 64 };

static void note_open(bool out[MAX_FD]) {
  for (int fd = 0; fd < MAX_FD; fd++)
    out[fd] = fcntl(fd, F_GETFD) != -1;
}

/* How many descriptors are open that were not `before`; all must be closed on
 * exec. */
static int count_new(const bool before[MAX_FD]) {
  int n = 0;

  for (int fd = 0; fd < MAX_FD; fd++) {
    int flags = fcntl(fd, F_GETFD);
    if (flags == -1 || before[fd])
      continue;
    ck_assert_int_eq(flags, FD_CLOEXEC);
    n++;
  }
  return n;
}

START_TEST(kept_descriptors_are_within_the_budget_and_closed_on_exec) {
  struct world w;
  bool before[MAX_FD], opened[MAX_FD];

  for (int budget = 0; budget <= 8; budget++) {
    note_open(before);
    v2_world(&w, budget);
    note_open(opened);
    fixture_write(&w.fixture, "a/cgroup.procs", "1\n");
    fixture_write(&w.fixture, "a/cpu.stat", CPU_STAT);
    fixture_write(&w.fixture, "a/b/cgroup.procs", "2\n");
    struct group *g = create(&w, GROUP_CGROUP, "a");
    for (int i = 0; i < 3; i++) {
      ck_assert_str_eq(members(&w, g), "1 2");
      incarnation_of(&w, g);
      int kept = count_new(opened);
      ck_assert_int_eq(kept, budget < 3 ? budget : 3);
      ck_assert_int_eq(atomic_load(&w.budget.left), budget - kept);
    }
    backend_linux.group_free(w.ctx, g);
    ck_assert_int_eq(atomic_load(&w.budget.left), budget);
    ck_assert_int_eq(count_new(opened), 0);
    world_close(&w);
    ck_assert_int_eq(count_new(before), 0);
  }
}
END_TEST

/* Whoever opens, fails. */
static void forbid_to_open(struct rlimit *before) {
  ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, before), 0);
  struct rlimit none = {0, before->rlim_max};
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
}

START_TEST(a_steady_group_opens_nothing) {
  struct world w;
  struct rlimit before;
  struct stat st;
  const pid_t *pids;
  size_t n;

  v2_world(&w, 8);
  fixture_write(&w.fixture, "a/cgroup.procs", "1\n");
  fixture_write(&w.fixture, "a/cpu.stat", CPU_STAT);
  struct group *g = create(&w, GROUP_CGROUP, "a");
  struct group *other = create(&w, GROUP_CGROUP, "a");
  ck_assert_str_eq(members(&w, g), "1");
  ck_assert_int_eq(stat(fixture_path(&w.fixture, "a"), &st), 0);
  forbid_to_open(&before);
  if (st.st_nlink == 2)
    ck_assert_str_eq(members(&w, g), "1");
  else
    puts("SKIP: this file system does not count sub-folders");
  incarnation_of(&w, g);
  ck_assert_int_eq(backend_linux.group_members(w.ctx, other, &pids, &n),
                   -EMFILE);
  ck_assert_uint_eq(n, 0);
  setrlimit(RLIMIT_NOFILE, &before);
  ck_assert_str_eq(members(&w, other), "1");
  backend_linux.group_free(w.ctx, g);
  backend_linux.group_free(w.ctx, other);
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  world_close(&w);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      members_are_those_of_all_folders_below,
      a_file_of_members_may_be_huge,
      what_is_no_pid_is_no_member,
      links_are_not_followed,
      a_bad_name_is_refused,
      a_file_in_place_of_a_folder_is_no_group,
      of_several_hierarchies_the_first_with_a_process_wins,
      in_a_tree_of_v2_the_folders_are_no_hierarchies,
      without_v2_nothing_is_told_of_cpu,
      cgroups_may_be_mounted_later,
      units_are_where_systemd_puts_them,
      units_elsewhere_are_found_by_a_walk,
      a_walk_in_one_hierarchy_helps_in_all,
      a_unit_that_is_awaited_is_not_walked_for_all_the_time,
      a_walk_ends,
      a_walk_goes_as_deep_as_a_path_can_be,
      a_group_may_come_and_go_and_come_back,
      a_group_that_was_made_anew_meanwhile_is_found_again,
      a_sample_is_what_cpu_stat_says,
      without_cpu_stat_nothing_is_told_of_cpu,
      kept_descriptors_are_within_the_budget_and_closed_on_exec,
      a_steady_group_opens_nothing,
  };
  return UNIT_RUN("linux_cgroup", tests);
}
