/* A process that ends between two system calls of a sample: the sampler runs
 * under ptrace, and at each of its calls in turn the process is ended. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/backend.h"
#include "fixture.h"
#include "reuse_pid.h"
#include "unit.h"

enum deed { END_ONLY, REAP, REUSE };

static const uint32_t everything = (1u << 13) - 1;
static const uint32_t final = PROC_CPU | PROC_USER_SYSTEM | PROC_REAPED;
static const unsigned cpu_ms = 20;

/* --- the sampler --- */

/* Attaches, stops for the tracer, and takes one sample. */
static void sample_once(pid_t pid, int descriptors, struct proc_sample *out) {
  struct fd_budget budget;
  struct backend_options options = {.proc_root = "/proc", .budget = &budget};
  struct backend_ctx *ctx;
  struct target *t;
  uint64_t age_ns;

  atomic_init(&budget.left, descriptors);
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 ||
      backend_linux.open(&options, &ctx) != 0 ||
      backend_linux.attach(ctx, pid, 0, everything, &t, &age_ns) != 0)
    _exit(1);
  raise(SIGSTOP);
  _exit(backend_linux.sample(ctx, &t, 1, everything, out) == 0 ? 0 : 1);
}

/* --- the tracer --- */

static void end(pid_t pid, enum deed deed) {
  siginfo_t info;

  ck_assert_int_eq(kill(pid, SIGKILL), 0);
  int options = deed == END_ONLY ? WEXITED | WNOWAIT : WEXITED;
  ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, options), 0);
  if (deed == REUSE)
    ck_assert_int_eq(child_with_pid(pid), pid);
}

/* Lets the sampler go on to the next system call, or out of one. False: it has
 * ended. */
static bool next_stop(pid_t sampler) {
  int status;

  ck_assert_int_eq(ptrace(PTRACE_SYSCALL, sampler, NULL, NULL), 0);
  ck_assert_int_eq(waitpid(sampler, &status, 0), sampler);
  if (WIFSTOPPED(status))
    return true;
  ck_assert_int_eq(status, 0);
  return false;
}

/* Ends the process before the n-th system call of the sampler. False: there are
 * not so many. */
static bool disturb(pid_t sampler, unsigned n, pid_t pid, enum deed deed) {
  unsigned stops = 0;
  int status;

  ck_assert_int_eq(waitpid(sampler, &status, 0), sampler);
  ck_assert(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
  ck_assert_int_eq(
      ptrace(PTRACE_SETOPTIONS, sampler, NULL, (void *)PTRACE_O_EXITKILL), 0);
  while (next_stop(sampler))
    if (++stops == 2 * n - 1)
      end(pid, deed);
  return stops >= 2 * n - 1;
}

static void check_sample(const struct proc_sample *s, enum deed deed) {
  if (s->status == 0) {
    ck_assert_uint_eq(s->have, everything);
    ck_assert_uint_ge(s->cpu_ns, cpu_ms * UINT64_C(1000000));
    ck_assert_uint_gt(s->resident_bytes, 0);
    return;
  }
  ck_assert_int_eq(s->status, -ESRCH);
  ck_assert_uint_eq(s->have & ~(deed == END_ONLY ? final : 0u), 0);
}

/* The statuses that there were, as bits: 1 for a whole sample, 2 for none. */
static unsigned disturb_each_call(enum deed deed, int descriptors) {
  struct proc_sample *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  unsigned seen = 0;
  bool disturbed = true;

  ck_assert_ptr_ne(s, MAP_FAILED);
  for (unsigned n = 1; disturbed; n++) {
    pid_t pid = fixture_busy_child(cpu_ms);
    pid_t sampler = fork();
    if (sampler == 0)
      sample_once(pid, descriptors, s);
    disturbed = disturb(sampler, n, pid, deed);
    check_sample(s, disturbed ? deed : REAP);
    seen |= s->status == 0 ? 1 : 2;
    if (!disturbed || deed != REAP)
      fixture_end(pid);
  }
  munmap(s, sizeof(*s));
  return seen;
}

/* --- */

START_TEST(a_process_that_ends_within_a_sample_gives_all_of_it_or_none) {
  for (int descriptors = 0; descriptors <= 8; descriptors += 8) {
    ck_assert_uint_eq(disturb_each_call(END_ONLY, descriptors), 3);
    ck_assert_uint_eq(disturb_each_call(REAP, descriptors), 3);
  }
}
END_TEST

START_TEST(nor_does_one_that_takes_its_pid_meanwhile) {
  pid_t pid = fixture_child();

  fixture_end(pid);
  pid = child_with_pid(pid);
  if (pid < 0 && errno == EPERM) {
    puts("SKIP: to reuse a pid takes root");
    return;
  }
  fixture_end(pid);
  for (int descriptors = 0; descriptors <= 8; descriptors += 8)
    ck_assert_uint_eq(disturb_each_call(REUSE, descriptors), 3);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_process_that_ends_within_a_sample_gives_all_of_it_or_none,
      nor_does_one_that_takes_its_pid_meanwhile,
  };
  return UNIT_RUN("linux_race", tests);
}
