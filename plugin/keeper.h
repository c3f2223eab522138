/* All monitors by their ids: those of the configuration, and those that were
 * started at run time, which it owns and reads when they are due. One thread
 * uses it. */
#ifndef PROCMON_KEEPER_H
#define PROCMON_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "monitor.h"
#include "monitor_config.h"

struct kept {
  uint32_t id;
  bool is_configured;
  uid_t owner;
  uint32_t client; /* with whose end it ends, too; 0: none */
  const struct monitor_config *config;
  struct monitor *monitor;
  /* Of run time alone. */
  struct monitor_config own_config;
  char place[16];     /* of its log */
  uint64_t due_ns;    /* its next reading, CLOCK_MONOTONIC */
  uint64_t ended_ns;  /* when it was stopped; 0: it runs */
  uint64_t forget_ns; /* from when on it is to be forgotten */
  bool is_hidden;     /* nobody is to know of it any more */
};

struct keeper {
  struct monitor_env env;
  struct kept **all; /* by id */
  size_t n, capacity;
  uint32_t last_id;
};

enum {
  KEEPER_RUNNING_MAX = 256, /* of one user */
  KEEPER_ENDED_MAX = 256,
};

/* `env` outlives the keeper. */
void keeper_init(struct keeper *k, const struct monitor_env *env);

/* Gives an id to a monitor of the configuration, which stays the caller's.
 * -ENOMEM. */
int keeper_add(struct keeper *k, const struct monitor_config *config,
               struct monitor *monitor);

/* The id that the next monitor gets. */
uint32_t keeper_next_id(const struct keeper *k);

/* Starts a monitor. What `config` holds is the keeper's from here on, also
 * where this fails. -EDQUOT: the user has too many. */
int keeper_start(struct keeper *k, struct monitor_config *config, uid_t owner,
                 uint32_t client, struct kept **out);

/* NULL: there is none, or none any more. What is hidden is in the list all the
 * same. */
struct kept *keeper_find(const struct keeper *k, uint32_t id);

/* One that runs under this name; NULL: none does. */
const struct kept *keeper_find_name(const struct keeper *k, const char *name);

/* Takes the final reading of one of run time, once. */
void keeper_stop(struct kept *kept);
void keeper_stop_of_client(struct keeper *k, uint32_t client);

/* True when nothing is on its way into the log any more. */
bool keeper_is_done(struct kept *kept);

/* Takes the readings that are due, stops what has ended by itself, and forgets
 * what was stopped 10 minutes ago. */
void keeper_run(struct keeper *k, uint64_t now_ns);

/* When it wants to run next; UINT64_MAX: not by itself. */
uint64_t keeper_due_ns(const struct keeper *k);

/* Stops one of run time, and forgets it as soon as it is done. */
void keeper_hide(struct kept *kept);

/* Has the logs of all of run time opened anew. */
void keeper_reopen(struct keeper *k);

/* Stops all and waits for their logs. False: one hangs, by this instant; then
 * what its writer may use stays. */
bool keeper_clear(struct keeper *k, uint64_t deadline_ns);

#endif
