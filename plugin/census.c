#include "census.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backends/clock.h"
#include "compat/thread.h"

/* A program is what a process becomes soon after its start, or never. */
static const uint64_t YOUNG_NS = UINT64_C(10000000000);
/* Names change late, too: all are opened again within this time. */
static const uint64_t LOOK_AGAIN_NS = UINT64_C(60000000000);

enum { BITS = 64 };

struct member {
  census_match match; /* NULL: the place is free */
  void *arg;
  uint32_t facts;
};

/* One scan's result. */
struct table {
  struct census_entry *entries;
  size_t n, capacity;
  uint64_t *rows; /* `words` for each place of an entry: one bit a member */
};

struct census {
  const struct backend *backend;
  struct backend_ctx *ctx;
  pthread_mutex_t lock;

  struct member *members;
  size_t n_members;
  size_t words;
  uint32_t facts; /* of all members */

  struct table now, next;
  size_t cursor;     /* in `now`, where the scan is */
  uint64_t taken_ns; /* 0: no scan yet, or its answers are void */
  uint64_t gap_ns;   /* between the last scans */
  bool look_at_all;
};

int census_create(const struct backend *backend, struct backend_ctx *ctx,
                  struct census **out) {
  struct census *c = calloc(1, sizeof(*c));
  if (c == NULL)
    return -ENOMEM;
  c->backend = backend;
  c->ctx = ctx;
  pthread_mutex_init(&c->lock, NULL);
  *out = c;
  return 0;
}

void census_free(struct census *c) {
  if (c == NULL)
    return;
  pthread_mutex_destroy(&c->lock);
  free(c->now.entries);
  free(c->now.rows);
  free(c->next.entries);
  free(c->next.rows);
  free(c->members);
  free(c);
}

/* --- members --- */

static size_t find_place(const struct census *c) {
  size_t i = 0;

  while (i < c->n_members && c->members[i].match != NULL)
    i++;
  return i;
}

/* Makes room for one member more. A wider row makes the old ones void. */
static int add_place(struct census *c) {
  size_t words = (c->n_members + BITS) / BITS;
  struct member *members =
      realloc(c->members, (c->n_members + 1) * sizeof(*members));
  if (members == NULL)
    return -ENOMEM;
  c->members = members;
  c->n_members++;
  if (words == c->words)
    return 0;
  c->words = words;
  free(c->now.entries);
  free(c->now.rows);
  free(c->next.entries);
  free(c->next.rows);
  c->now = c->next = (struct table){.n = 0};
  return 0;
}

static void sum_facts(struct census *c) {
  c->facts = 0;
  for (size_t i = 0; i < c->n_members; i++)
    if (c->members[i].match != NULL)
      c->facts |= c->members[i].facts;
}

static void make_void(struct census *c) {
  c->look_at_all = true;
  c->taken_ns = 0;
}

int census_join(struct census *c, uint32_t facts, census_match match, void *arg,
                unsigned *id) {
  int error = 0;

  pthread_mutex_lock(&c->lock);
  size_t place = find_place(c);
  if (place == c->n_members)
    error = add_place(c);
  if (error == 0) {
    c->members[place] = (struct member){match, arg, facts};
    *id = (unsigned)place;
    sum_facts(c);
    make_void(c);
  }
  pthread_mutex_unlock(&c->lock);
  return error;
}

void census_forget_answers(struct census *c) {
  pthread_mutex_lock(&c->lock);
  make_void(c);
  pthread_mutex_unlock(&c->lock);
}

void census_leave(struct census *c, unsigned id) {
  pthread_mutex_lock(&c->lock);
  c->members[id].match = NULL;
  sum_facts(c);
  pthread_mutex_unlock(&c->lock);
}

/* --- a scan --- */

static int grow(struct census *c, struct table *t) {
  size_t capacity = t->capacity == 0 ? 256 : 2 * t->capacity;

  void *entries = realloc(t->entries, capacity * sizeof(*t->entries));
  if (entries == NULL)
    return -ENOMEM;
  t->entries = entries;
  void *rows = realloc(t->rows, capacity * c->words * sizeof(*t->rows));
  if (rows == NULL)
    return -ENOMEM;
  t->rows = rows;
  t->capacity = capacity;
  return 0;
}

static int append(struct census *c, struct census_entry e,
                  struct census_entry **out) {
  struct table *t = &c->next;

  if (t->n == t->capacity) {
    int error = grow(c, t);
    if (error != 0)
      return error;
  }
  e.row = t->n;
  t->entries[t->n] = e;
  *out = &t->entries[t->n++];
  return 0;
}

static uint64_t *row_of(const struct census *c, struct table *t,
                        const struct census_entry *e) {
  return t->rows + e->row * c->words;
}

static int by_pid(const void *a, const void *b) {
  const struct census_entry *x = a, *y = b;
  return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The entry of the last scan. Systems list the pids in order, mostly. */
static struct census_entry *find_known(struct census *c, pid_t pid) {
  struct table *t = &c->now;

  while (c->cursor < t->n && t->entries[c->cursor].pid < pid)
    c->cursor++;
  if (c->cursor < t->n && t->entries[c->cursor].pid == pid)
    return &t->entries[c->cursor];
  if (c->cursor == 0 || t->entries[c->cursor - 1].pid < pid)
    return NULL;
  return bsearch(&(struct census_entry){.pid = pid}, t->entries, t->n,
                 sizeof(*t->entries), by_pid);
}

/* True when the parent that an entry of the last scan names was in that scan
 * and has not been met by this one, yet. */
static bool has_lost_parent(const struct census *c,
                            const struct census_entry *known) {
  return known->parent_i >= 0 && !c->now.entries[known->parent_i].is_met;
}

/* A process whose parent has ended has another one now. */
static bool is_orphan(const struct census *c, const struct census_entry *e) {
  return e->parent < e->pid && has_lost_parent(c, e);
}

static bool is_due(const struct census *c, const struct census_entry *e) {
  return c->look_at_all || e->young || is_orphan(c, e) ||
         c->taken_ns - e->looked_ns + c->gap_ns > LOOK_AGAIN_NS;
}

static uint32_t look(void *arg, pid_t pid, uint64_t token) {
  struct census *c = arg;
  struct census_entry *known = find_known(c, pid);
  struct census_entry *copy;

  if (known == NULL || token == 0 || token != known->token)
    return c->facts | FACT_COMMAND;
  known->is_met = true;
  if (is_due(c, known))
    return c->facts | FACT_COMMAND;
  size_t row = known->row;
  if (append(c, *known, &copy) != 0)
    return c->facts | FACT_COMMAND;
  memcpy(row_of(c, &c->next, copy), c->now.rows + row * c->words,
         c->words * sizeof(*c->now.rows));
  return 0;
}

static int visit(void *arg, const struct proc_info *info) {
  struct census *c = arg;
  struct census_entry *e;

  int error =
      append(c,
             (struct census_entry){
                 .pid = info->pid,
                 .parent = (info->have & FACT_PARENT) != 0 ? info->parent : 0,
                 .parent_i = -1,
                 .start = info->start,
                 .young = info->age_ns < YOUNG_NS,
                 .token = info->token,
                 .looked_ns = c->taken_ns,
             },
             &e);
  if (error != 0)
    return error;
  uint64_t *row = row_of(c, &c->next, e);
  memset(row, 0, c->words * sizeof(*row));
  for (size_t i = 0; i < c->n_members; i++) {
    const struct member *m = &c->members[i];
    if (m->match != NULL && m->match(m->arg, info))
      row[i / BITS] |= UINT64_C(1) << i % BITS;
  }
  return 0;
}

static bool is_in_order(const struct table *t) {
  for (size_t i = 1; i < t->n; i++)
    if (t->entries[i - 1].pid >= t->entries[i].pid)
      return false;
  return true;
}

static const struct census_entry *find(const struct table *t, pid_t pid) {
  if (t->n == 0)
    return NULL;
  return bsearch(&(struct census_entry){.pid = pid}, t->entries, t->n,
                 sizeof(*t->entries), by_pid);
}

/* --- parents --- */

/* A copy from the last scan may name a parent whose pid another process has
 * taken since: `look` lets through those of a higher pid than their own. */
static void link_parent(const struct census *c, struct census_entry *e) {
  bool is_copy = e->looked_ns != c->taken_ns;

  if (is_copy && has_lost_parent(c, e)) {
    e->parent = 0;
    e->young = true;
  }
  e->parent_i = -1;
  const struct census_entry *parent =
      e->parent != 0 ? find(&c->next, e->parent) : NULL;
  if (parent != NULL && parent != e && parent->start <= e->start)
    e->parent_i = (int32_t)(parent - c->next.entries);
}

/* --- the whole --- */

static void finish_scan(struct census *c) {
  struct table *t = &c->next;

  if (!is_in_order(t))
    qsort(t->entries, t->n, sizeof(*t->entries), by_pid);
  for (size_t i = 0; i < t->n && (c->facts & FACT_PARENT) != 0; i++)
    link_parent(c, &t->entries[i]);
  struct table now = c->now;
  c->now = c->next;
  c->next = now;
  c->look_at_all = false;
}

static int scan(struct census *c, uint64_t now_ns) {
  const struct scan s = {.look = look, .visit = visit, .arg = c};

  c->gap_ns = c->taken_ns != 0 ? now_ns - c->taken_ns : 0;
  c->taken_ns = now_ns;
  c->next.n = 0;
  c->cursor = 0;
  for (size_t i = 0; i < c->now.n; i++)
    c->now.entries[i].is_met = false;
  int error = c->backend->scan(c->ctx, &s);
  if (error == 0)
    finish_scan(c);
  else
    c->taken_ns = 0;
  return error;
}

int census_hold(struct census *c, uint64_t max_age_ns,
                struct census_view *out) {
  int error = 0;

  pthread_mutex_lock(&c->lock);
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
  if (c->taken_ns == 0 || now_ns - c->taken_ns > max_age_ns)
    error = scan(c, now_ns);
  if (error != 0) {
    pthread_mutex_unlock(&c->lock);
    return error;
  }
  *out = (struct census_view){c->now.entries, c->now.n, c->taken_ns};
  return 0;
}

bool census_answer(const struct census *c, size_t i, unsigned id) {
  const uint64_t *row = c->now.rows + c->now.entries[i].row * c->words;

  return (row[id / BITS] >> id % BITS & 1) != 0;
}

void census_release(struct census *c) { pthread_mutex_unlock(&c->lock); }
