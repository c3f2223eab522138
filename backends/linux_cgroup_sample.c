/* What a group used. Only v2 counts that for every group. */
#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroup_parse.h"
#include "clock.h"
#include "linux_cgroup.h"
#include "linux_files.h"

static void read_cpu(const struct group *g, struct proc_sample *out) {
  char text[LINUX_FILE_MAX];
  struct cgroup_cpu cpu;
  int own;

  int fd = cgroup_open_file(g->path, "cpu.stat", g->stat_fd, &own);
  if (fd < 0)
    return;
  uint64_t before_ns = clock_ns(CLOCK_MONOTONIC);
  ssize_t len = linux_read_kept(fd, text, sizeof(text));
  out->time_ns = before_ns + (clock_ns(CLOCK_MONOTONIC) - before_ns) / 2;
  if (own >= 0)
    close(own);
  if (len < 0 || cgroup_parse_cpu(text, (size_t)len, &cpu) != 0)
    return;
  out->cpu_ns = cpu.usage_ns;
  out->user_ns = cpu.user_ns;
  out->system_ns = cpu.system_ns;
  out->have = PROC_CPU | PROC_USER_SYSTEM;
}

/* Mixes both numbers, so that the folders of two file systems differ. */
static uint64_t incarnation_of(const struct group *g) {
  uint64_t number =
      (uint64_t)g->ino ^ (uint64_t)g->dev * UINT64_C(0x9e3779b97f4a7c15);

  return number != 0 ? number : 1;
}

int linux_group_sample(struct backend_ctx *ctx, struct group *g,
                       struct proc_sample *out, uint64_t *incarnation) {
  struct stat st;

  *out = (struct proc_sample){.cpu_percent = -1};
  if (g->path == NULL)
    return -ENOENT;
  if (g->is_v2)
    read_cpu(g, out);
  int error = cgroup_check(g, &st);
  if (error == -ENOENT)
    cgroup_forget(ctx, g);
  if (error != 0) {
    out->have = 0;
    return error;
  }
  *incarnation = incarnation_of(g);
  return 0;
}
