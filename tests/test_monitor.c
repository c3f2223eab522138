#include "plugin/monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/thread.h"
#include "fixture.h"
#include "plugin/metrics.h"
#include "record.h"
#include "unit.h"

struct world {
  struct fixture fixture;
  struct fd_budget budget;
  struct monitor_env env;
  const struct backend *real;
  char file[128], pid_file[128];
  struct monitor_config config;
  struct monitor *monitor;
};

static char x[] = "x", time_format[] = "%s.%9N";

static void world_make(struct world *w) {
  memset(w, 0, sizeof(*w));
  fixture_make(&w->fixture);
  snprintf(w->file, sizeof(w->file), "%s/log", w->fixture.root);
  snprintf(w->pid_file, sizeof(w->pid_file), "%s/pid", w->fixture.root);
  atomic_init(&w->budget.left, 8);
  struct backend_options options = {.proc_root = "/proc", .budget = &w->budget};
  w->env.budget = &w->budget;
  ck_assert_int_eq(backend_find("auto", &w->real), 0);
  ck_assert_int_eq(w->real->open(&options, &w->env.ctx), 0);
  w->env.backend = w->real;
  w->config = (struct monitor_config){
      .name = x,
      .interval_ns = 10000000,
      .num_processors = 1,
      .file = w->file,
      .append = true,
      .time_format = time_format,
      .dispatch = true,
      .metrics = METRICS_DEFAULT,
  };
  columns_preset("unix", &w->config.columns);
  columns_add(&w->config.columns, COLUMN_PID);
  record_clear();
}

static void world_start(struct world *w) {
  ck_assert_int_eq(census_create(w->env.backend, w->env.ctx, &w->env.census),
                   0);
  ck_assert_int_eq(monitor_create(&w->config, &w->env, NULL, &w->monitor), 0);
  monitor_start(w->monitor);
}

static void world_remove(struct world *w) {
  monitor_stop(w->monitor);
  monitor_free(w->monitor);
  census_free(w->env.census);
  w->real->close(w->env.ctx);
  ck_assert_int_eq(atomic_load(&w->budget.left), 8);
  fixture_remove(&w->fixture);
}

/* Reads until `n` more readings were dispatched. */
static const struct reading *read_on(struct world *w, size_t n) {
  size_t until = record_dispatch.calls + n;

  for (int i = 0; record_dispatch.calls < until; i++) {
    ck_assert_int_lt(i, 10000);
    monitor_read(w->monitor);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  return &record_dispatch.reading;
}

static size_t count_lines(struct world *w, const char *name) {
  char *text = fixture_read(&w->fixture, name);
  size_t n = 0;

  for (const char *at = text; at != NULL && (at = strchr(at, '\n')) != NULL;
       at++)
    n++;
  free(text);
  return n;
}

START_TEST(start_opens_the_log_and_takes_a_baseline_only) {
  struct world w;

  world_make(&w);
  w.config.interval_ns = UINT64_C(3600000000000);
  w.config.pid = getpid();
  world_start(&w);
  /* Longer than a thousandth of the interval would be, were it a minute. */
  w.config.interval_ns = UINT64_C(60000000000);
  nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  monitor_read(w.monitor);
  ck_assert_uint_eq(record_dispatch.calls, 0);
  ck_assert_uint_eq(count_lines(&w, "log"), 1);
  ck_assert(record_has("<Process \"x\">: watching process"));
  ck_assert(monitor_is_running(w.monitor));
  world_remove(&w);
}
END_TEST

START_TEST(each_reading_goes_to_both_sinks) {
  struct world w;

  world_make(&w);
  w.config.pid = getpid();
  w.config.layout = LAYOUT_COMPACT;
  world_start(&w);
  const struct reading *r = read_on(&w, 3);
  ck_assert_uint_eq(r->processes, 1);
  ck_assert_uint_eq(r->rated, 1);
  ck_assert_int_eq(r->pid, getpid());
  ck_assert_str_eq(record_dispatch.instance, "x");
  ck_assert_uint_eq(record_dispatch.interval_ns, 10000000);
  ck_assert_int_eq(record_dispatch.layout, LAYOUT_COMPACT);
  ck_assert_uint_eq(record_dispatch.metrics, METRICS_DEFAULT);
  ck_assert_uint_eq(count_lines(&w, "log"), 4);
  world_remove(&w);
}
END_TEST

START_TEST(only_what_a_sink_shows_is_measured) {
  struct world w;

  world_make(&w);
  w.config.pid = getpid();
  w.config.metrics = METRIC_CPU;
  world_start(&w);
  ck_assert_uint_eq(read_on(&w, 1)->have,
                    PROC_CPU | PROC_RESIDENT | PROC_VIRTUAL);
  world_remove(&w);
}
END_TEST

START_TEST(stop_writes_a_final_row_and_dispatches_nothing) {
  struct world w;

  world_make(&w);
  w.config.pid = getpid();
  world_start(&w);
  read_on(&w, 1);
  nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  size_t calls = record_dispatch.calls;
  size_t rows = count_lines(&w, "log");
  monitor_stop(w.monitor);
  ck_assert_uint_eq(count_lines(&w, "log"), rows + 1);
  ck_assert_uint_eq(record_dispatch.calls, calls);
  ck_assert(!monitor_is_running(w.monitor));
  monitor_stop(w.monitor);
  ck_assert_uint_eq(count_lines(&w, "log"), rows + 1);
  world_remove(&w);
}
END_TEST

START_TEST(stop_right_after_a_reading_writes_no_row) {
  struct world w;

  world_make(&w);
  w.config.pid = getpid();
  w.config.interval_ns = UINT64_C(3600000000000);
  world_start(&w);
  monitor_stop(w.monitor);
  ck_assert_uint_eq(count_lines(&w, "log"), 1);
  world_remove(&w);
}
END_TEST

START_TEST(the_end_of_a_pid_is_said_once_and_counted_as_zero) {
  struct world w;

  world_make(&w);
  pid_t child = fixture_child();
  w.config.pid = child;
  world_start(&w);
  ck_assert_uint_eq(read_on(&w, 1)->processes, 1);
  size_t rows = count_lines(&w, "log");
  fixture_end(child);
  const struct reading *r = read_on(&w, 3);
  ck_assert_uint_eq(r->processes, 0);
  ck_assert_uint_eq(r->have, 0);
  ck_assert_uint_eq(record_count(REPORT_NOTICE), 1);
  ck_assert(record_has("has ended, and so has this monitor"));
  ck_assert(!monitor_is_running(w.monitor));
  ck_assert_uint_eq(count_lines(&w, "log"), rows);
  /* The log is closed and the target given back. */
  ck_assert_int_eq(atomic_load(&w.budget.left), 8);
  world_remove(&w);
}
END_TEST

START_TEST(a_process_that_is_not_there_yet_is_waited_for) {
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_start(&w);
  ck_assert(record_has("waiting for it"));
  ck_assert_uint_eq(read_on(&w, 2)->processes, 0);
  ck_assert_uint_eq(record_count(REPORT_NOTICE), 1);

  pid_t child = fixture_child();
  char text[32];
  snprintf(text, sizeof(text), "%d\n", (int)child);
  fixture_write(&w.fixture, "pid", text);
  const struct reading *r = read_on(&w, 2);
  ck_assert_int_eq(r->pid, child);
  ck_assert_uint_eq(r->rated, 1);
  ck_assert(record_has("watching process"));
  fixture_end(child);
  ck_assert_uint_eq(read_on(&w, 1)->processes, 0);
  ck_assert(monitor_is_running(w.monitor));
  ck_assert_uint_eq(record_count(REPORT_NOTICE), 2);
  world_remove(&w);
}
END_TEST

static void write_pid(struct world *w, pid_t pid) {
  char text[32];
  snprintf(text, sizeof(text), "%d\n", (int)pid);
  fixture_write(&w->fixture, "pid", text);
}

/* The CPU time of a process until now. */
static double cpu_of(struct world *w, pid_t pid) {
  struct proc_sample sample;
  struct target *t;
  uint64_t age_ns;

  ck_assert_int_eq(w->real->attach(w->env.ctx, pid, 0, PROC_CPU, &t, &age_ns),
                   0);
  ck_assert_int_eq(w->real->sample(w->env.ctx, &t, 1, PROC_CPU, &sample), 0);
  w->real->detach(w->env.ctx, t);
  return (double)sample.cpu_ns / 1e9;
}

START_TEST(a_process_born_since_the_last_reading_counts_whole) {
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_start(&w);
  uint64_t before_ns = read_on(&w, 1)->wall_ns;
  pid_t child = fixture_busy_child(50);
  write_pid(&w, child);
  double least = cpu_of(&w, child);
  const struct reading *r = read_on(&w, 1);
  double seconds = (double)(r->wall_ns - before_ns) / 1e9;
  ck_assert_uint_eq(r->rated, 1);
  ck_assert_double_ge(least, 0.05);
  /* The wall clock of a reading is not read in the moment of its sample. */
  ck_assert_double_ge(r->cpu_percent * seconds / 100, 0.9 * least);
  ck_assert_double_le(r->cpu_percent * seconds / 100, 1.1 * cpu_of(&w, child));
  world_remove(&w);
  fixture_end(child);
}
END_TEST

START_TEST(a_process_found_running_does_not_count_its_past) {
  struct world w;

  world_make(&w);
  pid_t child = fixture_busy_child(50);
  /* Until a reading comes that is surely later than the child's birth. */
  w.config.pid_file = w.pid_file;
  world_start(&w);
  read_on(&w, 5);
  write_pid(&w, child);
  const struct reading *r = read_on(&w, 1);
  ck_assert_uint_eq(r->processes, 1);
  ck_assert_uint_eq(r->rated, 0);
  ck_assert_uint_eq(r->have, PROC_THREADS);
  ck_assert_uint_eq(count_lines(&w, "log"), 1);
  r = read_on(&w, 1);
  ck_assert_uint_eq(r->rated, 1);
  ck_assert_double_lt(r->cpu_percent, 20);
  ck_assert_uint_eq(count_lines(&w, "log"), 2);
  world_remove(&w);
  fixture_end(child);
}
END_TEST

START_TEST(a_pid_file_moves_the_monitor_without_mixing) {
  struct world w;

  world_make(&w);
  pid_t first = fixture_child(), second = fixture_child();
  w.config.pid_file = w.pid_file;
  write_pid(&w, first);
  world_start(&w);
  ck_assert_int_eq(read_on(&w, 1)->pid, first);
  write_pid(&w, second);
  const struct reading *r = read_on(&w, 1);
  ck_assert_int_eq(r->pid, second);
  ck_assert_uint_eq(r->processes, 1);
  world_remove(&w);
  fixture_end(first);
  fixture_end(second);
}
END_TEST

START_TEST(a_log_per_process_follows_the_process) {
  struct world w;
  char log[64];

  world_make(&w);
  pid_t first = fixture_child(), second = fixture_child();
  w.config.pid_file = w.pid_file;
  snprintf(w.file, sizeof(w.file), "%s/%%p.log", w.fixture.root);
  write_pid(&w, first);
  world_start(&w);
  read_on(&w, 2);
  write_pid(&w, second);
  read_on(&w, 3);
  snprintf(log, sizeof(log), "%d.log", (int)first);
  ck_assert_uint_eq(count_lines(&w, log), 3);
  snprintf(log, sizeof(log), "%d.log", (int)second);
  ck_assert_uint_ge(count_lines(&w, log), 3);
  world_remove(&w);
  fixture_end(first);
  fixture_end(second);
}
END_TEST

START_TEST(a_log_that_fails_is_said_once_and_tried_again) {
  struct world w;

  world_make(&w);
  w.config.pid = getpid();
  fixture_write(&w.fixture, "blocked", "a file");
  snprintf(w.file, sizeof(w.file), "%s/blocked/log", w.fixture.root);
  world_start(&w);
  read_on(&w, 3);
  ck_assert_uint_eq(record_count(REPORT_ERROR), 1);
  ck_assert(record_has("blocked/log: Not a directory; rows wait in memory"));
  ck_assert_int_eq(unlink(fixture_path(&w.fixture, "blocked")), 0);
  read_on(&w, 2);
  ck_assert_uint_eq(record_count(REPORT_ERROR), 1);
  ck_assert(record_has("blocked/log: works again; 3 rows that waited"));
  ck_assert_uint_eq(count_lines(&w, "blocked/log"), 6);
  world_remove(&w);
}
END_TEST

/* A backend of three processes, 1 to 3, that answer as they are told to. */
enum { N_PLAYED = 3 };
static struct proc_sample answers[N_PLAYED];
static uint64_t ages_ns[N_PLAYED];
static char played[N_PLAYED];
static bool renamed[N_PLAYED]; /* it is called x no more */

static int play_attach(struct backend_ctx *ctx, pid_t pid, uint64_t start,
                       uint32_t want, struct target **out, uint64_t *age_ns) {
  (void)ctx, (void)start, (void)want;
  if (answers[pid - 1].status == -ESRCH)
    return -ESRCH;
  *out = (struct target *)&played[pid - 1];
  *age_ns = ages_ns[pid - 1];
  return 0;
}

static int play_sample(struct backend_ctx *ctx, struct target *const *targets,
                       size_t n, uint32_t want, struct proc_sample *out) {
  (void)ctx;
  for (size_t i = 0; i < n; i++) {
    out[i] = answers[(char *)targets[i] - played];
    out[i].have = out[i].status == 0 ? want : 0;
  }
  return answers[0].status == -ENOSYS ? -ENOSYS : 0;
}

static void play_detach(struct backend_ctx *ctx, struct target *t) {
  (void)ctx, (void)t;
}

static int play_scan(struct backend_ctx *ctx, const struct scan *scan) {
  int result = 0;

  (void)ctx;
  for (pid_t pid = 1; pid <= N_PLAYED && result == 0; pid++) {
    struct proc_info info = {.have = FACT_COMMAND,
                             .pid = pid,
                             .command = renamed[pid - 1] ? "y" : "x"};
    if (answers[pid - 1].status != -ESRCH && scan->look(scan->arg, pid, 0) != 0)
      result = scan->visit(scan->arg, &info);
  }
  return result;
}

static const struct backend play = {
    .attach = play_attach,
    .sample = play_sample,
    .detach = play_detach,
    .scan = play_scan,
};

/* All three run since long, and nobody has ended. */
static void play_world(struct world *w) {
  world_make(w);
  w->env.backend = &play;
  for (int i = 0; i < N_PLAYED; i++) {
    answers[i] = (struct proc_sample){.status = 0, .cpu_percent = -1};
    ages_ns[i] = UINT64_C(3600000000000);
    renamed[i] = false;
  }
}

/* Reads for several intervals; nothing comes of it. */
static void read_in_vain(struct world *w) {
  size_t calls = record_dispatch.calls;

  for (int i = 0; i < 40; i++) {
    monitor_read(w->monitor);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  ck_assert_uint_eq(record_dispatch.calls, calls);
}

START_TEST(a_process_that_cannot_be_read_voids_the_reading) {
  const uint64_t s = 1000000000;
  struct world w;

  play_world(&w);
  w.config.command = x;
  for (int i = 0; i < N_PLAYED; i++)
    answers[i].time_ns = 1 * s;
  world_start(&w);
  for (int i = 0; i < N_PLAYED; i++)
    answers[i].time_ns = 2 * s;
  ck_assert_uint_eq(read_on(&w, 1)->processes, 3);
  /* The sum of the others would be a wrong figure. */
  answers[1].status = -EIO;
  read_in_vain(&w);
  ck_assert_uint_eq(record_count(REPORT_ERROR), 1);
  ck_assert(
      record_has("<Process \"x\">: a process cannot be read: Input/output"));
  answers[0].status = -ESRCH;
  read_in_vain(&w);
  /* Two seconds later the one has used one, the other none. */
  answers[1].status = 0;
  answers[1].time_ns = answers[2].time_ns = 4 * s;
  answers[1].cpu_ns = 1 * s;
  const struct reading *r = read_on(&w, 1);
  ck_assert_uint_eq(r->processes, 2);
  ck_assert_double_eq_tol(r->cpu_percent, 50, 1e-6);
  ck_assert(record_has("a process cannot be read: works again"));
  /* The backend fails as a whole: nobody has ended. */
  answers[0].status = -ENOSYS;
  read_in_vain(&w);
  answers[0].status = 0;
  ck_assert_uint_eq(read_on(&w, 1)->processes, 3);
  world_remove(&w);
}
END_TEST

START_TEST(each_process_keeps_its_own_past_when_another_ends) {
  const uint64_t s = 1000000000;
  struct world w;

  play_world(&w);
  w.config.command = x;
  for (uint64_t i = 0; i < N_PLAYED; i++)
    answers[i].time_ns = s, answers[i].cpu_ns = 100 * (i + 1) * s;
  world_start(&w);
  answers[0].status = -ESRCH;
  for (uint64_t i = 1; i < N_PLAYED; i++)
    answers[i].time_ns = 2 * s, answers[i].cpu_ns += s / 4;
  const struct reading *r = read_on(&w, 1);
  ck_assert_uint_eq(r->rated, 2);
  ck_assert_double_eq_tol(r->cpu_percent, 50, 1e-6);
  world_remove(&w);
}
END_TEST

START_TEST(who_does_not_match_any_more_counts_until_then) {
  const uint64_t s = 1000000000;
  struct world w;

  play_world(&w);
  w.config.command = x;
  for (uint64_t i = 0; i < N_PLAYED; i++)
    answers[i].time_ns = s;
  world_start(&w);
  renamed[1] = true;
  for (uint64_t i = 0; i < N_PLAYED; i++)
    answers[i].cpu_ns = i == 1 ? 3600 * s : 0, answers[i].time_ns = 2 * s;
  const struct reading *r = read_on(&w, 1);
  ck_assert_uint_eq(r->processes, 2);
  ck_assert_uint_eq(r->rated, 3);
  ck_assert_double_gt(r->cpu_percent, 0);
  /* It has not ended, and is not told to have. */
  ck_assert_uint_eq(record_n_notices, 0);
  for (uint64_t i = 0; i < N_PLAYED; i++)
    answers[i].time_ns = 3 * s;
  r = read_on(&w, 1);
  ck_assert_uint_eq(r->rated, 2);
  ck_assert_double_eq(r->cpu_percent, 0);
  world_remove(&w);
}
END_TEST

START_TEST(those_that_have_ended_take_no_place_of_max_processes) {
  struct world w;

  play_world(&w);
  w.config.command = x;
  w.config.file = NULL;
  w.config.each = true;
  w.config.max_processes = 1;
  answers[1].status = answers[2].status = -ESRCH;
  world_start(&w);
  read_on(&w, 1);
  answers[0].status = -ESRCH;
  answers[1].status = 0;
  read_on(&w, 2);
  ck_assert_uint_eq(record_count(REPORT_WARNING), 0);
  ck_assert(record_has("watching process 2"));
  answers[2].status = 0;
  read_on(&w, 2);
  ck_assert_uint_eq(record_count(REPORT_WARNING), 1);
  ck_assert(record_has("2 processes match; only 1 of them"));
  world_remove(&w);
}
END_TEST

START_TEST(a_pid_that_ended_before_it_was_read_has_ended) {
  struct world w;

  play_world(&w);
  w.config.pid = 2;
  /* It can be attached, and has ended when it is sampled. */
  answers[1].status = -EAGAIN;
  world_start(&w);
  answers[1].status = -ESRCH;
  read_on(&w, 1);
  ck_assert(!monitor_is_running(w.monitor));
  world_remove(&w);
}
END_TEST

START_TEST(starts_and_ends_are_told_but_not_at_the_stop) {
  struct world w;

  play_world(&w);
  w.config.command = x;
  w.config.notify = true;
  answers[2].status = -ESRCH;
  world_start(&w);
  ck_assert_uint_eq(record_n_notices, 0);
  answers[2].status = 0;
  ages_ns[2] = 0;
  read_on(&w, 1);
  ck_assert_uint_eq(record_n_notices, 1);
  ck_assert_str_eq(record_notices[0], "x OKAY x: process 3 started");
  answers[2].status = -ESRCH;
  read_on(&w, 1);
  ck_assert_uint_eq(record_n_notices, 2);
  answers[0].status = -ESRCH;
  nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  monitor_stop(w.monitor);
  ck_assert_uint_eq(record_n_notices, 2);
  world_remove(&w);
}
END_TEST

/* --- ends that the system tells --- */

static uint64_t watched[N_PLAYED];

static int play_watch_end(struct backend_ctx *ctx, struct target *t,
                          uint64_t key) {
  (void)ctx;
  watched[(char *)t - played] = key;
  return 0;
}

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t key; /* 0: none is to be told */
  bool is_idle, is_canceled;
} end = {.lock = PTHREAD_MUTEX_INITIALIZER,
         .changed = PTHREAD_COND_INITIALIZER};

static int play_next_end(struct backend_ctx *ctx, uint64_t *key) {
  (void)ctx;
  pthread_mutex_lock(&end.lock);
  /* A first end may have come before the thread did. */
  end.is_idle = end.key == 0;
  pthread_cond_broadcast(&end.changed);
  while (end.key == 0 && !end.is_canceled)
    pthread_cond_wait(&end.changed, &end.lock);
  *key = end.key;
  end.key = 0;
  int result = end.is_canceled ? -ECANCELED : 0;
  pthread_mutex_unlock(&end.lock);
  return result;
}

static void play_cancel_ends(struct backend_ctx *ctx) {
  (void)ctx;
  pthread_mutex_lock(&end.lock);
  end.is_canceled = true;
  pthread_cond_broadcast(&end.changed);
  pthread_mutex_unlock(&end.lock);
}

/* Ends a process, and waits until the monitor has been told. */
static void play_end(int i) {
  answers[i].status = -ESRCH;
  pthread_mutex_lock(&end.lock);
  end.is_idle = false;
  end.key = watched[i];
  pthread_cond_broadcast(&end.changed);
  while (!end.is_idle)
    pthread_cond_wait(&end.changed, &end.lock);
  pthread_mutex_unlock(&end.lock);
}

START_TEST(an_end_that_is_told_makes_the_last_reading_at_once) {
  struct backend telling = play;
  struct world w;

  play_world(&w);
  telling.watch_end = play_watch_end;
  telling.next_end = play_next_end;
  telling.cancel_ends = play_cancel_ends;
  w.env.backend = &telling;
  ck_assert_int_eq(ends_create(&telling, NULL, &w.env.ends), 0);
  w.config.command = x;
  w.config.notify = true;
  w.config.interval_ns = UINT64_C(3600000000000);
  answers[2].status = -ESRCH;
  world_start(&w);
  w.config.interval_ns = 10000000;
  nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  /* One of two: the other one is read when it is due. */
  play_end(0);
  ck_assert_uint_eq(record_n_notices, 1);
  ck_assert_uint_eq(record_dispatch.calls, 0);
  play_end(1);
  ck_assert_uint_eq(record_n_notices, 2);
  ck_assert_uint_eq(record_dispatch.calls, 1);
  ck_assert_uint_eq(record_dispatch.reading.processes, 0);
  /* Of two, one after the other, the second one waits for the next. */
  answers[0].status = 0;
  read_on(&w, 1);
  size_t calls = record_dispatch.calls;
  answers[1].status = 0;
  /* The process table is older than a tenth of the interval then. */
  nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  play_end(0);
  ck_assert_uint_eq(record_dispatch.calls, calls + 1);
  size_t told = record_n_notices;
  play_end(1);
  ck_assert_uint_eq(record_n_notices, told + 1);
  ck_assert_uint_eq(record_dispatch.calls, calls + 1);
  ends_stop(w.env.ends);
  world_remove(&w);
  ends_free(w.env.ends);
}
END_TEST

START_TEST(the_pid_of_several_is_that_of_the_oldest) {
  struct world w;

  play_world(&w);
  w.config.command = x;
  ages_ns[1] *= 2;
  world_start(&w);
  ck_assert_int_eq(read_on(&w, 1)->pid, 2);
  answers[1].status = -ESRCH;
  ages_ns[2] = 0;
  ck_assert_int_eq(read_on(&w, 1)->pid, 1);
  world_remove(&w);
}
END_TEST

START_TEST(what_a_pid_file_named_last_is_not_taken_anew) {
  struct world w;

  play_world(&w);
  w.config.pid_file = w.pid_file;
  answers[1].status = -ESRCH;
  write_pid(&w, 2);
  world_start(&w);
  ck_assert_uint_eq(read_on(&w, 1)->processes, 0);
  ck_assert_int_eq(unlink(w.pid_file), 0);
  answers[1].status = 0;
  ck_assert_uint_eq(read_on(&w, 1)->processes, 0);
  write_pid(&w, 2);
  ck_assert_uint_eq(read_on(&w, 1)->processes, 1);
  /* What it watches already stays. */
  ck_assert_int_eq(unlink(w.pid_file), 0);
  ck_assert_uint_eq(read_on(&w, 1)->processes, 1);
  world_remove(&w);
}
END_TEST

START_TEST(the_oldest_is_known_by_its_samples_where_attach_tells_no_age) {
  const uint64_t s = 1000000000;
  struct world w;

  play_world(&w);
  w.config.command = x;
  for (int i = 0; i < N_PLAYED; i++) {
    ages_ns[i] = UINT64_MAX;
    answers[i].time_ns = 100 * s;
    answers[i].uptime_ns = 10 * s;
  }
  answers[2].uptime_ns = 20 * s;
  w.config.metrics |= METRIC_UPTIME;
  world_start(&w);
  ck_assert_int_eq(read_on(&w, 1)->pid, 3);
  world_remove(&w);
}
END_TEST

START_TEST(one_that_was_never_read_is_missing_and_not_ended) {
  struct world w;

  play_world(&w);
  w.config.pid = 2;
  answers[1].status = -ESRCH;
  world_start(&w);
  ck_assert(record_has("no process now with Pid 2, waiting for it"));
  ck_assert_uint_eq(read_on(&w, 2)->processes, 0);
  ck_assert(monitor_is_running(w.monitor));
  answers[1].status = 0;
  ck_assert_uint_eq(read_on(&w, 1)->processes, 1);
  answers[1].status = -ESRCH;
  ck_assert_uint_eq(read_on(&w, 1)->processes, 0);
  ck_assert(!monitor_is_running(w.monitor));
  world_remove(&w);
}
END_TEST

static int scan_error;

static int failing_scan(struct backend_ctx *ctx, const struct scan *scan) {
  return scan_error != 0 ? scan_error : play_scan(ctx, scan);
}

START_TEST(a_scan_that_fails_ends_nobody_and_counts_nobody) {
  struct backend failing = play;
  struct world w;

  play_world(&w);
  failing.scan = failing_scan;
  w.env.backend = &failing;
  w.config.command = x;
  scan_error = -EMFILE;
  world_start(&w);
  ck_assert(record_has("processes cannot be selected: Too many open files"));
  read_in_vain(&w);
  scan_error = 0;
  ck_assert_uint_eq(read_on(&w, 1)->processes, 3);
  scan_error = -EMFILE;
  read_in_vain(&w);
  scan_error = 0;
  ck_assert_uint_eq(read_on(&w, 1)->processes, 3);
  ck_assert_uint_eq(record_count(REPORT_ERROR), 2);
  world_remove(&w);
}
END_TEST

static int slow_scan(struct backend_ctx *ctx, const struct scan *scan) {
  nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
  return play_scan(ctx, scan);
}

START_TEST(a_slow_scan_does_not_make_the_young_old) {
  struct backend slow = play;
  struct world w;

  play_world(&w);
  w.env.backend = &slow;
  w.config.command = x;
  for (int i = 0; i < N_PLAYED; i++)
    answers[i].time_ns = 1;
  answers[1].status = -ESRCH;
  world_start(&w);
  read_on(&w, 1);
  slow.scan = slow_scan;
  /* Born when the scan began: younger than the last reading. */
  answers[1].status = 0;
  answers[1].time_ns = UINT64_MAX / 2;
  ages_ns[1] = 50000000;
  ck_assert_uint_eq(read_on(&w, 1)->rated, 1);
  world_remove(&w);
}
END_TEST

START_TEST(without_dispatch_only_the_log_is_fed) {
  struct world w;

  world_make(&w);
  w.config.pid = getpid();
  w.config.dispatch = false;
  world_start(&w);
  for (int i = 0; count_lines(&w, "log") < 3; i++) {
    ck_assert_int_lt(i, 10000);
    monitor_read(w.monitor);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  ck_assert_uint_eq(record_dispatch.calls, 0);
  world_remove(&w);
}
END_TEST

START_TEST(a_command_sums_its_processes_as_they_come_and_go) {
  struct world w;
  char command[64];
  pid_t children[3];

  world_make(&w);
  snprintf(command, sizeof(command), "%s", fixture_command());
  w.config.command = command;
  w.config.metrics = METRIC_COUNT;
  for (int i = 0; i < 3; i++)
    children[i] = fixture_child();
  world_start(&w);
  ck_assert(record_has("watching 3 processes"));
  const struct reading *r = read_on(&w, 1);
  ck_assert_uint_eq(r->processes, 3);
  ck_assert_uint_eq(r->threads, 3);
  fixture_end(children[1]);
  ck_assert_uint_eq(read_on(&w, 1)->processes, 2);
  children[1] = fixture_child();
  ck_assert_uint_eq(read_on(&w, 1)->processes, 3);
  world_remove(&w);
  for (int i = 0; i < 3; i++)
    fixture_end(children[i]);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      start_opens_the_log_and_takes_a_baseline_only,
      each_reading_goes_to_both_sinks,
      only_what_a_sink_shows_is_measured,
      stop_writes_a_final_row_and_dispatches_nothing,
      stop_right_after_a_reading_writes_no_row,
      the_end_of_a_pid_is_said_once_and_counted_as_zero,
      a_process_that_is_not_there_yet_is_waited_for,
      a_process_born_since_the_last_reading_counts_whole,
      a_process_found_running_does_not_count_its_past,
      a_pid_file_moves_the_monitor_without_mixing,
      a_log_per_process_follows_the_process,
      a_log_that_fails_is_said_once_and_tried_again,
      a_process_that_cannot_be_read_voids_the_reading,
      each_process_keeps_its_own_past_when_another_ends,
      who_does_not_match_any_more_counts_until_then,
      those_that_have_ended_take_no_place_of_max_processes,
      a_pid_that_ended_before_it_was_read_has_ended,
      starts_and_ends_are_told_but_not_at_the_stop,
      an_end_that_is_told_makes_the_last_reading_at_once,
      the_pid_of_several_is_that_of_the_oldest,
      what_a_pid_file_named_last_is_not_taken_anew,
      the_oldest_is_known_by_its_samples_where_attach_tells_no_age,
      one_that_was_never_read_is_missing_and_not_ended,
      a_scan_that_fails_ends_nobody_and_counts_nobody,
      a_slow_scan_does_not_make_the_young_old,
      without_dispatch_only_the_log_is_fed,
      a_command_sums_its_processes_as_they_come_and_go,
  };
  return UNIT_RUN("monitor", tests);
}
