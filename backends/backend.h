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
  PROC_REAPED = 1u << 12, /* reaped_cpu_ns, reaped_user_ns, reaped_system_ns */
};

/* The raw counters and sizes of one process at one instant. */
struct proc_sample {
  /* 0: read; -ESRCH: the process has ended; else failed. Until its parent has
   * taken note of the end, the final counters of one that has ended may be
   * known: `have` says which. */
  int status;
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
  /* CPU time of the children that it has waited for, and of those that they
   * had waited for. */
  uint64_t reaped_cpu_ns, reaped_user_ns, reaped_system_ns;
  uint64_t reaped_resolution_ns; /* the step in which each of them counts */
};

/* What a scan can tell of a process; a set of these is a uint32_t. */
enum proc_fact {
  FACT_COMMAND = 1u << 0,
  FACT_COMMAND_LINE = 1u << 1,
  FACT_OWNER = 1u << 2,
  FACT_PARENT = 1u << 3,
};

/* What a scan says of a process; the pointers live during the visit. */
struct proc_info {
  uint32_t have; /* the facts that are told; all others are undefined */
  pid_t pid;
  uint64_t token;      /* that `look` was given */
  uint64_t start;      /* for attach */
  uint64_t age_ns;     /* the shortest time for which it can have been running;
                          UINT64_MAX: not known */
  const char *command; /* as the system keeps it, NUL ended */
  const char *command_line; /* as ps shows it: words with a blank between, of
                               one that has none [command] */
  uint32_t owner;           /* the user whose rights it has */
  pid_t parent;             /* 0: none */
};

/* Who looks at the process table, and at what of it. */
struct scan {
  /* Called for each process. The facts to tell of it; 0: it is known already,
   * and not visited. `token` is another one when another process has taken the
   * pid; 0: the system has none. */
  uint32_t (*look)(void *arg, pid_t pid, uint64_t token);
  /* Called with what was asked for, as far as it can be told: one that has
   * ended meanwhile is not visited. A value other than 0 ends the scan. */
  int (*visit)(void *arg, const struct proc_info *);
  void *arg;
};

/* How a process ended. */
struct proc_exit {
  enum { EXIT_UNKNOWN, EXIT_STATUS, EXIT_SIGNAL } how;
  int code; /* the status, or the number of the signal */
};

/* Processes that the system keeps together. */
enum group_kind { GROUP_UNIT, GROUP_CGROUP };

struct backend_options {
  const char *proc_root;    /* where procfs is mounted */
  const char *cgroup_root;  /* where cgroups are mounted */
  const char *ps_command;   /* the ps utility; NULL: it is looked for */
  struct fd_budget *budget; /* outlives the context */
};

struct backend_ctx;
struct target; /* one live process: a pid and its start time */
struct group;

struct backend {
  const char *name;
  const char *requires; /* what `open` needs, in words for its failure */
  uint32_t measures;    /* the fields that it can measure */
  uint32_t tells;       /* the facts that its scan can tell */

  int (*open)(const struct backend_options *, struct backend_ctx **);

  /* Opens the process `pid` for samples of the fields in `want`. `start` is
   * what a scan told of it, 0: whichever has that pid. `age_ns` is the shortest
   * time for which it can have been running; UINT64_MAX: not known. -ESRCH:
   * there is no such process (any more); with PROC_REAPED, one that its parent
   * has not taken note of may be attached. The target belongs to the caller
   * until detach. */
  int (*attach)(struct backend_ctx *, pid_t pid, uint64_t start, uint32_t want,
                struct target **, uint64_t *age_ns);

  /* Samples all `n` targets of a monitor in one call; out[i].status says how
   * it went for target i. `want` is the set that attach was given, or a part
   * of it. A sample is whole: it is never of two processes. Returns 0, or a
   * negative errno when nothing could be sampled at all. */
  int (*sample)(struct backend_ctx *, struct target *const *, size_t n,
                uint32_t want, struct proc_sample *out);

  void (*detach)(struct backend_ctx *, struct target *);

  /* Looks at every process once. Returns what ended the scan, or 0. */
  int (*scan)(struct backend_ctx *, const struct scan *);

  /* True when a scan cannot see the processes of other users; NULL: it can. */
  bool (*hides)(struct backend_ctx *);

  /* --- ends; all NULL where a sample alone tells of them --- */

  /* next_end will tell the end of the target as `key`, once. -EMFILE: there is
   * no descriptor left for that. */
  int (*watch_end)(struct backend_ctx *, struct target *, uint64_t key);

  /* Waits until a target ends that is watched. -ECANCELED: cancel_ends was
   * called. By one thread. The target may have been detached meanwhile. */
  int (*next_end)(struct backend_ctx *, uint64_t *key);
  void (*cancel_ends)(struct backend_ctx *);

  /* How a target ended that has ended. */
  struct proc_exit (*exit_of)(struct backend_ctx *, const struct target *);

  /* --- groups; all NULL where the system keeps none --- */

  /* Remembers the name; the group need not be there yet. It is the caller's
   * until group_free, and used by one thread at a time. */
  int (*group_create)(struct backend_ctx *, enum group_kind, const char *name,
                      struct group **);

  /* The processes that are in the group and in the groups below it, in the
   * order of their pids, each once. The list is the group's until the next
   * call. -ENOENT: there is no such group now. */
  int (*group_members)(struct backend_ctx *, struct group *, const pid_t **,
                       size_t *n);

  /* What all processes used that are, or ever were, in the group that
   * group_members found: PROC_CPU and PROC_USER_SYSTEM, exact and without
   * steps. `*incarnation` is another number once the group was made anew, and
   * never 0. out->have is 0 where the system does not count that. */
  int (*group_sample)(struct backend_ctx *, struct group *,
                      struct proc_sample *out, uint64_t *incarnation);
  void (*group_free)(struct backend_ctx *, struct group *);

  /* --- */

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
