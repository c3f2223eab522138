/* Texts and names of Linux's cgroups, and of systemd's use of them. No I/O, no
 * allocation, compiles on every system. */
#ifndef PROCMON_CGROUP_PARSE_H
#define PROCMON_CGROUP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The longest name of a folder on Linux. */
enum { CGROUP_NAME_MAX = 255 };

/* A cgroup.procs that comes in pieces, which may end inside a line. Starts as
 * all zero. */
struct cgroup_procs {
  const char *at, *end; /* what is left of this piece */
  uint64_t number;      /* of the line so far */
  bool has_digits, is_bad;
};

/* Goes on with the next piece, once cgroup_procs_next has returned false. The
 * last line may lack its newline: a piece of just that then ends it. */
void cgroup_procs_feed(struct cgroup_procs *p, const char *text, size_t len);

/* The pid of the next whole line. Lines that hold no pid are skipped, as is 0:
 * a process that our pid namespace does not show. False: no more in this piece.
 */
bool cgroup_procs_next(struct cgroup_procs *p, pid_t *out);

/* Puts pids in order, each once; in place. Returns how many are left. */
size_t cgroup_sort_pids(pid_t *pids, size_t n);

/* Of cpu.stat what is used here. */
struct cgroup_cpu {
  uint64_t usage_ns, user_ns, system_ns;
};

/* -EINVAL: the text lacks one of them, as that of cgroup v1 does. */
int cgroup_parse_cpu(const char *text, size_t len, struct cgroup_cpu *out);

/* The path of a cgroup from the root of its hierarchy, with one `/` between its
 * parts and none around them; that of the root is "". -EINVAL: it is empty, too
 * long, or has a part `..`. */
int cgroup_clean_path(const char *path, char *out, size_t size);

/* The whole name of a systemd unit: without a suffix it is a service. -EINVAL:
 * no unit is called so. */
int cgroup_unit_name(const char *name, char *out, size_t size);

/* Where systemd puts a unit that has no Slice=, as a path like that of
 * cgroup_clean_path. -EINVAL: the path is too long. */
int cgroup_unit_place(const char *unit, char *out, size_t size);

#endif
