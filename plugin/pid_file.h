/* A pid file, followed: which process it names, and whether that still holds.
 */
#ifndef PROCMON_PID_FILE_H
#define PROCMON_PID_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "compat/file.h"

struct pid_file {
  const char *path;        /* the caller's */
  pid_t pid;               /* named last; 0: none was */
  bool is_over;            /* its process has ended, or was never there */
  bool only_known;         /* the file does not name it any more */
  struct file_state state; /* when it was read; all 0: not there */
};

void pid_file_init(struct pid_file *f, const char *path);

/* Reads the file again when it has changed, or is so young that it may change
 * without a sign of it. One that is missing, empty or without a pid goes on
 * naming the process it named last, but for those only that know it. */
void pid_file_look(struct pid_file *f);

/* Its process has ended: another one of its pid is not meant until the file is
 * written again. */
void pid_file_ended(struct pid_file *f);

/* There is no process of its pid: a file that is not just being written was
 * left behind, and is not followed until it is written again. */
void pid_file_missing(struct pid_file *f);

#endif
