#include "select.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "backends/clock.h"
#include "compat/pattern.h"
#include "compat/user.h"
#include "family.h"
#include "pid_file.h"

/* How often a user that the system does not know is asked for. */
static const uint64_t ASK_USER_NS = UINT64_C(60000000000);

struct list {
  struct wanted *items;
  size_t n, capacity;
};

struct selection {
  const struct monitor_config *config;
  const struct backend *backend;
  struct backend_ctx *ctx;
  struct census *census;
  bool in_census;
  unsigned id;         /* in the census */
  uint64_t max_age_ns; /* of the census, for the update that comes */
  bool sees_all;       /* the system hides no process from a scan */

  bool pid_ended; /* the process of Pid has ended */
  struct pid_file pid_file;
  struct pattern *pattern;       /* NULL: none */
  _Atomic int64_t owner;         /* -1: the system does not know the user */
  atomic_bool asked, told_owner; /* of any process */
  uint64_t asked_ns;             /* when it was asked for the user last */
  struct group *group;           /* NULL: none */
  const pid_t *group_members;    /* of the update that is going on */
  size_t n_group_members;

  struct list list, before; /* of this update and the one before */
  unsigned char *marks;
  size_t marks_capacity;
};

/* --- life --- */

/* The facts that the table is read for; 0: for none. */
static uint32_t needed_facts(const struct monitor_config *c) {
  return (c->command != NULL ? FACT_COMMAND : 0u) |
         (c->command_line != NULL ? FACT_COMMAND_LINE : 0u) |
         (c->user != NULL ? FACT_OWNER : 0u) | (c->children ? FACT_PARENT : 0u);
}

static bool matches(void *arg, const struct proc_info *info);

static void ask_for_user(struct selection *s) {
  uint32_t owner;

  s->asked_ns = clock_ns(CLOCK_MONOTONIC);
  if (user_find(s->config->user, &owner) == 0)
    atomic_store(&s->owner, (int64_t)owner);
}

static int open_group(struct selection *s) {
  const struct monitor_config *c = s->config;
  bool is_unit = c->unit != NULL;

  return s->backend->group_create(s->ctx, is_unit ? GROUP_UNIT : GROUP_CGROUP,
                                  is_unit ? c->unit : c->cgroup, &s->group);
}

int select_create(const struct monitor_config *config,
                  const struct backend *backend, struct backend_ctx *ctx,
                  struct census *census, struct selection **out) {
  struct selection *s = calloc(1, sizeof(*s));
  char message[1];
  int error = 0;

  if (s == NULL)
    return -ENOMEM;
  s->config = config;
  s->backend = backend;
  s->ctx = ctx;
  s->census = census;
  s->in_census = needed_facts(config) != 0;
  s->sees_all = !s->in_census || backend->hides == NULL || !backend->hides(ctx);
  atomic_init(&s->owner, -1);
  pid_file_init(&s->pid_file, config->pid_file);
  if (config->user != NULL)
    ask_for_user(s);
  if (config->command_line != NULL)
    error = pattern_create(config->command_line, &s->pattern, message,
                           sizeof(message));
  if (error == 0 && (config->unit != NULL || config->cgroup != NULL))
    error = open_group(s);
  if (error == 0 && s->in_census)
    error = census_join(census, needed_facts(config), matches, s, &s->id);
  if (error != 0) {
    s->in_census = false;
    select_free(s);
    return error;
  }
  *out = s;
  return 0;
}

void select_free(struct selection *s) {
  if (s == NULL)
    return;
  if (s->in_census)
    census_leave(s->census, s->id);
  if (s->group != NULL)
    s->backend->group_free(s->ctx, s->group);
  pattern_free(s->pattern);
  free(s->list.items);
  free(s->before.items);
  free(s->marks);
  free(s);
}

/* --- by pid --- */

static bool is_by_pid(const struct selection *s) {
  return s->config->pid != 0 || s->config->pid_file != NULL;
}

/* The process that Pid or PidFile means; 0: none. */
static pid_t meant_pid(const struct selection *s) {
  if (s->config->pid != 0)
    return s->pid_ended ? 0 : s->config->pid;
  return s->pid_file.is_over ? 0 : s->pid_file.pid;
}

void select_ended(struct selection *s, pid_t pid) {
  if (s->config->pid != 0 && pid == s->config->pid)
    s->pid_ended = true;
  if (s->config->pid_file != NULL && pid == s->pid_file.pid)
    pid_file_ended(&s->pid_file);
}

void select_missing(struct selection *s, pid_t pid) {
  if (s->config->pid_file != NULL && pid == s->pid_file.pid)
    pid_file_missing(&s->pid_file);
}

bool select_is_over(const struct selection *s) {
  return s->pid_ended && (!s->config->children || s->list.n == 0);
}

/* --- by what a process is --- */

/* The system may have cut the name that it keeps. */
static bool is_command(const struct selection *s, const char *command) {
  const char *name = s->config->command;
  size_t max = s->backend->command_max;

  if (s->backend->command_ignores_case)
    return strcasecmp(name, command) == 0;
  if (strlen(name) > max && strlen(command) == max)
    return strncmp(name, command, max) == 0;
  return strcmp(name, command) == 0;
}

static bool matches(void *arg, const struct proc_info *info) {
  struct selection *s = arg;
  const struct monitor_config *c = s->config;
  uint32_t needs = needed_facts(c) & ~(uint32_t)FACT_PARENT;

  atomic_store(&s->asked, true);
  if ((info->have & FACT_OWNER) != 0)
    atomic_store(&s->told_owner, true);
  if ((info->have & needs) != needs)
    return false;
  if (c->command != NULL && !is_command(s, info->command))
    return false;
  if (c->user != NULL && atomic_load(&s->owner) != (int64_t)info->owner)
    return false;
  return s->pattern == NULL || pattern_matches(s->pattern, info->command_line);
}

/* --- lists --- */

static int append(struct list *l, struct wanted w) {
  if (l->n == l->capacity) {
    size_t capacity = l->capacity == 0 ? 1 : 2 * l->capacity;
    struct wanted *items = realloc(l->items, capacity * sizeof(*items));
    if (items == NULL)
      return -ENOMEM;
    l->items = items;
    l->capacity = capacity;
  }
  l->items[l->n++] = w;
  return 0;
}

static int compare_pids(const void *a, const void *b) {
  const pid_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static bool is_in_group(const struct selection *s, pid_t pid) {
  return s->group == NULL ||
         (s->n_group_members > 0 &&
          bsearch(&pid, s->group_members, s->n_group_members, sizeof(pid),
                  compare_pids) != NULL);
}

/* Without a look at the process table. */
static int list_by_pids(struct selection *s) {
  pid_t pid = meant_pid(s);
  int error = 0;

  if (is_by_pid(s))
    return pid == 0 || !is_in_group(s, pid)
               ? 0
               : append(&s->list,
                        (struct wanted){.pid = pid,
                                        .only_known = s->pid_file.only_known});
  for (size_t i = 0; i < s->n_group_members && error == 0; i++)
    error = append(&s->list, (struct wanted){.pid = s->group_members[i]});
  return error;
}

/* Marks the entries for which all selectors hold. */
static void mark_selected(struct selection *s, const struct census_view *view) {
  pid_t pid = meant_pid(s);

  for (size_t i = 0; i < view->n; i++) {
    const struct census_entry *e = &view->entries[i];
    bool is_one = (!is_by_pid(s) || e->pid == pid) &&
                  census_answer(s->census, i, s->id) && is_in_group(s, e->pid);
    s->marks[i] = is_one ? FAMILY_MEMBER : FAMILY_UNKNOWN;
  }
}

/* Marks the descendants of before that still run. */
static void mark_descendants(struct selection *s,
                             const struct census_view *view) {
  size_t i = 0;

  for (size_t b = 0; b < s->before.n; b++) {
    const struct wanted *w = &s->before.items[b];
    while (i < view->n && view->entries[i].pid < w->pid)
      i++;
    if (i < view->n && w->by_descent && view->entries[i].pid == w->pid &&
        view->entries[i].start == w->start)
      s->marks[i] = FAMILY_MEMBER;
  }
}

static bool was_by_descent(const struct selection *s,
                           const struct census_entry *e, size_t *b) {
  const struct list *l = &s->before;

  while (*b < l->n && l->items[*b].pid < e->pid)
    ++*b;
  return *b < l->n && l->items[*b].pid == e->pid &&
         l->items[*b].start == e->start && l->items[*b].by_descent;
}

static int list_marked(struct selection *s, const struct census_view *view) {
  int error = 0;
  size_t b = 0;

  for (size_t i = 0; i < view->n && error == 0; i++) {
    const struct census_entry *e = &view->entries[i];
    if (s->marks[i] != FAMILY_MEMBER ||
        (s->config->only_matching && !census_answer(s->census, i, s->id)))
      continue;
    bool has_parent = s->config->children && e->parent_i >= 0 &&
                      s->marks[e->parent_i] == FAMILY_MEMBER;
    bool by_descent = has_parent || was_by_descent(s, e, &b);
    error = append(&s->list,
                   (struct wanted){
                       .pid = e->pid,
                       .start = e->start,
                       .parent = e->parent,
                       .by_descent = by_descent,
                       .only_known = s->pid_file.only_known && !by_descent,
                   });
  }
  return error;
}

static int list_by_census(struct selection *s, const struct census_view *view) {
  if (s->marks_capacity < view->n) {
    free(s->marks);
    s->marks_capacity = 0;
    s->marks = malloc(2 * view->n);
    if (s->marks == NULL)
      return -ENOMEM;
    s->marks_capacity = 2 * view->n;
  }
  mark_selected(s, view);
  if (s->config->children) {
    mark_descendants(s, view);
    family_spread(view, s->marks);
  }
  return list_marked(s, view);
}

/* --- the whole --- */

static int look_at_group(struct selection *s) {
  s->n_group_members = 0;
  int error = s->backend->group_members(s->ctx, s->group, &s->group_members,
                                        &s->n_group_members);
  if (error != -ENOENT)
    return error;
  s->n_group_members = 0;
  return 0;
}

static void look_for_user(struct selection *s) {
  if (s->config->user == NULL || atomic_load(&s->owner) >= 0 ||
      clock_ns(CLOCK_MONOTONIC) - s->asked_ns < ASK_USER_NS)
    return;
  ask_for_user(s);
  if (atomic_load(&s->owner) >= 0)
    census_forget_answers(s->census);
}

/* True when no process can be the monitor's, so that none is looked at. */
static bool is_none(const struct selection *s) {
  bool has_descendants = s->config->children && s->before.n > 0;

  return is_by_pid(s) && meant_pid(s) == 0 && !has_descendants;
}

int select_prepare(struct selection *s, uint64_t max_age_ns) {
  struct census_view view;

  look_for_user(s);
  s->max_age_ns = max_age_ns;
  if (!s->in_census || is_none(s))
    return 0;
  int error = census_hold(s->census, max_age_ns, &view);
  if (error != 0)
    return error;
  census_release(s->census);
  s->max_age_ns = UINT64_MAX;
  return 0;
}

static int update(struct selection *s, uint64_t *until_ns) {
  struct census_view view;
  int error = 0;

  *until_ns = clock_ns(CLOCK_MONOTONIC);
  if (s->config->pid_file != NULL)
    pid_file_look(&s->pid_file);
  if (is_none(s))
    return 0;
  if (s->group != NULL)
    error = look_at_group(s);
  if (error != 0)
    return error;
  if (!s->in_census)
    return list_by_pids(s);
  error = census_hold(s->census, s->max_age_ns, &view);
  if (error != 0)
    return error;
  if (view.taken_ns < *until_ns)
    *until_ns = view.taken_ns;
  error = list_by_census(s, &view);
  census_release(s->census);
  return error;
}

int select_update(struct selection *s, struct wanted **list, size_t *n,
                  uint64_t *until_ns) {
  struct list before = s->before;

  s->before = s->list;
  s->list = before;
  s->list.n = 0;
  int error = update(s, until_ns);
  if (error != 0) {
    before = s->list;
    s->list = s->before;
    s->before = before;
    return error;
  }
  *list = s->list.items;
  *n = s->list.n;
  return 0;
}

const char *select_obstacle(const struct selection *s) {
  if (s->config->user != NULL && atomic_load(&s->owner) < 0)
    return "this system knows no such user";
  if (s->config->user != NULL && atomic_load(&s->asked) &&
      !atomic_load(&s->told_owner))
    return "this system does not tell whose the processes are";
  if (!s->sees_all)
    return "the processes of other users are hidden from collectd (hidepid)";
  return NULL;
}

struct group *select_whole_group(const struct selection *s) {
  bool narrowed = is_by_pid(s) || s->config->command != NULL ||
                  s->config->command_line != NULL || s->config->user != NULL;

  return narrowed || s->config->children || s->config->each ? NULL : s->group;
}
