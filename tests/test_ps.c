#include <errno.h>
#include <fcntl.h>
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

/* --- facts --- */

/* Who is asked for what, and what was said. */
struct question {
  pid_t pid; /* 0: every process */
  uint32_t facts;
  size_t looks, visits;
  uint32_t have;
  uint32_t owner;
  pid_t parent;
  char command[64], line[20000];
};

static uint32_t look_at(void *arg, pid_t pid, uint64_t token) {
  struct question *q = arg;

  ck_assert_uint_eq(token, 0);
  q->looks++;
  return q->pid == 0 || q->pid == pid ? q->facts : 0;
}

static int take_facts(void *arg, const struct proc_info *info) {
  struct question *q = arg;

  q->visits++;
  q->have = info->have;
  q->owner = info->owner;
  q->parent = info->parent;
  snprintf(q->command, sizeof(q->command), "%s", info->command);
  if ((info->have & FACT_COMMAND_LINE) != 0)
    snprintf(q->line, sizeof(q->line), "%s", info->command_line);
  return 0;
}

static int ask(struct backend_ctx *ctx, struct question *q) {
  struct scan scan = {.look = look_at, .visit = take_facts, .arg = q};
  return backend_ps.scan(ctx, &scan);
}

/* A child with these arguments, once it runs them. */
static pid_t child_of(char *const argv[]) {
  int fds[2];
  char byte;

  ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv("/bin/sleep", argv);
    _exit(1);
  }
  close(fds[1]);
  /* The exec closes it. */
  ck_assert_int_eq(read(fds[0], &byte, 1), 0);
  close(fds[0]);
  return child;
}

START_TEST(the_real_ps_tells_all_facts) {
  struct backend_ctx *ctx;
  char title[] = "pm title", time[] = "1000", longest[10000];

  memset(longest, '0', sizeof(longest));
  longest[sizeof(longest) - 1] = '\0';
  char *const argv[] = {title, time, longest, NULL};
  char expected[sizeof(title) + sizeof(time) + sizeof(longest)];
  snprintf(expected, sizeof(expected), "%s %s %s", title, time, longest);

  ck_assert_int_eq(open_ps(&ctx, NULL), 0);
  pid_t child = child_of(argv);
  struct question *q = calloc(1, sizeof(*q));
  ck_assert_ptr_nonnull(q);
  q->pid = child;
  q->facts = backend_ps.tells;
  ck_assert_int_eq(ask(ctx, q), 0);
  ck_assert_uint_eq(q->visits, 1);
  ck_assert_uint_eq(q->have, FACT_COMMAND | FACT_COMMAND_LINE | FACT_OWNER |
                                 FACT_PARENT);
  ck_assert_str_eq(q->command, "sleep");
  ck_assert_int_eq(q->parent, getpid());
  ck_assert_uint_eq(q->owner, geteuid());
  ck_assert_str_eq(q->line, expected);
  free(q);
  fixture_end(child);
  backend_ps.close(ctx);
}
END_TEST

START_TEST(the_real_ps_tells_no_parent_of_init) {
  struct backend_ctx *ctx;
  struct question q = {.pid = 1, .facts = FACT_PARENT};

  ck_assert_int_eq(open_ps(&ctx, NULL), 0);
  ck_assert_int_eq(ask(ctx, &q), 0);
  ck_assert_uint_eq(q.visits, 1);
  ck_assert_int_eq(q.parent, 0);
  backend_ps.close(ctx);
}
END_TEST

/* Tells of ourselves as 7's child, of 7 and of what the file `more` and, for
 * the command lines, `args` say; writes a line into `runs` for each scan. */
static const char table_ps[] =
    "#!/bin/sh\n"
    "dir=${0%/*}\n"
    "case \"$*\" in\n"
    "*pcpu*) echo $PPID S 0 1 2 00:01 00:01 Mon Nov 23 20:01:03 2026; exit;;\n"
    "*args*) echo args >>$dir/runs; cat $dir/args; echo $PPID me;;\n"
    "*uid*) [ ! -e $dir/no-uid ] || exit 1\n"
    "  echo uid >>$dir/runs; echo 7 0 33 seven; echo $PPID 7 34 me;;\n"
    "*) echo plain >>$dir/runs; echo 7 0 seven; echo $PPID 7 me;;\n"
    "esac\n";

static void check_runs(struct world *w, const char *expected) {
  char *runs = fixture_read(&w->fixture, "runs");

  ck_assert_ptr_nonnull(runs);
  ck_assert_str_eq(runs, expected);
  free(runs);
}

START_TEST(command_lines_are_read_only_when_asked_for) {
  struct world w;
  struct question none = {.facts = 0}, owner = {.facts = FACT_OWNER},
                  line = {.pid = 7, .facts = FACT_COMMAND_LINE};

  fake_world(&w, table_ps);
  fixture_write(&w.fixture, "args", "7 seven of nine\n8 just started\n");
  fixture_write(&w.fixture, "runs", "");
  ck_assert_int_eq(ask(w.ctx, &none), 0);
  ck_assert_uint_eq(none.looks, 2);
  ck_assert_uint_eq(none.visits, 0);
  ck_assert_int_eq(ask(w.ctx, &owner), 0);
  ck_assert_uint_eq(owner.visits, 2);
  ck_assert_uint_eq(owner.owner, 34);
  ck_assert_int_eq(owner.parent, 7);
  check_runs(&w, "uid\nuid\n");
  ck_assert_int_eq(ask(w.ctx, &line), 0);
  check_runs(&w, "uid\nuid\nuid\nargs\n");
  ck_assert_uint_eq(line.looks, 2);
  ck_assert_uint_eq(line.visits, 1);
  ck_assert_str_eq(line.line, "seven of nine");
  fake_world_close(&w);
}
END_TEST

START_TEST(who_ends_between_the_two_runs_is_not_visited) {
  struct world w;
  struct question q = {.facts = FACT_COMMAND_LINE};

  fake_world(&w, table_ps);
  fixture_write(&w.fixture, "args", "8 just started\n");
  ck_assert_int_eq(ask(w.ctx, &q), 0);
  ck_assert_uint_eq(q.looks, 2);
  ck_assert_uint_eq(q.visits, 1);
  ck_assert_str_eq(q.line, "me");
  fake_world_close(&w);
}
END_TEST

START_TEST(a_process_without_words_is_told_by_its_name) {
  struct world w;
  struct question q = {.pid = 7, .facts = FACT_COMMAND_LINE};

  fake_world(&w, table_ps);
  fixture_write(&w.fixture, "args", "  7  \n");
  ck_assert_int_eq(ask(w.ctx, &q), 0);
  ck_assert_uint_eq(q.visits, 1);
  ck_assert_str_eq(q.line, "[seven]");
  fake_world_close(&w);
}
END_TEST

START_TEST(a_ps_that_knows_no_uid_tells_no_owner) {
  struct world w;
  struct question q = {.pid = 7, .facts = UINT32_MAX};

  fake_ps(&w, table_ps);
  fixture_write(&w.fixture, "no-uid", "");
  fixture_write(&w.fixture, "args", "7 seven of nine\n");
  ck_assert_int_eq(open_ps(&w.ctx, fixture_path(&w.fixture, "ps")), 0);
  ck_assert_int_eq(ask(w.ctx, &q), 0);
  ck_assert_uint_eq(q.visits, 1);
  ck_assert_uint_eq(q.have, FACT_COMMAND | FACT_COMMAND_LINE | FACT_PARENT);
  ck_assert_str_eq(q.command, "seven");
  check_runs(&w, "plain\nargs\n");
  fake_world_close(&w);
}
END_TEST

START_TEST(without_our_own_line_nothing_is_said) {
  struct world w;
  struct question q = {.facts = FACT_COMMAND_LINE};

  /* The second run fails, then the first. */
  fake_world(&w, "#!/bin/sh\n"
                 "case \"$*\" in\n"
                 "*pcpu*) echo $PPID S 0 1 2 0:01 0:01 Mon Nov 23 20:01:03 "
                 "2026;;\n"
                 "*args*) echo 7 seven;;\n"
                 "*) echo 7 0 33 seven\n"
                 "  [ -e ${0%/*}/broken ] || echo $PPID 7 34 me;;\n"
                 "esac\n");
  ck_assert_int_eq(ask(w.ctx, &q), -EPROTO);
  ck_assert_uint_eq(q.visits, 0);
  fixture_write(&w.fixture, "broken", "");
  q = (struct question){.facts = FACT_COMMAND};
  ck_assert_int_eq(ask(w.ctx, &q), -EPROTO);
  ck_assert_uint_eq(q.looks, 0);
  fake_world_close(&w);
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
      the_real_ps_tells_all_facts,
      the_real_ps_tells_no_parent_of_init,
      command_lines_are_read_only_when_asked_for,
      who_ends_between_the_two_runs_is_not_visited,
      a_process_without_words_is_told_by_its_name,
      a_ps_that_knows_no_uid_tells_no_owner,
      without_our_own_line_nothing_is_said,
  };
  return UNIT_RUN("ps", tests);
}
