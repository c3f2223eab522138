/* A connection to the control socket. Functions give 0 or an exit status, and
 * have said why. */
#ifndef PROCMONCTL_CLIENT_H
#define PROCMONCTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"

struct client {
  const char *path; /* of the socket, the caller's */
  int fd;
  char *buffer;
  size_t size;
  size_t used; /* bytes in the buffer */
  size_t seen; /* of them the lines that were handed out */
};

/* The lines of an answer behind its status. */
struct lines {
  char **line;
  size_t n;
};

int client_open(struct client *c, const char *path);
void client_close(struct client *c);

/* Sends a request, with a descriptor to pass or -1, and reads the whole answer.
 * STATUS_NO: collectd refused. The caller frees the lines, also after a
 * failure. */
int client_ask(struct client *c, const struct request *r, int pass_fd,
               struct lines *lines);
void lines_free(struct lines *lines);

/* Waits for one more line, however long that takes; it is valid until the next
 * call. NULL: the daemon has closed the connection. */
int client_wait(struct client *c, char **line);

#endif
