/* Linux gives a pid out again on purpose. */
#ifndef PROCMON_TESTS_REUSE_PID_H
#define PROCMON_TESTS_REUSE_PID_H

#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Starts a child that gets this pid, which nobody has, and sleeps until it is
 * killed; it is ended by fixture_end(). -1, with errno EPERM: it takes root. */
static inline pid_t child_with_pid(pid_t pid) {
  pid_t set_tid[] = {pid};
  struct clone_args args = {
      .exit_signal = SIGCHLD,
      .set_tid = (uint64_t)(uintptr_t)set_tid,
      .set_tid_size = 1,
  };
  pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;)
      pause();
  }
  return child;
}

#endif
