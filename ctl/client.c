#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "compat/error_text.h"
#include "connect.h"
#include "say.h"

/* collectd waits for a disk that hangs for half a minute before it answers. */
enum { PATIENCE_S = 45, LINE_MAX_BYTES = 1 << 20, TOO_MANY_LINES = 1000000 };

static int set_patience(int fd, int option, time_t seconds) {
  const struct timeval patience = {.tv_sec = seconds};
  return setsockopt(fd, SOL_SOCKET, option, &patience, sizeof(patience));
}

int client_open(struct client *c, const char *path) {
  char text[ERROR_TEXT_MAX];

  *c = (struct client){.path = path, .fd = -1};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || set_patience(fd, SO_SNDTIMEO, PATIENCE_S) != 0 ||
      set_patience(fd, SO_RCVTIMEO, PATIENCE_S) != 0) {
    say("no socket can be made: %s", error_text(errno, text));
    if (fd >= 0)
      close(fd);
    return STATUS_NO_DAEMON;
  }
  int err = connect_to(fd, path);
  if (err != 0) {
    connect_explain(path, err);
    close(fd);
    return STATUS_NO_DAEMON;
  }
  c->fd = fd;
  return STATUS_DONE;
}

void client_close(struct client *c) {
  if (c->fd >= 0)
    close(c->fd);
  free(c->buffer);
  *c = (struct client){.fd = -1};
}

/* Says why the connection is of no use any more. */
static int lost(const struct client *c, int err) {
  char text[ERROR_TEXT_MAX];

  if (err == 0 || err == ECONNRESET || err == EPIPE)
    say("collectd has closed the connection to %s: has it ended? Its log tells",
        c->path);
  else if (err == EAGAIN || err == EWOULDBLOCK)
    say("collectd has not answered at %s for %d s: does it hang? Its log tells",
        c->path, PATIENCE_S);
  else
    say("the connection to %s failed: %s", c->path, error_text(err, text));
  return STATUS_NO_DAEMON;
}

/* The descriptor goes with the first byte. */
static ssize_t send_some(int fd, char *text, size_t len, int pass_fd) {
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {.space = {0}};
  struct iovec iov = {.iov_base = text, .iov_len = len};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

  if (pass_fd >= 0) {
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
  }
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static int send_request(struct client *c, const struct request *r,
                        int pass_fd) {
  char line[REQUEST_MAX];
  size_t len = r->used + 1;

  memcpy(line, r->text, r->used);
  line[r->used] = '\n';
  for (size_t sent = 0; sent < len;) {
    ssize_t n = send_some(c->fd, line + sent, len - sent, pass_fd);
    if (n < 0 && errno == EINTR)
      continue;
    /* Who has closed the connection may have said why before. */
    if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
      return STATUS_DONE;
    if (n < 0)
      return lost(c, errno);
    sent += (size_t)n;
    pass_fd = -1;
  }
  return STATUS_DONE;
}

/* Drops what was handed out, and makes room for more. */
static int make_room(struct client *c) {
  if (c->seen > 0)
    memmove(c->buffer, c->buffer + c->seen, c->used - c->seen);
  c->used -= c->seen;
  c->seen = 0;
  if (c->used < c->size)
    return 0;
  size_t size = c->size > 0 ? c->size * 2 : 4096;
  char *buffer = size <= LINE_MAX_BYTES ? realloc(c->buffer, size) : NULL;
  if (buffer == NULL)
    return -ENOMEM;
  c->buffer = buffer;
  c->size = size;
  return 0;
}

/* The next line in the buffer, without its end; NULL: none is whole yet. */
static char *next_line(struct client *c) {
  if (c->used == c->seen)
    return NULL;
  char *line = c->buffer + c->seen;
  char *end = memchr(line, '\n', c->used - c->seen);
  if (end == NULL)
    return NULL;
  *end = '\0';
  c->seen += (size_t)(end + 1 - line);
  return line;
}

/* The next line; NULL at the end of the connection. A negative errno. */
static int read_line(struct client *c, char **line) {
  while ((*line = next_line(c)) == NULL) {
    int err = make_room(c);
    if (err != 0)
      return err;
    ssize_t n = recv(c->fd, c->buffer + c->used, c->size - c->used, 0);
    if (n == 0 || (n < 0 && errno == ECONNRESET))
      return 0;
    if (n < 0 && errno != EINTR)
      return -errno;
    c->used += n > 0 ? (size_t)n : 0;
  }
  return 0;
}

/* A line that must come. */
static int expect_line(struct client *c, char **line) {
  int err = read_line(c, line);
  return err != 0 || *line == NULL ? lost(c, -err) : STATUS_DONE;
}

/* How many lines follow a status line; refused ones are told. */
static int read_status(struct client *c, size_t *n) {
  char *line;
  char *end;

  *n = 0;
  int status = expect_line(c, &line);
  if (status != STATUS_DONE)
    return status;
  long number = strtol(line, &end, 10);
  for (char *byte = line; *byte != '\0'; byte++)
    if ((unsigned char)*byte < ' ' || *byte == 0x7f)
      *byte = '?';
  if (end == line || *end != ' ' || number > TOO_MANY_LINES) {
    say("what listens at %s is not collectd's procmon: it answers \"%.40s\"",
        c->path, line);
    return STATUS_NO_DAEMON;
  }
  if (number < 0) {
    say("%s", end + 1);
    return STATUS_NO;
  }
  *n = (size_t)number;
  return STATUS_DONE;
}

static int read_lines(struct client *c, size_t n, struct lines *lines) {
  char *line;

  lines->line = n > 0 ? calloc(n, sizeof(*lines->line)) : NULL;
  if (n > 0 && lines->line == NULL)
    return lost(c, ENOMEM);
  while (lines->n < n) {
    int status = expect_line(c, &line);
    if (status != STATUS_DONE)
      return status;
    lines->line[lines->n] = strdup(line);
    if (lines->line[lines->n] == NULL)
      return lost(c, ENOMEM);
    lines->n++;
  }
  return STATUS_DONE;
}

int client_ask(struct client *c, const struct request *r, int pass_fd,
               struct lines *lines) {
  size_t n;

  *lines = (struct lines){.n = 0};
  int status = send_request(c, r, pass_fd);
  if (status == STATUS_DONE)
    status = read_status(c, &n);
  if (status == STATUS_DONE)
    status = read_lines(c, n, lines);
  return status;
}

void lines_free(struct lines *lines) {
  for (size_t i = 0; i < lines->n; i++)
    free(lines->line[i]);
  free(lines->line);
  *lines = (struct lines){.n = 0};
}

int client_wait(struct client *c, char **line) {
  (void)set_patience(c->fd, SO_RCVTIMEO, 0);
  int err = read_line(c, line);
  return err != 0 ? lost(c, -err) : STATUS_DONE;
}
