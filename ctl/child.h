/* A command that waits until it may begin, and stays a zombie when it has
 * ended until it is reaped. */
#ifndef PROCMONCTL_CHILD_H
#define PROCMONCTL_CHILD_H

#include <sys/types.h>

struct child {
  pid_t pid;
  int fd; /* to the child: closed without a word, the child ends */
};

/* Forks a child that will run argv. From here on Ctrl-C and Ctrl-\ are the
 * child's alone, and child_wait() forwards what else is to end the caller. A
 * negative errno. */
int child_fork(struct child *c, char **argv);

/* Lets the child run its command. 0, or a negative errno when it cannot: it has
 * ended then. */
int child_go(struct child *c);

/* Waits until the child has ended, and leaves the zombie. Forwards SIGTERM and
 * SIGHUP to it. Gives an exit status as the shell does: 128 and the signal's
 * number for one that a signal has killed. */
int child_wait(const struct child *c);

/* Removes the zombie; ends a child that has not begun. */
void child_reap(struct child *c);

#endif
