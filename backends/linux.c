/* Linux: CPU time from the process's CPU clock, the rest from procfs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend.h"
#include "clock.h"
#include "linux_cgroup.h"
#include "linux_files.h"
#include "linux_target.h"
#include "procfs_parse.h"

enum {
  KERNEL_THREAD = 0x00200000, /* PF_KTHREAD in the kernel's sched.h */
  MAX_PID = 4194304,          /* PID_MAX_LIMIT of 64-bit kernels */
  COMMAND_MAX = 15,           /* TASK_COMM_LEN less its NUL */
};

#define CGROUP_ROOT "/sys/fs/cgroup"

/* --- the context --- */

/* True when pids in this procfs are those of our own pid namespace, which the
 * CPU clock counts in. */
static bool is_own_procfs(int root_fd) {
  char text[LINUX_FILE_MAX];
  pid_t pid;
  size_t levels;

  ssize_t len = linux_read_at(root_fd, "self/status", text, sizeof(text));
  return len > 0 && procfs_parse_nspid(text, (size_t)len, &pid, &levels) == 0 &&
         levels == 1 && pid == getpid();
}

/* Since Linux 6.2 the size is the number of descriptors; before it is 0. */
static bool fd_size_counts(int root_fd) {
  struct stat st;

  return fstatat(root_fd, "self/fd", &st, 0) == 0 && st.st_size > 0;
}

/* True when there is at least one process in it. */
static bool is_process_table(DIR *root_dir) {
  struct dirent *e;
  pid_t pid;

  while ((e = linux_next_entry(root_dir)) != NULL)
    if (procfs_parse_pid(e->d_name, strlen(e->d_name), &pid) == 0)
      return true;
  return false;
}

static int open_root(const char *proc_root, struct backend_ctx *ctx) {
  int fd = open(proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  ctx->root_dir = fdopendir(fd);
  if (ctx->root_dir == NULL) {
    int error = -errno;
    close(fd);
    return error;
  }
  ctx->root_fd = fd;
  if (is_process_table(ctx->root_dir))
    return 0;
  closedir(ctx->root_dir);
  return -ENOENT;
}

static int linux_open(const struct backend_options *options,
                      struct backend_ctx **out) {
  struct backend_ctx *ctx = calloc(1, sizeof(*ctx));
  if (ctx == NULL)
    return -ENOMEM;
  ctx->budget = options->budget;
  int error = -ENOMEM;
  const char *cgroup_root = options->cgroup_root;
  ctx->cgroup_root = strdup(cgroup_root != NULL ? cgroup_root : CGROUP_ROOT);
  if (ctx->cgroup_root == NULL)
    goto no_root;
  error = open_root(options->proc_root, ctx);
  if (error != 0)
    goto no_root;
  error = linux_open_ends(ctx);
  if (error != 0)
    goto no_ends;

  ctx->tick_ns = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
  ctx->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
  ctx->own_procfs =
      is_own_procfs(ctx->root_fd) && linux_has_cpu_clock(getpid());
  ctx->fd_size = ctx->own_procfs && fd_size_counts(ctx->root_fd);
  pthread_mutex_init(&ctx->scan_lock, NULL);
  *out = ctx;
  return 0;

no_ends:
  closedir(ctx->root_dir);
no_root:
  free(ctx->cgroup_root);
  free(ctx);
  return error;
}

static void linux_close(struct backend_ctx *ctx) {
  pthread_mutex_destroy(&ctx->scan_lock);
  linux_close_ends(ctx);
  closedir(ctx->root_dir);
  free(ctx->cgroup_root);
  free(ctx);
}

static pid_t linux_max_pid(const struct backend_options *options) {
  char text[64];
  pid_t max;

  int fd = open(options->proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return MAX_PID;
  ssize_t len = linux_read_at(fd, "sys/kernel/pid_max", text, sizeof(text));
  close(fd);
  if (len < 0 || procfs_parse_pid(text, (size_t)len, &max) != 0)
    return MAX_PID;
  return max;
}

/* --- targets --- */

static bool take_budget(struct fd_budget *budget, bool two) {
  if (!fd_budget_take(budget))
    return false;
  if (!two || fd_budget_take(budget))
    return true;
  fd_budget_give(budget);
  return false;
}

static void give_budget(struct fd_budget *budget, bool two) {
  fd_budget_give(budget);
  if (two)
    fd_budget_give(budget);
}

static bool needs_stat(const struct backend_ctx *ctx, uint32_t want) {
  return (want & (PROC_USER_SYSTEM | PROC_FAULTS | PROC_REAPED)) != 0 ||
         ((want & PROC_CPU) != 0 && !ctx->own_procfs);
}

static bool is_start(const struct procfs_stat *stat, uint64_t start) {
  return start == 0 || start == linux_start(stat);
}

static void linux_detach(struct backend_ctx *ctx, struct target *t) {
  linux_unwatch_end(ctx, t);
  if (t->kept) {
    linux_close_files(t);
    give_budget(ctx->budget, t->needs_stat);
  }
  free(t);
}

static int linux_attach(struct backend_ctx *ctx, pid_t pid, uint64_t start,
                        uint32_t want, struct target **out, uint64_t *age_ns) {
  struct target *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return -ENOMEM;
  t->pid = pid;
  t->statm_fd = t->stat_fd = t->pidfd = -1;
  t->needs_stat = needs_stat(ctx, want);
  snprintf(t->dir_path, sizeof(t->dir_path), "%d", pid);
  snprintf(t->task_path, sizeof(t->task_path), "%d/task", pid);
  snprintf(t->statm_path, sizeof(t->statm_path), "%d/statm", pid);
  snprintf(t->fd_path, sizeof(t->fd_path), "%d/fd", pid);
  snprintf(t->io_path, sizeof(t->io_path), "%d/io", pid);

  struct procfs_stat stat;
  int error = linux_open_files(ctx, t, &stat);
  if (error == 0 && !is_start(&stat, start))
    error = -ESRCH;
  /* One that has ended still has time that its parent will show. */
  if (error == 0 && linux_has_ended(&stat) && (want & PROC_REAPED) == 0)
    error = -ESRCH;
  /* procfs answers for the id of a thread too; its CPU clock does not. */
  if (error == 0 && ctx->own_procfs && !linux_has_cpu_clock(pid))
    error = -ESRCH;
  if (error != 0) {
    linux_close_files(t);
    free(t);
    return error;
  }

  t->start_ticks = stat.start_ticks;
  t->kernel_thread = (stat.flags & KERNEL_THREAD) != 0;
  t->kept = take_budget(ctx->budget, t->needs_stat);
  if (!t->kept)
    linux_close_files(t);
  *age_ns = linux_shortest_age_ns(ctx, &stat);
  *out = t;
  return 0;
}

static const char *linux_explain(int error) {
  return error == -EPERM
             ? "the procfs hides the processes of other users (hidepid)"
             : NULL;
}

const struct backend backend_linux = {
    .name = "linux",
    .requires = "procfs, with processes in it, at ProcRoot",
    .measures = PROC_CPU | PROC_USER_SYSTEM | PROC_RESIDENT | PROC_VIRTUAL |
                PROC_PRIVATE | PROC_ANONYMOUS | PROC_THREADS | PROC_HANDLES |
                PROC_FAULTS | PROC_IO | PROC_SWITCHES | PROC_UPTIME |
                PROC_REAPED,
    .tells = FACT_COMMAND | FACT_COMMAND_LINE | FACT_OWNER | FACT_PARENT,
    .open = linux_open,
    .attach = linux_attach,
    .sample = linux_sample,
    .detach = linux_detach,
    .scan = linux_scan,
    .hides = linux_hides,
    .watch_end = linux_watch_end,
    .next_end = linux_next_end,
    .cancel_ends = linux_cancel_ends,
    .exit_of = linux_exit_of,
    .group_create = linux_group_create,
    .group_members = linux_group_members,
    .group_sample = linux_group_sample,
    .group_free = linux_group_free,
    .max_pid = linux_max_pid,
    .command_max = COMMAND_MAX,
    .explain = linux_explain,
    .close = linux_close,
};
