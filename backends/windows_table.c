#include "windows_table.h"

#include <errno.h>
#include <string.h>

/* SYSTEM_PROCESS_INFORMATION up to its threads, by the names that it has in
 * the headers of System Informer. */
struct entry {
  uint32_t next_entry_offset;
  uint32_t number_of_threads;
  int64_t working_set_private_size;
  uint32_t hard_fault_count;
  uint32_t number_of_threads_high_watermark;
  uint64_t cycle_time;
  int64_t create_time, user_time, kernel_time;
  struct {
    uint16_t length, maximum_length;
    uintptr_t buffer;
  } image_name;
  int32_t base_priority;
  uintptr_t unique_process_id;
  uintptr_t inherited_from_unique_process_id;
  uint32_t handle_count;
  uint32_t session_id;
  uintptr_t unique_process_key;
  uintptr_t peak_virtual_size, virtual_size;
  uint32_t page_fault_count;
  uintptr_t peak_working_set_size, working_set_size;
  uintptr_t quota_peak_paged_pool_usage, quota_paged_pool_usage;
  uintptr_t quota_peak_non_paged_pool_usage, quota_non_paged_pool_usage;
  uintptr_t pagefile_usage, peak_pagefile_usage;
  uintptr_t private_page_count;
  int64_t read_operation_count, write_operation_count, other_operation_count;
  int64_t read_transfer_count, write_transfer_count, other_transfer_count;
};

_Static_assert(sizeof(uintptr_t) != 8 || sizeof(struct entry) == 256,
               "the entry is not as 64-bit Windows writes it");

struct windows_table windows_table_begin(const void *table, size_t len) {
  return (struct windows_table){
      .at = len > 0 ? table : NULL, .start = table, .len = len};
}

/* How many bytes of the table begin at this address; 0: it is not within. */
static size_t bytes_from(const struct windows_table *t, uintptr_t address) {
  uintptr_t start = (uintptr_t)t->start;
  return address >= start && address - start < t->len
             ? t->len - (size_t)(address - start)
             : 0;
}

static uint64_t at_least_0(int64_t value) {
  return value > 0 ? (uint64_t)value : 0;
}

static void set_process(const struct entry *e, struct windows_process *out) {
  *out = (struct windows_process){
      .pid = (uint32_t)e->unique_process_id,
      .parent = (uint32_t)e->inherited_from_unique_process_id,
      .image = (const void *)e->image_name.buffer,
      .image_bytes = e->image_name.length,
      .created = at_least_0(e->create_time),
      .user = at_least_0(e->user_time),
      .kernel = at_least_0(e->kernel_time),
      .threads = e->number_of_threads,
      .handles = e->handle_count,
      .faults = e->page_fault_count,
      .hard_faults = e->hard_fault_count,
      .working_set = e->working_set_size,
      .private_working_set = at_least_0(e->working_set_private_size),
      .virtual_size = e->virtual_size,
      .private_size = e->private_page_count,
      .read_calls = at_least_0(e->read_operation_count),
      .write_calls = at_least_0(e->write_operation_count),
      .read_bytes = at_least_0(e->read_transfer_count),
      .write_bytes = at_least_0(e->write_transfer_count),
  };
}

bool windows_process_has_ended(const struct windows_process *p) {
  return p->threads == 0;
}

bool windows_is_parent(const struct windows_process *p,
                       const struct windows_process *child) {
  return p->pid == child->parent && p->pid != child->pid &&
         p->created <= child->created && !windows_process_has_ended(p);
}

void windows_count_on(uint64_t *total, uint32_t *last, uint32_t now) {
  *total += (uint32_t)(now - *last);
  *last = now;
}

int windows_table_next(struct windows_table *t, struct windows_process *out) {
  struct entry e;

  if (t->at == NULL)
    return 0;
  size_t left = bytes_from(t, (uintptr_t)t->at);
  const char *at = t->at;
  t->at = NULL;
  if (left < sizeof(e))
    return -EPROTO;
  memcpy(&e, at, sizeof(e));
  set_process(&e, out);
  if (out->image_bytes == 0)
    out->image = NULL;
  else if (bytes_from(t, e.image_name.buffer) < out->image_bytes)
    return -EPROTO;
  if (e.next_entry_offset >= left ||
      (e.next_entry_offset > 0 && e.next_entry_offset < sizeof(e)))
    return -EPROTO;
  if (e.next_entry_offset > 0)
    t->at = at + e.next_entry_offset;
  return 1;
}
