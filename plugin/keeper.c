#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/clock.h"

enum { SLOTS = 4 };

static const uint64_t ENDED_KEPT_NS = UINT64_C(600000000000),
                      LOOK_AGAIN_NS = UINT64_C(10000000000);

void keeper_init(struct keeper *k, const struct monitor_env *env) {
  *k = (struct keeper){.env = *env};
}

/* --- the list --- */

static int grow(struct keeper *k) {
  size_t capacity = k->capacity == 0 ? 16 : 2 * k->capacity;
  struct kept **all = realloc(k->all, capacity * sizeof(struct kept *));

  if (all == NULL)
    return -ENOMEM;
  k->all = all;
  k->capacity = capacity;
  return 0;
}

/* Ids ascend, and so does the list. */
static int append(struct keeper *k, struct kept *kept) {
  int error = k->n == k->capacity ? grow(k) : 0;

  if (error != 0)
    return error;
  kept->id = ++k->last_id;
  k->all[k->n++] = kept;
  return 0;
}

static size_t index_of(const struct keeper *k, uint32_t id) {
  size_t low = 0, high = k->n;

  while (low < high) {
    size_t middle = (low + high) / 2;
    if (k->all[middle]->id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct kept *keeper_find(const struct keeper *k, uint32_t id) {
  size_t i = index_of(k, id);

  return i < k->n && k->all[i]->id == id && !k->all[i]->is_hidden ? k->all[i]
                                                                  : NULL;
}

const struct kept *keeper_find_name(const struct keeper *k, const char *name) {
  for (size_t i = 0; i < k->n; i++)
    if (k->all[i]->ended_ns == 0 && strcmp(k->all[i]->config->name, name) == 0)
      return k->all[i];
  return NULL;
}

uint32_t keeper_next_id(const struct keeper *k) { return k->last_id + 1; }

int keeper_add(struct keeper *k, const struct monitor_config *config,
               struct monitor *monitor) {
  struct kept *kept = calloc(1, sizeof(*kept));
  if (kept == NULL)
    return -ENOMEM;
  kept->is_configured = true;
  kept->config = config;
  kept->monitor = monitor;
  int error = append(k, kept);
  if (error != 0)
    free(kept);
  return error;
}

static void free_kept(struct kept *kept) {
  if (!kept->is_configured) {
    monitor_free(kept->monitor);
    monitor_config_clear(&kept->own_config);
  }
  free(kept);
}

static void drop(struct keeper *k, struct kept *kept) {
  size_t i = index_of(k, kept->id);

  k->n--;
  memmove(&k->all[i], &k->all[i + 1], (k->n - i) * sizeof(struct kept *));
  free_kept(kept);
}

/* --- starting --- */

/* How many of this user run; `oldest` is the one of them that has ended first,
 * where there are too many that have. */
static size_t count_running(const struct keeper *k, uid_t owner,
                            struct kept **oldest) {
  size_t running = 0, ended = 0;
  struct kept *first = NULL;

  for (size_t i = 0; i < k->n; i++) {
    struct kept *kept = k->all[i];
    if (kept->is_configured || kept->owner != owner)
      continue;
    running += kept->ended_ns == 0;
    ended += kept->ended_ns != 0;
    if (kept->ended_ns != 0 &&
        (first == NULL || kept->ended_ns < first->ended_ns) &&
        keeper_is_done(kept))
      first = kept;
  }
  *oldest = ended >= KEEPER_ENDED_MAX ? first : NULL;
  return running;
}

/* One of a few for the folder of a log. */
static unsigned slot_of(const char *file) {
  const char *end = strrchr(file, '/');

  return end != NULL ? writers_hash(file, (size_t)(end - file)) % SLOTS : 0;
}

/* A user may give many files of file systems of the same user's that hang: they
 * hold a few writers and no more. */
static const char *place_of(struct kept *kept) {
  if (!kept->config->has_log_fd || kept->owner == 0)
    return NULL;
  snprintf(kept->place, sizeof(kept->place), "%u/%u", (unsigned)kept->owner,
           slot_of(kept->config->file));
  return kept->place;
}

static int create(struct keeper *k, struct kept *kept) {
  struct monitor_extra extra = {
      /* What the summary tells of, whatever the log shows. */
      .want = PROC_CPU | PROC_RESIDENT | PROC_VIRTUAL,
      .place = place_of(kept),
  };

  int error = monitor_create(kept->config, &k->env, &extra, &kept->monitor);
  if (error != 0)
    return error;
  error = append(k, kept);
  if (error != 0)
    monitor_free(kept->monitor);
  return error;
}

int keeper_start(struct keeper *k, struct monitor_config *config, uid_t owner,
                 uint32_t client, struct kept **out) {
  struct kept *oldest, *kept = NULL;
  int error =
      count_running(k, owner, &oldest) < KEEPER_RUNNING_MAX ? 0 : -EDQUOT;
  if (oldest != NULL)
    drop(k, oldest);
  if (error == 0) {
    kept = calloc(1, sizeof(*kept));
    error = kept != NULL ? 0 : -ENOMEM;
  }
  if (error != 0) {
    logs_refuse(config, k->env.budget);
    monitor_config_clear(config);
    return error;
  }
  kept->own_config = *config;
  kept->config = &kept->own_config;
  kept->owner = owner;
  kept->client = client;
  error = create(k, kept);
  if (error != 0) {
    monitor_config_clear(&kept->own_config);
    free(kept);
    return error;
  }
  monitor_start(kept->monitor);
  kept->due_ns = clock_ns(CLOCK_MONOTONIC) + kept->config->interval_ns;
  *out = kept;
  return 0;
}

/* --- the end of one --- */

bool keeper_is_done(struct kept *kept) {
  return monitor_wait(kept->monitor, 0);
}

void keeper_stop(struct kept *kept) {
  if (kept->ended_ns != 0)
    return;
  /* An end that was not told yet is worth a row, however short the time. */
  monitor_look_for_ends(kept->monitor);
  monitor_stop(kept->monitor);
  kept->ended_ns = clock_ns(CLOCK_MONOTONIC);
  kept->forget_ns = kept->ended_ns + ENDED_KEPT_NS;
}

void keeper_hide(struct kept *kept) {
  keeper_stop(kept);
  kept->is_hidden = true;
  kept->forget_ns = kept->ended_ns;
}

void keeper_stop_of_client(struct keeper *k, uint32_t client) {
  for (size_t i = 0; i < k->n; i++)
    if (!k->all[i]->is_configured && k->all[i]->client == client)
      keeper_stop(k->all[i]);
}

/* --- time --- */

static void read_due(struct kept *kept, uint64_t now_ns) {
  uint64_t interval_ns = kept->config->interval_ns;

  if (kept->due_ns > now_ns)
    return;
  monitor_read(kept->monitor);
  /* What was missed is no reason to read more often. */
  kept->due_ns += (1 + (now_ns - kept->due_ns) / interval_ns) * interval_ns;
}

static bool is_old(struct kept *kept, uint64_t now_ns) {
  if (kept->ended_ns == 0 || now_ns < kept->forget_ns)
    return false;
  if (keeper_is_done(kept))
    return true;
  /* Its writer hangs: who waits for that must not look all the time. */
  kept->forget_ns = now_ns + LOOK_AGAIN_NS;
  return false;
}

void keeper_run(struct keeper *k, uint64_t now_ns) {
  for (size_t i = 0; i < k->n;) {
    struct kept *kept = k->all[i];
    if (!kept->is_configured && is_old(kept, now_ns)) {
      drop(k, kept);
      continue;
    }
    if (!kept->is_configured && kept->ended_ns == 0) {
      read_due(kept, now_ns);
      if (!monitor_is_running(kept->monitor))
        keeper_stop(kept);
    }
    i++;
  }
}

uint64_t keeper_due_ns(const struct keeper *k) {
  uint64_t due_ns = UINT64_MAX;

  for (size_t i = 0; i < k->n; i++) {
    const struct kept *kept = k->all[i];
    uint64_t own_ns = kept->ended_ns != 0 ? kept->forget_ns : kept->due_ns;
    if (!kept->is_configured && own_ns < due_ns)
      due_ns = own_ns;
  }
  return due_ns;
}

/* --- all --- */

void keeper_reopen(struct keeper *k) {
  for (size_t i = 0; i < k->n; i++)
    if (!k->all[i]->is_configured)
      monitor_reopen(k->all[i]->monitor);
}

bool keeper_clear(struct keeper *k, uint64_t deadline_ns) {
  bool is_clear = true;

  for (size_t i = 0; i < k->n; i++)
    if (!k->all[i]->is_configured)
      keeper_stop(k->all[i]);
  for (size_t i = 0; i < k->n; i++) {
    struct kept *kept = k->all[i];
    if (kept->is_configured || monitor_wait(kept->monitor, deadline_ns)) {
      free_kept(kept);
    } else {
      monitor_abandon(kept->monitor);
      is_clear = false;
    }
  }
  free(k->all);
  *k = (struct keeper){0};
  return is_clear;
}
