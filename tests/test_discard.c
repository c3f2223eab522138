#include "plugin/discard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "backends/clock.h"
#include "unit.h"

static const uint64_t LONG_NS = UINT64_C(20000000000);

static struct writers *writers;
static struct discard discard;

static uint64_t in_ns(uint64_t ns) { return clock_ns(CLOCK_MONOTONIC) + ns; }

static bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

static int open_one(void) {
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

  ck_assert_int_ge(fd, 0);
  return fd;
}

static void begin(void) {
  ck_assert_int_eq(writers_create(&writers), 0);
  discard_init(&discard, writers);
}

static void end(void) {
  ck_assert(discard_clear(&discard, in_ns(LONG_NS)));
  writers_free(writers);
}

/* A job that keeps the place of the discard, as a close() that hangs would. */
static atomic_bool is_held;

static void hold(void *arg) {
  while (atomic_load(&is_held))
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
  (void)arg;
}

static struct job stuck = {.run = hold, .place = "discard"};

static void hang(void) {
  atomic_store(&is_held, true);
  writers_ask(writers, &stuck);
}

static void go_on(void) {
  atomic_store(&is_held, false);
  ck_assert(writers_wait(writers, &stuck, in_ns(LONG_NS)));
}

START_TEST(what_is_discarded_is_closed) {
  int fds[3];

  begin();
  for (int i = 0; i < 3; i++) {
    fds[i] = open_one();
    ck_assert(discard_reserve(&discard, 1));
    discard_close(&discard, fds[i]);
  }
  end();
  for (int i = 0; i < 3; i++)
    ck_assert(!is_open(fds[i]));
}
END_TEST

START_TEST(who_discards_does_not_wait) {
  begin();
  hang();
  int fd = open_one();
  ck_assert(discard_reserve(&discard, 1));
  discard_close(&discard, fd);
  ck_assert(is_open(fd));
  ck_assert(!discard_clear(&discard, in_ns(1000000)));
  go_on();
  end();
  ck_assert(!is_open(fd));
}
END_TEST

START_TEST(without_writers_it_is_closed_at_once) {
  discard_init(&discard, NULL);
  int fd = open_one();
  ck_assert(discard_reserve(&discard, 1));
  discard_close(&discard, fd);
  ck_assert(!is_open(fd));
  ck_assert(discard_clear(&discard, 0));
}
END_TEST

START_TEST(each_descriptor_that_is_held_has_a_place) {
  int fds[DISCARD_MAX];

  begin();
  hang();
  ck_assert(!discard_reserve(&discard, DISCARD_MAX + 1));
  /* Half of them are closed, and hang; half are held. */
  ck_assert(discard_reserve(&discard, DISCARD_MAX));
  for (int i = 0; i < DISCARD_MAX; i++)
    fds[i] = open_one();
  for (int i = 0; i < DISCARD_MAX / 2; i++)
    discard_close(&discard, fds[i]);
  ck_assert(!discard_reserve(&discard, 1));
  for (int i = DISCARD_MAX / 2; i < DISCARD_MAX; i++)
    discard_close(&discard, fds[i]);
  ck_assert(!discard_reserve(&discard, 1));
  go_on();
  end();
  for (int i = 0; i < DISCARD_MAX; i++)
    ck_assert(!is_open(fds[i]));
}
END_TEST

START_TEST(a_place_that_is_given_back_can_be_had_again) {
  begin();
  ck_assert(discard_reserve(&discard, DISCARD_MAX));
  ck_assert(!discard_reserve(&discard, 1));
  discard_release(&discard, 2);
  ck_assert(discard_reserve(&discard, 2));
  ck_assert(!discard_reserve(&discard, 1));
  discard_release(&discard, DISCARD_MAX);
  end();
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      what_is_discarded_is_closed,
      who_discards_does_not_wait,
      without_writers_it_is_closed_at_once,
      each_descriptor_that_is_held_has_a_place,
      a_place_that_is_given_back_can_be_had_again,
  };
  return UNIT_RUN("discard", tests);
}
