#include "log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat/error_text.h"
#include "say.h"

static int make_absolute(const char *path, char out[PATH_MAX]) {
  char folder[PATH_MAX] = "";

  if (path[0] != '/' && getcwd(folder, sizeof(folder)) == NULL)
    return -errno;
  int len = snprintf(out, PATH_MAX, "%s%s%s", folder,
                     path[0] != '/' && folder[1] != '\0' ? "/" : "", path);
  return len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int name_it(const char *path, struct request *r) {
  char absolute[PATH_MAX];
  char text[ERROR_TEXT_MAX];

  int err = make_absolute(path, absolute);
  if (err == 0)
    err = request_add(r, "file", absolute);
  if (err == 0)
    return STATUS_DONE;
  if (err == -EINVAL)
    say("--file: the path holds a control character, which procmon does not "
        "take");
  else
    say("--file %s: %s", path, error_text(err, text));
  return STATUS_USAGE;
}

static int open_it(struct log_file *f) {
  const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
  char text[ERROR_TEXT_MAX];
  struct stat st;

  f->fd = open(f->path, flags | O_EXCL, 0666);
  f->is_made = f->fd >= 0;
  if (f->fd < 0 && errno == EEXIST)
    f->fd = open(f->path, flags, 0666);
  if (f->fd < 0 || fstat(f->fd, &st) != 0) {
    say("--file %s: %s", f->path, error_text(errno, text));
    return STATUS_NO;
  }
  if (S_ISREG(st.st_mode))
    return STATUS_DONE;
  say("--file %s: a log must be a regular file", f->path);
  return STATUS_NO;
}

int log_file_open(struct log_file *f, const char *path, struct request *r) {
  *f = (struct log_file){.path = path, .fd = -1};
  if (path == NULL)
    return STATUS_DONE;
  int status = name_it(path, r);
  if (status == STATUS_DONE)
    status = open_it(f);
  if (status != STATUS_DONE)
    log_file_close(f);
  return status;
}

void log_file_close(struct log_file *f) {
  if (f->fd >= 0)
    close(f->fd);
  f->fd = -1;
}

void log_file_drop(struct log_file *f) {
  struct stat ours;
  struct stat there;

  if (f->is_made && f->fd >= 0 && fstat(f->fd, &ours) == 0 &&
      lstat(f->path, &there) == 0 && there.st_dev == ours.st_dev &&
      there.st_ino == ours.st_ino && there.st_size == 0)
    (void)unlink(f->path);
  log_file_close(f);
}
