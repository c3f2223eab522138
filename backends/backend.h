/* The only header that a port to another system needs.
 *
 * A backend opens processes and takes samples of them; it knows nothing of
 * collectd, of monitors or of logs. Every function returns 0 or a negative
 * errno. All functions of one context may be called from several threads at
 * the same time, but each target is used by one thread at a time.
 *
 * Inside the program sizes are bytes, times are nanoseconds, and counters
 * count from the start of the process. */
#ifndef PROCMON_BACKEND_H
#define PROCMON_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fd_budget.h"

/* What can be measured of a process; a set of these is a uint32_t. */
enum proc_field {
  PROC_CPU = 1u << 0,         /* cpu_ns */
  PROC_USER_SYSTEM = 1u << 1, /* user_ns, system_ns */
  PROC_RESIDENT = 1u << 2,
  PROC_VIRTUAL = 1u << 3,
  PROC_PRIVATE = 1u << 4,
  PROC_ANONYMOUS = 1u << 5,
  PROC_THREADS = 1u << 6,
  PROC_HANDLES = 1u << 7,
  PROC_FAULTS = 1u << 8, /* minor_faults, major_faults */
  PROC_IO = 1u << 9,     /* read_bytes, write_bytes, read_calls, write_calls */
  PROC_SWITCHES = 1u << 10, /* voluntary_switches, involuntary_switches */
  PROC_UPTIME = 1u << 11,
};

/* The raw counters and sizes of one process at one instant. */
struct proc_sample {
  int status;       /* 0: read; -ESRCH: the process has ended; else failed */
  uint32_t have;    /* the fields that were read; all others are undefined */
  uint64_t time_ns; /* CLOCK_MONOTONIC at which cpu_ns was read */
  uint64_t cpu_ns;  /* user + system of all threads, also those that ended */
  /* The step in which cpu_ns counts; 0: it is exact. Where a step is too coarse
   * for an interval, the system's own idea of CPU % stands in: below 0 it has
   * none. Both are set with PROC_CPU. */
  uint64_t cpu_resolution_ns;
  double cpu_percent;
  uint64_t user_ns, system_ns;
  uint64_t resident_bytes;  /* physical memory in use */
  uint64_t virtual_bytes;   /* address space, shared segments included */
  uint64_t private_bytes;   /* address space that is not shared */
  uint64_t anonymous_bytes; /* resident without file and shared pages */
  uint64_t threads;
  uint64_t handles; /* open file descriptors, or handles on Windows */
  uint64_t minor_faults, major_faults;
  uint64_t read_bytes, write_bytes; /* from and to storage */
  uint64_t read_calls, write_calls;
  uint64_t voluntary_switches, involuntary_switches;
  uint64_t uptime_ns;
};

/* What a scan says of each process; the pointers live during the visit. */
struct proc_info {
  pid_t pid;
  const char *command; /* command name as the system keeps it, NUL ended */
};

struct backend_options {
  const char *proc_root;    /* where procfs is mounted */
  const char *ps_command;   /* the ps utility; NULL: it is looked for */
  struct fd_budget *budget; /* outlives the context */
};

struct backend_ctx;
struct target; /* one live process: a pid and its start time */

/* Called for each process; a value other than 0 ends the scan. */
typedef int (*scan_visit)(const struct proc_info *, void *arg);

struct backend {
  const char *name;
  const char *requires; /* what `open` needs, in words for its failure */
  uint32_t measures;    /* the fields that it can measure */

  int (*open)(const struct backend_options *, struct backend_ctx **);

  /* Opens the process `pid` for samples of the fields in `want`. `age_ns` is
   * the shortest time for which it can have been running; UINT64_MAX: not
   * known. -ESRCH: there is no such process (any more). The target belongs to
   * the caller until detach. */
  int (*attach)(struct backend_ctx *, pid_t pid, uint32_t want,
                struct target **, uint64_t *age_ns);

  /* Samples all `n` targets of a monitor in one call; out[i].status says how
   * it went for target i. `want` is the set that attach was given, or a part
   * of it. A sample is whole: it is never of two processes. Returns 0, or a
   * negative errno when nothing could be sampled at all. */
  int (*sample)(struct backend_ctx *, struct target *const *, size_t n,
                uint32_t want, struct proc_sample *out);

  void (*detach)(struct backend_ctx *, struct target *);

  /* Visits every process once. Returns what ended the scan, or 0. */
  int (*scan)(struct backend_ctx *, scan_visit, void *arg);

  /* The highest pid that the system gives out now. */
  pid_t (*max_pid)(const struct backend_options *);

  /* The longest command name that `scan` can tell; longer ones are cut. */
  size_t command_max;
  bool command_ignores_case; /* names that differ in case are the same */

  /* What an error of `sample` or `scan` means here, in words; NULL, or no such
   * function: what errno says of it. */
  const char *(*explain)(int error);

  /* All targets have been detached before. */
  void (*close)(struct backend_ctx *);
};

/* The backend called `name`; "auto" is the best one of this build. -ENOTSUP:
 * a backend that this build does not have; -EINVAL: none is called so. */
int backend_find(const char *name, const struct backend **out);

/* Writes the names of this build's backends, "auto, linux or ps". */
void backend_names(char *out, size_t size);

extern const struct backend backend_linux;
extern const struct backend backend_ps;
extern const struct backend backend_windows;

#endif
