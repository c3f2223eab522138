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

  snprintf(world.files[i], sizeof(world.files[i]), "%s/logs/log%d%s",
           fixture.root, i, i == N - 1 ? "-%p" : "");
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

/* Where the logs are: in a folder, or nowhere. */
static void point_logs_to(const char *place) {
  char link[256], next[256];

  snprintf(link, sizeof(link), "%s/logs", fixture.root);
  snprintf(next, sizeof(next), "%s/next", fixture.root);
  ck_assert_int_eq(symlink(place, next), 0);
  ck_assert_int_eq(rename(next, link), 0);
}

static void make_world(void) {
  const struct backend *backend;
  struct backend_options options = {.proc_root = "/proc",
                                    .budget = &world.budget};

  fixture_make(&fixture);
  fixture_write(&fixture, "folder/x", "");
  fixture_write(&fixture, "file", "");
  point_logs_to("folder");
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

static char *read_log(const char *file) {
  char in_folder[64];

  snprintf(in_folder, sizeof(in_folder), "folder/%s", strrchr(file, '/') + 1);
  return fixture_read(&fixture, in_folder);
}

static bool has_row(const char *file) {
  char *text = read_log(file);
  const char *end = text != NULL ? strchr(text, '\n') : NULL;
  bool has_one = end != NULL && end[1] != '\0';

  free(text);
  return has_one;
}

/* Who lives no longer than it takes to find him may be in no log at all. */
static void wait_for_rows(void) {
  uint64_t deadline_ns = clock_ns(CLOCK_MONOTONIC) + UINT64_C(20000000000);

  for (int i = 0; i < N - 1; i++)
    while (!has_row(world.files[i])) {
      ck_assert_uint_lt(clock_ns(CLOCK_MONOTONIC), deadline_ns);
      pause_a_little();
    }
}

/* Every line is whole, and no time comes twice or goes back. */
static void check_log(const char *file) {
  char *text = read_log(file), *rest, *line;
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

/* `places` are those that the logs are in, one after the other. */
static void run_world(const char *const places[2]) {
  pthread_t readers[READERS], flusher;

  make_world();
  for (int i = 0; i < READERS; i++)
    ck_assert_int_eq(pthread_create(&readers[i], NULL, read_on, NULL), 0);
  ck_assert_int_eq(pthread_create(&flusher, NULL, flush_on, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    pid_t child = fixture_child();
    pause_a_little();
    if (i == 0)
      wait_for_rows();
    fixture_end(child);
    point_logs_to(places[i % 2]);
  }
  atomic_store(&world.is_over, true);
  for (int i = 0; i < READERS; i++)
    pthread_join(readers[i], NULL);
  pthread_join(flusher, NULL);
  remove_world();
  for (int i = 0; i < N - 1; i++)
    check_log(world.files[i]);
}

START_TEST(readings_flushes_and_ends_do_not_disturb_each_other) {
  run_world((const char *const[]){"folder", "folder"});
  ck_assert_uint_eq(record_count(REPORT_ERROR), 0);
  fixture_remove(&fixture);
}
END_TEST

START_TEST(nor_does_a_folder_of_logs_that_goes_and_comes) {
  run_world((const char *const[]){"file", "folder"});
  ck_assert_uint_gt(record_count(REPORT_ERROR), 0);
  ck_assert(!record_has("lost"));
  fixture_remove(&fixture);
}
END_TEST

/* No address space has room for the stack of one. */
static void allow_threads(bool is_allowed) {
  static pthread_attr_t before;
  pthread_attr_t huge;

  if (is_allowed) {
    ck_assert_int_eq(pthread_setattr_default_np(&before), 0);
    return;
  }
  ck_assert_int_eq(pthread_getattr_default_np(&before), 0);
  ck_assert_int_eq(pthread_getattr_default_np(&huge), 0);
  ck_assert_int_eq(pthread_attr_setstacksize(&huge, SIZE_MAX / 4 + 1), 0);
  ck_assert_int_eq(pthread_setattr_default_np(&huge), 0);
}

struct work {
  struct job job;
  atomic_bool is_held, has_begun;
};

static void hold(void *arg) {
  struct work *w = arg;

  atomic_store(&w->has_begun, true);
  while (atomic_load(&w->is_held))
    pause_a_little();
}

START_TEST(where_no_thread_can_be_had_the_next_who_asks_tries_again) {
  struct work held = {.job = {.run = hold, .arg = &held, .place = "a"}},
              other = {.job = {.run = hold, .arg = &other, .place = "b"}};
  struct writers *w;

  ck_assert_int_eq(writers_create(&w), 0);
  atomic_init(&held.is_held, true);
  atomic_init(&other.is_held, false);
  allow_threads(false);
  writers_ask(w, &held.job);
  while (!atomic_load(&held.has_begun))
    pause_a_little();
  writers_ask(w, &other.job);
  ck_assert(!writers_wait(w, &other.job, clock_ns(CLOCK_MONOTONIC) + 50000000));
  allow_threads(true);
  writers_ask(w, &other.job);
  ck_assert(writers_wait(w, &other.job,
                         clock_ns(CLOCK_MONOTONIC) + UINT64_C(20000000000)));
  atomic_store(&held.is_held, false);
  ck_assert(writers_wait(w, &held.job,
                         clock_ns(CLOCK_MONOTONIC) + UINT64_C(20000000000)));
  writers_free(w);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      readings_flushes_and_ends_do_not_disturb_each_other,
      nor_does_a_folder_of_logs_that_goes_and_comes,
      where_no_thread_can_be_had_the_next_who_asks_tries_again,
  };
  return UNIT_RUN("threads", tests);
}
