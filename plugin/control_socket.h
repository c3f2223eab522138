/* The control socket as a file: made, with its rights, and removed. */
#ifndef PROCMON_CONTROL_SOCKET_H
#define PROCMON_CONTROL_SOCKET_H

#include "control_options.h"

struct control_socket {
  int fd; /* that listens; -1: none */
  dev_t device;
  ino_t inode; /* of its file */
};

/* Makes a socket. Says what fails. */
int control_socket_open(const struct control_options *o,
                        struct control_socket *out);

/* Removes the file, if it is still its own. */
void control_socket_close(const struct control_options *o,
                          struct control_socket *s);

#endif
