#include "report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ending[] = ".XXXXXX";

/* As many as the kernel follows. */
enum { LINKS_MAX = 40 };

/* The mode that the file has, or that a new one gets. */
static mode_t mode_of(const char *path) {
  struct stat st;

  if (stat(path, &st) == 0)
    return st.st_mode & 0777;
  mode_t mask = umask(0);
  (void)umask(mask);
  return 0666 & ~mask;
}

/* Those that end the program wait; of a FIFO that nobody reads any more the
 * write tells. */
static void hold_signals(struct report_file *f) {
  const struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigset_t ending_signals;

  sigemptyset(&ending_signals);
  sigaddset(&ending_signals, SIGINT);
  sigaddset(&ending_signals, SIGTERM);
  sigaddset(&ending_signals, SIGHUP);
  sigaddset(&ending_signals, SIGQUIT);
  sigprocmask(SIG_BLOCK, &ending_signals, &f->mask);
  sigaction(SIGPIPE, &ignore, &f->pipe_action);
}

static void release_signals(const struct report_file *f) {
  sigaction(SIGPIPE, &f->pipe_action, NULL);
  sigprocmask(SIG_SETMASK, &f->mask, NULL);
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

/* The path that a link names, or NULL with errno: it is none. */
static char *read_link(const char *path) {
  char target[PATH_MAX];
  char *out;
  const ssize_t len = readlink(path, target, sizeof(target));
  const char *slash = strrchr(path, '/');

  if (len < 0)
    return NULL;
  const int folder =
      slash == NULL || target[0] == '/' ? 0 : (int)(slash + 1 - path);
  return asprintf(&out, "%.*s%.*s", folder, path, (int)len, target) >= 0 ? out
                                                                         : NULL;
}

/* The same for a link to what is not there yet. */
static char *follow(const char *path) {
  char *at = strdup(path);

  for (int n = 0; n < LINKS_MAX && at != NULL; n++) {
    char *next = read_link(at);
    if (next == NULL)
      break;
    free(at);
    at = next;
  }
  return at;
}

/* The file behind all links. */
static char *resolve(const char *path) {
  struct stat st;
  char *at = realpath(path, NULL);

  if (at != NULL || errno != ENOENT)
    return at;
  /* A link in /dev/fd to a pipe leads there, though it names no file. */
  return stat(path, &st) == 0 ? strdup(path) : follow(path);
}

static bool is_replaced(const char *path) {
  struct stat st;

  return stat(path, &st) != 0 || S_ISREG(st.st_mode);
}

static int open_it(struct report_file *f, const char *path) {
  f->path = resolve(path);
  if (f->path == NULL)
    return -errno;
  /* A new file in its place would go round its mode. */
  if (access(f->path, W_OK) != 0 && errno != ENOENT)
    return -errno;
  if (is_replaced(f->path))
    return open_beside(f);
  f->out = fopen(f->path, "we");
  return f->out != NULL ? 0 : -errno;
}

int report_file_begin(struct report_file *f, const char *path) {
  *f = (struct report_file){.out = NULL};
  if (strcmp(path, "-") == 0) {
    f->out = stdout;
    return 0;
  }
  hold_signals(f);
  int err = open_it(f, path);
  /* What is written to directly may take long, as a FIFO. */
  if (f->temporary == NULL)
    sigprocmask(SIG_SETMASK, &f->mask, NULL);
  if (err == 0)
    return 0;
  release_signals(f);
  free(f->path);
  free(f->temporary);
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
  }
  release_signals(f);
  free(f->path);
  free(f->temporary);
  return err;
}
