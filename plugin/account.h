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

/* Ends the reading: divides CPU % by `num_processors`, and takes out what a
 * reading without any rate does not tell. */
void account_end(struct reading *r, const struct totals *totals,
                 unsigned num_processors);

/* The sample of a process before it started, at `time_ns`: all counters 0. */
struct proc_sample account_birth(uint64_t time_ns);

#endif
