#include "ends.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "compat/thread.h"

struct listener {
  uint32_t id;
  void (*ended)(void *arg, pid_t pid);
  void *arg;
};

struct ends {
  const struct backend *backend;
  struct backend_ctx *ctx;
  bool has_thread;
  pthread_t thread;
  pthread_mutex_t lock; /* guards what is below */
  struct listener *listeners;
  size_t n, capacity;
  uint32_t last_id;
};

uint64_t ends_key(uint32_t id, pid_t pid) {
  return (uint64_t)id << 32 | (uint32_t)pid;
}

static void tell(struct ends *e, uint64_t key) {
  uint32_t id = (uint32_t)(key >> 32);
  pid_t pid = (pid_t)(uint32_t)key;

  pthread_mutex_lock(&e->lock);
  for (size_t i = 0; i < e->n; i++)
    if (e->listeners[i].id == id) {
      e->listeners[i].ended(e->listeners[i].arg, pid);
      break;
    }
  pthread_mutex_unlock(&e->lock);
}

static void *wait_for_ends(void *arg) {
  struct ends *e = arg;
  uint64_t key;

  while (e->backend->next_end(e->ctx, &key) == 0)
    tell(e, key);
  return NULL;
}

int ends_create(const struct backend *backend, struct backend_ctx *ctx,
                struct ends **out) {
  struct ends *e = calloc(1, sizeof(*e));
  if (e == NULL)
    return -ENOMEM;
  e->backend = backend;
  e->ctx = ctx;
  pthread_mutex_init(&e->lock, NULL);
  if (backend->next_end != NULL) {
    int error = thread_start(&e->thread, wait_for_ends, e);
    e->has_thread = error == 0;
    if (error != 0) {
      ends_free(e);
      return error;
    }
  }
  *out = e;
  return 0;
}

void ends_stop(struct ends *e) {
  if (!e->has_thread)
    return;
  e->backend->cancel_ends(e->ctx);
  pthread_join(e->thread, NULL);
  e->has_thread = false;
}

void ends_free(struct ends *e) {
  if (e == NULL)
    return;
  ends_stop(e);
  pthread_mutex_destroy(&e->lock);
  free(e->listeners);
  free(e);
}

static int grow(struct ends *e) {
  size_t capacity = e->capacity == 0 ? 8 : 2 * e->capacity;
  struct listener *listeners =
      realloc(e->listeners, capacity * sizeof(*listeners));

  if (listeners == NULL)
    return -ENOMEM;
  e->listeners = listeners;
  e->capacity = capacity;
  return 0;
}

int ends_join(struct ends *e, void (*ended)(void *arg, pid_t pid), void *arg,
              uint32_t *id) {
  pthread_mutex_lock(&e->lock);
  int error = e->n == e->capacity ? grow(e) : 0;
  if (error == 0) {
    *id = ++e->last_id;
    e->listeners[e->n++] = (struct listener){*id, ended, arg};
  }
  pthread_mutex_unlock(&e->lock);
  return error;
}

void ends_leave(struct ends *e, uint32_t id) {
  pthread_mutex_lock(&e->lock);
  for (size_t i = 0; i < e->n; i++)
    if (e->listeners[i].id == id) {
      e->listeners[i] = e->listeners[--e->n];
      break;
    }
  pthread_mutex_unlock(&e->lock);
}
