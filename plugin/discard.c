#include "discard.h"

#include <unistd.h>

static bool take(struct discard *d, int *fd) {
  pthread_mutex_lock(&d->lock);
  bool is_there = d->n > 0;
  if (is_there)
    *fd = d->fds[--d->n];
  pthread_mutex_unlock(&d->lock);
  return is_there;
}

static void run(void *arg) {
  struct discard *d = arg;
  int fd;

  while (take(d, &fd))
    close(fd);
}

void discard_init(struct discard *d, struct writers *writers) {
  *d = (struct discard){.writers = writers};
  d->job = (struct job){.run = run, .arg = d, .place = "discard"};
  pthread_mutex_init(&d->lock, NULL);
}

bool discard_reserve(struct discard *d, size_t n) {
  pthread_mutex_lock(&d->lock);
  bool has_room = d->n + d->reserved + n <= DISCARD_MAX;
  if (has_room)
    d->reserved += n;
  pthread_mutex_unlock(&d->lock);
  return has_room;
}

void discard_release(struct discard *d, size_t n) {
  pthread_mutex_lock(&d->lock);
  d->reserved -= n;
  pthread_mutex_unlock(&d->lock);
}

void discard_close(struct discard *d, int fd) {
  pthread_mutex_lock(&d->lock);
  d->reserved--;
  d->fds[d->n++] = fd;
  pthread_mutex_unlock(&d->lock);
  writers_ask(d->writers, &d->job);
}

bool discard_clear(struct discard *d, uint64_t deadline_ns) {
  if (!writers_wait(d->writers, &d->job, deadline_ns))
    return false;
  pthread_mutex_destroy(&d->lock);
  return true;
}
