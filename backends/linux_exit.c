/* The ends of processes: one epoll descriptor waits for the pidfds of all
 * targets that are watched. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat/pidfd.h"
#include "linux_files.h"
#include "linux_target.h"

/* --- waiting --- */

int linux_open_ends(struct backend_ctx *ctx) {
  struct epoll_event event = {.events = EPOLLIN};
  int error = 0;

  ctx->end_reserve = atomic_load(&ctx->budget->left) / 2;
  atomic_init(&ctx->ends_canceled, false);
  ctx->cancel_fd = eventfd(0, EFD_CLOEXEC);
  if (ctx->cancel_fd < 0)
    return -errno;
  ctx->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (ctx->epoll_fd < 0) {
    error = -errno;
    goto fail;
  }
  if (epoll_ctl(ctx->epoll_fd, EPOLL_CTL_ADD, ctx->cancel_fd, &event) == 0)
    return 0;
  error = -errno;
  close(ctx->epoll_fd);

fail:
  close(ctx->cancel_fd);
  return error;
}

void linux_close_ends(struct backend_ctx *ctx) {
  close(ctx->epoll_fd);
  close(ctx->cancel_fd);
}

int linux_next_end(struct backend_ctx *ctx, uint64_t *key) {
  struct epoll_event event;
  int n;

  do
    n = epoll_wait(ctx->epoll_fd, &event, 1, -1);
  while (n == 0 || (n < 0 && errno == EINTR));
  if (n < 0)
    return -errno;
  /* Any number may be a key: the flag, which is set first, tells the event of
   * cancel_fd. */
  if (atomic_load(&ctx->ends_canceled))
    return -ECANCELED;
  *key = event.data.u64;
  return 0;
}

/* The event is never taken, so that every later wait ends at once too. */
void linux_cancel_ends(struct backend_ctx *ctx) {
  atomic_store(&ctx->ends_canceled, true);
  eventfd_write(ctx->cancel_fd, 1);
}

/* --- watching --- */

/* 0 when the target's pid is still its own: it has not been reaped yet. */
static int check_identity(const struct backend_ctx *ctx,
                          const struct target *t) {
  char text[LINUX_FILE_MAX], path[LINUX_PID_DIGITS + sizeof("/stat")];
  struct procfs_stat stat;

  if (t->kept) {
    ssize_t len = linux_read_kept(t->statm_fd, text, sizeof(text));
    return len < 0 ? (int)len : 0;
  }
  snprintf(path, sizeof(path), "%d/stat", t->pid);
  int error = linux_read_stat(ctx->root_fd, path, &stat);
  if (error == 0 && stat.start_ticks != t->start_ticks)
    error = -ESRCH;
  return error;
}

int linux_watch_end(struct backend_ctx *ctx, struct target *t, uint64_t key) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT,
                              .data.u64 = key};

  if (!ctx->own_procfs)
    return -ENOTSUP;
  if (t->pidfd >= 0)
    return -EEXIST;
  if (!fd_budget_take_above(ctx->budget, ctx->end_reserve))
    return -EMFILE;
  int pidfd = pidfd_of(t->pid);
  int error = pidfd < 0 ? -errno : check_identity(ctx, t);
  if (error == 0 && epoll_ctl(ctx->epoll_fd, EPOLL_CTL_ADD, pidfd, &event) != 0)
    error = -errno;
  if (error == 0) {
    t->pidfd = pidfd;
    return 0;
  }
  if (pidfd >= 0)
    close(pidfd);
  fd_budget_give(ctx->budget);
  return error;
}

void linux_unwatch_end(struct backend_ctx *ctx, struct target *t) {
  if (t->pidfd < 0)
    return;
  /* While a child of another plugin has not yet come to exec it holds the
   * descriptor too, and closing ours would not end the watch. */
  epoll_ctl(ctx->epoll_fd, EPOLL_CTL_DEL, t->pidfd, NULL);
  close(t->pidfd);
  t->pidfd = -1;
  fd_budget_give(ctx->budget);
}

/* --- how it ended --- */

/* The kernel keeps it with the pidfd from when the process is reaped. */
static int ask_pidfd(const struct target *t, int *status) {
  struct pidfd_info_v0 info = {.mask = PIDFD_TELLS_EXIT};

  if (t->pidfd < 0)
    return -ENODATA;
  if (ioctl(t->pidfd, PIDFD_GET_INFO_V0, &info) != 0)
    return -errno;
  if ((info.mask & PIDFD_TELLS_EXIT) == 0)
    return -ENODATA;
  *status = info.exit_code;
  return 0;
}

/* Whether stat tells how the process ended: where it does not, it says 0. The
 * kernel asks for the same right to follow this link, which nobody has any
 * more: then it is not there. */
static bool may_know_status(int dir_fd) {
  char target[1];

  return readlinkat(dir_fd, "exe", target, sizeof(target)) >= 0 ||
         errno == ENOENT;
}

/* Of one that has not been reaped. */
static int ask_stat(const struct backend_ctx *ctx, const struct target *t,
                    int *status) {
  char text[LINUX_FILE_MAX];
  struct procfs_stat stat;

  int dir_fd =
      openat(ctx->root_fd, t->dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0)
    return -errno;
  /* Asked first: when stat can be read afterwards, it was there for both. */
  bool may_know = may_know_status(dir_fd);
  ssize_t len = linux_read_at(dir_fd, "stat", text, sizeof(text));
  close(dir_fd);
  if (len < 0)
    return (int)len;
  int error = procfs_parse_stat(text, (size_t)len, &stat);
  if (error == 0)
    error = procfs_parse_exit_code(text, (size_t)len, status);
  if (error != 0)
    return error;
  if (stat.start_ticks != t->start_ticks || !linux_has_ended(&stat))
    return -ESRCH;
  return *status == 0 && !may_know ? -EACCES : 0;
}

static struct proc_exit from_status(int status) {
  if (WIFSIGNALED(status))
    return (struct proc_exit){EXIT_SIGNAL, WTERMSIG(status)};
  return (struct proc_exit){EXIT_STATUS, WEXITSTATUS(status)};
}

struct proc_exit linux_exit_of(struct backend_ctx *ctx,
                               const struct target *t) {
  int status;

  /* Again at the end: it may be reaped between the two. */
  if (ask_pidfd(t, &status) == 0 || ask_stat(ctx, t, &status) == 0 ||
      ask_pidfd(t, &status) == 0)
    return from_status(status);
  return (struct proc_exit){EXIT_UNKNOWN, 0};
}
