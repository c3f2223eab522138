#include "backends/windows_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* Of 64-bit Windows, from its start; by name in System Informer's ntexapi.h. */
enum {
  NEXT_ENTRY_OFFSET = 0,
  NUMBER_OF_THREADS = 4,
  WORKING_SET_PRIVATE_SIZE = 8,
  HARD_FAULT_COUNT = 16,
  CREATE_TIME = 32,
  USER_TIME = 40,
  KERNEL_TIME = 48,
  IMAGE_NAME = 56,
  IMAGE_NAME_BUFFER = 64,
  UNIQUE_PROCESS_ID = 80,
  INHERITED_FROM_UNIQUE_PROCESS_ID = 88,
  HANDLE_COUNT = 96,
  VIRTUAL_SIZE = 120,
  PAGE_FAULT_COUNT = 128,
  WORKING_SET_SIZE = 144,
  PRIVATE_PAGE_COUNT = 200,
  READ_OPERATION_COUNT = 208,
  WRITE_OPERATION_COUNT = 216,
  READ_TRANSFER_COUNT = 232,
  WRITE_TRANSFER_COUNT = 240,
  ENTRY_SIZE = 256,
  THREAD_SIZE = 80,
};

/* Memory of exactly this size, so that a sanitizer sees a step beyond it. */
struct table {
  char *bytes;
  size_t len;
};

static struct table make(size_t len) {
  struct table t = {calloc(1, len), len};
  ck_assert_ptr_nonnull(t.bytes);
  return t;
}

static void set(struct table *t, size_t at, const void *value, size_t size) {
  ck_assert_uint_le(at + size, t->len);
  memcpy(t->bytes + at, value, size);
}

static void set32(struct table *t, size_t at, uint32_t value) {
  set(t, at, &value, sizeof(value));
}

static void set64(struct table *t, size_t at, uint64_t value) {
  set(t, at, &value, sizeof(value));
}

static void set_image(struct table *t, size_t entry, size_t at,
                      const uint16_t *image, uint16_t bytes) {
  set(t, entry + IMAGE_NAME, &bytes, sizeof(bytes));
  set64(t, entry + IMAGE_NAME_BUFFER, (uintptr_t)(t->bytes + at));
  if (at + bytes <= t->len)
    set(t, at, image, bytes);
}

static int first(const struct table *t, struct windows_process *out) {
  struct windows_table walk = windows_table_begin(t->bytes, t->len);
  return windows_table_next(&walk, out);
}

START_TEST(every_figure_is_taken_from_its_place) {
  static const uint16_t image[] = {'a', '.', 'e', 'x', 'e'};
  struct table t = make(ENTRY_SIZE + THREAD_SIZE + sizeof(image));
  struct windows_process p;

  set32(&t, NUMBER_OF_THREADS, 9);
  set64(&t, WORKING_SET_PRIVATE_SIZE, 10);
  set32(&t, HARD_FAULT_COUNT, 11);
  set64(&t, CREATE_TIME, 12);
  set64(&t, USER_TIME, 13);
  set64(&t, KERNEL_TIME, 14);
  set_image(&t, 0, ENTRY_SIZE + THREAD_SIZE, image, sizeof(image));
  set64(&t, UNIQUE_PROCESS_ID, 16);
  set64(&t, INHERITED_FROM_UNIQUE_PROCESS_ID, 26);
  set32(&t, HANDLE_COUNT, 17);
  set64(&t, VIRTUAL_SIZE, UINT64_C(1) << 41);
  set32(&t, PAGE_FAULT_COUNT, 19);
  set64(&t, WORKING_SET_SIZE, UINT64_C(1) << 40);
  set64(&t, PRIVATE_PAGE_COUNT, 21);
  set64(&t, READ_OPERATION_COUNT, 22);
  set64(&t, WRITE_OPERATION_COUNT, 23);
  set64(&t, READ_TRANSFER_COUNT, 24);
  set64(&t, WRITE_TRANSFER_COUNT, 25);
  ck_assert_int_eq(first(&t, &p), 1);
  ck_assert_uint_eq(p.threads, 9);
  ck_assert_uint_eq(p.private_working_set, 10);
  ck_assert_uint_eq(p.hard_faults, 11);
  ck_assert_uint_eq(p.created, 12);
  ck_assert_uint_eq(p.user, 13);
  ck_assert_uint_eq(p.kernel, 14);
  ck_assert_uint_eq(p.image_bytes, sizeof(image));
  ck_assert_mem_eq(p.image, image, sizeof(image));
  ck_assert_uint_eq(p.pid, 16);
  ck_assert_uint_eq(p.parent, 26);
  ck_assert_uint_eq(p.handles, 17);
  ck_assert_uint_eq(p.virtual_size, UINT64_C(1) << 41);
  ck_assert_uint_eq(p.faults, 19);
  ck_assert_uint_eq(p.working_set, UINT64_C(1) << 40);
  ck_assert_uint_eq(p.private_size, 21);
  ck_assert_uint_eq(p.read_calls, 22);
  ck_assert_uint_eq(p.write_calls, 23);
  ck_assert_uint_eq(p.read_bytes, 24);
  ck_assert_uint_eq(p.write_bytes, 25);
  free(t.bytes);
}
END_TEST

START_TEST(entries_follow_each_other_to_the_last) {
  struct table t = make(2 * ENTRY_SIZE + THREAD_SIZE);
  struct windows_process p;

  set32(&t, NEXT_ENTRY_OFFSET, ENTRY_SIZE + THREAD_SIZE);
  set64(&t, UNIQUE_PROCESS_ID, 4);
  set64(&t, ENTRY_SIZE + THREAD_SIZE + UNIQUE_PROCESS_ID, 8);
  struct windows_table walk = windows_table_begin(t.bytes, t.len);
  ck_assert_int_eq(windows_table_next(&walk, &p), 1);
  ck_assert_uint_eq(p.pid, 4);
  ck_assert_ptr_null(p.image);
  ck_assert_int_eq(windows_table_next(&walk, &p), 1);
  ck_assert_uint_eq(p.pid, 8);
  ck_assert_int_eq(windows_table_next(&walk, &p), 0);
  ck_assert_int_eq(windows_table_next(&walk, &p), 0);
  free(t.bytes);
}
END_TEST

START_TEST(an_empty_table_has_no_entry) {
  struct windows_table walk = windows_table_begin(NULL, 0);
  struct windows_process p;

  ck_assert_int_eq(windows_table_next(&walk, &p), 0);
}
END_TEST

START_TEST(a_table_that_is_cut_is_refused) {
  struct windows_process p;

  for (size_t len = 1; len < ENTRY_SIZE; len++) {
    struct table t = make(len);
    ck_assert_int_eq(first(&t, &p), -EPROTO);
    free(t.bytes);
  }
}
END_TEST

START_TEST(a_step_out_of_the_table_is_refused) {
  static const uint32_t steps[] = {1, ENTRY_SIZE - 1, 2 * ENTRY_SIZE,
                                   2 * ENTRY_SIZE + 1, UINT32_MAX};
  struct table t = make(2 * ENTRY_SIZE);
  struct windows_process p;

  for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
    set32(&t, NEXT_ENTRY_OFFSET, steps[i]);
    ck_assert_int_eq(first(&t, &p), -EPROTO);
  }
  /* Within it, but with less than an entry behind. */
  set32(&t, NEXT_ENTRY_OFFSET, ENTRY_SIZE + 8);
  struct windows_table walk = windows_table_begin(t.bytes, t.len);
  ck_assert_int_eq(windows_table_next(&walk, &p), 1);
  ck_assert_int_eq(windows_table_next(&walk, &p), -EPROTO);
  ck_assert_int_eq(windows_table_next(&walk, &p), 0);
  free(t.bytes);
}
END_TEST

START_TEST(a_name_out_of_the_table_is_refused) {
  static const uint16_t image[] = {'a', 'b'};
  struct table t = make(ENTRY_SIZE + sizeof(image));
  struct windows_process p;

  set_image(&t, 0, ENTRY_SIZE, image, sizeof(image));
  ck_assert_int_eq(first(&t, &p), 1);
  set_image(&t, 0, ENTRY_SIZE + 2, image, sizeof(image));
  ck_assert_int_eq(first(&t, &p), -EPROTO);
  set64(&t, IMAGE_NAME_BUFFER, 0);
  ck_assert_int_eq(first(&t, &p), -EPROTO);
  set64(&t, IMAGE_NAME_BUFFER, (uintptr_t)t.bytes - 1);
  ck_assert_int_eq(first(&t, &p), -EPROTO);
  set64(&t, IMAGE_NAME_BUFFER, UINT64_MAX);
  ck_assert_int_eq(first(&t, &p), -EPROTO);
  free(t.bytes);
}
END_TEST

START_TEST(what_is_below_0_is_0) {
  struct table t = make(ENTRY_SIZE);
  struct windows_process p;

  set64(&t, USER_TIME, UINT64_MAX);
  set64(&t, READ_TRANSFER_COUNT, UINT64_MAX);
  ck_assert_int_eq(first(&t, &p), 1);
  ck_assert_uint_eq(p.user, 0);
  ck_assert_uint_eq(p.read_bytes, 0);
  free(t.bytes);
}
END_TEST

START_TEST(a_process_without_threads_has_ended) {
  struct table t = make(ENTRY_SIZE);
  struct windows_process p;

  set64(&t, UNIQUE_PROCESS_ID, 4);
  ck_assert_int_eq(first(&t, &p), 1);
  ck_assert(windows_process_has_ended(&p));
  set32(&t, NUMBER_OF_THREADS, 1);
  ck_assert_int_eq(first(&t, &p), 1);
  ck_assert(!windows_process_has_ended(&p));
  free(t.bytes);
}
END_TEST

START_TEST(a_parent_is_not_younger_than_its_child) {
  const struct windows_process child = {
      .pid = 8, .parent = 4, .created = 100, .threads = 1};
  struct windows_process p = {.pid = 4, .created = 99, .threads = 1};

  ck_assert(windows_is_parent(&p, &child));
  p.created = 100;
  ck_assert(windows_is_parent(&p, &child));
  /* It has taken the pid of the one that created the child. */
  p.created = 101;
  ck_assert(!windows_is_parent(&p, &child));
  p.created = 99;
  p.threads = 0;
  ck_assert(!windows_is_parent(&p, &child));
  p.threads = 1;
  p.pid = 12;
  ck_assert(!windows_is_parent(&p, &child));
}
END_TEST

START_TEST(no_process_is_its_own_parent) {
  const struct windows_process p = {
      .pid = 8, .parent = 8, .created = 100, .threads = 1};

  ck_assert(!windows_is_parent(&p, &p));
}
END_TEST

START_TEST(a_counter_of_32_bits_goes_on_beyond_them) {
  uint64_t total = 0;
  uint32_t last = 0;

  windows_count_on(&total, &last, UINT32_MAX - 9);
  ck_assert_uint_eq(total, UINT32_MAX - 9);
  windows_count_on(&total, &last, 5);
  ck_assert_uint_eq(total, (UINT64_C(1) << 32) + 5);
  windows_count_on(&total, &last, 5);
  ck_assert_uint_eq(total, (UINT64_C(1) << 32) + 5);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      every_figure_is_taken_from_its_place,
      entries_follow_each_other_to_the_last,
      an_empty_table_has_no_entry,
      a_table_that_is_cut_is_refused,
      a_step_out_of_the_table_is_refused,
      a_name_out_of_the_table_is_refused,
      what_is_below_0_is_0,
      a_process_without_threads_has_ended,
      a_parent_is_not_younger_than_its_child,
      no_process_is_its_own_parent,
      a_counter_of_32_bits_goes_on_beyond_them,
  };
  return UNIT_RUN("windows table", tests);
}
