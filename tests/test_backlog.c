#include "plugin/backlog.h"

#include "unit.h"

/* Takes the oldest row, which is done with. */
static void done(struct backlog *b) { backlog_done(b, backlog_take(b)); }

START_TEST(rows_wait_in_order_and_the_oldest_is_lost) {
  struct backlog b;
  struct backlog_places places = {.left = 3};

  backlog_init(&b, &places);
  for (int i = 0; i < 5; i++)
    backlog_push(&b, i, 0, "row\n", 4);
  ck_assert_uint_eq(b.n, 3);
  ck_assert_uint_eq(places.lost, 2);
  ck_assert_uint_eq(backlog_take_lost(&b), 2);
  ck_assert_uint_eq(backlog_take_lost(&b), 0);
  ck_assert_uint_eq(places.lost, 0);
  for (int i = 2; i < 5; i++) {
    ck_assert_int_eq(b.first->pid, i);
    ck_assert_mem_eq(b.first->text, "row\n", b.first->len);
    done(&b);
  }
  ck_assert_ptr_null(backlog_take(&b));
  ck_assert_uint_eq(places.left, 3);
  backlog_places_clear(&places);
}
END_TEST

START_TEST(rows_of_one_monitor_share_their_places) {
  struct backlog a, b;
  struct backlog_places places = {.left = 2};

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
  ck_assert_uint_eq(places.left, 2);
  backlog_places_clear(&places);
}
END_TEST

START_TEST(a_row_that_is_taken_out_keeps_its_place_and_can_go_back) {
  struct backlog b;
  struct backlog_places places = {.left = 2};

  backlog_init(&b, &places);
  backlog_push(&b, 1, 0, "1\n", 2);
  struct waiting_row *row = backlog_take(&b);
  backlog_push(&b, 2, 0, "2\n", 2);
  /* Neither is the row in the hand lost, nor is there a place more. */
  backlog_push(&b, 3, 0, "3\n", 2);
  ck_assert_uint_eq(b.lost, 1);
  ck_assert_uint_eq(b.n, 2);
  backlog_put_back(&b, row);
  ck_assert_int_eq(b.first->pid, 1);
  done(&b);
  row = backlog_take(&b);
  backlog_put_back(&b, row);
  ck_assert_int_eq(b.first->pid, 3);
  backlog_push(&b, 4, 0, "4\n", 2);
  done(&b);
  ck_assert_int_eq(b.first->pid, 4);
  backlog_clear(&b);
  ck_assert_uint_eq(places.left, 2);
  backlog_places_clear(&places);
}
END_TEST

START_TEST(rows_that_have_failed_are_counted_until_they_are_done_or_lost) {
  struct backlog b;
  struct backlog_places places = {.left = 2};

  backlog_init(&b, &places);
  backlog_push(&b, 1, 0, "1\n", 2);
  backlog_push(&b, 2, 0, "2\n", 2);
  b.failed = b.n;
  backlog_push(&b, 3, 0, "3\n", 2);
  ck_assert_uint_eq(b.failed, 1);
  done(&b);
  ck_assert_uint_eq(b.failed, 0);
  done(&b);
  ck_assert_uint_eq(b.failed, 0);
  backlog_places_clear(&places);
}
END_TEST

START_TEST(a_row_finds_the_place_of_the_last_one) {
  struct backlog b;
  struct backlog_places places = {.left = 2};

  backlog_init(&b, &places);
  backlog_push(&b, 1, 0, "short\n", 6);
  const struct waiting_row *first = b.first;
  done(&b);
  backlog_push(&b, 2, 0, "a bit longer\n", 13);
  ck_assert_ptr_eq(b.first, first);
  done(&b);
  char text[4096] = "much longer";
  backlog_push(&b, 3, 0, text, sizeof(text));
  ck_assert_mem_eq(b.first->text, text, sizeof(text));
  backlog_clear(&b);
  backlog_places_clear(&places);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      rows_wait_in_order_and_the_oldest_is_lost,
      rows_of_one_monitor_share_their_places,
      a_row_that_is_taken_out_keeps_its_place_and_can_go_back,
      rows_that_have_failed_are_counted_until_they_are_done_or_lost,
      a_row_finds_the_place_of_the_last_one,
  };
  return UNIT_RUN("backlog", tests);
}
