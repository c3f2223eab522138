#include "plugin/backlog.h"

#include "unit.h"

START_TEST(rows_wait_in_order_and_the_oldest_is_lost) {
  struct backlog b;
  size_t places = 3;

  backlog_init(&b, &places);
  for (int i = 0; i < 5; i++)
    backlog_push(&b, i, 0, "row\n", 4);
  ck_assert_uint_eq(b.n, 3);
  ck_assert_uint_eq(b.lost, 2);
  for (int i = 2; i < 5; i++) {
    ck_assert_int_eq(b.first->pid, i);
    ck_assert_mem_eq(b.first->text, "row\n", b.first->len);
    backlog_pop(&b);
  }
  ck_assert_uint_eq(places, 3);
}
END_TEST

START_TEST(rows_of_one_monitor_share_their_places) {
  struct backlog a, b;
  size_t places = 2;

  backlog_init(&a, &places);
  backlog_init(&b, &places);
  backlog_push(&a, 1, 0, "1\n", 2);
  backlog_push(&a, 1, 0, "2\n", 2);
  backlog_push(&b, 2, 0, "3\n", 2);
  ck_assert_uint_eq(b.n, 0);
  ck_assert_uint_eq(b.lost, 1);
  backlog_clear(&a);
  backlog_push(&b, 2, 0, "4\n", 2);
  ck_assert_uint_eq(b.n, 1);
  backlog_clear(&b);
  ck_assert_uint_eq(places, 2);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      rows_wait_in_order_and_the_oldest_is_lost,
      rows_of_one_monitor_share_their_places,
  };
  return UNIT_RUN("backlog", tests);
}
