#include "reaper.h"

static size_t find_parent(const struct roster *r, size_t i) {
  pid_t parent = r->members[i].parent;
  size_t p = 0;

  while (p < r->n && (parent == 0 || r->members[p].pid != parent))
    p++;
  return p;
}

/* In whose reaped time that of one that is gone shows: its nearest ancestor
 * that is not gone itself, since one between has been reaped, too. Without any
 * it is the last one above of which the last counters are known. */
static size_t find_reaper(const struct roster *r, size_t i) {
  size_t best = r->n;

  for (size_t steps = 0; steps < r->n; steps++) {
    i = find_parent(r, i);
    if (i == r->n)
      break;
    if (!r->members[i].is_gone)
      return i;
    if (r->members[i].has_last)
      best = i;
  }
  return best;
}

/* What was counted of one that is gone is owed by who reaped it. What it had
 * reaped itself since it was read last shows there, too. */
static void owe(struct roster *r, size_t i) {
  struct roster_member *m = &r->members[i];
  size_t reaper = find_reaper(r, i);
  struct proc_sample counted = r->before[i];

  m->has_reaper = reaper != r->n;
  if (!m->has_reaper)
    return;
  if (m->has_last) {
    counted.cpu_ns = m->last.cpu_ns;
    counted.user_ns = m->last.user_ns;
    counted.system_ns = m->last.system_ns;
  }
  account_inherit(&r->members[reaper].debt, &m->debt);
  if (m->has_before)
    account_owe(&r->members[reaper].debt, &counted);
}

void reaper_owe(struct roster *r, size_t first) {
  for (size_t i = first; i < r->n; i++)
    if (r->members[i].is_gone && !r->members[i].has_owed) {
      owe(r, i);
      r->members[i].has_owed = true;
    }
}
