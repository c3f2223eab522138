#include "linux_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

ssize_t linux_read_kept(int fd, char *buf, size_t size) {
  size_t used = 0;

  while (used < size) {
    ssize_t n = pread(fd, buf + used, size - used, (off_t)used);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -errno;
    used += (size_t)n;
    /* procfs ends these files with a newline, and a short one comes whole. */
    if (n == 0 || buf[used - 1] == '\n')
      return (ssize_t)used;
  }
  return -EOVERFLOW;
}

ssize_t linux_read_start(int dir_fd, const char *path, char *buf, size_t size) {
  int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return -errno;

  size_t used = 0;
  ssize_t n = 1;
  int error = 0;
  while (used < size && n > 0) {
    n = read(fd, buf + used, size - used);
    if (n > 0)
      used += (size_t)n;
    else if (n < 0 && errno == EINTR)
      n = 1;
    else if (n < 0)
      error = -errno;
  }
  close(fd);
  return error != 0 ? error : (ssize_t)used;
}

ssize_t linux_read_at(int dir_fd, const char *path, char *buf, size_t size) {
  ssize_t len = linux_read_start(dir_fd, path, buf, size);

  return len == (ssize_t)size ? -EOVERFLOW : len;
}

/* NULL: errno says why. */
static DIR *open_dir(int dir_fd, const char *path) {
  int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  DIR *dir = fdopendir(fd);
  if (dir == NULL) {
    int error = errno;
    close(fd);
    errno = error;
  }
  return dir;
}

struct dirent *linux_next_entry(DIR *dir) {
  struct dirent *e;

  do
    e = readdir(dir); /* NOLINT(concurrency-mt-unsafe): not of one stream */
  while (e != NULL && e->d_name[0] == '.');
  return e;
}

int linux_count_entries(int dir_fd, const char *path, uint64_t *out) {
  DIR *dir = open_dir(dir_fd, path);
  if (dir == NULL)
    return -errno;

  uint64_t n = 0;
  while (linux_next_entry(dir) != NULL)
    n++;
  closedir(dir);
  *out = n;
  return 0;
}

int linux_sum_switches(int dir_fd, const char *task_path,
                       struct procfs_switches *out) {
  DIR *dir = open_dir(dir_fd, task_path);
  if (dir == NULL)
    return -errno;

  *out = (struct procfs_switches){0, 0};
  size_t threads_read = 0;
  struct dirent *e;
  while ((e = linux_next_entry(dir)) != NULL) {
    char path[sizeof(e->d_name) + sizeof("/status")];
    char text[LINUX_FILE_MAX];
    struct procfs_switches thread;

    snprintf(path, sizeof(path), "%s/status", e->d_name);
    ssize_t len = linux_read_at(dirfd(dir), path, text, sizeof(text));
    /* A thread may end while its siblings are read. */
    if (len < 0 || procfs_parse_switches(text, (size_t)len, &thread) != 0)
      continue;
    out->voluntary += thread.voluntary;
    out->involuntary += thread.involuntary;
    threads_read++;
  }
  closedir(dir);
  return threads_read > 0 ? 0 : -ENOENT;
}

int linux_find_thread(int dir_fd, const char *task_path,
                      char tid[LINUX_TID_MAX], struct procfs_statm *out) {
  DIR *dir = open_dir(dir_fd, task_path);
  if (dir == NULL)
    return -errno;

  struct dirent *e;
  bool found = false;
  while (!found && (e = linux_next_entry(dir)) != NULL) {
    char path[sizeof(e->d_name) + sizeof("/statm")];
    char text[LINUX_FILE_MAX];

    snprintf(path, sizeof(path), "%s/statm", e->d_name);
    snprintf(tid, LINUX_TID_MAX, "%.*s", LINUX_TID_MAX - 1, e->d_name);
    ssize_t len = linux_read_at(dirfd(dir), path, text, sizeof(text));
    found = len > 0 && procfs_parse_statm(text, (size_t)len, out) == 0 &&
            out->size > 0;
  }
  closedir(dir);
  return found ? 0 : -ENOENT;
}
