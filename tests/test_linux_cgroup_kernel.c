/* Groups in the kernel's own cgroups: they are made for a test, and taken away
 * again. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backends/backend.h"
#include "backends/procfs_parse.h"
#include "fixture.h"
#include "unit.h"

static const uint32_t cpu_fields = PROC_CPU | PROC_USER_SYSTEM;

/* Of the whole suite; no other cgroup is called so. */
static char name[64];

struct world {
  char top[64]; /* the hierarchy */
  struct fd_budget budget;
  struct backend_ctx *ctx;
};

static const char *path_of(const char *top, const char *below, char out[256]) {
  snprintf(out, 256, "%s/%s%s", top, name, below);
  return out;
}

static const char *v2_top(void) {
  return access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
             ? "/sys/fs/cgroup"
             : "/sys/fs/cgroup/unified";
}

/* False: no cgroup can be made there; it is said why. */
static bool world_open(struct world *w, const char *top, int budget) {
  char path[256];

  if (geteuid() != 0) {
    puts("SKIP: to make a cgroup takes root");
    return false;
  }
  /* A folder of another kind can be made nearly everywhere. */
  snprintf(path, sizeof(path), "%s/cgroup.procs", top);
  if (access(path, W_OK) != 0 || mkdir(path_of(top, "", path), 0755) != 0) {
    printf("SKIP: no cgroup can be made in %s: %s\n", top, strerror(errno));
    return false;
  }
  snprintf(w->top, sizeof(w->top), "%s", top);
  atomic_init(&w->budget.left, budget);
  struct backend_options options = {.proc_root = "/proc", .budget = &w->budget};
  ck_assert_int_eq(backend_linux.open(&options, &w->ctx), 0);
  return true;
}

static void make(struct world *w, const char *below) {
  char path[256];
  ck_assert_int_eq(mkdir(path_of(w->top, below, path), 0755), 0);
}

/* A process that was just reaped may be in its cgroup for a moment more. */
static int take_away(const char *path) {
  int result = -1;

  for (int tries = 0; tries < 100000; tries++) {
    result = rmdir(path);
    if (result == 0 || errno != EBUSY)
      break;
    sched_yield();
  }
  return result;
}

static void unmake(struct world *w, const char *below) {
  char path[256];
  ck_assert_int_eq(take_away(path_of(w->top, below, path)), 0);
}

static void world_close(struct world *w) {
  backend_linux.close(w->ctx);
  unmake(w, "");
}

static bool write_to(struct world *w, const char *below, const char *text) {
  char path[256];

  int fd = open(path_of(w->top, below, path), O_WRONLY | O_CLOEXEC);
  ck_assert_int_ge(fd, 0);
  ssize_t len = write(fd, text, strlen(text));
  close(fd);
  return len == (ssize_t)strlen(text);
}

static void move(struct world *w, const char *below, pid_t pid) {
  char text[16], file[128];

  snprintf(text, sizeof(text), "%d", pid);
  snprintf(file, sizeof(file), "%s/cgroup.procs", below);
  ck_assert(write_to(w, file, text));
}

static struct group *create(struct world *w, enum group_kind kind,
                            const char *group) {
  struct group *g = NULL;

  ck_assert_int_eq(backend_linux.group_create(w->ctx, kind, group, &g), 0);
  return g;
}

static void check_members(struct world *w, struct group *g, size_t n,
                          const pid_t *expected) {
  const pid_t *pids;
  size_t found;

  ck_assert_int_eq(backend_linux.group_members(w->ctx, g, &pids, &found), 0);
  ck_assert_uint_eq(found, n);
  for (size_t i = 0; i < n; i++) {
    bool is_member = false;
    for (size_t k = 0; k < n; k++)
      is_member = is_member || pids[k] == expected[i];
    ck_assert(is_member);
    ck_assert(i == 0 || pids[i - 1] < pids[i]);
  }
}

static int members_error(struct world *w, struct group *g) {
  const pid_t *pids;
  size_t n;
  return backend_linux.group_members(w->ctx, g, &pids, &n);
}

static struct proc_sample sample(struct world *w, struct group *g,
                                 uint64_t *incarnation) {
  struct proc_sample s;

  memset(&s, 0xee, sizeof(s));
  ck_assert_int_eq(backend_linux.group_sample(w->ctx, g, &s, incarnation), 0);
  ck_assert_int_eq(s.status, 0);
  ck_assert_uint_ne(*incarnation, 0);
  return s;
}

/* --- members --- */

/* A group with sub-groups, whose members move about. */
static void check_moves(struct world *w, enum group_kind kind,
                        const char *group) {
  struct group *g = create(w, kind, group);
  pid_t child[] = {fixture_child(), fixture_child()};

  check_members(w, g, 0, NULL);
  /* Each at once after the other, as if it were read very often. */
  move(w, "", child[0]);
  check_members(w, g, 1, child);
  move(w, "", child[1]);
  check_members(w, g, 2, child);
  make(w, "/sub");
  check_members(w, g, 2, child);
  move(w, "/sub", child[0]);
  check_members(w, g, 2, child);
  make(w, "/sub/sub");
  move(w, "/sub/sub", child[1]);
  check_members(w, g, 2, child);
  fixture_end(child[0]);
  check_members(w, g, 1, child + 1);
  fixture_end(child[1]);
  check_members(w, g, 0, NULL);
  unmake(w, "/sub/sub");
  unmake(w, "/sub");
  check_members(w, g, 0, NULL);
  backend_linux.group_free(w->ctx, g);
}

START_TEST(members_of_v2_move_about) {
  struct world w;

  for (int budget = 0; budget <= 8; budget++) {
    if (!world_open(&w, v2_top(), budget))
      return;
    check_moves(&w, GROUP_CGROUP, name);
    check_moves(&w, GROUP_UNIT, name);
    ck_assert_int_eq(atomic_load(&w.budget.left), budget);
    world_close(&w);
  }
}
END_TEST

START_TEST(members_of_v1_move_about) {
  struct world w;

  for (int budget = 0; budget <= 8; budget += 8) {
    if (!world_open(&w, "/sys/fs/cgroup/systemd", budget))
      return;
    check_moves(&w, GROUP_CGROUP, name);
    check_moves(&w, GROUP_UNIT, name);
    ck_assert_int_eq(atomic_load(&w.budget.left), budget);
    world_close(&w);
  }
}
END_TEST

/* --- threads --- */

static void *sleep_on(void *unused) {
  for (;;)
    pause();
  return unused;
}

/* A child of two threads; `*thread` is the one that is not its first. */
static pid_t child_of_threads(pid_t *thread) {
  pid_t child = fork();

  if (child == 0) {
    pthread_t other;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_create(&other, NULL, sleep_on, NULL);
    sleep_on(NULL);
  }
  char path[64];
  snprintf(path, sizeof(path), "/proc/%d/task", child);
  for (*thread = 0; *thread == 0; sched_yield()) {
    DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
      pid_t tid;
      if (procfs_parse_pid(e->d_name, strlen(e->d_name), &tid) == 0 &&
          tid != child)
        *thread = tid;
    }
    closedir(dir);
  }
  return child;
}

START_TEST(threads_in_a_group_below_make_no_second_member) {
  struct world w;
  pid_t thread;
  char text[16], below[128];

  for (int budget = 0; budget <= 8; budget += 8) {
    if (!world_open(&w, v2_top(), budget))
      return;
    make(&w, "/threads");
    ck_assert(write_to(&w, "/threads/cgroup.type", "threaded"));
    pid_t child = child_of_threads(&thread);
    move(&w, "", child);
    snprintf(text, sizeof(text), "%d", thread);
    ck_assert(write_to(&w, "/threads/cgroup.threads", text));
    struct group *g = create(&w, GROUP_CGROUP, name);
    check_members(&w, g, 1, &child);
    check_members(&w, g, 1, &child);
    snprintf(below, sizeof(below), "%s/threads", name);
    struct group *threads = create(&w, GROUP_CGROUP, below);
    check_members(&w, threads, 0, NULL);
    backend_linux.group_free(w.ctx, threads);
    backend_linux.group_free(w.ctx, g);
    fixture_end(child);
    unmake(&w, "/threads");
    world_close(&w);
  }
}
END_TEST

/* --- made anew --- */

static void check_made_anew(struct world *w, struct group *g, bool is_told) {
  struct proc_sample s;
  uint64_t before, now;
  pid_t child = fixture_child();

  move(w, "", child);
  check_members(w, g, 1, &child);
  sample(w, g, &before);
  fixture_end(child);
  unmake(w, "");
  if (is_told)
    ck_assert_int_eq(members_error(w, g), -ENOENT);
  ck_assert_int_eq(backend_linux.group_sample(w->ctx, g, &s, &now), -ENOENT);
  make(w, "");
  if (is_told)
    ck_assert_int_eq(backend_linux.group_sample(w->ctx, g, &s, &now), -ENOENT);
  child = fixture_child();
  move(w, "", child);
  check_members(w, g, 1, &child);
  sample(w, g, &now);
  ck_assert_uint_ne(now, before);
  fixture_end(child);
}

/* The group is made anew before anyone looks. */
static void check_swapped(struct world *w, struct group *g) {
  struct proc_sample s;
  uint64_t before, now;

  check_members(w, g, 0, NULL);
  sample(w, g, &before);
  unmake(w, "");
  make(w, "");
  ck_assert_int_eq(backend_linux.group_sample(w->ctx, g, &s, &now), -ENOENT);
  check_members(w, g, 0, NULL);
  sample(w, g, &now);
  ck_assert_uint_ne(now, before);
}

START_TEST(a_group_that_is_made_anew_is_another_one) {
  struct world w;
  const char *const tops[] = {v2_top(), "/sys/fs/cgroup/systemd"};

  for (int i = 0; i < 8; i++) {
    int budget = i / 2;
    if (!world_open(&w, tops[i % 2], budget))
      continue;
    struct group *g = create(&w, GROUP_CGROUP, name);
    check_made_anew(&w, g, true);
    check_made_anew(&w, g, false);
    check_swapped(&w, g);
    backend_linux.group_free(w.ctx, g);
    ck_assert_int_eq(atomic_load(&w.budget.left), budget);
    world_close(&w);
  }
}
END_TEST

/* --- CPU --- */

static uint64_t own_cpu_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
  return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t ns_of(const struct timeval *tv) {
  return (uint64_t)tv->tv_sec * 1000000000 + (uint64_t)tv->tv_usec * 1000;
}

/* Runs a child whose whole life is in the cgroup. Returns what it used. */
static uint64_t burn_in(struct world *w, const char *below, unsigned ms) {
  char path[256];
  struct rusage usage;
  int fd = open(path_of(w->top, below, path), O_PATH | O_CLOEXEC);
  struct clone_args args = {
      .flags = CLONE_INTO_CGROUP,
      .exit_signal = SIGCHLD,
      .cgroup = (unsigned)fd,
  };

  pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
  ck_assert_int_ge(child, 0);
  if (child == 0) {
    while (own_cpu_ns() < ms * UINT64_C(1000000))
      syscall(SYS_getppid);
    _exit(0);
  }
  close(fd);
  ck_assert_int_eq(wait4(child, NULL, 0, &usage), child);
  return ns_of(&usage.ru_utime) + ns_of(&usage.ru_stime);
}

START_TEST(cpu_is_that_of_all_that_came_and_went) {
  struct world w;
  uint64_t first, later;
  /* What a process uses on its way out is in no rusage. */
  const uint64_t out_ns = 2000000;

  for (int budget = 0; budget <= 8; budget += 8) {
    if (!world_open(&w, v2_top(), budget))
      return;
    make(&w, "/sub");
    struct group *g = create(&w, GROUP_CGROUP, name);
    check_members(&w, g, 0, NULL);
    struct proc_sample before = sample(&w, g, &first);
    ck_assert_uint_eq(before.have, cpu_fields);
    uint64_t used_ns = burn_in(&w, "", 60) + burn_in(&w, "/sub", 40);
    struct proc_sample after = sample(&w, g, &later);
    ck_assert_uint_eq(first, later);
    ck_assert_uint_eq(after.have, cpu_fields);
    ck_assert_uint_gt(used_ns, 100000000);
    ck_assert_uint_ge(after.cpu_ns - before.cpu_ns + 10000, used_ns);
    ck_assert_uint_le(after.cpu_ns - before.cpu_ns, used_ns + out_ns);
    ck_assert_uint_le(after.user_ns + after.system_ns, after.cpu_ns + 10000);
    ck_assert_uint_ge(after.user_ns + after.system_ns + 10000, after.cpu_ns);
    ck_assert_uint_gt(after.system_ns, 0);
    ck_assert_uint_gt(after.time_ns, before.time_ns);
    ck_assert(after.cpu_percent < 0);
    /* It stays when what used it was taken away. */
    unmake(&w, "/sub");
    struct proc_sample last = sample(&w, g, &later);
    ck_assert_uint_eq(last.cpu_ns, after.cpu_ns);
    backend_linux.group_free(w.ctx, g);
    world_close(&w);
  }
}
END_TEST

START_TEST(v1_tells_nothing_of_cpu) {
  struct world w;
  uint64_t incarnation;

  if (!world_open(&w, "/sys/fs/cgroup/systemd", 8))
    return;
  struct group *g = create(&w, GROUP_CGROUP, name);
  check_members(&w, g, 0, NULL);
  ck_assert_uint_eq(sample(&w, g, &incarnation).have, 0);
  backend_linux.group_free(w.ctx, g);
  world_close(&w);
}
END_TEST

/* --- what it costs --- */

START_TEST(a_steady_group_opens_nothing) {
  struct world w;
  struct rlimit before;
  uint64_t incarnation;

  if (!world_open(&w, v2_top(), 8))
    return;
  pid_t child = fixture_child();
  move(&w, "", child);
  struct group *g = create(&w, GROUP_CGROUP, name);
  check_members(&w, g, 1, &child);
  ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit none = {0, before.rlim_max};
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
  check_members(&w, g, 1, &child);
  ck_assert_uint_eq(sample(&w, g, &incarnation).have, cpu_fields);
  setrlimit(RLIMIT_NOFILE, &before);
  fixture_end(child);
  backend_linux.group_free(w.ctx, g);
  world_close(&w);
}
END_TEST

/* Takes away what a test that failed has left; its children end with it. */
static void clean_up(const char *top) {
  static const char *const below[] = {"/sub/sub", "/sub", "/threads", ""};
  char path[256];

  for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++)
    take_away(path_of(top, below[i], path));
}

int main(void) {
  const TTest *const tests[] = {
      members_of_v2_move_about,
      members_of_v1_move_about,
      threads_in_a_group_below_make_no_second_member,
      a_group_that_is_made_anew_is_another_one,
      cpu_is_that_of_all_that_came_and_went,
      v1_tells_nothing_of_cpu,
      a_steady_group_opens_nothing,
  };

  snprintf(name, sizeof(name), "procmon-test-%d.service", (int)getpid());
  int result = UNIT_RUN("linux_cgroup_kernel", tests);
  clean_up(v2_top());
  clean_up("/sys/fs/cgroup/systemd");
  return result;
}
