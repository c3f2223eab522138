/* A request of the control protocol: one line. */
#ifndef PROCMONCTL_REQUEST_H
#define PROCMONCTL_REQUEST_H

#include <stddef.h>

enum { REQUEST_MAX = 8192 }; /* with its end of line */

struct request {
  char text[REQUEST_MAX];
  size_t used;
};

void request_begin(struct request *r, const char *command);

/* Adds key=value, in quotes where it needs them. -EINVAL: the value holds a
 * control character; -EMSGSIZE: the request would be too long. It is as before
 * then. */
int request_add(struct request *r, const char *key, const char *value);

#endif
