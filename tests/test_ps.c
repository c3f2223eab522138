#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/backend.h"
#include "fixture.h"
#include "scan_all.h"
#include "unit.h"

static struct fd_budget budget;

struct world {
  struct fixture fixture;
  struct backend_ctx *ctx;
};

static int open_ps(struct backend_ctx **ctx, const char *command) {
  struct backend_options options = {
      .proc_root = "/proc", .ps_command = command, .budget = &budget};
  return backend_ps.open(&options, ctx);
}

/* A ps that is a shell script; $PPID is who calls it. */
static void fake_ps(struct world *w, const char *script) {
  fixture_make(&w->fixture);
  fixture_write(&w->fixture, "ps", script);
  ck_assert_int_eq(chmod(fixture_path(&w->fixture, "ps"), 0755), 0);
}

static void fake_world(struct world *w, const char *script) {
  fake_ps(w, script);
  ck_assert_int_eq(open_ps(&w->ctx, fixture_path(&w->fixture, "ps")), 0);
}

static void fake_world_close(struct world *w) {
  backend_ps.close(w->ctx);
  fixture_remove(&w->fixture);
}

static struct target *attach(struct backend_ctx *ctx, pid_t pid) {
  struct target *t = NULL;
  uint64_t age_ns;

  ck_assert_int_eq(backend_ps.attach(ctx, pid, 0, PROC_CPU, &t, &age_ns), 0);
  return t;
}

static struct proc_sample sample(struct backend_ctx *ctx, struct target *t) {
  struct proc_sample out;

  ck_assert_int_eq(backend_ps.sample(ctx, &t, 1, PROC_CPU, &out), 0);
  return out;
}

static int count_visit(void *arg, const struct proc_info *info) {
  (void)info;
  ++*(int *)arg;
  return 0;
}

START_TEST(the_real_ps_measures_what_it_says) {
  struct backend_ctx *ctx;

  ck_assert_int_eq(open_ps(&ctx, NULL), 0);
  struct target *t = attach(ctx, getpid());
  struct proc_sample out = sample(ctx, t);
  ck_assert_int_eq(out.status, 0);
  ck_assert_uint_eq(out.have, backend_ps.measures);
  ck_assert_uint_gt(out.resident_bytes, 100 * 1024);
  ck_assert_uint_ge(out.virtual_bytes, out.resident_bytes);
  ck_assert_uint_lt(out.uptime_ns, UINT64_C(60000000000));
  ck_assert_double_ge(out.cpu_percent, 0);
  backend_ps.detach(ctx, t);
  backend_ps.close(ctx);
}
END_TEST

START_TEST(many_targets_are_sampled_by_few_lists) {
  enum { N = 250 };
  struct backend_ctx *ctx;
  struct target *targets[N];
  struct proc_sample out[N];
  pid_t children[N];

  ck_assert_int_eq(open_ps(&ctx, NULL), 0);
  for (int i = 0; i < N; i++) {
    children[i] = fixture_child();
    targets[i] = attach(ctx, children[i]);
  }
  fixture_end(children[120]);
  ck_assert_int_eq(backend_ps.sample(ctx, targets, N, PROC_CPU, out), 0);
  for (int i = 0; i < N; i++) {
    ck_assert_int_eq(out[i].status, i == 120 ? -ESRCH : 0);
    backend_ps.detach(ctx, targets[i]);
    if (i != 120)
      fixture_end(children[i]);
  }
  backend_ps.close(ctx);
}
END_TEST

START_TEST(a_process_that_has_ended_is_gone) {
  struct backend_ctx *ctx;
  struct target *t;
  siginfo_t info;
  uint64_t age_ns;

  ck_assert_int_eq(open_ps(&ctx, NULL), 0);
  pid_t child = fixture_child();
  t = attach(ctx, child);
  ck_assert_int_eq(sample(ctx, t).status, 0);
  /* first not reaped by anybody, then reaped */
  kill(child, SIGKILL);
  ck_assert_int_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
  ck_assert_int_eq(sample(ctx, t).status, -ESRCH);
  fixture_end(child);
  ck_assert_int_eq(sample(ctx, t).status, -ESRCH);
  backend_ps.detach(ctx, t);
  ck_assert_int_eq(backend_ps.attach(ctx, child, 0, PROC_CPU, &t, &age_ns),
                   -ESRCH);
  backend_ps.close(ctx);
}
END_TEST

START_TEST(a_reused_pid_is_another_process) {
  struct world w;

  /* Answers for init with the start that the file `start` says. */
  fake_world(&w, "#!/bin/sh\n"
                 "start=$(cat ${0%/*}/start 2>/dev/null)\n"
                 "rest='S 0.0 100 200 00:00:01 00:01 Mon Nov 23'\n"
                 "echo 1 $rest 20:01:${start:-03} 2026\n"
                 "echo $PPID $rest 20:01:03 2026\n");
  struct target *t = attach(w.ctx, 1);
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  fixture_write(&w.fixture, "start", "04");
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  fixture_write(&w.fixture, "start", "09");
  ck_assert_int_eq(sample(w.ctx, t).status, -ESRCH);
  backend_ps.detach(w.ctx, t);
  fake_world_close(&w);
}
END_TEST

START_TEST(a_step_of_the_clock_ends_nobody) {
  struct world w;

  /* procps reckons lstart from the wall clock: a step moves all of them. */
  fake_world(&w, "#!/bin/sh\n"
                 "hour=$(cat ${0%/*}/hour 2>/dev/null)\n"
                 "for pid in 1 $PPID; do\n"
                 "echo $pid S 0.0 100 200 00:00:01 00:01 Mon Nov 23 "
                 "${hour:-20}:01:03 2026\n"
                 "done\n");
  struct target *t = attach(w.ctx, 1);
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  fixture_write(&w.fixture, "hour", "21");
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  fixture_write(&w.fixture, "hour", "19");
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  backend_ps.detach(w.ctx, t);
  fake_world_close(&w);
}
END_TEST

START_TEST(without_lstart_the_age_tells_a_reused_pid) {
  struct world w;

  fake_world(&w, "#!/bin/sh\n"
                 "case \"$*\" in *lstart*) exit 1;; esac\n"
                 "age=$(cat ${0%/*}/age 2>/dev/null)\n"
                 "echo $PPID 0.0 100 200 00:00:01 01:00\n"
                 "echo 1 0.0 100 200 00:00:01 ${age:-01:00}\n");
  struct target *t = attach(w.ctx, 1);
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  fixture_write(&w.fixture, "age", "00:02");
  ck_assert_int_eq(sample(w.ctx, t).status, -ESRCH);
  backend_ps.detach(w.ctx, t);
  fake_world_close(&w);
}
END_TEST

START_TEST(what_ps_does_not_know_is_missing) {
  struct world w;

  fake_world(&w, "#!/bin/sh\n"
                 "case \"$*\" in *rss*) exit 1;; esac\n"
                 "echo $PPID 1.5 200 00:00:01 01:00\n");
  struct target *t = attach(w.ctx, getpid());
  struct proc_sample out = sample(w.ctx, t);
  ck_assert_uint_eq(out.have, PROC_CPU | PROC_VIRTUAL | PROC_UPTIME);
  ck_assert_uint_eq(out.virtual_bytes, 200 * 1024);
  ck_assert_double_eq(out.cpu_percent, 1.5);
  ck_assert_uint_eq(out.cpu_resolution_ns, 1000000000);
  backend_ps.detach(w.ctx, t);
  fake_world_close(&w);
}
END_TEST

START_TEST(a_ps_without_lists_is_asked_for_all) {
  struct world w;

  /* Of a list it takes the first only, as some BSDs do. */
  fake_world(&w, "#!/bin/sh\n"
                 "echo $PPID S 0 1 2 00:01 00:01 Mon Nov 23 20:01:03 2026\n"
                 "case \"$*\" in *-A)\n"
                 "echo 1 S 0 1 2 00:01 00:01 Mon Nov 23 20:01:03 2026\n"
                 "esac\n");
  struct target *t = attach(w.ctx, 1);
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  backend_ps.detach(w.ctx, t);
  fake_world_close(&w);
}
END_TEST

START_TEST(a_ps_that_fails_ends_no_target) {
  struct world w;
  struct proc_sample out;

  fake_world(&w, "#!/bin/sh\n"
                 "[ -e ${0%/*}/broken ] && { cat ${0%/*}/broken; exit 1; }\n"
                 "echo $PPID S 0 1 2 00:01 00:01 Mon Nov 23 20:01:03 2026\n");
  struct target *t = attach(w.ctx, getpid());
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  fixture_write(&w.fixture, "broken", "");
  ck_assert_int_eq(backend_ps.sample(w.ctx, &t, 1, PROC_CPU, &out), -EPROTO);
  fixture_write(&w.fixture, "broken", "\xff\xfe garbage\n\n1 2 3\n");
  ck_assert_int_eq(backend_ps.sample(w.ctx, &t, 1, PROC_CPU, &out), -EPROTO);
  ck_assert_int_eq(unlink(fixture_path(&w.fixture, "broken")), 0);
  ck_assert_int_eq(sample(w.ctx, t).status, 0);
  backend_ps.detach(w.ctx, t);
  fake_world_close(&w);
}
END_TEST

START_TEST(a_ps_that_fails_hides_no_process_from_a_scan) {
  struct world w;
  int visits = 0;

  fake_world(&w, "#!/bin/sh\n"
                 "case \"$*\" in *comm*) echo 1 init; exit 1;; esac\n"
                 "echo $PPID S 0 1 2 00:01 00:01 Mon Nov 23 20:01:03 2026\n");
  ck_assert_int_eq(scan_all(&backend_ps, w.ctx, count_visit, &visits), -EPROTO);
  fake_world_close(&w);
}
END_TEST

/* The main thread ends; another one goes on. */
static void *sleep_on(void *unused) {
  for (;;)
    pause();
  return unused;
}

START_TEST(a_main_thread_may_end_before_its_process) {
  struct backend_ctx *ctx;
  pid_t child = fork();

  if (child == 0) {
    pthread_t thread;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_create(&thread, NULL, sleep_on, NULL);
    pthread_exit(NULL);
  }
  ck_assert_int_eq(open_ps(&ctx, NULL), 0);
  struct target *t = attach(ctx, child);
  struct proc_sample out;
  int tries = 0;
  do {
    out = sample(ctx, t);
    ck_assert_int_eq(out.status, 0);
  } while ((out.have & PROC_RESIDENT) != 0 && ++tries < 1000);
  ck_assert_uint_eq(out.have, PROC_CPU | PROC_UPTIME);
  backend_ps.detach(ctx, t);
  backend_ps.close(ctx);
  fixture_end(child);
}
END_TEST

START_TEST(a_line_that_cannot_be_read_is_a_fault_not_an_end) {
  struct world w;

  fake_world(&w, "#!/bin/sh\n"
                 "echo $PPID S 0 1 2 00:01 00:01 Mon Nov 23 20:01:03 2026\n"
                 "echo 1 what is this\n");
  struct target *t = attach(w.ctx, 1);
  ck_assert_int_eq(sample(w.ctx, t).status, -EINVAL);
  backend_ps.detach(w.ctx, t);
  fake_world_close(&w);
}
END_TEST

START_TEST(a_ps_that_does_not_know_how_is_refused_at_the_start) {
  struct world w;

  /* BusyBox's knows neither -p nor pcpu. */
  fake_ps(&w, "#!/bin/sh\necho \"ps: invalid option -- 'p'\" >&2\nexit 1\n");
  ck_assert_int_eq(open_ps(&w.ctx, fixture_path(&w.fixture, "ps")), -ENOTSUP);
  fixture_remove(&w.fixture);
  ck_assert_int_eq(open_ps(&w.ctx, "/nonexistent"), -ENOENT);
}
END_TEST

static int find_child(void *arg, const struct proc_info *info) {
  pid_t *child = arg;

  if (info->pid != *child)
    return 0;
  ck_assert_str_eq(info->command, fixture_command());
  *child = 0;
  return -ECANCELED;
}

START_TEST(a_scan_names_every_process) {
  struct backend_ctx *ctx;

  ck_assert_int_eq(open_ps(&ctx, NULL), 0);
  pid_t child = fixture_child(), found = child;
  ck_assert_int_eq(scan_all(&backend_ps, ctx, find_child, &found), -ECANCELED);
  ck_assert_int_eq(found, 0);
  fixture_end(child);
  backend_ps.close(ctx);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      the_real_ps_measures_what_it_says,
      many_targets_are_sampled_by_few_lists,
      a_process_that_has_ended_is_gone,
      a_reused_pid_is_another_process,
      a_step_of_the_clock_ends_nobody,
      without_lstart_the_age_tells_a_reused_pid,
      what_ps_does_not_know_is_missing,
      a_ps_without_lists_is_asked_for_all,
      a_ps_that_fails_ends_no_target,
      a_ps_that_fails_hides_no_process_from_a_scan,
      a_main_thread_may_end_before_its_process,
      a_line_that_cannot_be_read_is_a_fault_not_an_end,
      a_ps_that_does_not_know_how_is_refused_at_the_start,
      a_scan_names_every_process,
  };
  return UNIT_RUN("ps", tests);
}
