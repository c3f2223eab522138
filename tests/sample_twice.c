/* Takes samples of itself between marks that strace shows, so that a test can
 * count the system calls of one sample: `sample_twice unix|windows`. Each mark
 * is a getppid; the first sample warms up, the other stands between marks. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backends/backend.h"
#include "plugin/columns.h"

static void mark(void) { syscall(SYS_getppid); }

int main(int argc, char **argv) {
  struct columns columns;
  struct fd_budget budget;
  struct backend_options options = {.proc_root = "/proc", .budget = &budget};
  struct backend_ctx *ctx;
  struct target *target;
  struct proc_sample out;
  uint64_t age_ns;

  if (argc != 2 || columns_preset(argv[1], &columns) != 0)
    return 2;
  uint32_t want = columns_need(&columns);
  atomic_init(&budget.left, 8);
  if (backend_linux.open(&options, &ctx) != 0 ||
      backend_linux.attach(ctx, getpid(), 0, want, &target, &age_ns) != 0 ||
      backend_linux.sample(ctx, &target, 1, want, &out) != 0)
    return 1;
  mark();
  int error = backend_linux.sample(ctx, &target, 1, want, &out);
  mark();
  backend_linux.detach(ctx, target);
  backend_linux.close(ctx);
  return error == 0 && out.status == 0 && (want & ~out.have) == 0 ? 0 : 1;
}
