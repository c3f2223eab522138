/* Two samples of each target to one reading. Pure.
 *
 *   account_begin(&r, want);
 *   account_add(&r, &totals, before, now);      for each target
 *   account_end(&r, &totals, num_processors);
 *
 * A field is in the reading when every target has it: a sum over some of them
 * would be a wrong figure, not a missing one. */
#ifndef PROCMON_ACCOUNT_H
#define PROCMON_ACCOUNT_H

#include "reading.h"

/* Starts a reading of the fields in `want`. wall_ns and pid are the caller's.
 */
void account_begin(struct reading *r, uint32_t want);

/* Adds a target that was read at `before` and `now`.
 *
 * before == NULL: the target was running already when it was found; its sizes
 * count and its rates do not yet. For a process that started after the last
 * reading, `before` is account_birth() of that reading: its whole usage counts.
 *
 * CPU % = CPU time between the samples / monotonic time between them * 100;
 * 100 is one processor. Where the CPU time counts in steps of more than a
 * twentieth of the time between, CPU % is what the system itself says, when it
 * says it. The other rates are per second. A counter that fell
 * (the switches of a thread that ended) counts as standing still. */
void account_add(struct reading *r, struct totals *totals,
                 const struct proc_sample *before,
                 const struct proc_sample *now);

/* Adds the last counters of a target that has ended: its CPU time counts,
 * itself it does not. `now` is what was last read of it, as of the reading's
 * time. */
void account_add_ended(struct reading *r, struct totals *totals,
                       const struct proc_sample *before,
                       const struct proc_sample *now);

/* Adds the CPU time of a group, in place of that of its processes, which have
 * been added without it. */
void account_add_group(struct reading *r, struct totals *totals,
                       const struct proc_sample *before,
                       const struct proc_sample *now);

struct cpu_times {
  uint64_t cpu_ns, user_ns, system_ns;
};

/* CPU time of children that was counted as their own, and that the reaped time
 * of their parent shows, or will show once it has taken note of their end. */
struct reaped_debt {
  struct cpu_times fresh; /* of those that ended since the last reading */
  struct cpu_times old;
};

/* A child, or a child's child, of which `last` was read last has ended. */
void account_owe(struct reaped_debt *debt, const struct proc_sample *last);

/* What `from` owes shows in the parent that has reaped it. */
void account_inherit(struct reaped_debt *debt, const struct reaped_debt *from);

/* Adds the time that a target has reaped: of children that nobody has seen, and
 * of others what they used after they were seen last. A debt is paid first, and
 * the rest of one is given up after the next reading: that child was reaped by
 * somebody else, or by nobody. */
void account_add_reaped(struct reading *r, struct totals *totals,
                        const struct proc_sample *before,
                        const struct proc_sample *now,
                        struct reaped_debt *debt);

/* Ends the reading: divides CPU % by `num_processors`, and takes out what a
 * reading without any rate does not tell. */
void account_end(struct reading *r, const struct totals *totals,
                 unsigned num_processors);

/* The sample of a process before it started, at `time_ns`: all counters 0. */
struct proc_sample account_birth(uint64_t time_ns);

#endif
