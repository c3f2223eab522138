/* What procfs says that a process does. */
#ifndef PROCMON_TESTS_PROCESS_STATE_H
#define PROCMON_TESTS_PROCESS_STATE_H

#include <check.h>
#include <stdio.h>
#include <sys/types.h>

/* Waits until a process is in this state, a letter of proc_pid_stat(5); its
 * name has no parenthesis. */
static inline void wait_for_state(pid_t pid, char wanted) {
  char path[64], state = '?';

  snprintf(path, sizeof(path), "/proc/%d/stat", pid);
  while (state != wanted) {
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
    fclose(file);
  }
}

#endif
