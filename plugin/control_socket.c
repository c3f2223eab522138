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

enum { GROUP_SIZE = 16384 };

const bool control_is_supported = true;

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

static void set_group(const struct control_options *o) {
  char text[ERROR_TEXT_MAX];
  gid_t gid = (gid_t)-1;

  if (o->group == NULL)
    return;
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
}

static bool is_alive(const struct sockaddr_un *address) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return true;
  int error = connect(fd, (const struct sockaddr *)address, sizeof(*address));
  bool is_refused = error != 0 && errno == ECONNREFUSED;
  close(fd);
  return !is_refused;
}

/* Only a socket is ever removed, and none to which somebody listens: that of a
 * running collectd, when `collectd -T` is run beside it. */
static void remove_old(const struct control_options *o,
                       const struct sockaddr_un *address) {
  struct stat st;

  if (o->unlink && lstat(o->path, &st) == 0 && S_ISSOCK(st.st_mode) &&
      !is_alive(address))
    unlink(o->path);
}

static int set_rights(const struct control_options *o,
                      struct control_socket *s) {
  struct stat st;

  set_group(o);
  if (chmod(o->path, o->perms) != 0 || lstat(o->path, &st) != 0)
    return -errno;
  s->device = st.st_dev;
  s->inode = st.st_ino;
  return 0;
}

static int bind_and_listen(const struct control_options *o,
                           struct control_socket *s) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};

  if (strlen(o->path) >= sizeof(address.sun_path))
    return -ENAMETOOLONG;
  strcpy(address.sun_path, o->path);
  remove_old(o, &address);
  if (bind(s->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
    return -errno;
  /* Nobody connects before the rights are what they are to be. */
  int error = set_rights(o, s);
  if (error == 0 && listen(s->fd, SOMAXCONN) != 0)
    error = -errno;
  if (error != 0)
    unlink(o->path);
  return error;
}

static const char *advice(int error) {
  if (error == -EADDRINUSE)
    return "; another collectd has it, or left it behind: then remove the "
           "file, "
           "or set DeleteSocket true";
  if (error == -ENOENT)
    return "; its folder must be there";
  return "";
}

int control_socket_open(const struct control_options *o,
                        struct control_socket *out) {
  char text[ERROR_TEXT_MAX];

  out->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int error = out->fd >= 0 ? bind_and_listen(o, out) : -errno;
  if (error == 0) {
    report(REPORT_INFO, "ControlSocket \"%s\": listening", o->path);
    return 0;
  }
  report(REPORT_ERROR,
         "ControlSocket \"%s\": %s%s; no monitor can be started at run time",
         o->path, error_text(error, text), advice(error));
  if (out->fd >= 0)
    close(out->fd);
  out->fd = -1;
  return error;
}

void control_socket_close(const struct control_options *o,
                          struct control_socket *s) {
  struct stat st;

  if (s->fd < 0)
    return;
  if (lstat(o->path, &st) == 0 && st.st_dev == s->device &&
      st.st_ino == s->inode)
    unlink(o->path);
  close(s->fd);
  s->fd = -1;
}
