#include "plugin/ends.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include "compat/thread.h"
#include "unit.h"

/* A backend whose ends are played, one after the other. */
static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t keys[64];
  size_t n, taken, told; /* told: those whose turn is over */
  bool is_canceled;
} played = {.lock = PTHREAD_MUTEX_INITIALIZER,
            .changed = PTHREAD_COND_INITIALIZER};

static int play_next_end(struct backend_ctx *ctx, uint64_t *key) {
  (void)ctx;
  pthread_mutex_lock(&played.lock);
  played.told = played.taken;
  pthread_cond_broadcast(&played.changed);
  while (played.taken == played.n && !played.is_canceled)
    pthread_cond_wait(&played.changed, &played.lock);
  bool canceled = played.is_canceled;
  if (!canceled)
    *key = played.keys[played.taken++];
  pthread_mutex_unlock(&played.lock);
  return canceled ? -ECANCELED : 0;
}

static void play_cancel_ends(struct backend_ctx *ctx) {
  (void)ctx;
  pthread_mutex_lock(&played.lock);
  played.is_canceled = true;
  pthread_cond_broadcast(&played.changed);
  pthread_mutex_unlock(&played.lock);
}

/* Where libcheck does not fork, a test finds what the last one left. */
static struct ends *create(void) {
  static const struct backend backend = {.next_end = play_next_end,
                                         .cancel_ends = play_cancel_ends};
  struct ends *e;

  played.n = played.taken = played.told = 0;
  played.is_canceled = false;
  ck_assert_int_eq(ends_create(&backend, NULL, &e), 0);
  return e;
}

/* Plays an end and waits until it has been told to whoever listens. */
static void play_end(uint64_t key) {
  pthread_mutex_lock(&played.lock);
  played.keys[played.n++] = key;
  pthread_cond_broadcast(&played.changed);
  while (played.told < played.n)
    pthread_cond_wait(&played.changed, &played.lock);
  pthread_mutex_unlock(&played.lock);
}

struct listener {
  uint32_t id;
  int calls;
  pid_t pid;
};

static void take_end(void *arg, pid_t pid) {
  struct listener *l = arg;

  l->calls++;
  l->pid = pid;
}

START_TEST(an_end_is_told_to_who_listens_for_it) {
  struct listener a = {.id = 0}, b = {.id = 0};
  struct ends *e = create();

  ck_assert_int_eq(ends_join(e, take_end, &a, &a.id), 0);
  ck_assert_int_eq(ends_join(e, take_end, &b, &b.id), 0);
  ck_assert_uint_ne(a.id, 0);
  ck_assert_uint_ne(a.id, b.id);
  play_end(ends_key(b.id, 4242));
  ck_assert_int_eq(a.calls, 0);
  ck_assert_int_eq(b.calls, 1);
  ck_assert_int_eq(b.pid, 4242);
  ends_free(e);
}
END_TEST

START_TEST(who_has_left_is_told_nothing_and_nobody_gets_the_id) {
  struct listener a = {.id = 0}, b = {.id = 0}, c = {.id = 0};
  struct ends *e = create();

  ck_assert_int_eq(ends_join(e, take_end, &a, &a.id), 0);
  ck_assert_int_eq(ends_join(e, take_end, &b, &b.id), 0);
  ends_leave(e, a.id);
  ck_assert_int_eq(ends_join(e, take_end, &c, &c.id), 0);
  ck_assert_uint_ne(c.id, a.id);
  play_end(ends_key(a.id, 1));
  ck_assert_int_eq(a.calls + b.calls + c.calls, 0);
  play_end(ends_key(b.id, 2));
  play_end(ends_key(c.id, 3));
  ck_assert_int_eq(b.calls, 1);
  ck_assert_int_eq(c.calls, 1);
  ends_free(e);
}
END_TEST

START_TEST(a_backend_that_tells_no_ends_needs_no_thread) {
  static const struct backend silent = {.name = "silent"};
  struct listener a = {.id = 0};
  struct ends *e;

  ck_assert_int_eq(ends_create(&silent, NULL, &e), 0);
  ck_assert_int_eq(ends_join(e, take_end, &a, &a.id), 0);
  ends_leave(e, a.id);
  ends_free(e);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      an_end_is_told_to_who_listens_for_it,
      who_has_left_is_told_nothing_and_nobody_gets_the_id,
      a_backend_that_tells_no_ends_needs_no_thread,
  };
  return UNIT_RUN("ends", tests);
}
