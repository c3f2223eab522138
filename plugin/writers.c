#include "writers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backends/clock.h"
#include "compat/thread.h"

enum { THREADS_MAX = 16 };

/* Jobs of one place, in the order in which they were asked for: a chain by
 * `next`, whose first job knows its last, and by `next_place` the first of
 * another place. So nobody walks over all that wait. */

struct writer {
  struct writers *all;
  pthread_t thread;
  const struct job *running; /* NULL: it is idle */
  struct job *waiting;       /* the chain of the same place; NULL: none */
};

struct writers {
  pthread_mutex_t lock; /* guards all that follows, and the jobs */
  pthread_cond_t asked, done;
  bool is_ending;
  bool lacks_thread;        /* one could not be had */
  struct job *first, *last; /* of places where nothing runs */
  size_t n, idle;
  void (*told)(void *arg); /* NULL: nobody */
  void *told_arg;
  struct writer writers[THREADS_MAX];
};

uint32_t writers_hash(const char *text, size_t len) {
  uint32_t hash = 1;

  for (size_t i = 0; i < len; i++)
    hash = 31 * hash + (unsigned char)text[i];
  return hash != 0 ? hash : 1;
}

static bool is_same_place(const struct job *a, const struct job *b) {
  return a->place_hash == b->place_hash && strcmp(a->place, b->place) == 0;
}

/* NULL: nothing runs in the place of the job. */
static struct writer *find_writer(struct writers *w, const struct job *job) {
  for (size_t i = 0; i < w->n; i++) {
    const struct job *running = w->writers[i].running;
    if (running != NULL && is_same_place(running, job))
      return &w->writers[i];
  }
  return NULL;
}

/* --- chains --- */

static void append(struct job **chain, struct job *job) {
  job->next = NULL;
  job->last = job;
  if (*chain == NULL) {
    *chain = job;
    return;
  }
  (*chain)->last->next = job;
  (*chain)->last = job;
}

/* What is left of a chain behind its first job. */
static struct job *rest_of(const struct job *first) {
  if (first->next != NULL)
    first->next->last = first->last;
  return first->next;
}

static void add_place(struct writers *w, struct job *chain) {
  chain->next_place = NULL;
  if (w->first == NULL)
    w->first = chain;
  else
    w->last->next_place = chain;
  w->last = chain;
}

/* True when a place came to those where a job may run now. */
static bool queue(struct writers *w, struct job *job) {
  struct writer *writer = find_writer(w, job);
  struct job *chain = w->first;

  job->is_queued = true;
  if (writer != NULL) {
    append(&writer->waiting, job);
    return false;
  }
  while (chain != NULL && !is_same_place(chain, job))
    chain = chain->next_place;
  if (chain != NULL) {
    append(&chain, job);
    return false;
  }
  append(&chain, job);
  add_place(w, chain);
  return true;
}

/* Takes the first job that may run, and leaves its place to the writer. */
static struct job *take_job(struct writer *writer) {
  struct writers *w = writer->all;
  struct job *job = w->first;

  if (job == NULL)
    return NULL;
  w->first = job->next_place;
  writer->waiting = rest_of(job);
  job->is_queued = false;
  return job;
}

/* --- threads --- */

static void *write_on(void *arg);

/* Where no thread can be had, those that are there do it later, or one that
 * can be had when the next asks. */
static int add_thread(struct writers *w) {
  struct writer *writer = &w->writers[w->n];

  writer->all = w;
  int error = thread_start(&writer->thread, write_on, writer);
  w->lacks_thread = error != 0;
  if (error == 0)
    w->n++;
  return error;
}

static void wake(struct writers *w) {
  if (w->idle > 0)
    pthread_cond_signal(&w->asked);
  else if (w->n < THREADS_MAX)
    add_thread(w);
}

static void call_thread(struct writers *w) {
  if (w->first != NULL)
    wake(w);
}

static void run_job(struct writer *writer, struct job *job) {
  struct writers *w = writer->all;

  writer->running = job;
  job->is_running = true;
  /* Whoever was called may be this thread, which now has no time. */
  call_thread(w);
  pthread_mutex_unlock(&w->lock);
  job->run(job->arg);
  pthread_mutex_lock(&w->lock);
  job->is_running = false;
  job->since_ns = job->is_queued ? clock_ns(CLOCK_MONOTONIC) : 0;
  writer->running = NULL;
  if (writer->waiting != NULL)
    add_place(w, writer->waiting);
  writer->waiting = NULL;
  pthread_cond_broadcast(&w->done);
  if (w->told != NULL)
    w->told(w->told_arg);
}

static void *write_on(void *arg) {
  struct writer *writer = arg;
  struct writers *w = writer->all;

  pthread_mutex_lock(&w->lock);
  while (!w->is_ending) {
    struct job *job = take_job(writer);
    if (job != NULL) {
      run_job(writer, job);
      continue;
    }
    w->idle++;
    pthread_cond_wait(&w->asked, &w->lock);
    w->idle--;
  }
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

int writers_create(struct writers **out) {
  struct writers *w = calloc(1, sizeof(*w));
  if (w == NULL)
    return -ENOMEM;
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->asked, NULL);
  thread_cond_init(&w->done);
  pthread_mutex_lock(&w->lock);
  int error = add_thread(w);
  pthread_mutex_unlock(&w->lock);
  if (error != 0) {
    writers_free(w);
    return error;
  }
  *out = w;
  return 0;
}

void writers_tell(struct writers *w, void (*done)(void *arg), void *arg) {
  pthread_mutex_lock(&w->lock);
  w->told = done;
  w->told_arg = arg;
  pthread_mutex_unlock(&w->lock);
}

uint64_t writers_ask(struct writers *w, struct job *job) {
  if (w == NULL) {
    job->run(job->arg);
    return 0;
  }
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), waited_ns = 0;
  pthread_mutex_lock(&w->lock);
  if (job->is_queued || job->is_running)
    waited_ns = now_ns > job->since_ns ? now_ns - job->since_ns : 0;
  else
    job->since_ns = now_ns;
  if (job->place_hash == 0)
    job->place_hash = writers_hash(job->place, strlen(job->place));
  bool is_new = !job->is_queued && queue(w, job);
  if (is_new)
    wake(w);
  else if (w->lacks_thread)
    call_thread(w);
  pthread_mutex_unlock(&w->lock);
  return waited_ns;
}

bool writers_wait(struct writers *w, const struct job *job,
                  uint64_t deadline_ns) {
  bool is_late = false;

  if (w == NULL)
    return true;
  pthread_mutex_lock(&w->lock);
  while ((job->is_queued || job->is_running) && !is_late)
    is_late = thread_cond_wait(&w->done, &w->lock, deadline_ns) != 0;
  bool is_done = !job->is_queued && !job->is_running;
  pthread_mutex_unlock(&w->lock);
  return is_done;
}

void writers_free(struct writers *w) {
  if (w == NULL)
    return;
  pthread_mutex_lock(&w->lock);
  w->is_ending = true;
  pthread_cond_broadcast(&w->asked);
  pthread_mutex_unlock(&w->lock);
  for (size_t i = 0; i < w->n; i++)
    pthread_join(w->writers[i].thread, NULL);
  pthread_cond_destroy(&w->asked);
  pthread_cond_destroy(&w->done);
  pthread_mutex_destroy(&w->lock);
  free(w);
}
