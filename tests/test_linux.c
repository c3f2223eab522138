#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backends/backend.h"
#include "fixture.h"
#include "process_state.h"
#include "reuse_pid.h"
#include "scan_all.h"
#include "unit.h"

static const uint32_t everything = (1u << 13) - 1;

/* Field 20 is threads, 22 the start in ticks; user and system are 500 and 250
 * ticks. */
#define STAT(state, name, start)                                               \
  "42 (" name ") " state " 1 42 42 0 -1 4194560 11 0 12 0 500 250 0 0 20 0 3 " \
  "0 " start                                                                   \
  " 69644288 16792 18446744073709551615 1 1 1 0 0 0 0 0 0 0 0 0 17 "           \
  "0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
#define STATM "17003 16792 400 12 0 16473 0\n"

struct world {
  struct fixture fixture;
  struct fd_budget budget;
  struct backend_ctx *ctx;
};

static void world_open(struct world *w, const char *proc_root, int budget) {
  atomic_init(&w->budget.left, budget);
  struct backend_options options = {.proc_root = proc_root,
                                    .budget = &w->budget};
  ck_assert_int_eq(backend_linux.open(&options, &w->ctx), 0);
}

/* A fixture tree with one process, 42. */
static void fixture_world(struct world *w, int budget) {
  fixture_make(&w->fixture);
  fixture_write(&w->fixture, "42/stat", STAT("S", "nginx", "1000"));
  fixture_write(&w->fixture, "42/statm", STATM);
  fixture_write(&w->fixture, "42/cmdline", "nginx");
  world_open(w, w->fixture.root, budget);
}

static void fixture_world_close(struct world *w) {
  backend_linux.close(w->ctx);
  fixture_remove(&w->fixture);
}

static struct target *attach(struct world *w, pid_t pid, uint32_t want) {
  struct target *t = NULL;
  uint64_t age_ns;

  ck_assert_int_eq(backend_linux.attach(w->ctx, pid, 0, want, &t, &age_ns), 0);
  return t;
}

static int attach_error(struct world *w, pid_t pid) {
  struct target *t;
  uint64_t age_ns;
  uint32_t want = everything & ~(uint32_t)PROC_REAPED;
  return backend_linux.attach(w->ctx, pid, 0, want, &t, &age_ns);
}

static struct proc_sample sample(struct world *w, struct target *t,
                                 uint32_t want) {
  struct proc_sample out;

  memset(&out, 0xee, sizeof(out));
  ck_assert_int_eq(backend_linux.sample(w->ctx, &t, 1, want, &out), 0);
  return out;
}

/* --- fixture trees --- */

START_TEST(a_tree_of_files_is_read_as_it_stands) {
  struct world w;
  const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  const uint64_t tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);

  fixture_world(&w, 8);
  fixture_write(&w.fixture, "42/fd/0", "");
  fixture_write(&w.fixture, "42/fd/1", "");
  fixture_write(&w.fixture, "42/io",
                "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\n"
                "write_bytes: 6\ncancelled_write_bytes: 7\n");
  fixture_write(
      &w.fixture, "42/task/42/status",
      "voluntary_ctxt_switches:\t10\nnonvoluntary_ctxt_switches:\t1\n");
  fixture_write(
      &w.fixture, "42/task/43/status",
      "voluntary_ctxt_switches:\t20\nnonvoluntary_ctxt_switches:\t2\n");
  struct target *t = attach(&w, 42, everything);
  struct proc_sample s = sample(&w, t, everything);
  ck_assert_int_eq(s.status, 0);
  ck_assert_uint_eq(s.have, everything);
  ck_assert_uint_eq(s.cpu_ns, 750 * tick_ns);
  ck_assert_uint_eq(s.user_ns, 500 * tick_ns);
  ck_assert_uint_eq(s.system_ns, 250 * tick_ns);
  ck_assert_uint_eq(s.virtual_bytes, 17003 * page);
  ck_assert_uint_eq(s.resident_bytes, 16792 * page);
  ck_assert_uint_eq(s.private_bytes, 16473 * page);
  ck_assert_uint_eq(s.anonymous_bytes, (16792 - 400) * page);
  ck_assert_uint_eq(s.threads, 3);
  ck_assert_uint_eq(s.handles, 2);
  ck_assert_uint_eq(s.minor_faults, 11);
  ck_assert_uint_eq(s.major_faults, 12);
  ck_assert_uint_eq(s.read_calls, 3);
  ck_assert_uint_eq(s.write_calls, 4);
  ck_assert_uint_eq(s.read_bytes, 5);
  ck_assert_uint_eq(s.write_bytes, 6);
  ck_assert_uint_eq(s.voluntary_switches, 30);
  ck_assert_uint_eq(s.involuntary_switches, 3);
  backend_linux.detach(w.ctx, t);
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  fixture_world_close(&w);
}
END_TEST

START_TEST(without_the_cpu_clock_ticks_are_counted) {
  struct world w;
  const uint64_t tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);

  fixture_world(&w, 8);
  struct target *t = attach(&w, 42, PROC_CPU);
  struct proc_sample s = sample(&w, t, PROC_CPU);
  ck_assert_uint_eq(s.have & PROC_CPU, PROC_CPU);
  ck_assert_uint_eq(s.cpu_ns, 750 * tick_ns);
  backend_linux.detach(w.ctx, t);
  fixture_world_close(&w);
}
END_TEST

START_TEST(threads_are_counted_where_stat_is_not_read) {
  struct world w;

  fixture_world(&w, 8);
  for (int tid = 42; tid < 47; tid++) {
    char name[32];
    snprintf(name, sizeof(name), "42/task/%d/status", tid);
    fixture_write(&w.fixture, name, "");
  }
  struct target *t = attach(&w, 42, PROC_THREADS);
  struct proc_sample s = sample(&w, t, PROC_THREADS);
  ck_assert_uint_eq(s.have & PROC_THREADS, PROC_THREADS);
  ck_assert_uint_eq(s.threads, 5);
  backend_linux.detach(w.ctx, t);
  fixture_world_close(&w);
}
END_TEST

START_TEST(what_is_not_there_is_missing) {
  struct world w;

  fixture_world(&w, 8);
  struct target *t = attach(&w, 42, everything);
  struct proc_sample s = sample(&w, t, everything);
  ck_assert_int_eq(s.status, 0);
  ck_assert_uint_eq(
      s.have, everything & ~(uint32_t)(PROC_HANDLES | PROC_IO | PROC_SWITCHES));
  backend_linux.detach(w.ctx, t);
  fixture_world_close(&w);
}
END_TEST

static void check_stat_refused(const char *text, int expected) {
  struct world w;

  fixture_world(&w, 8);
  fixture_write(&w.fixture, "42/stat", text);
  ck_assert_int_eq(attach_error(&w, 42), expected);
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  fixture_world_close(&w);
}

START_TEST(a_stat_that_is_short_or_too_long_is_refused) {
  char text[10000];

  check_stat_refused("", -EINVAL);
  check_stat_refused("42 (nginx) S 1 42", -EINVAL);
  memset(text, ' ', sizeof(text));
  text[sizeof(text) - 1] = '\0';
  check_stat_refused(text, -EOVERFLOW);
}
END_TEST

START_TEST(a_statm_that_is_short_or_too_long_fails_the_sample) {
  struct world w;
  char text[10000];

  fixture_world(&w, 8);
  struct target *t = attach(&w, 42, PROC_RESIDENT);
  fixture_write(&w.fixture, "42/statm", "");
  ck_assert_int_eq(sample(&w, t, PROC_RESIDENT).status, -EINVAL);
  fixture_write(&w.fixture, "42/statm", "17003 16792\n");
  ck_assert_int_eq(sample(&w, t, PROC_RESIDENT).status, -EINVAL);
  memset(text, '1', sizeof(text));
  text[sizeof(text) - 1] = '\0';
  fixture_write(&w.fixture, "42/statm", text);
  ck_assert_int_eq(sample(&w, t, PROC_RESIDENT).status, -EOVERFLOW);
  fixture_write(&w.fixture, "42/statm", STATM);
  ck_assert_int_eq(sample(&w, t, PROC_RESIDENT).status, 0);
  backend_linux.detach(w.ctx, t);
  fixture_world_close(&w);
}
END_TEST

START_TEST(a_name_may_hold_anything) {
  static const char *const stats[] = {
      STAT("S", "a) R 9 9", "1000"), STAT("S", "line\nbreak", "1000"),
      STAT("S", "tab\there", "1000"), STAT("S", "", "1000"),
      STAT("S", "\xff\xfe", "1000")};
  struct world w;

  for (size_t i = 0; i < sizeof(stats) / sizeof(stats[0]); i++) {
    fixture_world(&w, 8);
    fixture_write(&w.fixture, "42/stat", stats[i]);
    struct target *t = attach(&w, 42, everything);
    ck_assert_uint_eq(sample(&w, t, everything).minor_faults, 11);
    backend_linux.detach(w.ctx, t);
    fixture_world_close(&w);
  }
}
END_TEST

START_TEST(a_zombie_is_no_process) {
  check_stat_refused("42 (x) Z 1 42 42 0 -1 4194560 1 0 1 0 5 2 0 0 20 0 1 0 "
                     "1000 0 0\n",
                     -ESRCH);
}
END_TEST

START_TEST(without_a_place_in_the_budget_the_start_time_is_checked) {
  struct world w;

  fixture_world(&w, 0);
  struct target *t = attach(&w, 42, everything);
  int lowest = dup(0);
  close(lowest);
  ck_assert_int_eq(sample(&w, t, everything).status, 0);
  int again = dup(0);
  close(again);
  ck_assert_int_eq(again, lowest);
  fixture_write(&w.fixture, "42/stat", STAT("S", "nginx", "1001"));
  ck_assert_int_eq(sample(&w, t, everything).status, -ESRCH);
  backend_linux.detach(w.ctx, t);
  ck_assert_int_eq(atomic_load(&w.budget.left), 0);
  fixture_world_close(&w);
}
END_TEST

static int collect(void *arg, const struct proc_info *info) {
  char *seen = arg;
  size_t used = strlen(seen);

  snprintf(seen + used, 512 - used, "%d=%s;", info->pid, info->command);
  return 0;
}

START_TEST(a_scan_visits_processes_and_nothing_else) {
  struct world w;
  char seen[512];

  fixture_world(&w, 8);
  fixture_write(&w.fixture, "7/stat", STAT("S", "two\\nlines", "1000"));
  fixture_write(&w.fixture, "7/comm", "two\nlines\n");
  fixture_write(&w.fixture, "7/cmdline", "");
  fixture_write(&w.fixture, "8/stat", "");
  fixture_write(&w.fixture, "9/other", "");
  fixture_write(&w.fixture, "self/stat", STAT("S", "self", "1000"));
  fixture_write(&w.fixture, "uptime", "1 1\n");
  for (int i = 0; i < 2; i++) {
    seen[0] = '\0';
    ck_assert_int_eq(scan_all(&backend_linux, w.ctx, collect, seen), 0);
    ck_assert_ptr_nonnull(strstr(seen, "42=nginx;"));
    ck_assert_ptr_nonnull(strstr(seen, "7=two\nlines;"));
    ck_assert_uint_eq(strlen(seen), strlen("42=nginx;7=two\nlines;"));
  }
  fixture_world_close(&w);
}
END_TEST

static int stop_at_first(void *arg, const struct proc_info *info) {
  (void)info;
  ++*(int *)arg;
  return -ECANCELED;
}

START_TEST(a_visitor_ends_the_scan) {
  struct world w;
  int visits = 0;

  fixture_world(&w, 8);
  fixture_write(&w.fixture, "7/stat", STAT("S", "x", "1000"));
  fixture_write(&w.fixture, "7/cmdline", "");
  ck_assert_int_eq(scan_all(&backend_linux, w.ctx, stop_at_first, &visits),
                   -ECANCELED);
  ck_assert_int_eq(visits, 1);
  fixture_world_close(&w);
}
END_TEST

START_TEST(the_highest_pid_is_that_of_the_system) {
  struct world w;

  fixture_world(&w, 8);
  struct backend_options options = {.proc_root = w.fixture.root,
                                    .budget = &w.budget};
  ck_assert_int_eq(backend_linux.max_pid(&options), 4194304);
  fixture_write(&w.fixture, "sys/kernel/pid_max", "32768\n");
  ck_assert_int_eq(backend_linux.max_pid(&options), 32768);
  fixture_world_close(&w);
}
END_TEST

START_TEST(a_missing_proc_root_is_an_error) {
  struct fd_budget budget;
  struct backend_ctx *ctx;
  struct backend_options options = {.proc_root = "/nonexistent",
                                    .budget = &budget};

  ck_assert_int_eq(backend_linux.open(&options, &ctx), -ENOENT);
}
END_TEST

/* --- the real procfs --- */

static uint64_t clock_ns(clockid_t clock) {
  struct timespec ts;
  clock_gettime(clock, &ts);
  return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void *sleep_on(void *unused) {
  for (;;)
    pause();
  return unused;
}

START_TEST(our_own_figures_are_right) {
  struct world w;
  struct rusage usage;
  char *memory = mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_t thread;

  world_open(&w, "/proc", 8);
  ck_assert_ptr_ne(memory, MAP_FAILED);
  memset(memory, 1, 32 << 20);
  ck_assert_int_eq(pthread_create(&thread, NULL, sleep_on, NULL), 0);
  struct target *t = attach(&w, getpid(), everything);
  struct proc_sample before = sample(&w, t, everything);
  munmap(memory, 32 << 20);
  int fds[2];
  ck_assert_int_eq(pipe(fds), 0);
  uint64_t until_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + 50000000;
  while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < until_ns)
    ;
  struct proc_sample now = sample(&w, t, everything);
  uint64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  getrusage(RUSAGE_SELF, &usage);

  ck_assert_int_eq(now.status, 0);
  ck_assert_uint_eq(now.have, everything);
  ck_assert_uint_ge(now.cpu_ns, until_ns);
  ck_assert_uint_le(now.cpu_ns, cpu_ns);
  ck_assert_uint_eq(now.handles, before.handles + 2);
  ck_assert_uint_eq(now.threads, 2);
  ck_assert_uint_ge(before.resident_bytes, now.resident_bytes + (31 << 20));
  ck_assert_uint_ge(before.private_bytes, now.private_bytes + (31 << 20));
  ck_assert_uint_ge(before.anonymous_bytes, now.anonymous_bytes + (31 << 20));
  ck_assert_uint_ge(now.virtual_bytes, now.resident_bytes);
  ck_assert_uint_le(now.minor_faults, (uint64_t)usage.ru_minflt);
  ck_assert_uint_ge(now.minor_faults + 1000, (uint64_t)usage.ru_minflt);
  ck_assert_uint_gt(now.time_ns, before.time_ns);
  ck_assert_uint_lt(now.uptime_ns, UINT64_C(60000000000));
  close(fds[0]);
  close(fds[1]);
  backend_linux.detach(w.ctx, t);
  backend_linux.close(w.ctx);
}
END_TEST

START_TEST(age_tells_the_young_from_the_old) {
  struct world w;
  struct target *t;
  uint64_t age_ns;

  world_open(&w, "/proc", 8);
  pid_t child = fixture_child();
  ck_assert_int_eq(backend_linux.attach(w.ctx, child, 0, PROC_CPU, &t, &age_ns),
                   0);
  ck_assert_uint_lt(age_ns, 500000000);
  backend_linux.detach(w.ctx, t);
  fixture_end(child);
  ck_assert_int_eq(backend_linux.attach(w.ctx, 1, 0, PROC_CPU, &t, &age_ns), 0);
  ck_assert_uint_gt(age_ns, 500000000);
  backend_linux.detach(w.ctx, t);
  backend_linux.close(w.ctx);
}
END_TEST

START_TEST(a_process_that_is_gone_is_said_to_be_gone) {
  struct world w;

  for (int budget = 0; budget <= 8; budget += 8) {
    world_open(&w, "/proc", budget);
    pid_t child = fixture_child();
    struct target *t = attach(&w, child, everything);
    ck_assert_int_eq(sample(&w, t, everything).status, 0);
    fixture_end(child);
    ck_assert_int_eq(sample(&w, t, everything).status, -ESRCH);
    ck_assert_int_eq(attach_error(&w, child), -ESRCH);
    backend_linux.detach(w.ctx, t);
    backend_linux.close(w.ctx);
  }
}
END_TEST

START_TEST(a_process_that_nobody_reaped_is_gone_too) {
  struct world w;

  for (int budget = 0; budget <= 8; budget += 8) {
    siginfo_t info;
    world_open(&w, "/proc", budget);
    pid_t child = fixture_child();
    struct target *t = attach(&w, child, everything);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    ck_assert_int_eq(sample(&w, t, everything).status, -ESRCH);
    ck_assert_int_eq(attach_error(&w, child), -ESRCH);
    /* Its time is still to show with its parent. */
    struct target *u = attach(&w, child, PROC_CPU | PROC_REAPED);
    struct proc_sample last = sample(&w, u, PROC_CPU | PROC_REAPED);
    ck_assert_int_eq(last.status, -ESRCH);
    ck_assert_uint_eq(last.have & PROC_CPU, PROC_CPU);
    backend_linux.detach(w.ctx, u);
    backend_linux.detach(w.ctx, t);
    backend_linux.close(w.ctx);
    fixture_end(child);
  }
}
END_TEST

START_TEST(a_thread_is_no_process) {
  struct world w;
  pthread_t thread;
  char path[64], seen[64] = "";

  world_open(&w, "/proc", 8);
  ck_assert_int_eq(pthread_create(&thread, NULL, sleep_on, NULL), 0);
  /* The one entry of our task folder that is not ourselves. */
  for (pid_t tid = getpid() + 1; tid < getpid() + 1000 && seen[0] == 0; tid++) {
    struct stat st;
    snprintf(path, sizeof(path), "/proc/self/task/%d", tid);
    if (stat(path, &st) != 0)
      continue;
    snprintf(seen, sizeof(seen), "%d", tid);
    ck_assert_int_eq(attach_error(&w, tid), -ESRCH);
  }
  ck_assert_str_ne(seen, "");
  backend_linux.close(w.ctx);
}
END_TEST

/* What a process without memory is, by its stat; its threads are in field 20,
 * PF_KTHREAD is 2097152 in field 9. */
static struct proc_sample sample_without_memory(const char *first_stat,
                                                const char *later_stat) {
  struct world w;

  fixture_world(&w, 8);
  fixture_write(&w.fixture, "42/stat", first_stat);
  fixture_write(&w.fixture, "42/statm", "0 0 0 0 0 0 0\n");
  const uint32_t want = PROC_RESIDENT | PROC_CPU | PROC_REAPED;
  struct target *t = attach(&w, 42, want);
  fixture_write(&w.fixture, "42/stat", later_stat);
  struct proc_sample s = sample(&w, t, want);
  backend_linux.detach(w.ctx, t);
  fixture_world_close(&w);
  return s;
}

START_TEST(a_kernel_thread_has_no_memory) {
  static const char kthread[] = "42 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 "
                                "0 0 0 20 0 1 0 5 0 0\n";
  struct proc_sample s = sample_without_memory(kthread, kthread);

  ck_assert_int_eq(s.status, 0);
  ck_assert_uint_eq(s.have & PROC_RESIDENT, PROC_RESIDENT);
  ck_assert_uint_eq(s.resident_bytes, 0);
}
END_TEST

START_TEST(without_memory_a_process_is_ending_or_has_ended_or_is_another) {
  static const char zombie[] = "42 (x) Z 1 1 1 0 -1 4194560 0 0 0 0 7 8 9 10 "
                               "20 0 1 0 1000 0 0\n";
  static const char one[] = "42 (x) R 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 "
                            "1 0 1000 0 0\n";
  static const char three[] = "42 (x) Z 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 "
                              "0 3 0 1000 0 0\n";
  static const char other[] = "42 (x) R 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 "
                              "0 3 0 1001 0 0\n";

  struct proc_sample s = sample_without_memory(one, one);
  ck_assert_int_eq(s.status, 0);
  ck_assert_uint_eq(s.have & PROC_RESIDENT, 0);
  s = sample_without_memory(one, three);
  ck_assert_int_eq(s.status, 0);
  ck_assert_uint_eq(s.have & PROC_RESIDENT, 0);
  s = sample_without_memory(one, other);
  ck_assert_int_eq(s.status, -ESRCH);
  ck_assert_uint_eq(s.have, 0);
  /* Its last counters stand until its parent takes note. */
  s = sample_without_memory(one, zombie);
  ck_assert_int_eq(s.status, -ESRCH);
  ck_assert_uint_eq(s.have, PROC_CPU | PROC_USER_SYSTEM | PROC_REAPED);
  ck_assert_uint_eq(s.cpu_ns, 150000000);
  ck_assert_uint_eq(s.reaped_cpu_ns, 190000000);
}
END_TEST

START_TEST(a_reused_pid_is_another_process) {
  struct world w;

  for (int budget = 0; budget <= 8; budget += 8) {
    world_open(&w, "/proc", budget);
    pid_t first = fixture_child();
    struct target *t = attach(&w, first, everything);
    ck_assert_int_eq(sample(&w, t, everything).status, 0);
    /* Without a kept descriptor the start tells them apart, by ticks. */
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    fixture_end(first);
    pid_t second = child_with_pid(first);
    if (second < 0 && errno == EPERM) {
      puts("SKIP: to reuse a pid takes root");
      backend_linux.detach(w.ctx, t);
      backend_linux.close(w.ctx);
      return;
    }
    ck_assert_int_eq(second, first);
    ck_assert_int_eq(sample(&w, t, everything).status, -ESRCH);
    struct target *new = attach(&w, second, everything);
    ck_assert_int_eq(sample(&w, new, everything).status, 0);
    ck_assert_int_eq(sample(&w, t, everything).status, -ESRCH);
    backend_linux.detach(w.ctx, t);
    backend_linux.detach(w.ctx, new);
    backend_linux.close(w.ctx);
    fixture_end(second);
  }
}
END_TEST

START_TEST(a_folder_without_processes_is_no_procfs) {
  struct fixture f;
  struct fd_budget budget;
  struct backend_ctx *ctx;

  fixture_make(&f);
  fixture_write(&f, "not-a-pid/stat", "");
  struct backend_options options = {.proc_root = f.root, .budget = &budget};
  ck_assert_int_eq(backend_linux.open(&options, &ctx), -ENOENT);
  fixture_remove(&f);
}
END_TEST

static int count_visit(void *arg, const struct proc_info *info) {
  (void)info;
  ++*(int *)arg;
  return 0;
}

/* Scans until a count is not that of the fixture. */
static void *scan_often(void *arg) {
  struct world *w = arg;

  for (int i = 0; i < 300; i++) {
    int n = 0;
    if (scan_all(&backend_linux, w->ctx, count_visit, &n) != 0 || n != 41)
      return arg;
  }
  return NULL;
}

START_TEST(scans_of_several_threads_do_not_disturb_each_other) {
  struct world w;
  pthread_t threads[4];

  fixture_world(&w, 8);
  for (int pid = 100; pid < 140; pid++) {
    char name[32];
    snprintf(name, sizeof(name), "%d/stat", pid);
    fixture_write(&w.fixture, name, STAT("S", "x", "1000"));
    snprintf(name, sizeof(name), "%d/cmdline", pid);
    fixture_write(&w.fixture, name, "");
  }
  for (int i = 0; i < 4; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, scan_often, &w), 0);
  for (int i = 0; i < 4; i++) {
    void *wrong;
    ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
    ck_assert_ptr_null(wrong);
  }
  fixture_world_close(&w);
}
END_TEST

/* The main thread ends; another one goes on. */
static void *outlive_main(void *unused) { return sleep_on(unused); }

/* A child of 64 MB and 20 open files whose main thread has ended. */
static pid_t child_without_main_thread(void) {
  const size_t size = (size_t)64 << 20;
  pid_t child = fork();

  if (child == 0) {
    pthread_t thread;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char *memory = malloc(size);
    memset(memory, 1, size);
    for (int i = 0; i < 20; i++)
      open("/dev/null", O_RDONLY);
    pthread_create(&thread, NULL, outlive_main, NULL);
    pthread_exit(memory);
  }
  wait_for_state(child, 'Z');
  return child;
}

static void check_without_main_thread(pid_t child, int budget) {
  struct world w;

  world_open(&w, "/proc", budget);
  struct target *t = attach(&w, child, everything);
  struct proc_sample s = sample(&w, t, everything);
  ck_assert_int_eq(s.status, 0);
  ck_assert_uint_eq(s.have, everything);
  ck_assert_uint_gt(s.resident_bytes, UINT64_C(64) << 20);
  ck_assert_uint_lt(s.resident_bytes, UINT64_C(80) << 20);
  ck_assert_uint_gt(s.virtual_bytes, s.resident_bytes);
  ck_assert_uint_ge(s.handles, 20);
  /* The main thread is no more, and still counted by the kernel. */
  ck_assert_uint_eq(s.threads, 2);
  ck_assert_uint_gt(s.cpu_ns, 0);
  backend_linux.detach(w.ctx, t);
  backend_linux.close(w.ctx);
}

START_TEST(a_main_thread_may_end_before_its_process) {
  pid_t child = child_without_main_thread();

  check_without_main_thread(child, 8);
  check_without_main_thread(child, 0);
  fixture_end(child);
}
END_TEST

enum { MAX_FD = 64 };

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

START_TEST(kept_descriptors_are_closed_on_exec_and_counted) {
  struct world w;

  world_open(&w, "/proc", 8);
  bool before[MAX_FD];
  for (int fd = 0; fd < MAX_FD; fd++)
    before[fd] = fcntl(fd, F_GETFD) != -1;
  struct target *unix_target = attach(&w, getpid(), PROC_CPU | PROC_RESIDENT);
  ck_assert_int_eq(count_new(before), 1);
  ck_assert_int_eq(atomic_load(&w.budget.left), 7);
  struct target *t = attach(&w, getpid(), everything);
  sample(&w, t, everything);
  ck_assert_int_eq(count_new(before), 3);
  ck_assert_int_eq(atomic_load(&w.budget.left), 5);
  backend_linux.detach(w.ctx, t);
  backend_linux.detach(w.ctx, unix_target);
  ck_assert_int_eq(count_new(before), 0);
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  backend_linux.close(w.ctx);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_tree_of_files_is_read_as_it_stands,
      without_the_cpu_clock_ticks_are_counted,
      threads_are_counted_where_stat_is_not_read,
      what_is_not_there_is_missing,
      a_stat_that_is_short_or_too_long_is_refused,
      a_statm_that_is_short_or_too_long_fails_the_sample,
      a_name_may_hold_anything,
      a_zombie_is_no_process,
      without_a_place_in_the_budget_the_start_time_is_checked,
      a_scan_visits_processes_and_nothing_else,
      a_visitor_ends_the_scan,
      the_highest_pid_is_that_of_the_system,
      a_missing_proc_root_is_an_error,
      our_own_figures_are_right,
      age_tells_the_young_from_the_old,
      a_process_that_is_gone_is_said_to_be_gone,
      a_process_that_nobody_reaped_is_gone_too,
      a_thread_is_no_process,
      a_kernel_thread_has_no_memory,
      without_memory_a_process_is_ending_or_has_ended_or_is_another,
      a_reused_pid_is_another_process,
      a_folder_without_processes_is_no_procfs,
      scans_of_several_threads_do_not_disturb_each_other,
      a_main_thread_may_end_before_its_process,
      kept_descriptors_are_closed_on_exec_and_counted,
  };
  return UNIT_RUN("linux", tests);
}
