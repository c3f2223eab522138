#include "control_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GIVEN_MAX = 4 };

int client_create(int fd, uint32_t number, struct discard *discard,
                  struct client **out) {
  struct ucred peer;
  socklen_t size = sizeof(peer);
  int error = 0;

  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    error = -EIO;
  struct client *c = error == 0 ? calloc(1, sizeof(*c)) : NULL;
  if (c == NULL) {
    close(fd);
    return error != 0 ? error : -ENOMEM;
  }
  c->fd = fd;
  c->number = number;
  c->uid = peer.uid;
  c->given = -1;
  c->discard = discard;
  *out = c;
  return 0;
}

/* --- input --- */

static void take_descriptors(struct client *c, struct msghdr *message) {
  struct cmsghdr *at = CMSG_FIRSTHDR(message);

  for (; at != NULL; at = CMSG_NXTHDR(message, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
      continue;
    size_t n = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < n; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(at) + i * sizeof(int), sizeof(fd));
      if (c->n_given++ == 0)
        c->given = fd;
      else
        discard_close(c->discard, fd);
    }
  }
}

/* How much of what has come is of one line: a descriptor comes with the first
 * byte of its line, and what is read at once must not be of two. 0: all was
 * read; or a negative errno. */
static ssize_t peek(const struct client *c, char *at, size_t room) {
  ssize_t n = recv(c->fd, at, room, MSG_PEEK | MSG_DONTWAIT);
  if (n < 0)
    return -errno;
  const char *end = memchr(at, '\n', (size_t)n);
  return end != NULL ? end + 1 - at : n;
}

/* 0, or a negative errno; `len` as peek() gave it. */
static int receive_part(struct client *c, size_t len) {
  union {
    char bytes[CMSG_SPACE(GIVEN_MAX * sizeof(int))];
    struct cmsghdr aligned;
  } control;
  struct iovec part = {c->in + c->in_len, len};
  struct msghdr message = {
      .msg_iov = &part,
      .msg_iovlen = 1,
      .msg_control = control.bytes,
      .msg_controllen = sizeof(control.bytes),
  };
  /* Without room for them the kernel drops the descriptors. */
  bool has_room = discard_reserve(c->discard, GIVEN_MAX);
  if (!has_room)
    message.msg_controllen = 0;
  size_t before = c->n_given;
  ssize_t n = recvmsg(c->fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  int error = n < 0 ? -errno : 0;
  if (error == 0) {
    take_descriptors(c, &message);
    c->has_lost_given =
        c->has_lost_given || (message.msg_flags & MSG_CTRUNC) != 0;
    c->in_len += (size_t)n;
  }
  if (has_room)
    discard_release(c->discard, GIVEN_MAX - (c->n_given - before));
  return error;
}

/* Then what came with the last line is to be taken before more is looked at. */
static bool is_line_with_given(const struct client *c) {
  return (c->n_given > 0 || c->has_lost_given) && c->in_len > 0 &&
         c->in[c->in_len - 1] == '\n';
}

int client_receive(struct client *c) {
  ssize_t n = 1;
  int error = 0;

  while (c->in_len < CLIENT_LINE_MAX && n > 0 && error == 0 &&
         !is_line_with_given(c)) {
    n = peek(c, c->in + c->in_len, CLIENT_LINE_MAX - c->in_len);
    if (n > 0)
      error = receive_part(c, (size_t)n);
  }
  c->has_closed = c->has_closed || n == 0;
  if (n < 0)
    error = (int)n;
  return error == -EAGAIN || error == -EINTR ? 0 : error;
}

bool client_has_line(const struct client *c) {
  return memchr(c->in, '\n', c->in_len) != NULL;
}

ssize_t client_take_line(struct client *c, char line[CLIENT_LINE_MAX + 1]) {
  const char *end = memchr(c->in, '\n', c->in_len);

  if (end == NULL)
    return c->in_len == CLIENT_LINE_MAX ? -2 : -1;
  size_t len = (size_t)(end - c->in);
  memcpy(line, c->in, len);
  line[len] = '\0';
  c->in_len -= len + 1;
  memmove(c->in, end + 1, c->in_len);
  return (ssize_t)len;
}

int client_take_given(struct client *c) {
  int given = c->given;

  /* It came with the last of the lines. */
  if (c->in_len > 0)
    return CLIENT_GIVEN_NONE;
  if (c->n_given > 1)
    given = CLIENT_GIVEN_SEVERAL;
  else if (c->has_lost_given)
    given = CLIENT_GIVEN_LOST;
  if (given < 0 && c->given >= 0)
    discard_close(c->discard, c->given);
  c->given = -1;
  c->n_given = 0;
  c->has_lost_given = false;
  return given;
}

/* --- output --- */

int client_put(struct client *c, const char *text, size_t len) {
  if (c->out_sent > 0) {
    c->out_len -= c->out_sent;
    memmove(c->out, c->out + c->out_sent, c->out_len);
    c->out_sent = 0;
  }
  if (c->out_len > 0 && c->out_len + len > CLIENT_ANSWERS_MAX)
    return -ENOBUFS;
  if (c->out_len + len > c->out_size) {
    size_t size = 2 * (c->out_len + len);
    char *out = realloc(c->out, size);
    if (out == NULL)
      return -ENOMEM;
    c->out = out;
    c->out_size = size;
  }
  memcpy(c->out + c->out_len, text, len);
  c->out_len += len;
  return 0;
}

bool client_has_output(const struct client *c) {
  return c->out_sent < c->out_len;
}

int client_send(struct client *c) {
  while (client_has_output(c)) {
    ssize_t n = send(c->fd, c->out + c->out_sent, c->out_len - c->out_sent,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
      return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    c->out_sent += (size_t)n;
  }
  return 0;
}

/* --- what it has seen --- */

struct seen *client_seen(struct client *c, uint32_t id) {
  for (size_t i = 0; i < c->n_seen; i++)
    if (c->seen[i].id == id)
      return &c->seen[i];
  if (c->n_seen == c->seen_size) {
    size_t size = c->seen_size == 0 ? 4 : 2 * c->seen_size;
    struct seen *seen = realloc(c->seen, size * sizeof(*seen));
    if (seen == NULL)
      return NULL;
    c->seen = seen;
    c->seen_size = size;
  }
  c->seen[c->n_seen] = (struct seen){.id = id};
  return &c->seen[c->n_seen++];
}

void client_free(struct client *c) {
  if (c == NULL)
    return;
  if (c->given >= 0)
    discard_close(c->discard, c->given);
  close(c->fd);
  free(c->out);
  free(c->seen);
  free(c);
}
