#include "account.h"

#include <stdbool.h>
#include <string.h>

/* The fields that need two samples. */
static const uint32_t rates = PROC_CPU | PROC_USER_SYSTEM | PROC_FAULTS |
                              PROC_IO | PROC_SWITCHES | PROC_REAPED;

/* What is counted of those that are not there any more. */
static const uint32_t cpu_fields = PROC_CPU | PROC_USER_SYSTEM;

void account_begin(struct reading *r, uint32_t want) {
  memset(r, 0, sizeof(*r));
  r->have = want;
}

struct proc_sample account_birth(uint64_t time_ns) {
  return (struct proc_sample){.have = rates, .time_ns = time_ns};
}

static void add_sizes(struct reading *r, const struct proc_sample *now) {
  r->have &= now->have | rates;
  r->resident_bytes += now->resident_bytes;
  r->virtual_bytes += now->virtual_bytes;
  r->private_bytes += now->private_bytes;
  r->anonymous_bytes += now->anonymous_bytes;
  r->threads += now->threads;
  r->handles += now->handles;
  if (now->uptime_ns > r->uptime_ns)
    r->uptime_ns = now->uptime_ns;
}

static uint64_t grown(uint64_t before, uint64_t now) {
  return now > before ? now - before : 0;
}

/* One counter of one target: into its rate and into its total. */
static void add_rate(double *per_s, uint64_t *total, uint64_t before,
                     uint64_t now, double seconds) {
  uint64_t delta = grown(before, now);

  *per_s += (double)delta / seconds;
  *total += delta;
}

/* A counter whose steps are large against the time between the samples gives a
 * rate that jumps; then what the system says of CPU % is better than nothing,
 * and exact counters stay exact. */
static bool is_too_coarse(const struct proc_sample *b,
                          const struct proc_sample *n) {
  const uint64_t steps_at_least = 20;

  return n->cpu_percent >= 0 &&
         (n->time_ns - b->time_ns) / steps_at_least < n->cpu_resolution_ns;
}

static void add_cpu(struct reading *r, const struct proc_sample *b,
                    const struct proc_sample *n, double percent_seconds) {
  uint64_t cpu_ns = 0;

  if (is_too_coarse(b, n))
    r->cpu_percent += n->cpu_percent;
  else
    add_rate(&r->cpu_percent, &cpu_ns, b->cpu_ns, n->cpu_ns, percent_seconds);
}

static void add_rates(struct reading *r, struct totals *t,
                      const struct proc_sample *b, const struct proc_sample *n,
                      uint32_t have) {
  double seconds = (double)(n->time_ns - b->time_ns) / 1e9;
  double percent_seconds = seconds * 1e9 / 100;

  if ((have & PROC_CPU) != 0)
    add_cpu(r, b, n, percent_seconds);
  if ((have & PROC_USER_SYSTEM) != 0) {
    add_rate(&r->user_percent, &t->user_ns, b->user_ns, n->user_ns,
             percent_seconds);
    add_rate(&r->system_percent, &t->system_ns, b->system_ns, n->system_ns,
             percent_seconds);
  }
  if ((have & PROC_FAULTS) != 0) {
    add_rate(&r->minor_faults_per_s, &t->minor_faults, b->minor_faults,
             n->minor_faults, seconds);
    add_rate(&r->major_faults_per_s, &t->major_faults, b->major_faults,
             n->major_faults, seconds);
  }
  if ((have & PROC_IO) != 0) {
    add_rate(&r->read_bytes_per_s, &t->read_bytes, b->read_bytes, n->read_bytes,
             seconds);
    add_rate(&r->write_bytes_per_s, &t->write_bytes, b->write_bytes,
             n->write_bytes, seconds);
    add_rate(&r->read_calls_per_s, &t->read_calls, b->read_calls, n->read_calls,
             seconds);
    add_rate(&r->write_calls_per_s, &t->write_calls, b->write_calls,
             n->write_calls, seconds);
  }
  if ((have & PROC_SWITCHES) != 0) {
    add_rate(&r->voluntary_switches_per_s, &t->voluntary_switches,
             b->voluntary_switches, n->voluntary_switches, seconds);
    add_rate(&r->involuntary_switches_per_s, &t->involuntary_switches,
             b->involuntary_switches, n->involuntary_switches, seconds);
  }
}

void account_add(struct reading *r, struct totals *totals,
                 const struct proc_sample *before,
                 const struct proc_sample *now) {
  r->processes++;
  add_sizes(r, now);
  if (before == NULL || now->time_ns <= before->time_ns)
    return;

  uint32_t have = before->have & now->have & rates;
  r->rated++;
  r->have &= have | ~rates;
  add_rates(r, totals, before, now, have);
}

/* Adds what CPU and USER_SYSTEM have grown. */
static bool add_cpu_times(struct reading *r, struct totals *t,
                          const struct proc_sample *before,
                          const struct proc_sample *now) {
  uint32_t have = before->have & now->have & cpu_fields;

  if (have == 0 || now->time_ns <= before->time_ns)
    return false;
  add_rates(r, t, before, now, have);
  return true;
}

void account_add_ended(struct reading *r, struct totals *totals,
                       const struct proc_sample *before,
                       const struct proc_sample *now) {
  if (add_cpu_times(r, totals, before, now))
    r->rated++;
}

void account_add_group(struct reading *r, struct totals *totals,
                       const struct proc_sample *before,
                       const struct proc_sample *now) {
  bool has_used = now->cpu_ns != before->cpu_ns;

  if (r->processes == 0 && !has_used)
    return;
  if (!add_cpu_times(r, totals, before, now))
    return;
  r->rated++;
  r->have |= before->have & now->have & cpu_fields;
}

/* --- reaped children --- */

void account_owe(struct reaped_debt *debt, const struct proc_sample *last) {
  debt->fresh.cpu_ns += last->cpu_ns + last->reaped_cpu_ns;
  debt->fresh.user_ns += last->user_ns + last->reaped_user_ns;
  debt->fresh.system_ns += last->system_ns + last->reaped_system_ns;
}

void account_inherit(struct reaped_debt *debt, const struct reaped_debt *from) {
  debt->fresh.cpu_ns += from->fresh.cpu_ns + from->old.cpu_ns;
  debt->fresh.user_ns += from->fresh.user_ns + from->old.user_ns;
  debt->fresh.system_ns += from->fresh.system_ns + from->old.system_ns;
}

/* Takes from `grown_ns` what is owed, and gives the rest. A child that ended
 * after its parent was read shows there at the next reading, and the steps of
 * the counter may hold back as much as `slack_ns`. */
static uint64_t pay(uint64_t *old, uint64_t *fresh, uint64_t grown_ns,
                    uint64_t slack_ns) {
  uint64_t owed = *old + *fresh;
  uint64_t paid = owed < grown_ns ? owed : grown_ns;
  uint64_t kept = *fresh + slack_ns;

  *old = owed - paid < kept ? owed - paid : kept;
  *fresh = 0;
  return grown_ns - paid;
}

void account_add_reaped(struct reading *r, struct totals *totals,
                        const struct proc_sample *before,
                        const struct proc_sample *now,
                        struct reaped_debt *debt) {
  struct proc_sample none = {.have = now->have & before->have & cpu_fields,
                             .time_ns = before->time_ns};
  struct proc_sample rest = {.have = none.have, .time_ns = now->time_ns};
  uint64_t step_ns = now->reaped_resolution_ns;

  if ((now->have & before->have & PROC_REAPED) == 0)
    return;
  rest.cpu_ns =
      pay(&debt->old.cpu_ns, &debt->fresh.cpu_ns,
          grown(before->reaped_cpu_ns, now->reaped_cpu_ns), 2 * step_ns);
  rest.user_ns =
      pay(&debt->old.user_ns, &debt->fresh.user_ns,
          grown(before->reaped_user_ns, now->reaped_user_ns), step_ns);
  rest.system_ns =
      pay(&debt->old.system_ns, &debt->fresh.system_ns,
          grown(before->reaped_system_ns, now->reaped_system_ns), step_ns);
  rest.cpu_percent = -1;
  add_cpu_times(r, totals, &none, &rest);
}

void account_end(struct reading *r, const struct totals *totals,
                 unsigned num_processors) {
  if (r->processes == 0)
    r->have &= cpu_fields;
  if (r->rated == 0)
    r->have &= r->processes > 0 ? PROC_THREADS : 0u;
  r->cpu_percent /= num_processors;
  r->user_percent /= num_processors;
  r->system_percent /= num_processors;
  r->totals = *totals;
}
