#include "pipe2.h"

#include <errno.h>
#include <fcntl.h>

/* Knows O_CLOEXEC alone. */
int pipe2(int fds[2], int flags) {
  if (flags != O_CLOEXEC) {
    errno = EINVAL;
    return -1;
  }
  if (pipe(fds) != 0)
    return -1;
  for (int i = 0; i < 2; i++)
    if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) != 0) {
      close(fds[0]);
      close(fds[1]);
      return -1;
    }
  return 0;
}
