#include "roster.h"

#include <errno.h>
#include <stdlib.h>

#include "account.h"
#include "backends/clock.h"

void roster_init(struct roster *r, const struct backend *backend,
                 struct backend_ctx *ctx, uint32_t want) {
  *r = (struct roster){
      .backend = backend, .ctx = ctx, .want = want, .want_now = want};
}

static int grow(struct roster *r) {
  size_t capacity = r->capacity == 0 ? 1 : 2 * r->capacity;

  void *members = realloc(r->members, capacity * sizeof(*r->members));
  if (members == NULL)
    return -ENOMEM;
  r->members = members;
  /* An array of pointers. NOLINTNEXTLINE(bugprone-sizeof-expression) */
  void *targets = realloc(r->targets, capacity * sizeof(*r->targets));
  if (targets == NULL)
    return -ENOMEM;
  r->targets = targets;
  void *before = realloc(r->before, capacity * sizeof(*r->before));
  if (before == NULL)
    return -ENOMEM;
  r->before = before;
  void *now = realloc(r->now, capacity * sizeof(*r->now));
  if (now == NULL)
    return -ENOMEM;
  r->now = now;
  r->capacity = capacity;
  return 0;
}

int roster_add(struct roster *r, pid_t pid, uint64_t start, int64_t since_ns,
               uint64_t last_ns) {
  uint64_t age_ns;

  if (r->n == r->capacity && grow(r) != 0)
    return -ENOMEM;
  size_t i = r->n;
  int error =
      r->backend->attach(r->ctx, pid, start, r->want, &r->targets[i], &age_ns);
  if (error != 0)
    return error;
  int64_t now_ns = (int64_t)clock_ns(CLOCK_MONOTONIC);
  int64_t started_ns =
      age_ns > INT64_MAX ? INT64_MIN : now_ns - (int64_t)age_ns;
  r->members[i] = (struct roster_member){
      .pid = pid,
      .start = start,
      .started_ns = started_ns,
      .has_before = started_ns >= since_ns,
  };
  r->before[i] = account_birth(last_ns);
  r->n++;
  return 0;
}

void roster_drop(struct roster *r, size_t i) {
  size_t last = --r->n;

  r->backend->detach(r->ctx, r->targets[i]);
  r->members[i] = r->members[last];
  r->targets[i] = r->targets[last];
  r->before[i] = r->before[last];
  r->now[i] = r->now[last];
}

/* What the first sample tells of a target that attach could not know. */
static void get_to_know(struct roster_member *m,
                        const struct proc_sample *now) {
  m->was_read = true;
  if (m->started_ns == INT64_MIN && (now->have & PROC_UPTIME) != 0)
    m->started_ns = (int64_t)now->time_ns - (int64_t)now->uptime_ns;
}

void roster_sample(struct roster *r, size_t first, size_t n) {
  if (n == 0)
    return;
  int error = r->backend->sample(r->ctx, r->targets + first, n, r->want_now,
                                 r->now + first);
  for (size_t i = first; i < first + n; i++) {
    if (error != 0)
      r->now[i].status = error;
    if (r->now[i].status == 0 && !r->members[i].was_read)
      get_to_know(&r->members[i], &r->now[i]);
  }
}

size_t roster_find(const struct roster *r, pid_t pid) {
  size_t i = 0;

  while (i < r->n && (r->members[i].pid != pid || r->members[i].is_gone))
    i++;
  return i;
}

size_t roster_running(const struct roster *r) {
  size_t n = 0;

  for (size_t i = 0; i < r->n; i++)
    n += !r->members[i].has_ended;
  return n;
}

pid_t roster_oldest(const struct roster *r) {
  const struct roster_member *oldest = NULL;

  for (size_t i = 0; i < r->n; i++) {
    const struct roster_member *m = &r->members[i];
    if (oldest == NULL || (oldest->has_ended && !m->has_ended) ||
        (oldest->has_ended == m->has_ended &&
         m->started_ns < oldest->started_ns))
      oldest = m;
  }
  return oldest != NULL ? oldest->pid : 0;
}

void roster_clear(struct roster *r) {
  while (r->n > 0)
    roster_drop(r, r->n - 1);
  free(r->members);
  free(r->targets);
  free(r->before);
  free(r->now);
  roster_init(r, r->backend, r->ctx, r->want);
}
