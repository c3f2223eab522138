/* The control socket as a file: made, with its rights, and removed. */
#ifndef PROCMON_CONTROL_SOCKET_H
#define PROCMON_CONTROL_SOCKET_H

#include "control_options.h"

/* Makes a socket that listens. Says what fails. */
int control_socket_open(const struct control_options *o, int *fd);

void control_socket_close(const struct control_options *o, int fd);

#endif
