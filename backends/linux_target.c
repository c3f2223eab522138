/* One process: its clock and its files. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "linux_files.h"
#include "linux_target.h"

/* CPUCLOCK_SCHED in the kernel's posix-timers.h */
enum { CPU_CLOCK_SCHED = 2 };

/* The kernel's MAKE_PROCESS_CPUCLOCK; clock_getcpuclockid() of the libc makes
 * the same number, and a system call more to check it. */
static clockid_t cpu_clock(pid_t pid) {
  return (clockid_t)(~(unsigned)pid << 3 | CPU_CLOCK_SCHED);
}

int linux_read_cpu_clock(pid_t pid, uint64_t *usual_ns,
                         struct proc_sample *out) {
  const uint64_t close_enough_ns = 20000;
  uint64_t limit_ns = 2 * *usual_ns + close_enough_ns;

  /* A preemption between the clocks would set them milliseconds apart. The
   * kernel adds up the threads of a process: of many that takes its time, and
   * would again. */
  for (int tries = 0; tries < 3; tries++) {
    struct timespec cpu;
    uint64_t before_ns = clock_ns(CLOCK_MONOTONIC);
    if (clock_gettime(cpu_clock(pid), &cpu) != 0)
      return -errno;
    *usual_ns = clock_ns(CLOCK_MONOTONIC) - before_ns;
    out->time_ns = before_ns + *usual_ns / 2;
    out->cpu_ns = (uint64_t)cpu.tv_sec * NS_PER_S + (uint64_t)cpu.tv_nsec;
    if (*usual_ns < limit_ns)
      break;
  }
  return 0;
}

bool linux_has_cpu_clock(pid_t pid) {
  struct timespec cpu;

  return clock_gettime(cpu_clock(pid), &cpu) == 0;
}

static int no_such_process(int error) {
  return error == -ENOENT ? -ESRCH : error;
}

bool linux_has_ended(const struct procfs_stat *stat) {
  /* A zombie with threads is one whose main thread alone has ended. */
  return (stat->state == 'Z' || stat->state == 'X') && stat->threads <= 1;
}

int linux_read_stat(int dir_fd, const char *path, struct procfs_stat *out) {
  char text[LINUX_FILE_MAX];
  ssize_t len = linux_read_at(dir_fd, path, text, sizeof(text));
  if (len < 0)
    return no_such_process((int)len);
  return procfs_parse_stat(text, (size_t)len, out);
}

uint64_t linux_start(const struct procfs_stat *stat) {
  return stat->start_ticks + 1;
}

uint64_t linux_shortest_age_ns(const struct backend_ctx *ctx,
                               const struct procfs_stat *stat) {
  uint64_t latest_start_ns = (stat->start_ticks + 1) * ctx->tick_ns;
  uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);
  return now_ns > latest_start_ns ? now_ns - latest_start_ns : 0;
}

void linux_close_files(struct target *t) {
  if (t->statm_fd >= 0)
    close(t->statm_fd);
  if (t->stat_fd >= 0)
    close(t->stat_fd);
  t->statm_fd = t->stat_fd = -1;
}

/* Only the CPU clock tells of a process that procfs hides. One that somebody
 * else has just looked at still has a folder, with nothing in it. */
static int why_not_there(const struct backend_ctx *ctx, pid_t pid, int error) {
  error = no_such_process(error);
  if (error == -ESRCH && ctx->own_procfs && linux_has_cpu_clock(pid))
    return -EPERM;
  return error;
}

static int try_open(const struct backend_ctx *ctx, struct target *t,
                    struct procfs_stat *stat) {
  int dir_fd =
      openat(ctx->root_fd, t->dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0)
    return why_not_there(ctx, t->pid, -errno);

  int error = linux_read_stat(dir_fd, "stat", stat);
  if (error != 0) {
    error = why_not_there(ctx, t->pid, error);
    goto out;
  }
  t->statm_fd = openat(dir_fd, "statm", O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (t->statm_fd < 0) {
    error = no_such_process(-errno);
    goto out;
  }
  if (t->needs_stat) {
    t->stat_fd = openat(dir_fd, "stat", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (t->stat_fd < 0)
      error = no_such_process(-errno);
  }

out:
  if (error != 0)
    linux_close_files(t);
  close(dir_fd);
  return error;
}

int linux_open_files(const struct backend_ctx *ctx, struct target *t,
                     struct procfs_stat *stat) {
  int error = try_open(ctx, t, stat);

  /* Of a pid that was taken again meanwhile the clock runs too: a second look
   * tells it from one that is hidden. */
  return error == -EPERM ? try_open(ctx, t, stat) : error;
}

/* procfs makes another inode for a process that takes a pid, and for the same
 * one when it had forgotten it: then the start tells. */
static bool open_known(const struct backend_ctx *ctx, struct target *t) {
  struct stat st;

  if (!ctx->own_procfs || t->statm_inode == 0)
    return false;
  t->statm_fd =
      openat(ctx->root_fd, t->statm_path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (t->statm_fd < 0)
    return false;
  if (fstat(t->statm_fd, &st) == 0 && st.st_ino == t->statm_inode)
    return true;
  linux_close_files(t);
  return false;
}

static void remember_inode(struct target *t) {
  struct stat st;

  t->statm_inode = fstat(t->statm_fd, &st) == 0 ? st.st_ino : 0;
}

int linux_open_again(const struct backend_ctx *ctx, struct target *t) {
  struct procfs_stat stat;

  if (open_known(ctx, t))
    return 0;
  int error = linux_open_files(ctx, t, &stat);
  if (error != 0)
    return error;
  if (stat.start_ticks != t->start_ticks)
    return -ESRCH;
  remember_inode(t);
  return 0;
}
