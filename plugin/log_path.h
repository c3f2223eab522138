/* The path of a log as the configuration gives it. */
#ifndef PROCMON_LOG_PATH_H
#define PROCMON_LOG_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* Writes the path for `pid` to `out`. -EINVAL: a % that is neither %p nor %%;
 * -ENAMETOOLONG. */
int log_path_expand(const char *path, pid_t pid, char out[PATH_MAX]);

/* True when the path holds a %p. */
bool log_path_is_per_process(const char *path);

/* True when two paths, each with its pid, 0 for one that is not known yet, name
 * the same file for sure. With a %p whose pid is not known that turns out when
 * the log is opened; so it does with symbolic links. */
bool log_path_is_same(const char *a, pid_t a_pid, const char *b, pid_t b_pid);

#endif
