/* Closes descriptors that others have sent, on a thread of the writers: that of
 * a file on a file system of theirs may hang in close(). */
#ifndef PROCMON_DISCARD_H
#define PROCMON_DISCARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compat/thread.h"
#include "writers.h"

enum { DISCARD_MAX = 128 };

struct discard {
  struct writers *writers;
  struct job job;
  pthread_mutex_t lock; /* guards what follows */
  int fds[DISCARD_MAX];
  size_t n, reserved;
};

void discard_init(struct discard *d, struct writers *writers);

/* Sets places aside for descriptors that may come. False: so many hang that no
 * more are to be taken. */
bool discard_reserve(struct discard *d, size_t n);

/* Gives back places that no descriptor needs. */
void discard_release(struct discard *d, size_t n);

/* The descriptor is no more the caller's. It takes a place that was set aside
 * for it. */
void discard_close(struct discard *d, int fd);

/* False: it is not done by this instant, and must stay. */
bool discard_clear(struct discard *d, uint64_t deadline_ns);

#endif
