/* The process table: every process, and what is to be told of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux_files.h"
#include "linux_target.h"

/* Longer than any name: those of kernel threads may have 64 bytes. */
enum { NAME_MAX_BYTES = 128 };

/* The folder of a process belongs to the user whose rights it has, also where
 * what is in it belongs to root (task_dump_owner in the kernel's base.c). */
static int read_owner(int dir_fd, uint32_t *out) {
  struct stat st;

  if (fstat(dir_fd, &st) != 0)
    return -errno;
  *out = st.st_uid;
  return 0;
}

/* Without descriptors or memory nothing can be said of any process; what else
 * fails is this one's: it has ended, or is hidden. */
static int failure_of_all(int error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOMEM ? error : 0;
}

/* As ps shows it: a process without words is told by its name. */
static void set_command_line(struct backend_ctx *ctx, size_t len,
                             struct proc_info *out) {
  char *line = ctx->command_line;

  if (procfs_join_words(line, len) == 0)
    snprintf(line, LINUX_COMMAND_LINE_MAX, "[%s]", out->command);
  out->command_line = line;
  out->have |= FACT_COMMAND_LINE;
}

/* The name as the kernel keeps it, with a newline behind it. Left as it is when
 * that cannot be read. */
static int read_comm(int dir_fd, char command[NAME_MAX_BYTES]) {
  char text[NAME_MAX_BYTES];

  ssize_t len = linux_read_at(dir_fd, "comm", text, sizeof(text));
  if (len <= 0 || text[len - 1] != '\n')
    return len < 0 ? failure_of_all((int)len) : 0;
  text[len - 1] = '\0';
  memcpy(command, text, (size_t)len);
  return 0;
}

static int read_stat(struct backend_ctx *ctx, int dir_fd,
                     char command[NAME_MAX_BYTES], struct proc_info *out) {
  char text[LINUX_FILE_MAX];
  struct procfs_stat stat;

  ssize_t len = linux_read_at(dir_fd, "stat", text, sizeof(text));
  if (len < 0)
    return (int)len;
  if (procfs_parse_stat(text, (size_t)len, &stat) != 0 ||
      procfs_parse_command(text, (size_t)len, command, NAME_MAX_BYTES) != 0)
    return -EINVAL;
  out->have |= FACT_COMMAND | FACT_PARENT;
  out->start = linux_start(&stat);
  out->age_ns = linux_shortest_age_ns(ctx, &stat);
  out->command = command;
  out->parent = stat.parent;
  return 0;
}

/* The stat comes last: the folder of a process that has ended is root's and a
 * zombie has no words, and only its stat tells the former. */
static int describe(struct backend_ctx *ctx, int dir_fd, uint32_t facts,
                    char command[NAME_MAX_BYTES], struct proc_info *out) {
  ssize_t line_len = -1;

  if ((facts & FACT_OWNER) != 0 && read_owner(dir_fd, &out->owner) == 0)
    out->have |= FACT_OWNER;
  if ((facts & FACT_COMMAND_LINE) != 0) {
    line_len = linux_read_start(dir_fd, "cmdline", ctx->command_line,
                                LINUX_COMMAND_LINE_MAX);
    if (line_len < 0 && failure_of_all((int)line_len) != 0)
      return (int)line_len;
  }
  int error = read_stat(ctx, dir_fd, command, out);
  if (error == 0 && strchr(command, '\\') != NULL)
    error = read_comm(dir_fd, command);
  if (error == 0 && line_len >= 0)
    set_command_line(ctx, (size_t)line_len, out);
  return error;
}

static int look_at_entry(struct backend_ctx *ctx, const struct dirent *e,
                         const struct scan *scan) {
  char command[NAME_MAX_BYTES];
  struct proc_info info = {.token = e->d_ino};

  if (procfs_parse_pid(e->d_name, strlen(e->d_name), &info.pid) != 0)
    return 0;
  uint32_t facts = scan->look(scan->arg, info.pid, info.token);
  if (facts == 0)
    return 0;
  int dir_fd =
      openat(ctx->root_fd, e->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0)
    return failure_of_all(-errno);
  int error = describe(ctx, dir_fd, facts, command, &info);
  close(dir_fd);
  return error != 0 ? failure_of_all(error) : scan->visit(scan->arg, &info);
}

int linux_scan(struct backend_ctx *ctx, const struct scan *scan) {
  int result = 0;

  pthread_mutex_lock(&ctx->scan_lock);
  rewinddir(ctx->root_dir);
  while (result == 0) {
    errno = 0;
    struct dirent *e = linux_next_entry(ctx->root_dir);
    if (e == NULL) {
      result = -errno;
      break;
    }
    result = look_at_entry(ctx, e, scan);
  }
  pthread_mutex_unlock(&ctx->scan_lock);
  return result;
}

bool linux_hides(struct backend_ctx *ctx) {
  struct procfs_stat stat;

  return ctx->own_procfs && linux_has_cpu_clock(1) &&
         linux_read_stat(ctx->root_fd, "1/stat", &stat) != 0;
}
