#include "report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ending[] = ".XXXXXX";

/* The mode that the file has, or that a new one gets. */
static mode_t mode_of(const char *path) {
  struct stat st;

  if (stat(path, &st) == 0)
    return st.st_mode & 0777;
  mode_t mask = umask(0);
  (void)umask(mask);
  return 0666 & ~mask;
}

static void block_signals(sigset_t *old) {
  sigset_t ending_signals;

  sigemptyset(&ending_signals);
  sigaddset(&ending_signals, SIGINT);
  sigaddset(&ending_signals, SIGTERM);
  sigaddset(&ending_signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &ending_signals, old);
}

/* A new file beside the old one. */
static int open_beside(struct report_file *f) {
  const size_t size = strlen(f->path) + sizeof(ending);

  f->temporary = malloc(size);
  if (f->temporary == NULL)
    return -ENOMEM;
  snprintf(f->temporary, size, "%s%s", f->path, ending);
  int fd = mkostemp(f->temporary, O_CLOEXEC);
  if (fd < 0 || fchmod(fd, mode_of(f->path)) != 0)
    goto fail;
  f->out = fdopen(fd, "w");
  if (f->out != NULL)
    return 0;

fail:;
  int err = -errno;
  if (fd >= 0) {
    close(fd);
    unlink(f->temporary);
  }
  return err;
}

static bool is_replaced(const char *path) {
  struct stat st;

  return stat(path, &st) != 0 || S_ISREG(st.st_mode);
}

static int open_it(struct report_file *f, const char *path) {
  if (strcmp(path, "-") == 0) {
    f->out = stdout;
    return 0;
  }
  f->path = realpath(path, NULL);
  if (f->path == NULL && errno == ENOENT)
    f->path = strdup(path);
  if (f->path == NULL)
    return -errno;
  if (is_replaced(f->path))
    return open_beside(f);
  f->out = fopen(f->path, "we");
  return f->out != NULL ? 0 : -errno;
}

int report_file_begin(struct report_file *f, const char *path) {
  *f = (struct report_file){.out = NULL};
  block_signals(&f->mask);
  int err = open_it(f, path);
  if (f->temporary == NULL || err != 0)
    sigprocmask(SIG_SETMASK, &f->mask, NULL);
  if (err != 0) {
    free(f->path);
    free(f->temporary);
  }
  return err;
}

int report_file_end(struct report_file *f, bool keep) {
  int err = 0;

  if (f->out == stdout)
    return 0;
  errno = 0;
  if (ferror(f->out))
    err = -EIO;
  if (fclose(f->out) != 0)
    err = errno != 0 ? -errno : -EIO;
  if (f->temporary != NULL) {
    if (err == 0 && keep && rename(f->temporary, f->path) != 0)
      err = -errno;
    if (err != 0 || !keep)
      unlink(f->temporary);
    sigprocmask(SIG_SETMASK, &f->mask, NULL);
  }
  free(f->path);
  free(f->temporary);
  return err;
}
