/* Reading of procfs files for the Linux backend: I/O only, no meaning. */
#ifndef PROCMON_LINUX_FILES_H
#define PROCMON_LINUX_FILES_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "procfs_parse.h"

/* Enough for every file that is read whole here. */
enum { LINUX_FILE_MAX = 8192 };

enum { LINUX_TID_MAX = 16 };

/* Reads the whole file into `buf`. Returns its length or a negative errno,
 * -EOVERFLOW when it does not fit. */
ssize_t linux_read_at(int dir_fd, const char *path, char *buf, size_t size);

/* Reads the first `size` bytes of the file, or all of a shorter one. Returns
 * how many, or a negative errno. */
ssize_t linux_read_start(int dir_fd, const char *path, char *buf, size_t size);

/* The same as linux_read_at for a file that is kept open, from its start. */
ssize_t linux_read_kept(int fd, char *buf, size_t size);

/* The next entry of a folder of procfs, `.` and `..` left out; NULL at the end,
 * or with errno set after a failure. No two threads read one stream. */
struct dirent *linux_next_entry(DIR *dir);

/* Counts the entries of a directory, `.` and `..` left out. */
int linux_count_entries(int dir_fd, const char *path, uint64_t *out);

/* Adds up the context switches of the threads in the directory `task_path`;
 * /proc/PID/status itself knows those of the main thread only. */
int linux_sum_switches(int dir_fd, const char *task_path,
                       struct procfs_switches *out);

/* Finds a thread in the directory `task_path` that has memory, and reads its
 * statm: where the main thread has ended, /proc/PID itself tells of none. `tid`
 * gets its entry of the directory. -ENOENT: there is none. */
int linux_find_thread(int dir_fd, const char *task_path,
                      char tid[LINUX_TID_MAX], struct procfs_statm *out);

#endif
