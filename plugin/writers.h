/* The threads that write logs, so that a disk that hangs holds up nobody who
 * reads, and no log elsewhere. There are as many as there are places to be
 * written to at once, up to a bound. */
#ifndef PROCMON_WRITERS_H
#define PROCMON_WRITERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writers;

struct job {
  void (*run)(void *arg);
  void *arg;
  const char *place; /* jobs of one place run one after the other: where one
                        hangs the others would, too */
  /* The writers' own. */
  uint32_t place_hash; /* 0: not known yet */
  bool is_queued, is_running;
  uint64_t since_ns; /* when it was asked for and had not been before */
  struct job *next, *last, *next_place;
};

/* `w` is NULL in what follows where jobs are to run at once, in the caller's
 * thread. -ENOMEM, or -EAGAIN: there can be no thread. */
int writers_create(struct writers **out);

/* From now on `done` is called when a job is done, in any thread and with a
 * lock held: it must not call anything here. NULL: it is not called any more,
 * once this returns. */
void writers_tell(struct writers *w, void (*done)(void *arg), void *arg);

/* Has the job run, once more when it is running already; waits for nobody. The
 * job is the caller's and stays where it is. For how long earlier calls have
 * waited for their run to end, in ns; 0: none waits. Any thread. */
uint64_t writers_ask(struct writers *w, struct job *job);

/* Waits until the job is done; false: it is not, by this instant of
 * CLOCK_MONOTONIC. */
bool writers_wait(struct writers *w, const struct job *job,
                  uint64_t deadline_ns);

/* The number that stands for a text in `place_hash`; never 0. */
uint32_t writers_hash(const char *text, size_t len);

/* All jobs must be done. */
void writers_free(struct writers *w);

#endif
