#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/backend.h"
#include "fixture.h"
#include "process_state.h"
#include "reuse_pid.h"
#include "unit.h"

struct world {
  struct fd_budget budget;
  struct backend_ctx *ctx;
};

static void world_make(struct world *w, int budget) {
  atomic_init(&w->budget.left, budget);
  struct backend_options options = {.proc_root = "/proc", .budget = &w->budget};
  ck_assert_int_eq(backend_linux.open(&options, &w->ctx), 0);
}

static struct target *attach(struct world *w, pid_t pid) {
  struct target *t;
  uint64_t age_ns;

  ck_assert_int_eq(backend_linux.attach(w->ctx, pid, 0, PROC_CPU, &t, &age_ns),
                   0);
  return t;
}

/* A child that waits for a byte, and then ends as it is told: by a status, or
 * by a signal below 0. */
struct ender {
  pid_t pid;
  int fd;
};

static struct ender start(int end) {
  int fds[2];
  char byte;

  ck_assert_int_eq(pipe(fds), 0);
  pid_t pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    close(fds[1]);
    signal(SIGTERM, SIG_DFL);
    if (read(fds[0], &byte, 1) < 0 || end >= 0)
      _exit(end);
    kill(getpid(), -end);
    for (;;)
      pause();
  }
  close(fds[0]);
  return (struct ender){pid, fds[1]};
}

static void finish(struct ender e) {
  ck_assert_int_eq(write(e.fd, "x", 1), 1);
  close(e.fd);
}

/* Waits until it has ended, and leaves it unreaped. */
static void wait_for_zombie(pid_t pid) {
  siginfo_t info;

  ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void check_end(struct world *w, uint64_t expected) {
  uint64_t key;

  ck_assert_int_eq(backend_linux.next_end(w->ctx, &key), 0);
  ck_assert_uint_eq(key, expected);
}

START_TEST(an_end_is_told_with_its_key_and_how_it_came) {
  static const struct {
    int end;
    struct proc_exit expected;
  } cases[] = {
      {0, {EXIT_STATUS, 0}},
      {7, {EXIT_STATUS, 7}},
      {-SIGKILL, {EXIT_SIGNAL, SIGKILL}},
      {-SIGTERM, {EXIT_SIGNAL, SIGTERM}},
  };
  struct world w;

  world_make(&w, 8);
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    struct ender e = start(cases[i].end);
    struct target *t = attach(&w, e.pid);
    ck_assert_int_eq(backend_linux.watch_end(w.ctx, t, 1000 + i), 0);
    finish(e);
    check_end(&w, 1000 + i);
    for (int reaped = 0; reaped < 2; reaped++) {
      struct proc_exit how = backend_linux.exit_of(w.ctx, t);
      ck_assert_int_eq(how.how, cases[i].expected.how);
      ck_assert_int_eq(how.code, cases[i].expected.code);
      if (reaped == 0)
        ck_assert_int_eq(waitpid(e.pid, NULL, 0), e.pid);
    }
    backend_linux.detach(w.ctx, t);
  }
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  backend_linux.close(w.ctx);
}
END_TEST

START_TEST(without_a_watch_only_one_that_is_not_reaped_tells_how_it_ended) {
  struct world w;

  world_make(&w, 8);
  struct ender e = start(7);
  struct target *t = attach(&w, e.pid);
  ck_assert_int_eq(backend_linux.exit_of(w.ctx, t).how, EXIT_UNKNOWN);
  finish(e);
  wait_for_zombie(e.pid);
  ck_assert_int_eq(backend_linux.exit_of(w.ctx, t).code, 7);
  ck_assert_int_eq(waitpid(e.pid, NULL, 0), e.pid);
  ck_assert_int_eq(backend_linux.exit_of(w.ctx, t).how, EXIT_UNKNOWN);
  backend_linux.detach(w.ctx, t);
  backend_linux.close(w.ctx);
}
END_TEST

START_TEST(a_watch_leaves_half_of_the_descriptors_to_readings) {
  struct world w;
  struct target *targets[4];
  struct ender children[4];

  world_make(&w, 8);
  for (int i = 0; i < 4; i++) {
    children[i] = start(0);
    targets[i] = attach(&w, children[i].pid);
  }
  ck_assert_int_eq(atomic_load(&w.budget.left), 4);
  ck_assert_int_eq(backend_linux.watch_end(w.ctx, targets[0], 1), -EMFILE);
  ck_assert_int_eq(atomic_load(&w.budget.left), 4);
  for (int i = 0; i < 4; i++) {
    backend_linux.detach(w.ctx, targets[i]);
    finish(children[i]);
    ck_assert_int_eq(waitpid(children[i].pid, NULL, 0), children[i].pid);
  }
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  backend_linux.close(w.ctx);
}
END_TEST

START_TEST(the_end_of_a_target_that_was_detached_is_not_told) {
  struct world w;

  world_make(&w, 8);
  struct ender first = start(0), second = start(0);
  struct target *t = attach(&w, first.pid), *u = attach(&w, second.pid);
  ck_assert_int_eq(backend_linux.watch_end(w.ctx, t, 1), 0);
  ck_assert_int_eq(backend_linux.watch_end(w.ctx, u, 2), 0);
  backend_linux.detach(w.ctx, t);
  finish(first);
  ck_assert_int_eq(waitpid(first.pid, NULL, 0), first.pid);
  finish(second);
  check_end(&w, 2);
  ck_assert_int_eq(waitpid(second.pid, NULL, 0), second.pid);
  backend_linux.detach(w.ctx, u);
  backend_linux.close(w.ctx);
}
END_TEST

static void *wait_for_end(void *arg) {
  struct world *w = arg;
  uint64_t key;

  return (void *)(intptr_t)backend_linux.next_end(w->ctx, &key);
}

START_TEST(whoever_waits_is_called_off) {
  struct world w;
  pthread_t thread;
  void *result;
  uint64_t key;

  world_make(&w, 8);
  ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_end, &w), 0);
  backend_linux.cancel_ends(w.ctx);
  ck_assert_int_eq(pthread_join(thread, &result), 0);
  ck_assert_int_eq((intptr_t)result, -ECANCELED);
  ck_assert_int_eq(backend_linux.next_end(w.ctx, &key), -ECANCELED);
  backend_linux.close(w.ctx);
}
END_TEST

START_TEST(an_end_before_the_watch_is_told_too_or_there_is_no_watch) {
  struct world w;

  world_make(&w, 8);
  struct ender e = start(3);
  struct target *t = attach(&w, e.pid);
  finish(e);
  wait_for_zombie(e.pid);
  ck_assert_int_eq(backend_linux.watch_end(w.ctx, t, 5), 0);
  check_end(&w, 5);
  backend_linux.detach(w.ctx, t);
  struct ender f = start(3);
  struct target *u = attach(&w, f.pid);
  finish(f);
  ck_assert_int_eq(waitpid(f.pid, NULL, 0), f.pid);
  ck_assert_int_eq(backend_linux.watch_end(w.ctx, u, 6), -ESRCH);
  backend_linux.detach(w.ctx, u);
  ck_assert_int_eq(waitpid(e.pid, NULL, 0), e.pid);
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  backend_linux.close(w.ctx);
}
END_TEST

START_TEST(a_pid_that_was_reused_before_the_watch_is_not_watched) {
  struct world w;

  for (int budget = 0; budget <= 8; budget += 8) {
    world_make(&w, budget);
    /* Without a kept descriptor the start tells them apart, by ticks. */
    pid_t first = fixture_busy_child(30);
    struct target *t = attach(&w, first);
    fixture_end(first);
    pid_t second = child_with_pid(first);
    if (second < 0 && errno == EPERM) {
      puts("SKIP: to reuse a pid takes root");
      backend_linux.detach(w.ctx, t);
      backend_linux.close(w.ctx);
      return;
    }
    ck_assert_int_eq(second, first);
    /* Those that are not kept may have been given a place meanwhile. */
    atomic_store(&w.budget.left, 8);
    ck_assert_int_eq(backend_linux.watch_end(w.ctx, t, 1), -ESRCH);
    ck_assert_int_eq(atomic_load(&w.budget.left), 8);
    fixture_end(second);
    ck_assert_int_eq(backend_linux.exit_of(w.ctx, t).how, EXIT_UNKNOWN);
    backend_linux.detach(w.ctx, t);
    backend_linux.close(w.ctx);
  }
}
END_TEST

START_TEST(an_end_that_no_parent_waits_for_is_told_as_well) {
  struct world w;

  signal(SIGCHLD, SIG_IGN);
  world_make(&w, 8);
  struct ender e = start(7);
  struct target *t = attach(&w, e.pid);
  ck_assert_int_eq(backend_linux.watch_end(w.ctx, t, 1), 0);
  finish(e);
  check_end(&w, 1);
  ck_assert_int_eq(waitpid(e.pid, NULL, 0), -1);
  struct proc_exit how = backend_linux.exit_of(w.ctx, t);
  ck_assert_int_eq(how.how, EXIT_STATUS);
  ck_assert_int_eq(how.code, 7);
  backend_linux.detach(w.ctx, t);
  backend_linux.close(w.ctx);
}
END_TEST

/* Waits for a byte and ends the process. */
static void *end_on_byte(void *arg) {
  char byte;

  _exit(read(*(int *)arg, &byte, 1) == 1 ? 9 : 1);
}

START_TEST(a_main_thread_that_ends_is_no_end) {
  struct world w;
  int fds[2];

  world_make(&w, 8);
  ck_assert_int_eq(pipe(fds), 0);
  pid_t pid = fork();
  if (pid == 0) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, end_on_byte, &fds[0]) == 0)
      pthread_exit(NULL);
    _exit(1);
  }
  wait_for_state(pid, 'Z');
  struct target *t = attach(&w, pid);
  struct ender other = start(0);
  struct target *u = attach(&w, other.pid);
  ck_assert_int_eq(backend_linux.watch_end(w.ctx, t, 1), 0);
  ck_assert_int_eq(backend_linux.watch_end(w.ctx, u, 2), 0);
  ck_assert_int_eq(backend_linux.exit_of(w.ctx, t).how, EXIT_UNKNOWN);
  finish(other);
  check_end(&w, 2);
  ck_assert_int_eq(write(fds[1], "x", 1), 1);
  check_end(&w, 1);
  ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
  ck_assert_int_eq(backend_linux.exit_of(w.ctx, t).code, 9);
  backend_linux.detach(w.ctx, t);
  backend_linux.detach(w.ctx, u);
  backend_linux.close(w.ctx);
}
END_TEST

START_TEST(of_many_ends_at_once_each_is_told_once) {
  enum { N = 64 };
  struct world w;
  struct target *targets[N];
  struct ender children[N];
  uint64_t key, seen = 0;

  world_make(&w, 4 * N);
  for (int i = 0; i < N; i++) {
    children[i] = start(0);
    targets[i] = attach(&w, children[i].pid);
    ck_assert_int_eq(backend_linux.watch_end(w.ctx, targets[i], (uint64_t)i),
                     0);
  }
  for (int i = 0; i < N; i++)
    finish(children[i]);
  for (int i = 0; i < N; i++) {
    ck_assert_int_eq(backend_linux.next_end(w.ctx, &key), 0);
    ck_assert_uint_lt(key, N);
    ck_assert_uint_eq(seen >> key & 1, 0);
    seen |= UINT64_C(1) << key;
  }
  for (int i = 0; i < N; i++) {
    backend_linux.detach(w.ctx, targets[i]);
    ck_assert_int_eq(waitpid(children[i].pid, NULL, 0), children[i].pid);
  }
  ck_assert_int_eq(atomic_load(&w.budget.left), 4 * N);
  backend_linux.close(w.ctx);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      an_end_is_told_with_its_key_and_how_it_came,
      without_a_watch_only_one_that_is_not_reaped_tells_how_it_ended,
      a_watch_leaves_half_of_the_descriptors_to_readings,
      the_end_of_a_target_that_was_detached_is_not_told,
      whoever_waits_is_called_off,
      an_end_before_the_watch_is_told_too_or_there_is_no_watch,
      a_pid_that_was_reused_before_the_watch_is_not_watched,
      an_end_that_no_parent_waits_for_is_told_as_well,
      a_main_thread_that_ends_is_no_end,
      of_many_ends_at_once_each_is_told_once,
  };
  return UNIT_RUN("linux_exit", tests);
}
