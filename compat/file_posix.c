#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t to_ns(struct timespec ts) {
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static void set_state(const struct stat *st, struct file_state *out) {
  *out = (struct file_state){
      .is_regular = S_ISREG(st->st_mode),
      .volume = (uint64_t)st->st_dev,
      .id = (uint64_t)st->st_ino,
      .size = (uint64_t)st->st_size,
      .modified_ns = to_ns(st->st_mtim),
      .changed_ns = to_ns(st->st_ctim),
  };
}

int file_look(const char *path, struct file_state *out) {
  struct stat st;

  if (stat(path, &st) != 0)
    return -errno;
  set_state(&st, out);
  return 0;
}

int file_look_open(int fd, struct file_state *out) {
  struct stat st;

  if (fstat(fd, &st) != 0)
    return -errno;
  set_state(&st, out);
  return 0;
}

ssize_t file_read_start(const char *path, char *buf, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return -errno;
  ssize_t len = read(fd, buf, size);
  int error = errno;
  close(fd);
  return len >= 0 ? len : -error;
}

int file_open_log(const char *path) {
  int fd = open(
      path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
      0640);
  return fd >= 0 ? fd : -errno;
}

int file_lock(int fd) {
  /* A file system without locks is no reason to write no log. */
  bool taken = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  return taken ? -EBUSY : 0;
}

int file_write(int fd, const void *data, size_t len) {
  ssize_t n;

  do
    n = write(fd, data, len);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -errno;
  return (size_t)n == len ? 0 : -ENOSPC;
}

int file_make_folder(const char *path) {
  return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

bool file_is_separator(char c) { return c == '/'; }

size_t file_root_length(const char *path) { return path[0] == '/' ? 1 : 0; }

bool file_can_be_command(const char *name) { return name[0] != '/'; }

bool file_is_same_path(const char *a, const char *b) {
  return strcmp(a, b) == 0;
}
