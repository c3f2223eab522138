#include "backends/command.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backends/procfs_parse.h"
#include "unit.h"

static const uint64_t s = 1000000000; /* nanoseconds */

/* Runs a shell script, and checks what it prints. */
static void check_script(const char *script, const char *expected) {
  char *const argv[] = {(char[]){"sh"}, (char[]){"-c"},
                        (char *)(uintptr_t)script, NULL};
  struct command_output out;

  ck_assert_int_eq(command_run("/bin/sh", argv, 10 * s, 1 << 20, &out), 0);
  ck_assert_str_eq(out.text, expected);
  ck_assert_uint_eq(out.len, strlen(expected));
  free(out.text);
}

static int run_script(const char *script, uint64_t deadline_ns, size_t max) {
  char *const argv[] = {(char[]){"sh"}, (char[]){"-c"},
                        (char *)(uintptr_t)script, NULL};
  struct command_output out;

  int error = command_run("/bin/sh", argv, deadline_ns, max, &out);
  ck_assert(error == 0 || out.text == NULL);
  free(out.text);
  return error;
}

static double seconds(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

START_TEST(what_a_program_prints_is_taken) {
  check_script("echo one; echo two", "one\ntwo\n");
  check_script("printf ''", "");
  check_script("exit 3", "");
}
END_TEST

START_TEST(it_gets_nothing_of_the_daemon) {
  setenv("LC_ALL", "de_DE.UTF-8", 1);
  setenv("PATH", "/nowhere", 1);
  setenv("SECRET", "secret", 1);
  check_script("echo $LC_ALL $PATH $SECRET",
               "C /usr/bin:/bin:/usr/sbin:/sbin\n");
  ck_assert_int_ge(dup2(0, 9), 0);
  check_script("{ echo x >&9; } 2>/dev/null && echo open || echo closed",
               "closed\n");
  check_script("cat; echo end; echo lost >&2", "end\n");
  signal(SIGTERM, SIG_IGN);
  check_script("kill -TERM $$; echo alive", "");
}
END_TEST

START_TEST(one_that_hangs_is_killed_and_reaped) {
  double start = seconds();

  ck_assert_int_eq(run_script("exec sleep 600", s / 10, 1 << 20), -ETIMEDOUT);
  ck_assert_double_lt(seconds() - start, 5);
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
  ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(one_that_hangs_without_output_is_killed_too) {
  double start = seconds();

  ck_assert_int_eq(run_script("exec >&-; exec sleep 600", s / 5, 1 << 20), 0);
  ck_assert_double_lt(seconds() - start, 5);
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(what_it_started_is_killed_with_it) {
  char path[] = "/tmp/procmon-command-XXXXXX", script[128];
  char line[32];
  pid_t pid;

  int fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  snprintf(script, sizeof(script), "sleep 600 & echo $! >%s; wait", path);
  ck_assert_int_eq(run_script(script, s / 2, 1 << 20), -ETIMEDOUT);
  FILE *f = fdopen(fd, "r");
  ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
  ck_assert_int_eq(procfs_parse_pid(line, strlen(line), &pid), 0);
  fclose(f);
  unlink(path);
  for (int i = 0; kill(pid, 0) == 0; i++) {
    ck_assert_int_lt(i, 5000);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
}
END_TEST

START_TEST(one_that_prints_for_ever_is_stopped) {
  ck_assert_int_eq(run_script("while :; do echo x; done", 10 * s, 10000),
                   -EFBIG);
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(one_that_is_not_there_is_an_error) {
  char *const argv[] = {(char[]){"x"}, NULL};
  struct command_output out;

  ck_assert_int_eq(command_run("/nonexistent", argv, s, 100, &out), -ENOENT);
}
END_TEST

START_TEST(a_daemon_may_ignore_its_children) {
  signal(SIGCHLD, SIG_IGN);
  check_script("echo one", "one\n");
  ck_assert_int_eq(run_script("exec sleep 600", s / 10, 100), -ETIMEDOUT);
}
END_TEST

static atomic_bool reaping = true;

static void *reap_all(void *unused) {
  while (atomic_load(&reaping))
    waitpid(-1, NULL, WNOHANG);
  return unused;
}

START_TEST(a_daemon_may_reap_its_children) {
  pthread_t thread;

  ck_assert_int_eq(pthread_create(&thread, NULL, reap_all, NULL), 0);
  for (int i = 0; i < 20; i++)
    check_script("echo one", "one\n");
  ck_assert_int_eq(run_script("exec sleep 600", s / 10, 100), -ETIMEDOUT);
  atomic_store(&reaping, false);
  pthread_join(thread, NULL);
}
END_TEST

START_TEST(no_descriptor_is_left_open) {
  int before = dup(0);
  close(before);
  check_script("echo one", "one\n");
  ck_assert_int_eq(run_script("exec sleep 600", s / 10, 100), -ETIMEDOUT);
  int after = dup(0);
  close(after);
  ck_assert_int_eq(before, after);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      what_a_program_prints_is_taken,
      it_gets_nothing_of_the_daemon,
      one_that_hangs_is_killed_and_reaped,
      one_that_hangs_without_output_is_killed_too,
      what_it_started_is_killed_with_it,
      one_that_prints_for_ever_is_stopped,
      one_that_is_not_there_is_an_error,
      a_daemon_may_ignore_its_children,
      a_daemon_may_reap_its_children,
      no_descriptor_is_left_open,
  };
  return UNIT_RUN("command", tests);
}
