/* What old headers lack of Linux's pidfds. */
#ifndef PROCMON_COMPAT_PIDFD_H
#define PROCMON_COMPAT_PIDFD_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* The number is the same on every architecture but one, and that one's
 * headers are younger. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* The kernel's struct pidfd_info in its first size, which all later ones take.
 */
struct pidfd_info_v0 {
  uint64_t mask; /* what is asked for, and then what was told */
  uint64_t cgroup_id;
  uint32_t ids[11];
  int32_t exit_code; /* a status as waitpid() gives it */
};
_Static_assert(sizeof(struct pidfd_info_v0) == 64, "PIDFD_INFO_SIZE_VER0");

#define PIDFD_GET_INFO_V0 _IOWR(0xFF, 11, struct pidfd_info_v0)

enum { PIDFD_TELLS_EXIT = 1u << 3 };

/* A descriptor of the process that has this pid now, closed on exec; -1 and
 * errno otherwise. */
static inline int pidfd_of(pid_t pid) {
  return (int)syscall(SYS_pidfd_open, pid, 0);
}

#endif
