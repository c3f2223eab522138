#include "plugin/fault.h"

#include <errno.h>
#include <string.h>

#include "record.h"
#include "unit.h"

static const uint64_t NS_PER_S = 1000000000;

static struct limit limit;
static struct fault fault;

static void make(void) {
  record_clear();
  limit = (struct limit){.since_ns = 0};
  fault_init(&fault, &limit);
}

static void say(int error, uint64_t s) {
  fault_say(&fault, error,
            &(struct fault_words){"x", "File /l", "it is full",
                                  error != 0 ? "; rows wait" : "; 3 rows"},
            s * NS_PER_S);
}

START_TEST(a_fault_is_said_when_it_begins_and_when_it_is_over) {
  make();
  say(0, 1);
  ck_assert_uint_eq(record_lines(), 0);
  say(-ENOSPC, 2);
  say(-ENOSPC, 3);
  say(0, 4);
  say(0, 5);
  ck_assert_uint_eq(record_lines(), 2);
  ck_assert_str_eq(record_line(0),
                   "<Process \"x\">: File /l: it is full; rows wait");
  ck_assert_str_eq(record_line(1),
                   "<Process \"x\">: File /l: works again; 3 rows");
  ck_assert_uint_eq(record_count(REPORT_ERROR), 1);
  ck_assert_uint_eq(record_count(REPORT_NOTICE), 1);
}
END_TEST

START_TEST(one_that_lasts_is_said_once_an_hour_with_a_count) {
  make();
  for (uint64_t s = 0; s <= 7200; s += 10)
    say(-ENOSPC, s + 1);
  ck_assert_uint_eq(record_lines(), 3);
  ck_assert_ptr_nonnull(
      strstr(record_line(1), " (still so, 360 times within an hour)"));
}
END_TEST

START_TEST(another_error_is_news) {
  make();
  say(-ENOSPC, 1);
  say(-EACCES, 2);
  ck_assert_uint_eq(record_lines(), 2);
}
END_TEST

START_TEST(one_that_comes_and_goes_is_said_a_few_times_an_hour) {
  make();
  for (uint64_t s = 1; s < 3000; s += 2) {
    say(-ENOSPC, s);
    say(0, s + 1);
  }
  ck_assert_uint_eq(record_count(REPORT_ERROR), 6);
  ck_assert_uint_eq(record_count(REPORT_NOTICE), 6);
  say(-ENOSPC, 4000);
  ck_assert_ptr_nonnull(
      strstr(record_line(12), " (and 1494 times since it was said)"));
}
END_TEST

START_TEST(faults_that_share_a_limit_flood_nothing_as_they_last) {
  struct fault faults[20];

  make();
  for (int i = 0; i < 20; i++)
    fault_init(&faults[i], &limit);
  /* The clock of a machine that runs for long. */
  for (uint64_t s = 100000; s < 100000 + 2 * 3600; s += 60)
    for (int i = 0; i < 20; i++)
      fault_say(&faults[i], -ENOSPC, &(struct fault_words){"x", "y", "z", ""},
                s * NS_PER_S);
  ck_assert_uint_eq(record_lines(), 12);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_fault_is_said_when_it_begins_and_when_it_is_over,
      one_that_lasts_is_said_once_an_hour_with_a_count,
      another_error_is_news,
      one_that_comes_and_goes_is_said_a_few_times_an_hour,
      faults_that_share_a_limit_flood_nothing_as_they_last,
  };
  return UNIT_RUN("fault", tests);
}
