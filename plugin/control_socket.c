#include "control_socket.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "compat/error_text.h"
#include "report.h"

enum { BACKLOG = 16, GROUP_SIZE = 16384 };

static int find_group(const char *name, gid_t *out) {
  struct group group, *found;
  char *buf = malloc(GROUP_SIZE);
  if (buf == NULL)
    return -ENOMEM;
  int error = -getgrnam_r(name, &group, buf, GROUP_SIZE, &found);
  if (error == 0 && found == NULL)
    error = -ENOENT;
  if (error == 0)
    *out = group.gr_gid;
  free(buf);
  return error;
}

static int set_group(const struct control_options *o) {
  char text[ERROR_TEXT_MAX];
  gid_t gid = (gid_t)-1;

  if (o->group == NULL)
    return 0;
  int error = find_group(o->group, &gid);
  if (error == 0 && chown(o->path, (uid_t)-1, gid) != 0)
    error = -errno;
  if (error != 0)
    report(
        REPORT_ERROR,
        "ControlSocket: SocketGroup \"%s\": %s; only those of collectd's own "
        "group may connect",
        o->group,
        error == -ENOENT ? "this system knows no such group"
                         : error_text(error, text));
  return 0;
}

/* Only a socket is ever removed. */
static void remove_old(const struct control_options *o) {
  struct stat st;

  if (o->unlink && lstat(o->path, &st) == 0 && S_ISSOCK(st.st_mode))
    unlink(o->path);
}

static int bind_and_listen(const struct control_options *o, int fd) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};

  if (strlen(o->path) >= sizeof(address.sun_path))
    return -ENAMETOOLONG;
  strcpy(address.sun_path, o->path);
  remove_old(o);
  /* Nobody connects before the rights are what they are to be. */
  if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
    return -errno;
  int error = set_group(o);
  if (error == 0 && chmod(o->path, o->perms) != 0)
    error = -errno;
  if (error == 0 && listen(fd, BACKLOG) != 0)
    error = -errno;
  if (error != 0)
    unlink(o->path);
  return error;
}

int control_socket_open(const struct control_options *o, int *out) {
  char text[ERROR_TEXT_MAX];
  int error = 0;

  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    error = -errno;
  if (error == 0)
    error = bind_and_listen(o, fd);
  if (error == 0) {
    *out = fd;
    return 0;
  }
  report(REPORT_ERROR,
         "ControlSocket \"%s\": %s; no monitor can be started at run time%s",
         o->path, error_text(error, text),
         error == -EADDRINUSE
             ? " (is another collectd running? If not, remove the file, or set "
               "DeleteSocket true)"
             : "");
  if (fd >= 0)
    close(fd);
  return error;
}

void control_socket_close(const struct control_options *o, int fd) {
  unlink(o->path);
  close(fd);
}
