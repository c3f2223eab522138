/* What the files of the Linux backend share. */
#ifndef PROCMON_LINUX_TARGET_H
#define PROCMON_LINUX_TARGET_H

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "backend.h"
#include "procfs_parse.h"

enum {
  LINUX_PID_DIGITS = 11,
  LINUX_COMMAND_LINE_MAX = 32768, /* what is behind that cannot be matched */
};

#define NS_PER_S UINT64_C(1000000000)

struct backend_ctx {
  struct fd_budget *budget;
  int root_fd; /* of proc_root; belongs to root_dir */
  DIR *root_dir;
  char *cgroup_root;         /* where cgroups are mounted, now or later */
  pthread_mutex_t scan_lock; /* guards root_dir's position and command_line */
  uint64_t tick_ns;
  uint64_t page_bytes;
  char command_line[LINUX_COMMAND_LINE_MAX + 1]; /* the scan's */
  bool own_procfs; /* proc_root counts pids as our own namespace does */
  bool fd_size;    /* stat of /proc/PID/fd tells the number of descriptors */
  /* Of the ends. Both descriptors are the context's for its life, however many
   * targets there are, so they are not of the budget. */
  int epoll_fd, cancel_fd;
  atomic_bool ends_canceled;
  int end_reserve; /* of the budget, what pidfds leave to the readings */
};

struct target {
  pid_t pid;
  uint64_t start_ticks;
  bool kernel_thread;
  bool needs_stat;
  bool kept; /* the files below stay open between samples */
  int statm_fd, stat_fd;
  uint64_t statm_inode; /* 0: not known */
  uint64_t clock_ns;    /* that the last look at the CPU clock took */
  int pidfd;            /* -1: its end is not watched */
  char dir_path[LINUX_PID_DIGITS + 1];
  char task_path[LINUX_PID_DIGITS + sizeof("/task")];
  char statm_path[LINUX_PID_DIGITS + sizeof("/statm")];
  char fd_path[LINUX_PID_DIGITS + sizeof("/fd")];
  char io_path[LINUX_PID_DIGITS + sizeof("/io")];
};

/* Reads the CPU clock of a process of our own pid namespace into cpu_ns, and
 * the instant of it into time_ns. `*usual_ns` is how long that took the last
 * time, 0 at first. Negative errno: no process has this pid. */
int linux_read_cpu_clock(pid_t pid, uint64_t *usual_ns,
                         struct proc_sample *out);

/* True when there is a process, or one that ended a moment ago. */
bool linux_has_cpu_clock(pid_t pid);

/* True when the process runs no more, though its parent has not reaped it. */
bool linux_has_ended(const struct procfs_stat *stat);

/* Reads and parses a stat file. -ESRCH: there is no such process. */
int linux_read_stat(int dir_fd, const char *path, struct procfs_stat *out);

/* The number by which a process is told from others of its pid; not 0. */
uint64_t linux_start(const struct procfs_stat *stat);

/* The shortest time for which it can have been running. */
uint64_t linux_shortest_age_ns(const struct backend_ctx *ctx,
                               const struct procfs_stat *stat);

/* Opens the process's files by way of one descriptor of its directory, so
 * that all are of one process, and tells what its stat says. -ESRCH: there is
 * no such process; -EPERM: there is, but this procfs does not show it. */
int linux_open_files(const struct backend_ctx *ctx, struct target *t,
                     struct procfs_stat *stat);

/* Opens the files of a target once more, and -ESRCH when another process has
 * its pid. */
int linux_open_again(const struct backend_ctx *ctx, struct target *t);
void linux_close_files(struct target *t);

/* Makes ready for the ends, once a context; and gives that back. */
int linux_open_ends(struct backend_ctx *ctx);
void linux_close_ends(struct backend_ctx *ctx);

/* Forgets the end of a target; nothing when it is not watched. */
void linux_unwatch_end(struct backend_ctx *ctx, struct target *t);

/* The part of the backend's contract that is about ends. */
int linux_watch_end(struct backend_ctx *ctx, struct target *t, uint64_t key);
int linux_next_end(struct backend_ctx *ctx, uint64_t *key);
void linux_cancel_ends(struct backend_ctx *ctx);
struct proc_exit linux_exit_of(struct backend_ctx *ctx, const struct target *t);

/* `sample`, `scan` and `hides` of the backend's contract. */
int linux_sample(struct backend_ctx *ctx, struct target *const *targets,
                 size_t n, uint32_t want, struct proc_sample *out);
int linux_scan(struct backend_ctx *ctx, const struct scan *scan);
bool linux_hides(struct backend_ctx *ctx);

#endif
