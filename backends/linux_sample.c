/* Samples.
 *
 * A target is pinned by a kept descriptor of its statm: pread of it answers
 * ESRCH once the process is gone, even when its pid is taken again. statm is
 * therefore read last; when that succeeds, all that was read before by pid was
 * of the same process. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "linux_files.h"
#include "linux_target.h"

/* The fields that are read from stat. */
static const uint32_t of_stat = PROC_USER_SYSTEM | PROC_FAULTS | PROC_REAPED;

static int read_stat(const struct backend_ctx *ctx, const struct target *t,
                     struct procfs_stat *out) {
  char text[LINUX_FILE_MAX];

  if (t->stat_fd < 0) {
    snprintf(text, sizeof(text), "%s/stat", t->dir_path);
    return linux_read_stat(ctx->root_fd, text, out);
  }
  int len = (int)linux_read_kept(t->stat_fd, text, sizeof(text));
  return len < 0 ? len : procfs_parse_stat(text, (size_t)len, out);
}

static void sample_stat(const struct backend_ctx *ctx, const struct target *t,
                        struct proc_sample *out) {
  struct procfs_stat stat;

  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
  if (read_stat(ctx, t, &stat) != 0 || stat.start_ticks != t->start_ticks)
    return;
  out->user_ns = stat.user_ticks * ctx->tick_ns;
  out->system_ns = stat.system_ticks * ctx->tick_ns;
  out->minor_faults = stat.minor_faults;
  out->major_faults = stat.major_faults;
  out->threads = stat.threads;
  out->reaped_user_ns = stat.reaped_user_ticks * ctx->tick_ns;
  out->reaped_system_ns = stat.reaped_system_ticks * ctx->tick_ns;
  out->reaped_cpu_ns = out->reaped_user_ns + out->reaped_system_ns;
  out->reaped_resolution_ns = ctx->tick_ns;
  out->have |= of_stat | PROC_THREADS;
  if (!ctx->own_procfs) {
    out->time_ns = now_ns;
    out->cpu_ns = out->user_ns + out->system_ns;
    out->cpu_resolution_ns = ctx->tick_ns;
    out->have |= PROC_CPU;
  }
}

static void sample_threads(const struct backend_ctx *ctx,
                           const struct target *t, struct proc_sample *out) {
  struct stat st;

  if (fstatat(ctx->root_fd, t->task_path, &st, 0) != 0)
    return;
  /* Two links are the directory's own; some file systems count none of the
   * sub-directories, and a fixture may lie on one. */
  if (st.st_nlink > 2)
    out->threads = (uint64_t)st.st_nlink - 2;
  else if (linux_count_entries(ctx->root_fd, t->task_path, &out->threads) != 0)
    return;
  out->have |= PROC_THREADS;
}

static void sample_handles(const struct backend_ctx *ctx, const char *fd_path,
                           struct proc_sample *out) {
  struct stat st;

  if (!ctx->fd_size) {
    if (linux_count_entries(ctx->root_fd, fd_path, &out->handles) != 0)
      return;
  } else {
    if (fstatat(ctx->root_fd, fd_path, &st, 0) != 0)
      return;
    out->handles = (uint64_t)st.st_size;
  }
  out->have |= PROC_HANDLES;
}

static void sample_io(const struct backend_ctx *ctx, const struct target *t,
                      struct proc_sample *out) {
  char text[LINUX_FILE_MAX];
  struct procfs_io io;

  ssize_t len = linux_read_at(ctx->root_fd, t->io_path, text, sizeof(text));
  if (len < 0 || procfs_parse_io(text, (size_t)len, &io) != 0)
    return;
  out->read_bytes = io.read_bytes;
  out->write_bytes = io.write_bytes;
  out->read_calls = io.read_calls;
  out->write_calls = io.write_calls;
  out->have |= PROC_IO;
}

static void sample_switches(const struct backend_ctx *ctx,
                            const struct target *t, struct proc_sample *out) {
  struct procfs_switches switches;

  if (linux_sum_switches(ctx->root_fd, t->task_path, &switches) != 0)
    return;
  out->voluntary_switches = switches.voluntary;
  out->involuntary_switches = switches.involuntary;
  out->have |= PROC_SWITCHES;
}

static void set_memory(const struct backend_ctx *ctx,
                       const struct procfs_statm *statm,
                       struct proc_sample *out) {
  uint64_t anonymous =
      statm->resident > statm->shared ? statm->resident - statm->shared : 0;

  out->resident_bytes = statm->resident * ctx->page_bytes;
  out->virtual_bytes = statm->size * ctx->page_bytes;
  out->private_bytes = statm->data * ctx->page_bytes;
  out->anonymous_bytes = anonymous * ctx->page_bytes;
  out->have |= PROC_RESIDENT | PROC_VIRTUAL | PROC_PRIVATE | PROC_ANONYMOUS;
}

/* Memory and files of a process whose main thread has ended are those of its
 * other threads. The caller looks afterwards whether it still is the process.
 */
static void sample_thread(const struct backend_ctx *ctx, const struct target *t,
                          uint32_t want, struct proc_sample *out) {
  char tid[LINUX_TID_MAX];
  char fd_path[sizeof(t->task_path) + LINUX_TID_MAX + sizeof("//fd")];
  struct procfs_statm statm;

  out->have &= ~(uint32_t)PROC_HANDLES;
  if (linux_find_thread(ctx->root_fd, t->task_path, tid, &statm) != 0)
    return;
  set_memory(ctx, &statm, out);
  snprintf(fd_path, sizeof(fd_path), "%s/%s/fd", t->task_path, tid);
  if ((want & PROC_HANDLES) != 0)
    sample_handles(ctx, fd_path, out);
}

/* A process without memory is a kernel thread, a process whose main thread
 * has ended while others run, one that is ending, whose memory nobody can tell
 * any more, or one that has ended. */
static int without_memory(const struct backend_ctx *ctx, const struct target *t,
                          uint32_t want, const struct procfs_statm *statm,
                          struct proc_sample *out) {
  char text[LINUX_FILE_MAX];
  struct procfs_stat stat;

  if (t->kernel_thread) {
    set_memory(ctx, statm, out);
    return 0;
  }
  int error = read_stat(ctx, t, &stat);
  if (error == 0 && stat.start_ticks != t->start_ticks)
    error = -ESRCH;
  if (error != 0)
    return error;
  bool has_ended = linux_has_ended(&stat);
  if (stat.threads > 1)
    sample_thread(ctx, t, want, out);
  ssize_t len = linux_read_kept(t->statm_fd, text, sizeof(text));
  if (len < 0)
    return (int)len;
  if (has_ended)
    out->status = -ESRCH;
  return 0;
}

static int sample_memory(const struct backend_ctx *ctx, const struct target *t,
                         uint32_t want, struct proc_sample *out) {
  char text[LINUX_FILE_MAX];
  struct procfs_statm statm;

  ssize_t len = linux_read_kept(t->statm_fd, text, sizeof(text));
  if (len < 0)
    return (int)len;
  int error = procfs_parse_statm(text, (size_t)len, &statm);
  if (error != 0)
    return error;
  if (statm.size == 0)
    return without_memory(ctx, t, want, &statm, out);
  set_memory(ctx, &statm, out);
  return 0;
}

static void sample_uptime(const struct backend_ctx *ctx, const struct target *t,
                          struct proc_sample *out) {
  uint64_t start_ns = t->start_ticks * ctx->tick_ns;
  uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);

  out->uptime_ns = now_ns > start_ns ? now_ns - start_ns : 0;
  out->have |= PROC_UPTIME;
}

static int sample_open_target(const struct backend_ctx *ctx, struct target *t,
                              uint32_t want, struct proc_sample *out) {
  out->cpu_percent = -1;
  if (ctx->own_procfs && (want & PROC_CPU) != 0 &&
      linux_read_cpu_clock(t->pid, &t->clock_ns, out) == 0)
    out->have |= PROC_CPU;
  else
    out->time_ns = clock_ns(CLOCK_MONOTONIC);
  bool has_stat = (out->have & of_stat) != 0;
  if (!has_stat && t->needs_stat &&
      ((want & of_stat) != 0 || (!ctx->own_procfs && (want & PROC_CPU) != 0)))
    sample_stat(ctx, t, out);
  if ((want & PROC_THREADS & ~out->have) != 0)
    sample_threads(ctx, t, out);
  if ((want & PROC_HANDLES) != 0)
    sample_handles(ctx, t->fd_path, out);
  if ((want & PROC_IO) != 0)
    sample_io(ctx, t, out);
  if ((want & PROC_SWITCHES) != 0)
    sample_switches(ctx, t, out);
  if ((want & PROC_UPTIME) != 0)
    sample_uptime(ctx, t, out);
  return sample_memory(ctx, t, want, out);
}

static int read_one(const struct backend_ctx *ctx, struct target *t,
                    uint32_t want, struct proc_sample *out) {
  if (t->kept)
    return sample_open_target(ctx, t, want, out);

  int error = linux_open_again(ctx, t);
  if (error == 0)
    error = sample_open_target(ctx, t, want, out);
  linux_close_files(t);
  return error;
}

/* What its parent may still be shown of one that has ended. */
static const uint32_t final = PROC_CPU | PROC_USER_SYSTEM | PROC_REAPED;

static void sample_one(const struct backend_ctx *ctx, struct target *t,
                       uint32_t want, struct proc_sample *out) {
  int error = read_one(ctx, t, want, out);

  if (error != 0)
    *out = (struct proc_sample){.status = error};
  else if (out->status != 0)
    out->have &= final;
}

/* Parents first, so to speak: when all reaped time is read before any process
 * is seen to be there, no child is counted both by itself and as reaped. */
int linux_sample(struct backend_ctx *ctx, struct target *const *targets,
                 size_t n, uint32_t want, struct proc_sample *out) {
  for (size_t i = 0; i < n; i++) {
    out[i] = (struct proc_sample){.have = 0};
    if ((want & PROC_REAPED) != 0)
      sample_stat(ctx, targets[i], &out[i]);
  }
  for (size_t i = 0; i < n; i++)
    sample_one(ctx, targets[i], want, &out[i]);
  return 0;
}
