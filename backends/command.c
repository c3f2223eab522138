#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "compat/pipe2.h"
#include "compat/spawn_close.h"

static int set_attributes(posix_spawnattr_t *attributes) {
  sigset_t none, all;

  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawnattr_setsigmask(attributes, &none);
  if (error == 0)
    error = posix_spawnattr_setsigdefault(attributes, &all);
  if (error == 0)
    error = posix_spawnattr_setpgroup(attributes, 0);
  if (error == 0)
    error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                                     POSIX_SPAWN_SETSIGDEF |
                                                     POSIX_SPAWN_SETPGROUP);
  return -error;
}

static int set_files(posix_spawn_file_actions_t *files, int out_fd) {
  int error =
      posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
  if (error == 0)
    error = posix_spawn_file_actions_adddup2(files, out_fd, 1);
  if (error == 0)
    error =
        posix_spawn_file_actions_addopen(files, 2, "/dev/null", O_WRONLY, 0);
  if (error == 0)
    error = spawn_close_from(files, 3);
  return -error;
}

static int start(const char *path, char *const argv[], int out_fd,
                 pid_t *child) {
  static char path_env[] = "PATH=/usr/bin:/bin:/usr/sbin:/sbin";
  static char locale_env[] = "LC_ALL=C", width_env[] = "COLUMNS=16384";
  char *const env[] = {path_env, locale_env, width_env, NULL};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;

  int error = -posix_spawnattr_init(&attributes);
  if (error != 0)
    return error;
  error = -posix_spawn_file_actions_init(&files);
  if (error == 0) {
    error = set_attributes(&attributes);
    if (error == 0)
      error = set_files(&files, out_fd);
    if (error == 0)
      error = -posix_spawn(child, path, &files, &attributes, argv, env);
    posix_spawn_file_actions_destroy(&files);
  }
  posix_spawnattr_destroy(&attributes);
  return error;
}

/* Makes room for one more read and the NUL. */
static int make_room(struct command_output *out, size_t *capacity, size_t max) {
  if (out->len > max)
    return -EFBIG;
  if (out->len + 1 < *capacity)
    return 0;
  size_t grown = *capacity == 0 ? 4096 : 2 * *capacity;
  char *text = realloc(out->text, grown);
  if (text == NULL)
    return -ENOMEM;
  out->text = text;
  *capacity = grown;
  return 0;
}

/* 1: something may be read; 0: the time is over. */
static int wait_for_output(int fd, uint64_t until_ns) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  int n;

  do {
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    if (now >= until_ns)
      return 0;
    n = poll(&p, 1, (int)((until_ns - now) / 1000000) + 1);
  } while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

static int read_all(int fd, uint64_t until_ns, size_t max,
                    struct command_output *out) {
  size_t capacity = 0;

  for (;;) {
    int error = make_room(out, &capacity, max);
    if (error != 0)
      return error;
    int ready = wait_for_output(fd, until_ns);
    if (ready <= 0)
      return ready == 0 ? -ETIMEDOUT : ready;
    ssize_t n = read(fd, out->text + out->len, capacity - out->len - 1);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -errno;
    if (out->len == 0)
      out->first_ns = clock_ns(CLOCK_MONOTONIC);
    out->len += (size_t)n;
    out->text[out->len] = '\0';
    if (n == 0)
      return 0;
  }
}

/* Waits for the child's end, unless somebody else has done so. What goes on
 * past its time is killed, with all that it has started in its process group;
 * what not even that ends (it waits in the kernel) is left to its fate. */
static void reap(pid_t child, uint64_t until_ns) {
  const struct timespec moment = {.tv_nsec = 500000};
  const uint64_t patience_ns = 1000000000;
  uint64_t killed_ns = 0;
  int status;

  while (waitpid(child, &status, WNOHANG) == 0) {
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    if (killed_ns != 0 && now_ns - killed_ns > patience_ns)
      return;
    if (killed_ns == 0 && now_ns >= until_ns) {
      kill(-child, SIGKILL);
      killed_ns = now_ns;
    }
    nanosleep(&moment, NULL);
  }
}

int command_run(const char *path, char *const argv[], uint64_t deadline_ns,
                size_t max, struct command_output *out) {
  uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + deadline_ns;
  pid_t child;
  int fds[2];

  *out = (struct command_output){.text = NULL};
  if (pipe2(fds, O_CLOEXEC) != 0)
    return -errno;
  int error = start(path, argv, fds[1], &child);
  close(fds[1]);
  if (error == 0) {
    error = read_all(fds[0], until_ns, max, out);
    reap(child, error == 0 ? until_ns : 0);
  }
  close(fds[0]);
  if (error != 0) {
    free(out->text);
    *out = (struct command_output){.text = NULL};
  }
  return error;
}
