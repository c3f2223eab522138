#include "plugin/writers.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "backends/clock.h"
#include "compat/thread.h"
#include "unit.h"

static const uint64_t LONG_NS = UINT64_C(20000000000);

/* A job that stays in its place as long as it is held. */
struct work {
  struct job job;
  atomic_bool is_held;
  atomic_uint runs;
  atomic_uint *others; /* that run at the same time; NULL: do not look */
  atomic_uint most;
};

static void work_run(void *arg) {
  struct work *w = arg;
  unsigned n = w->others != NULL ? atomic_fetch_add(w->others, 1) + 1 : 1;

  if (n > atomic_load(&w->most))
    atomic_store(&w->most, n);
  atomic_fetch_add(&w->runs, 1);
  while (atomic_load(&w->is_held))
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
  if (w->others != NULL)
    atomic_fetch_sub(w->others, 1);
}

static void work_init(struct work *w, const char *place) {
  *w = (struct work){.job = {.run = work_run, .arg = w, .place = place}};
}

static uint64_t in_ns(uint64_t ns) { return clock_ns(CLOCK_MONOTONIC) + ns; }

static void wait_for_runs(struct work *w, unsigned n) {
  uint64_t deadline_ns = in_ns(LONG_NS);

  while (atomic_load(&w->runs) < n) {
    ck_assert_uint_lt(clock_ns(CLOCK_MONOTONIC), deadline_ns);
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
  }
}

START_TEST(a_job_runs_on_a_thread_and_can_be_waited_for) {
  struct writers *writers;
  struct work w;

  work_init(&w, "");
  ck_assert_int_eq(writers_create(&writers), 0);
  for (unsigned i = 1; i <= 1000; i++) {
    ck_assert_uint_eq(writers_ask(writers, &w.job), 0);
    ck_assert(writers_wait(writers, &w.job, in_ns(LONG_NS)));
    ck_assert_uint_eq(atomic_load(&w.runs), i);
  }
  writers_free(writers);
}
END_TEST

START_TEST(without_writers_a_job_runs_at_once) {
  struct work w;

  work_init(&w, "");
  ck_assert_uint_eq(writers_ask(NULL, &w.job), 0);
  ck_assert_uint_eq(atomic_load(&w.runs), 1);
  ck_assert(writers_wait(NULL, &w.job, 0));
}
END_TEST

START_TEST(a_job_that_hangs_holds_up_those_of_its_place_alone) {
  struct writers *writers;
  struct work stuck, behind[30], other[30];

  ck_assert_int_eq(writers_create(&writers), 0);
  work_init(&stuck, "a");
  atomic_store(&stuck.is_held, true);
  writers_ask(writers, &stuck.job);
  wait_for_runs(&stuck, 1);
  for (size_t i = 0; i < 30; i++) {
    work_init(&behind[i], "a");
    writers_ask(writers, &behind[i].job);
    work_init(&other[i], "b");
    writers_ask(writers, &other[i].job);
  }
  for (size_t i = 0; i < 30; i++)
    ck_assert(writers_wait(writers, &other[i].job, in_ns(LONG_NS)));
  ck_assert(!writers_wait(writers, &behind[0].job, in_ns(1000000)));
  for (size_t i = 0; i < 30; i++)
    ck_assert_uint_eq(atomic_load(&behind[i].runs), 0);
  atomic_store(&stuck.is_held, false);
  for (size_t i = 0; i < 30; i++)
    ck_assert(writers_wait(writers, &behind[i].job, in_ns(LONG_NS)));
  writers_free(writers);
}
END_TEST

struct turn {
  struct job job;
  unsigned *next, mine;
};

static void take_turn(void *arg) {
  struct turn *t = arg;

  t->mine = (*t->next)++;
}

START_TEST(jobs_of_one_place_run_in_the_order_of_their_asking) {
  enum { N = 100 };
  struct writers *writers;
  struct work stuck;
  struct turn turns[N];
  unsigned next = 0;

  ck_assert_int_eq(writers_create(&writers), 0);
  work_init(&stuck, "a");
  atomic_store(&stuck.is_held, true);
  writers_ask(writers, &stuck.job);
  for (size_t i = 0; i < N; i++) {
    if (i == N / 2)
      wait_for_runs(&stuck, 1);
    turns[i] =
        (struct turn){.job = {.run = take_turn, .arg = &turns[i], .place = "a"},
                      .next = &next};
    writers_ask(writers, &turns[i].job);
  }
  atomic_store(&stuck.is_held, false);
  for (size_t i = 0; i < N; i++)
    ck_assert(writers_wait(writers, &turns[i].job, in_ns(LONG_NS)));
  for (unsigned i = 0; i < N; i++)
    ck_assert_uint_eq(turns[i].mine, i);
  writers_free(writers);
}
END_TEST

START_TEST(a_job_that_is_asked_for_while_it_runs_runs_once_more) {
  struct writers *writers;
  struct work w;

  ck_assert_int_eq(writers_create(&writers), 0);
  work_init(&w, "");
  atomic_store(&w.is_held, true);
  writers_ask(writers, &w.job);
  wait_for_runs(&w, 1);
  for (int i = 0; i < 5; i++)
    writers_ask(writers, &w.job);
  atomic_store(&w.is_held, false);
  ck_assert(writers_wait(writers, &w.job, in_ns(LONG_NS)));
  ck_assert_uint_eq(atomic_load(&w.runs), 2);
  writers_free(writers);
}
END_TEST

START_TEST(who_asks_is_told_how_long_the_job_has_not_been_done) {
  struct writers *writers;
  struct work w, behind;

  ck_assert_int_eq(writers_create(&writers), 0);
  work_init(&w, "");
  work_init(&behind, "");
  atomic_store(&w.is_held, true);
  uint64_t before_ns = clock_ns(CLOCK_MONOTONIC);
  writers_ask(writers, &w.job);
  ck_assert_uint_eq(writers_ask(writers, &behind.job), 0);
  wait_for_runs(&w, 1);
  nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  uint64_t waited_ns = writers_ask(writers, &w.job);
  ck_assert_uint_ge(waited_ns, 20000000);
  ck_assert_uint_le(waited_ns, clock_ns(CLOCK_MONOTONIC) - before_ns);
  ck_assert_uint_ge(writers_ask(writers, &behind.job), 20000000);
  atomic_store(&w.is_held, false);
  ck_assert(writers_wait(writers, &w.job, in_ns(LONG_NS)));
  ck_assert(writers_wait(writers, &behind.job, in_ns(LONG_NS)));
  ck_assert_uint_eq(writers_ask(writers, &w.job), 0);
  ck_assert(writers_wait(writers, &w.job, in_ns(LONG_NS)));
  writers_free(writers);
}
END_TEST

START_TEST(there_is_a_bound_for_the_threads_and_all_jobs_are_done) {
  static const char *const places[] = {
      "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
      "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x",
  };
  enum { N = sizeof(places) / sizeof(*places), THREADS = 16 };
  struct writers *writers;
  struct work w[N];
  atomic_uint at_once = 0;
  unsigned most = 0;

  ck_assert_int_eq(writers_create(&writers), 0);
  for (size_t i = 0; i < N; i++) {
    work_init(&w[i], places[i]);
    w[i].others = &at_once;
    atomic_store(&w[i].is_held, true);
    writers_ask(writers, &w[i].job);
  }
  for (size_t i = 0; i < THREADS; i++)
    wait_for_runs(&w[i], 1);
  ck_assert(!writers_wait(writers, &w[N - 1].job, in_ns(1000000)));
  for (size_t i = 0; i < N; i++)
    atomic_store(&w[i].is_held, false);
  for (size_t i = 0; i < N; i++) {
    ck_assert(writers_wait(writers, &w[i].job, in_ns(LONG_NS)));
    most = atomic_load(&w[i].most) > most ? atomic_load(&w[i].most) : most;
  }
  ck_assert_uint_eq(most, THREADS);
  writers_free(writers);
}
END_TEST

/* --- who is told --- */

struct listener {
  atomic_uint told;
  struct work *work; /* whose runs are counted when it is told */
  atomic_uint seen;
};

static void hear(void *arg) {
  struct listener *l = arg;

  atomic_store(&l->seen, atomic_load(&l->work->runs));
  atomic_fetch_add(&l->told, 1);
}

START_TEST(of_each_job_that_is_done_somebody_is_told) {
  struct writers *writers;
  struct work w;
  struct listener l = {.work = &w};

  work_init(&w, "");
  ck_assert_int_eq(writers_create(&writers), 0);
  writers_tell(writers, hear, &l);
  for (unsigned i = 1; i <= 100; i++) {
    writers_ask(writers, &w.job);
    ck_assert(writers_wait(writers, &w.job, in_ns(LONG_NS)));
    /* Before anybody else sees that it is done. */
    ck_assert_uint_eq(atomic_load(&l.told), i);
    ck_assert_uint_eq(atomic_load(&l.seen), i);
  }
  writers_free(writers);
}
END_TEST

START_TEST(nobody_is_told_of_a_job_that_hangs) {
  struct writers *writers;
  struct work stuck, other;
  struct listener l = {.work = &other};

  work_init(&stuck, "a");
  work_init(&other, "b");
  atomic_store(&stuck.is_held, true);
  ck_assert_int_eq(writers_create(&writers), 0);
  writers_tell(writers, hear, &l);
  writers_ask(writers, &stuck.job);
  writers_ask(writers, &other.job);
  ck_assert(writers_wait(writers, &other.job, in_ns(LONG_NS)));
  ck_assert_uint_eq(atomic_load(&l.told), 1);
  atomic_store(&stuck.is_held, false);
  ck_assert(writers_wait(writers, &stuck.job, in_ns(LONG_NS)));
  ck_assert_uint_eq(atomic_load(&l.told), 2);
  writers_free(writers);
}
END_TEST

/* Whoever is told may be gone behind this. */
START_TEST(who_wants_to_know_no_more_is_told_no_more) {
  enum { N = 8 };
  static const char *const places[N] = {"a", "b", "c", "d", "e", "f", "g", "h"};
  struct writers *writers;
  struct work w[N];
  struct listener *l = calloc(1, sizeof(*l));

  ck_assert_ptr_nonnull(l);
  l->work = &w[0];
  ck_assert_int_eq(writers_create(&writers), 0);
  for (int i = 0; i < N; i++) {
    work_init(&w[i], places[i]);
    writers_ask(writers, &w[i].job);
  }
  writers_tell(writers, hear, l);
  for (int i = 0; i < N; i++)
    writers_ask(writers, &w[i].job);
  writers_tell(writers, NULL, NULL);
  free(l);
  for (int i = 0; i < N; i++)
    writers_ask(writers, &w[i].job);
  for (int i = 0; i < N; i++)
    ck_assert(writers_wait(writers, &w[i].job, in_ns(LONG_NS)));
  writers_free(writers);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_job_runs_on_a_thread_and_can_be_waited_for,
      without_writers_a_job_runs_at_once,
      a_job_that_hangs_holds_up_those_of_its_place_alone,
      jobs_of_one_place_run_in_the_order_of_their_asking,
      a_job_that_is_asked_for_while_it_runs_runs_once_more,
      who_asks_is_told_how_long_the_job_has_not_been_done,
      there_is_a_bound_for_the_threads_and_all_jobs_are_done,
      of_each_job_that_is_done_somebody_is_told,
      nobody_is_told_of_a_job_that_hangs,
      who_wants_to_know_no_more_is_told_no_more,
  };
  return UNIT_RUN("writers", tests);
}
