#include "plugin/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "backends/clock.h"
#include "fixture.h"
#include "plugin/log_job.h"
#include "record.h"
#include "unit.h"

enum { PROCESSES = 1500 };

static const uint64_t LONG_NS = UINT64_C(20000000000);

struct world {
  struct fixture fixture;
  struct fd_budget budget;
  struct writers *writers;
  struct monitor_config config;
  struct logs logs;
  char file[128];
  struct job stuck; /* in the same folder */
  atomic_bool is_stuck;
};

static char name[] = "x", time_format[] = "%s.%9N";

static void hang(void *arg) {
  struct world *w = arg;

  while (atomic_load(&w->is_stuck))
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static void world_make(struct world *w, bool each) {
  memset(w, 0, sizeof(*w));
  fixture_make(&w->fixture);
  snprintf(w->file, sizeof(w->file), "%s/log%s", w->fixture.root,
           each ? "-%p" : "");
  atomic_init(&w->budget.left, 8);
  w->config = (struct monitor_config){
      .name = name,
      .interval_ns = 1000000,
      .file = w->file,
      .append = true,
      .time_format = time_format,
      .each = each,
      .max_processes = PROCESSES,
  };
  columns_preset("unix", &w->config.columns);
  record_clear();
  ck_assert_int_eq(writers_create(&w->writers), 0);
  ck_assert_int_eq(
      logs_init(&w->logs, &w->config, &w->budget, w->writers, NULL), 0);
}

static void world_hang(struct world *w) {
  atomic_init(&w->is_stuck, true);
  w->stuck = (struct job){.run = hang, .arg = w, .place = w->logs.folder};
  writers_ask(w->writers, &w->stuck);
}

static bool is_done(struct logs *l) {
  return logs_wait(l, clock_ns(CLOCK_MONOTONIC) + LONG_NS);
}

static void world_remove(struct world *w) {
  atomic_store(&w->is_stuck, false);
  ck_assert(is_done(&w->logs));
  logs_clear(&w->logs);
  ck_assert(
      writers_wait(w->writers, &w->stuck, clock_ns(CLOCK_MONOTONIC) + LONG_NS));
  writers_free(w->writers);
  ck_assert_int_eq(atomic_load(&w->budget.left), 8);
  fixture_remove(&w->fixture);
}

static void write_row(struct log *log, pid_t pid) {
  log_write(log, &(struct reading){.wall_ns = clock_ns(CLOCK_REALTIME),
                                   .pid = pid,
                                   .rated = 1});
}

START_TEST(a_reading_of_many_processes_finds_places_for_all_its_rows) {
  static struct log *logs[PROCESSES];
  struct world w;

  world_make(&w, true);
  world_hang(&w);
  for (int i = 0; i < PROCESSES; i++) {
    ck_assert_int_eq(log_create(&w.logs, &logs[i]), 0);
    write_row(logs[i], i + 1);
  }
  ck_assert_uint_eq(w.logs.places.lost, 0);
  for (int i = 0; i < PROCESSES; i++)
    log_leave(logs[i]);
  world_remove(&w);
  ck_assert_uint_eq(record_lines(), 0);
}
END_TEST

static size_t count_left(struct logs *l) {
  size_t n = 0;

  pthread_mutex_lock(&l->lock);
  for (const struct log *log = l->left; log != NULL; log = log->next_left)
    n++;
  pthread_mutex_unlock(&l->lock);
  return n;
}

START_TEST(who_comes_and_goes_while_a_log_hangs_leaves_nothing_but_rows) {
  struct log *full, *other;
  struct world w;

  world_make(&w, true);
  world_hang(&w);
  ck_assert_int_eq(log_create(&w.logs, &full), 0);
  for (size_t i = 0; i < w.logs.rows_max; i++)
    write_row(full, 1);
  log_leave(full);
  for (int i = 2; i < 100; i++) {
    ck_assert_int_eq(log_create(&w.logs, &other), 0);
    log_open(other, i);
    write_row(other, i);
    log_leave(other);
  }
  ck_assert_uint_eq(count_left(&w.logs), 1);
  world_remove(&w);
  ck_assert(record_has("98 rows of 98 files are lost"));
  ck_assert_uint_eq(record_lines(), 1);
}
END_TEST

/* Rows that come faster than any disk takes them. */
static struct {
  struct logs logs;
  struct log *log;
  atomic_bool is_over;
} flood;

static void *write_on(void *unused) {
  while (!atomic_load(&flood.is_over))
    write_row(flood.log, 1);
  return unused;
}

START_TEST(a_log_that_never_catches_up_leaves_the_others_their_turn) {
  struct world w;
  struct log *log;
  pthread_t thread;

  world_make(&w, false);
  struct monitor_config config = w.config;
  char file[160];
  snprintf(file, sizeof(file), "%s-flood", w.file);
  config.file = file;
  config.sync = true;
  ck_assert_int_eq(logs_init(&flood.logs, &config, &w.budget, w.writers, NULL),
                   0);
  ck_assert_int_eq(log_create(&flood.logs, &flood.log), 0);
  ck_assert_int_eq(log_create(&w.logs, &log), 0);
  ck_assert_int_eq(pthread_create(&thread, NULL, write_on, NULL), 0);
  for (uint64_t lost = 0; lost == 0;) {
    pthread_mutex_lock(&flood.logs.lock);
    lost = flood.logs.places.lost;
    pthread_mutex_unlock(&flood.logs.lock);
  }
  write_row(log, 1);
  bool had_its_turn = is_done(&w.logs);
  atomic_store(&flood.is_over, true);
  pthread_join(thread, NULL);
  ck_assert(had_its_turn);
  ck_assert(is_done(&flood.logs));
  ck_assert(record_has("rows are lost, for no more than 1000 can wait"));
  log_leave(log);
  log_leave(flood.log);
  ck_assert(is_done(&flood.logs));
  logs_clear(&flood.logs);
  world_remove(&w);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_reading_of_many_processes_finds_places_for_all_its_rows,
      who_comes_and_goes_while_a_log_hangs_leaves_nothing_but_rows,
      a_log_that_never_catches_up_leaves_the_others_their_turn,
  };
  return UNIT_RUN("log", tests);
}
