/* Readings, flushes, ends and the stop at the same time. What goes wrong shows
 * with -fsanitize=thread, or as a row that is lost or torn. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backends/clock.h"
#include "compat/thread.h"
#include "fixture.h"
#include "plugin/metrics.h"
#include "plugin/monitor.h"
#include "record.h"
#include "unit.h"

enum { N = 4, READERS = 2, ROUNDS = 50 };

static struct fixture fixture;

static struct {
  struct fd_budget budget;
  struct monitor_env env;
  struct monitor_config configs[N];
  char files[N][256], command[32];
  struct monitor *monitors[N];
  atomic_bool is_over;
} world;

static char name[] = "x", time_format[] = "%s.%9N";

static void make_monitor(int i) {
  struct monitor_config *c = &world.configs[i];

  snprintf(world.files[i], sizeof(world.files[i]), "%s/log%d%s", fixture.root,
           i, i == N - 1 ? "-%p" : "");
  *c = (struct monitor_config){
      .name = name,
      .interval_ns = 1000000,
      .num_processors = 1,
      .file = world.files[i],
      .append = true,
      .time_format = time_format,
      .notify = true,
      .command = world.command,
      .each = i == N - 1,
      .max_processes = 10,
  };
  columns_preset("unix", &c->columns);
  ck_assert_int_eq(monitor_create(c, &world.env, NULL, &world.monitors[i]), 0);
}

static void make_world(void) {
  const struct backend *backend;
  struct backend_options options = {.proc_root = "/proc",
                                    .budget = &world.budget};

  fixture_make(&fixture);
  snprintf(world.command, sizeof(world.command), "%s", fixture_command());
  atomic_init(&world.budget.left, 64);
  atomic_init(&world.is_over, false);
  ck_assert_int_eq(backend_find("auto", &backend), 0);
  ck_assert_int_eq(backend->open(&options, &world.env.ctx), 0);
  world.env.backend = backend;
  world.env.budget = &world.budget;
  ck_assert_int_eq(census_create(backend, world.env.ctx, &world.env.census), 0);
  ck_assert_int_eq(ends_create(backend, world.env.ctx, &world.env.ends), 0);
  ck_assert_int_eq(writers_create(&world.env.writers), 0);
  record_clear();
  for (int i = 0; i < N; i++)
    make_monitor(i);
  for (int i = 0; i < N; i++)
    monitor_start(world.monitors[i]);
}

static void remove_world(void) {
  ends_stop(world.env.ends);
  for (int i = 0; i < N; i++) {
    monitor_stop(world.monitors[i]);
    ck_assert(monitor_wait(world.monitors[i],
                           clock_ns(CLOCK_MONOTONIC) + UINT64_C(20000000000)));
    monitor_free(world.monitors[i]);
  }
  writers_free(world.env.writers);
  ends_free(world.env.ends);
  census_free(world.env.census);
  world.env.backend->close(world.env.ctx);
  ck_assert_int_eq(atomic_load(&world.budget.left), 64);
}

/* So that those who start the processes come to run, too. */
static void pause_a_little(void) {
  nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
}

static void *read_on(void *unused) {
  while (!atomic_load(&world.is_over)) {
    for (int i = 0; i < N; i++)
      monitor_read(world.monitors[i]);
    pause_a_little();
  }
  return unused;
}

static void *flush_on(void *unused) {
  while (!atomic_load(&world.is_over)) {
    for (int i = 0; i < N; i++) {
      monitor_reopen(world.monitors[i]);
      monitor_is_running(world.monitors[i]);
    }
    pause_a_little();
  }
  return unused;
}

/* Every line is whole, and no time comes twice or goes back. */
static void check_log(const char *file) {
  const char *slash = strrchr(file, '/');
  char *text = fixture_read(&fixture, slash + 1), *rest, *line;
  double last = 0;

  ck_assert_ptr_nonnull(text);
  ck_assert_int_eq(text[strlen(text) - 1], '\n');
  line = strtok_r(text, "\n", &rest);
  ck_assert_str_eq(line, "Time\tCPU\tResident\tVirtual");
  while ((line = strtok_r(NULL, "\n", &rest)) != NULL) {
    char *end;
    double at = strtod(line, &end);
    ck_assert_int_eq(*end, '\t');
    ck_assert_double_gt(at, last);
    last = at;
  }
  ck_assert_double_gt(last, 0);
  free(text);
}

START_TEST(readings_flushes_and_ends_do_not_disturb_each_other) {
  pthread_t readers[READERS], flusher;

  make_world();
  for (int i = 0; i < READERS; i++)
    ck_assert_int_eq(pthread_create(&readers[i], NULL, read_on, NULL), 0);
  ck_assert_int_eq(pthread_create(&flusher, NULL, flush_on, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    pid_t child = fixture_child();
    pause_a_little();
    fixture_end(child);
  }
  atomic_store(&world.is_over, true);
  for (int i = 0; i < READERS; i++)
    pthread_join(readers[i], NULL);
  pthread_join(flusher, NULL);
  remove_world();
  for (int i = 0; i < N - 1; i++)
    check_log(world.files[i]);
  ck_assert_uint_eq(record_count(REPORT_ERROR), 0);
  fixture_remove(&fixture);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      readings_flushes_and_ends_do_not_disturb_each_other,
  };
  return UNIT_RUN("threads", tests);
}
