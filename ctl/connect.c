#include "connect.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "compat/error_text.h"
#include "say.h"

static const size_t PATH_LENGTH_MAX =
    sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

int connect_to(int fd, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct stat st;

  if (strlen(path) > PATH_LENGTH_MAX)
    return -ENAMETOOLONG;
  memcpy(address.sun_path, path, strlen(path));
  while (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
    if (errno == EINTR)
      continue;
    /* Of files the kernel says the same as of sockets nobody listens at. */
    int err = errno;
    if (err == ECONNREFUSED && stat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
      err = ENOTSOCK;
    return -err;
  }
  return 0;
}

/* The socket's group, or its number. */
static void group_name(gid_t gid, char *out, size_t size) {
  char space[4096];
  struct group group;
  struct group *found = NULL;

  if (getgrgid_r(gid, &group, space, sizeof(space), &found) == 0 &&
      found != NULL)
    snprintf(out, size, "%s", found->gr_name);
  else
    snprintf(out, size, "%u", (unsigned)gid);
}

static void explain_no_right(const char *path) {
  struct stat st;
  char group[256];

  if (stat(path, &st) != 0) {
    say("%s cannot be reached: one of its folders may not be entered; ask for "
        "that right, or set ControlSocket to a path elsewhere",
        path);
    return;
  }
  group_name(st.st_gid, group, sizeof(group));
  /* Nobody should become a member of root's group for this. */
  if ((st.st_mode & S_IWGRP) != 0 && st.st_gid == 0)
    say("no right to connect to %s: it is for root; set SocketGroup in "
        "collectd's configuration, or use sudo",
        path);
  else if ((st.st_mode & S_IWGRP) != 0)
    say("no right to connect to %s: it is for the group \"%s\"; become a "
        "member of it (usermod -aG), change SocketGroup, or use sudo",
        path, group);
  else
    say("no right to connect to %s: it is for its owner alone (mode %03o); use "
        "sudo, or change SocketPerms and SocketGroup (now \"%s\")",
        path, (unsigned)(st.st_mode & 0777), group);
}

void connect_explain(const char *path, int err) {
  char text[ERROR_TEXT_MAX];

  switch (-err) {
  case ENOENT:
    say("there is no socket %s: is collectd running, and is ControlSocket set "
        "to this path in its <Plugin procmon>?",
        path);
    break;
  case ECONNREFUSED:
    say("nobody listens at %s: collectd has ended without removing it; "
        "remove it, and start collectd",
        path);
    break;
  case EACCES:
    explain_no_right(path);
    break;
  case ENAMETOOLONG:
    say("the path of the socket has %zu bytes, at most %zu are possible: %s",
        strlen(path), PATH_LENGTH_MAX, path);
    break;
  case ENOTSOCK:
    say("%s is not a socket; give the path of ControlSocket", path);
    break;
  case EAGAIN:
    say("collectd takes no connection at %s: does it hang? Its log tells",
        path);
    break;
  default:
    say("cannot connect to %s: %s", path, error_text(err, text));
  }
}
