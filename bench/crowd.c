#include "crowd.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

static void *sleep_on(void *unused) {
  for (;;)
    pause();
  return unused;
}

static void start_threads(unsigned n) {
  pthread_attr_t attributes;

  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN);
  for (unsigned i = 0; i < n; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, sleep_on, NULL) != 0)
      measure_die("thread");
  }
}

/* The pipe tells the parent that the process is what it is to be. */
static _Noreturn void live(const struct crowd *c, size_t i, int ready_fd) {
  char name[16];

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  snprintf(name, sizeof(name), "%s%zu", c->name, i);
  prctl(PR_SET_NAME, name);
  if (c->threads > 1)
    start_threads(c->threads - 1);
  close(STDIN_FILENO);
  if (write(ready_fd, "", 1) != 1)
    _exit(1);
  close(ready_fd);
  sleep_on(NULL);
  _exit(0);
}

static void start_one(struct crowd *c) {
  int ready[2];
  char byte;

  if (pipe(ready) != 0)
    measure_die("pipe");
  pid_t pid = fork();
  if (pid < 0)
    measure_die("fork");
  if (pid == 0) {
    close(ready[0]);
    live(c, c->n, ready[1]);
  }
  close(ready[1]);
  if (read(ready[0], &byte, 1) != 1)
    measure_die("a process of the crowd");
  close(ready[0]);
  c->pids[c->n++] = pid;
}

void crowd_resize(struct crowd *c, size_t n) {
  if (n > c->n) {
    c->pids = realloc(c->pids, n * sizeof(*c->pids));
    if (c->pids == NULL)
      measure_die("crowd");
  }
  while (c->n < n)
    start_one(c);
  size_t left = n;
  for (size_t i = n; i < c->n; i++)
    kill(c->pids[i], SIGKILL);
  for (; left < c->n; left++)
    waitpid(c->pids[left], NULL, 0);
  c->n = n;
}
