#include "plugin/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backends/clock.h"
#include "fixture.h"
#include "record.h"
#include "unit.h"

static const uint64_t s = 1000000000, LONG_NS = UINT64_C(20000000000),
                      TEN_MINUTES_NS = UINT64_C(600000000000);

/* --- memory that runs out --- */

static bool is_counting;
static int left = -1; /* until the one that fails; -1: none does */
static int held;      /* of what was taken while it counted */

/* The linker's names. NOLINTBEGIN(*-reserved-identifier,cert-dcl*) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *text);

static bool fails(void) { return is_counting && left >= 0 && left-- == 0; }

static void *count(void *p) {
  held += is_counting && p != NULL;
  return p;
}

void *__wrap_malloc(size_t size) {
  return fails() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size) {
  return fails() ? NULL : count(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size) {
  if (fails())
    return NULL;
  held -= is_counting && p != NULL;
  return count(__real_realloc(p, size));
}

char *__wrap_strdup(const char *text) {
  return fails() ? NULL : count(__real_strdup(text));
}

void __wrap_free(void *p) {
  held -= is_counting && p != NULL;
  __real_free(p);
}

/* NOLINTEND(*-reserved-identifier,cert-dcl*) */

/* --- a keeper, and what its monitors need --- */

enum { BUDGET = 1000, ANNA = 1001, BERT = 1002 };

static struct world {
  struct fixture fixture;
  struct fd_budget budget;
  struct monitor_env env;
  struct keeper keeper;
  struct monitor_config config; /* of the next one that is started */
  int last_fd;                  /* that it was given */
} w;

static void told(void *arg) { (void)arg; }

static void begin(void) {
  struct backend_options options = {.proc_root = "/proc", .budget = &w.budget};

  memset(&w, 0, sizeof(w));
  fixture_make(&w.fixture);
  atomic_init(&w.budget.left, BUDGET);
  ck_assert_int_eq(backend_find("auto", &w.env.backend), 0);
  ck_assert_int_eq(w.env.backend->open(&options, &w.env.ctx), 0);
  ck_assert_int_eq(census_create(w.env.backend, w.env.ctx, &w.env.census), 0);
  w.env.budget = &w.budget;
  w.env.told = told;
  record_clear();
  keeper_init(&w.keeper, &w.env);
}

static void end(void) {
  ck_assert(keeper_clear(&w.keeper, clock_ns(CLOCK_MONOTONIC) + LONG_NS));
  writers_free(w.env.writers);
  census_free(w.env.census);
  w.env.backend->close(w.env.ctx);
  ck_assert_int_eq(atomic_load(&w.budget.left), BUDGET);
  fixture_remove(&w.fixture);
}

/* Of this process, as often as can be. */
static void configure(const char *name) {
  ck_assert_int_eq(monitor_config_init(&w.config, 10000000), 0);
  w.config.name = strdup(name);
  w.config.pid = getpid();
}

/* Has the next one write to the open file `log`. */
static void give_log(void) {
  w.last_fd = open(fixture_path(&w.fixture, "log"),
                   O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_ge(w.last_fd, 0);
  ck_assert(fd_budget_take(&w.budget));
  w.config.file = strdup("the log");
  w.config.has_log_fd = true;
  w.config.log_fd = w.last_fd;
}

static bool log_is_open(void) { return fcntl(w.last_fd, F_GETFD) >= 0; }

static struct kept *launch(uid_t owner, uint32_t client) {
  struct kept *kept = NULL;

  ck_assert_int_eq(keeper_start(&w.keeper, &w.config, owner, client, &kept), 0);
  return kept;
}

static struct kept *start(const char *name) {
  configure(name);
  return launch(ANNA, 0);
}

static void forget(struct kept *kept) {
  keeper_hide(kept);
  keeper_run(&w.keeper, clock_ns(CLOCK_MONOTONIC));
}

/* --- ids and names --- */

START_TEST(ids_ascend_and_are_not_used_again) {
  begin();
  for (uint32_t i = 1; i <= 40; i++) {
    ck_assert_uint_eq(keeper_next_id(&w.keeper), i);
    struct kept *kept = start("x");
    ck_assert_uint_eq(kept->id, i);
    ck_assert_ptr_eq(keeper_find(&w.keeper, i), kept);
    if (i % 2 == 0) {
      forget(kept);
    }
  }
  for (uint32_t i = 1; i <= 40; i++)
    ck_assert((keeper_find(&w.keeper, i) != NULL) == (i % 2 != 0));
  ck_assert_ptr_null(keeper_find(&w.keeper, 0));
  ck_assert_ptr_null(keeper_find(&w.keeper, 41));
  end();
}
END_TEST

START_TEST(a_name_is_that_of_a_monitor_that_runs) {
  begin();
  struct kept *x = start("x"), *y = start("y");
  ck_assert_ptr_eq(keeper_find_name(&w.keeper, "x"), x);
  ck_assert_ptr_eq(keeper_find_name(&w.keeper, "y"), y);
  ck_assert_ptr_null(keeper_find_name(&w.keeper, "X"));
  keeper_stop(x);
  ck_assert_ptr_null(keeper_find_name(&w.keeper, "x"));
  end();
}
END_TEST

START_TEST(a_monitor_of_the_configuration_stays_the_callers) {
  struct monitor *monitor;

  begin();
  configure("x");
  ck_assert_int_eq(monitor_create(&w.config, &w.env, NULL, &monitor), 0);
  monitor_start(monitor);
  ck_assert_int_eq(keeper_add(&w.keeper, &w.config, monitor), 0);
  ck_assert_uint_eq(keeper_find_name(&w.keeper, "x")->id, 1);
  /* Others read it, and it ends with none of its users. */
  ck_assert_uint_eq(keeper_due_ns(&w.keeper), UINT64_MAX);
  keeper_stop_of_client(&w.keeper, 0);
  keeper_run(&w.keeper, clock_ns(CLOCK_MONOTONIC) + 2 * TEN_MINUTES_NS);
  ck_assert_ptr_nonnull(keeper_find(&w.keeper, 1));
  ck_assert(keeper_clear(&w.keeper, 0));
  ck_assert(monitor_is_running(monitor));
  monitor_stop(monitor);
  monitor_free(monitor);
  monitor_config_clear(&w.config);
  end();
}
END_TEST

/* --- limits --- */

START_TEST(a_user_can_run_256_and_others_as_many) {
  struct kept *kept;

  begin();
  for (int i = 0; i < KEEPER_RUNNING_MAX; i++)
    start("x");
  configure("x");
  give_log();
  int budget = atomic_load(&w.budget.left);
  ck_assert_int_eq(keeper_start(&w.keeper, &w.config, ANNA, 0, &kept), -EDQUOT);
  ck_assert(!log_is_open());
  ck_assert_int_eq(atomic_load(&w.budget.left), budget + 1);
  ck_assert_uint_eq(w.keeper.n, KEEPER_RUNNING_MAX);
  configure("x");
  launch(BERT, 0);
  keeper_stop(keeper_find(&w.keeper, 7));
  start("x");
  end();
}
END_TEST

START_TEST(of_too_many_that_have_ended_the_first_is_forgotten) {
  begin();
  configure("x");
  keeper_stop(launch(BERT, 0));
  struct kept *longest = start("x");
  for (int i = 1; i < KEEPER_ENDED_MAX; i++)
    keeper_stop(start("x"));
  keeper_stop(longest);
  ck_assert_uint_eq(w.keeper.n, KEEPER_ENDED_MAX + 1);
  /* It has the lowest id, but has ended last. */
  start("x");
  ck_assert_ptr_nonnull(keeper_find(&w.keeper, 1));
  ck_assert_ptr_eq(keeper_find(&w.keeper, 2), longest);
  ck_assert_ptr_null(keeper_find(&w.keeper, 3));
  ck_assert_ptr_nonnull(keeper_find(&w.keeper, 4));
  ck_assert_uint_eq(w.keeper.n, KEEPER_ENDED_MAX + 1);
  end();
}
END_TEST

/* --- time --- */

START_TEST(what_has_ended_is_forgotten_after_ten_minutes) {
  begin();
  struct kept *kept = start("x");
  keeper_stop(kept);
  uint64_t ended_ns = kept->ended_ns;
  keeper_stop(kept);
  ck_assert_uint_eq(kept->ended_ns, ended_ns);
  ck_assert_uint_eq(keeper_due_ns(&w.keeper), ended_ns + TEN_MINUTES_NS);
  keeper_run(&w.keeper, ended_ns + TEN_MINUTES_NS - 1);
  ck_assert_ptr_eq(keeper_find(&w.keeper, 1), kept);
  /* It runs when it is due, and then has nothing to do any more. */
  keeper_run(&w.keeper, keeper_due_ns(&w.keeper));
  ck_assert_ptr_null(keeper_find(&w.keeper, 1));
  ck_assert_uint_eq(keeper_due_ns(&w.keeper), UINT64_MAX);
  end();
}
END_TEST

START_TEST(due_times_do_not_drift_and_skip_what_was_missed) {
  const uint64_t interval_ns = 10000000;

  begin();
  struct kept *kept = start("x");
  uint64_t due_ns = kept->due_ns;
  ck_assert_uint_eq(keeper_due_ns(&w.keeper), due_ns);
  keeper_run(&w.keeper, due_ns - 1);
  ck_assert_uint_eq(kept->due_ns, due_ns);
  keeper_run(&w.keeper, due_ns);
  ck_assert_uint_eq(kept->due_ns, due_ns + interval_ns);
  keeper_run(&w.keeper, due_ns + interval_ns + 3);
  ck_assert_uint_eq(kept->due_ns, due_ns + 2 * interval_ns);
  keeper_run(&w.keeper, due_ns + 10 * interval_ns - 1);
  ck_assert_uint_eq(kept->due_ns, due_ns + 10 * interval_ns);
  keeper_run(&w.keeper, due_ns + 10 * interval_ns);
  ck_assert_uint_eq(kept->due_ns, due_ns + 11 * interval_ns);
  end();
}
END_TEST

START_TEST(the_next_to_be_read_is_due_first) {
  begin();
  configure("slow");
  w.config.interval_ns = 3600 * s;
  launch(ANNA, 0);
  struct kept *fast = start("fast");
  ck_assert_uint_eq(keeper_due_ns(&w.keeper), fast->due_ns);
  end();
}
END_TEST

START_TEST(readings_are_taken_when_they_are_due) {
  struct view view = {0};
  struct logs_state logs;

  begin();
  configure("x");
  give_log();
  struct kept *kept = launch(ANNA, 0);
  for (int i = 0; view.readings < 3; i++) {
    ck_assert_int_lt(i, 10000);
    keeper_run(&w.keeper, clock_ns(CLOCK_MONOTONIC));
    monitor_look(kept->monitor, &view, &logs);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  ck_assert_uint_eq(logs.written, 3);
  ck_assert_uint_eq(view.last.have & (PROC_CPU | PROC_RESIDENT),
                    PROC_CPU | PROC_RESIDENT);
  end();
}
END_TEST

/* --- ends --- */

START_TEST(a_stop_closes_the_log) {
  begin();
  configure("x");
  give_log();
  struct kept *kept = launch(ANNA, 0);
  ck_assert(log_is_open());
  keeper_stop(kept);
  ck_assert(keeper_is_done(kept));
  ck_assert(!log_is_open());
  end();
}
END_TEST

START_TEST(with_a_client_its_monitors_end_and_no_others) {
  begin();
  struct kept *kept[3];
  const uint32_t clients[] = {0, 5, 6};
  for (int i = 0; i < 3; i++) {
    configure("x");
    kept[i] = launch(ANNA, clients[i]);
  }
  keeper_stop_of_client(&w.keeper, 5);
  ck_assert_uint_eq(kept[0]->ended_ns, 0);
  ck_assert_uint_ne(kept[1]->ended_ns, 0);
  ck_assert_uint_eq(kept[2]->ended_ns, 0);
  ck_assert(!monitor_is_running(kept[1]->monitor));
  end();
}
END_TEST

START_TEST(one_whose_process_has_ended_is_stopped) {
  begin();
  pid_t child = fixture_child();
  configure("x");
  w.config.pid = child;
  struct kept *kept = launch(ANNA, 0);
  keeper_run(&w.keeper, kept->due_ns);
  ck_assert_uint_eq(kept->ended_ns, 0);
  fixture_end(child);
  for (int i = 0; kept->ended_ns == 0; i++) {
    ck_assert_int_lt(i, 10000);
    keeper_run(&w.keeper, clock_ns(CLOCK_MONOTONIC));
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  ck_assert_ptr_null(keeper_find_name(&w.keeper, "x"));
  end();
}
END_TEST

/* --- logs that hang --- */

static atomic_bool is_held;

static void hold(void *arg) {
  while (atomic_load(&is_held))
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
  (void)arg;
}

static struct job stuck = {.run = hold, .place = "1001/0"};

/* The logs that Anna gives wait behind a writer that hangs. */
static void begin_with_a_writer_that_hangs(void) {
  begin();
  ck_assert_int_eq(writers_create(&w.env.writers), 0);
  keeper_init(&w.keeper, &w.env);
  atomic_store(&is_held, true);
  writers_ask(w.env.writers, &stuck);
}

static void go_on(void) {
  atomic_store(&is_held, false);
  ck_assert(
      writers_wait(w.env.writers, &stuck, clock_ns(CLOCK_MONOTONIC) + LONG_NS));
}

START_TEST(a_log_that_hangs_is_waited_for_with_patience) {
  begin_with_a_writer_that_hangs();
  configure("x");
  give_log();
  struct kept *kept = launch(ANNA, 0);
  keeper_stop(kept);
  ck_assert(!keeper_is_done(kept));
  uint64_t now_ns = keeper_due_ns(&w.keeper);
  for (int i = 0; i < 3; i++) {
    keeper_run(&w.keeper, now_ns);
    ck_assert_ptr_eq(keeper_find(&w.keeper, 1), kept);
    ck_assert_uint_gt(keeper_due_ns(&w.keeper), now_ns + s);
    now_ns = keeper_due_ns(&w.keeper);
  }
  go_on();
  ck_assert(monitor_wait(kept->monitor, clock_ns(CLOCK_MONOTONIC) + LONG_NS));
  keeper_run(&w.keeper, now_ns);
  ck_assert_ptr_null(keeper_find(&w.keeper, 1));
  end();
}
END_TEST

START_TEST(a_log_of_a_user_that_hangs_holds_up_no_other_user) {
  begin_with_a_writer_that_hangs();
  configure("x");
  give_log();
  launch(ANNA, 0);
  configure("y");
  give_log();
  w.config.append = true;
  struct kept *other = launch(BERT, 0);
  keeper_stop(other);
  ck_assert(monitor_wait(other->monitor, clock_ns(CLOCK_MONOTONIC) + LONG_NS));
  ck_assert(!log_is_open());
  go_on();
  end();
}
END_TEST

START_TEST(the_end_does_not_wait_for_a_log_that_hangs) {
  begin_with_a_writer_that_hangs();
  configure("x");
  give_log();
  struct kept *kept = launch(ANNA, 0);
  struct monitor *monitor = kept->monitor;
  start("y");
  ck_assert(!keeper_clear(&w.keeper, clock_ns(CLOCK_MONOTONIC) + 1000000));
  ck_assert(record_has("rows are lost, for writing hangs"));
  ck_assert_uint_eq(w.keeper.n, 0);
  /* What its writer uses is there still. */
  go_on();
  ck_assert(monitor_wait(monitor, clock_ns(CLOCK_MONOTONIC) + LONG_NS));
  ck_assert(!log_is_open());
  monitor_free(monitor);
  monitor_config_clear(&kept->own_config);
  free(kept);
  end();
}
END_TEST

/* --- starts that fail --- */

static int no_group(struct backend_ctx *ctx, enum group_kind kind,
                    const char *name, struct group **out) {
  (void)ctx, (void)kind, (void)name, (void)out;
  return -ENOMEM;
}

START_TEST(a_start_that_fails_closes_the_log_it_was_given) {
  struct backend backend;
  struct kept *kept;

  begin();
  backend = *w.env.backend;
  backend.group_create = no_group;
  w.env.backend = &backend;
  keeper_init(&w.keeper, &w.env);
  configure("x");
  w.config.unit = strdup("x.service");
  give_log();
  ck_assert_int_eq(keeper_start(&w.keeper, &w.config, ANNA, 0, &kept), -ENOMEM);
  ck_assert(!log_is_open());
  ck_assert_int_eq(atomic_load(&w.budget.left), BUDGET);
  ck_assert_uint_eq(w.keeper.n, 0);
  ck_assert_uint_eq(keeper_next_id(&w.keeper), 1);
  end();
}
END_TEST

/* True when it went well although the i-th piece of memory was missing. */
static bool start_without(int i) {
  struct kept *kept = NULL;

  held = 0;
  is_counting = true;
  configure("x");
  give_log();
  left = i;
  int error = keeper_start(&w.keeper, &w.config, ANNA, 0, &kept);
  left = -1;
  if (error == 0) {
    forget(kept);
  }
  is_counting = false;
  ck_assert(error == 0 || error == -ENOMEM);
  ck_assert(!log_is_open());
  ck_assert_int_eq(atomic_load(&w.budget.left), BUDGET);
  ck_assert_uint_eq(w.keeper.n, 0);
  return error == 0;
}

START_TEST(wherever_memory_runs_out_nothing_is_left_of_a_start) {
  int failed = 0;

  begin();
  /* Then the lists that grow have grown. */
  start_without(-1);
  start_without(-1);
  ck_assert_int_eq(held, 0);
  for (int i = 0; i < 60; i++) {
    failed += !start_without(i);
    ck_assert_msg(held == 0, "%d, without piece %d", held, i);
  }
  ck_assert_int_gt(failed, 3);
  ck_assert_int_lt(failed, 60);
  end();
}
END_TEST

START_TEST(a_list_that_cannot_grow_is_a_start_that_fails) {
  struct kept *kept;

  begin();
  do {
    configure("x");
    give_log();
    is_counting = true;
    left = w.keeper.n == w.keeper.capacity ? 0 : -1;
    /* The first piece is that of the monitor itself. */
    left += left == 0 && w.keeper.capacity > 0;
    int error = keeper_start(&w.keeper, &w.config, ANNA, 0, &kept);
    left = -1;
    is_counting = false;
    if (error != 0) {
      ck_assert_int_eq(error, -ENOMEM);
      ck_assert(!log_is_open());
      start("y");
    }
  } while (w.keeper.n < 40);
  end();
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      ids_ascend_and_are_not_used_again,
      a_name_is_that_of_a_monitor_that_runs,
      a_monitor_of_the_configuration_stays_the_callers,
      a_user_can_run_256_and_others_as_many,
      of_too_many_that_have_ended_the_first_is_forgotten,
      what_has_ended_is_forgotten_after_ten_minutes,
      due_times_do_not_drift_and_skip_what_was_missed,
      the_next_to_be_read_is_due_first,
      readings_are_taken_when_they_are_due,
      a_stop_closes_the_log,
      with_a_client_its_monitors_end_and_no_others,
      one_whose_process_has_ended_is_stopped,
      a_log_that_hangs_is_waited_for_with_patience,
      a_log_of_a_user_that_hangs_holds_up_no_other_user,
      the_end_does_not_wait_for_a_log_that_hangs,
      a_start_that_fails_closes_the_log_it_was_given,
      wherever_memory_runs_out_nothing_is_left_of_a_start,
      a_list_that_cannot_grow_is_a_start_that_fails,
  };
  return UNIT_RUN("keeper", tests);
}
