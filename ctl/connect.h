/* The way to the socket, and what to do when there is none. */
#ifndef PROCMONCTL_CONNECT_H
#define PROCMONCTL_CONNECT_H

/* Connects to the socket at the path. A negative errno, such as -ENAMETOOLONG,
 * or -ENOTSOCK for a file that is no socket. */
int connect_to(int fd, const char *path);

/* Says why connect_to() failed, and what to do. */
void connect_explain(const char *path, int err);

#endif
