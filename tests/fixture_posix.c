#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"

void fixture_make(struct fixture *f) {
  const char *tmp = getenv("TMPDIR");
  snprintf(f->root, sizeof(f->root), "%s/procmon-XXXXXX",
           tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
  ck_assert_ptr_nonnull(mkdtemp(f->root));
}

const char *fixture_command(void) {
  static char name[16];
  snprintf(name, sizeof(name), "pm-%d", (int)getpid());
  return name;
}

static void live(unsigned cpu_ms, const char *name, int ready_fd) {
  struct timespec cpu;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, name);
  do
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  while (cpu.tv_sec * 1000 + cpu.tv_nsec / 1000000 < (long)cpu_ms);
  if (write(ready_fd, "x", 1) != 1)
    _exit(1);
  close(ready_fd);
  for (;;)
    pause();
}

pid_t fixture_busy_child(unsigned cpu_ms) {
  const char *name = fixture_command();
  int fds[2];
  char byte;

  ck_assert_int_eq(pipe(fds), 0);
  pid_t child = fork();
  /* Where other threads run it may call nothing that takes a lock. */
  if (child == 0) {
    close(fds[0]);
    live(cpu_ms, name, fds[1]);
  }
  ck_assert_int_ge(child, 0);
  close(fds[1]);
  ck_assert_int_eq(read(fds[0], &byte, 1), 1);
  close(fds[0]);
  return child;
}

pid_t fixture_child(void) { return fixture_busy_child(0); }

void fixture_end(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

void fixture_set_zone(const char *zone) {
  setenv("TZ", zone, 1);
  tzset();
}
