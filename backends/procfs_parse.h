/* Texts of Linux's procfs to fields. No I/O, no allocation, compiles on every
 * system. Each text is `len` bytes and need not end with a NUL. All functions
 * return 0, or -EINVAL when the text is not of the expected form; then `out`
 * is undefined. Field numbers are those of proc(5). */
#ifndef PROCMON_PROCFS_PARSE_H
#define PROCMON_PROCFS_PARSE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Of /proc/PID/stat what is used here. Times are clock ticks. */
struct procfs_stat {
  char state;
  pid_t parent; /* 0: none */
  uint64_t flags;
  uint64_t minor_faults, major_faults;
  uint64_t user_ticks, system_ticks;
  uint64_t reaped_user_ticks, reaped_system_ticks; /* of waited-for children */
  uint64_t threads;
  uint64_t start_ticks; /* since boot; below UINT64_MAX, so that +1 is not 0 */
};

/* The name may hold blanks and `)`: the last `)` of the text ends it. */
int procfs_parse_stat(const char *text, size_t len, struct procfs_stat *out);

/* How the process of a stat ended, as waitpid() tells it: field 52, which old
 * kernels lack. It is 0 of one that has not ended, and also for a reader who
 * has no right to know. */
int procfs_parse_exit_code(const char *text, size_t len, int *out);

/* The name in a stat as it stands there, NUL ended, cut to what fits into
 * `size`. Some kernels write `\n` for a newline and `\\` for a back-slash, and
 * others the name itself: only comm tells one with a back-slash. */
int procfs_parse_command(const char *text, size_t len, char *out, size_t size);

/* Makes one line of a cmdline, in place: blanks for the NULs between its words,
 * none for those behind the last. Returns its length; there is room for one
 * byte behind `len`, and the text is NUL ended. */
size_t procfs_join_words(char *text, size_t len);

/* Of /proc/PID/statm what is used here, in pages. `data` is data and stack. */
struct procfs_statm {
  uint64_t size, resident, shared, data;
};

int procfs_parse_statm(const char *text, size_t len, struct procfs_statm *out);

/* Of /proc/PID/io what is used here: calls of read and write, and bytes that
 * went to and came from storage. */
struct procfs_io {
  uint64_t read_calls, write_calls, read_bytes, write_bytes;
};

int procfs_parse_io(const char *text, size_t len, struct procfs_io *out);

/* Of /proc/PID/task/TID/status: the context switches of one thread. */
struct procfs_switches {
  uint64_t voluntary, involuntary;
};

int procfs_parse_switches(const char *text, size_t len,
                          struct procfs_switches *out);

/* The pids of a process in a /proc/PID/status, from the namespace of that
 * procfs inwards: `*pid` is the first, `*count` how many there are. */
int procfs_parse_nspid(const char *text, size_t len, pid_t *pid, size_t *count);

/* A whole number above 0 that fits a pid, with blanks around it and anything
 * behind a blank: a pid file, a directory name, pid_max. */
int procfs_parse_pid(const char *text, size_t len, pid_t *out);

#endif
