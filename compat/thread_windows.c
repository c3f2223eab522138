#include "thread.h"

int thread_start(pthread_t *out, void *(*run)(void *), void *arg) {
  return -pthread_create(out, NULL, run, arg);
}
