/* The process table as Windows writes it, to fields. No I/O, no allocation,
 * compiles on every system.
 *
 * NtQuerySystemInformation(SystemProcessInformation) fills a buffer with one
 * entry a process, each followed by its threads and its image name; the entry
 * tells how far off the next one is. The layout is that of Windows 7 and later
 * for a program of this one's word size. */
#ifndef PROCMON_WINDOWS_TABLE_H
#define PROCMON_WINDOWS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Times are in steps of 100 ns, `created` since 1601 in UTC, the others since
 * the start of the process; sizes are bytes. */
struct windows_process {
  uint32_t pid;
  uint32_t parent;   /* who created it; another one may have that pid by now */
  const void *image; /* UTF-16 in the table, no NUL, perhaps not aligned */
  size_t image_bytes;
  uint64_t created, user, kernel;
  uint32_t threads, handles;
  uint32_t faults, hard_faults;
  uint64_t working_set, private_working_set;
  uint64_t virtual_size, private_size;
  uint64_t read_calls, write_calls, read_bytes, write_bytes;
};

/* True of a process that has ended: it stays in the table, without threads, as
 * long as somebody holds a handle of it. */
bool windows_process_has_ended(const struct windows_process *p);

/* True when `p` lives and has created `child`. Nobody that has taken the pid of
 * the creator is as old as the child. */
bool windows_is_parent(const struct windows_process *p,
                       const struct windows_process *child);

/* Adds to `*total` what a counter of 32 bits has counted since `*last`, and
 * moves that on. It may have gone round once. */
void windows_count_on(uint64_t *total, uint32_t *last, uint32_t now);

/* Where a walk through a table is. */
struct windows_table {
  const void *at; /* NULL: behind the last entry */
  const char *start;
  size_t len;
};

/* The table of `len` bytes, from its start; an empty one has no entry. */
struct windows_table windows_table_begin(const void *table, size_t len);

/* Reads the next entry: 1, 0 at the end, or -EPROTO when the entry, or what it
 * points to, is not within the table; then the walk is over too. */
int windows_table_next(struct windows_table *t, struct windows_process *out);

#endif
