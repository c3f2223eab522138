#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Only to look into the folder; where systems have no such thing, to read. */
#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

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

/* --- logs --- */

static const char *kind_of(mode_t mode) {
  if (S_ISLNK(mode))
    return "it is a symbolic link; a log must be a file itself";
  if (S_ISDIR(mode))
    return "it is a folder; a log must be a file";
  if (S_ISFIFO(mode))
    return "it is a FIFO; a log must be a regular file";
  if (S_ISSOCK(mode))
    return "it is a socket; a log must be a regular file";
  return "it is a device; a log must be a regular file";
}

/* Why a file must not be written to; NULL: it may. */
static const char *why_not(const struct stat *st, const struct stat *folder) {
  if (!S_ISREG(st->st_mode))
    return kind_of(st->st_mode);
  if (st->st_nlink > 1)
    return "it has a second name (a hard link); a log must have one";
  if ((folder->st_mode & S_IWOTH) != 0 && st->st_uid != 0 &&
      st->st_uid != geteuid())
    return "it belongs to another user, in a folder that all may write to";
  return NULL;
}

static const int log_flags =
    O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

/* A file that was laid there after the first look is found by the second. */
static int open_in(int folder_fd, const char *name, int *fd, const char **why) {
  struct stat folder, st;

  if (fstat(folder_fd, &folder) != 0)
    return -errno;
  if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    *why = why_not(&st, &folder);
  if (*why != NULL)
    return -EINVAL;
  *fd = openat(folder_fd, name, log_flags | O_CREAT, 0640);
  if (*fd < 0)
    return -errno;
  int error = fstat(*fd, &st) != 0 ? -errno : 0;
  if (error == 0)
    *why = why_not(&st, &folder);
  if (*why != NULL)
    error = -EINVAL;
  else if (error == 0 && st.st_nlink == 0)
    error = -ENOENT;
  if (error != 0)
    close(*fd);
  return error;
}

int file_open_log(const char *path, int *fd, const char **why) {
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  size_t len = (size_t)(name - path);

  *why = NULL;
  if (len >= sizeof(folder))
    return -ENAMETOOLONG;
  memcpy(folder, len > 0 ? path : ".", len > 0 ? len : 1);
  folder[len > 0 ? len : 1] = '\0';
  int folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0)
    return -errno;
  int error = open_in(folder_fd, name, fd, why);
  close(folder_fd);
  return error;
}

int file_open_log_again(const char *path, int *fd) {
  /* As if all might write to the folder. */
  const struct stat folder = {.st_mode = S_IWOTH};
  struct stat st;

  *fd = open(path, log_flags);
  if (*fd < 0)
    return -errno;
  if (fstat(*fd, &st) == 0 && st.st_nlink == 1 && why_not(&st, &folder) == NULL)
    return 0;
  close(*fd);
  return -EINVAL;
}

int file_look_log(const char *path, struct file_state *out) {
  struct stat st;

  if (lstat(path, &st) != 0)
    return -errno;
  set_state(&st, out);
  return 0;
}

int file_lock(int fd) {
  /* A file system without locks is no reason to write no log. */
  bool taken = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  return taken ? -EBUSY : 0;
}

int file_close(int fd) {
  /* A child of another plugin that has not yet come to exec has the file open
   * too, and would keep the lock. */
  flock(fd, LOCK_UN);
  return close(fd) != 0 ? -errno : 0;
}

int file_reserve(int fd, uint64_t size, size_t len) {
#ifdef FALLOC_FL_KEEP_SIZE
  /* The smallest block that a file system takes at once. */
  const uint64_t block = 1024;

  if (size % block != 0 && size / block == (size + len - 1) / block)
    return 0;
  if (fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)size, (off_t)len) != 0 &&
      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
    return -errno;
#else
  (void)fd, (void)size, (void)len;
#endif
  return 0;
}

/* The position is the end of what was written. Somebody may have cut the file
 * since: then there is nothing of it left. */
static void take_back(int fd, off_t len) {
  struct stat st;
  off_t end = lseek(fd, 0, SEEK_CUR);

  if (end >= len && fstat(fd, &st) == 0 && st.st_size == end &&
      ftruncate(fd, end - len) != 0)
    return;
}

int file_write(int fd, const void *data, size_t len) {
  ssize_t n;

  do
    n = write(fd, data, len);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -errno;
  if ((size_t)n == len)
    return 0;
  take_back(fd, (off_t)n);
  return -ENOSPC;
}

int file_read_at(int fd, uint64_t offset, void *buf, size_t size) {
  size_t used = 0;

  while (used < size) {
    ssize_t n =
        pread(fd, (char *)buf + used, size - used, (off_t)(offset + used));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n < 0 ? -errno : -ENODATA;
    used += (size_t)n;
  }
  return 0;
}

int file_cut(int fd, uint64_t size) {
  return ftruncate(fd, (off_t)size) != 0 ? -errno : 0;
}

int file_sync(int fd) { return fdatasync(fd) != 0 ? -errno : 0; }

int file_make_folder(const char *path) {
  return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

bool file_is_separator(char c) { return c == '/'; }

size_t file_root_length(const char *path) { return path[0] == '/' ? 1 : 0; }

bool file_can_be_command(const char *name) { return name[0] != '/'; }

bool file_is_same_path(const char *a, const char *b) {
  return strcmp(a, b) == 0;
}
