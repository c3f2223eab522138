/* What makes one monitor: a name and options, checked as a whole. Knows no
 * configuration file. */
#ifndef PROCMON_BLOCK_H
#define PROCMON_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "monitor_config.h"
#include "option.h"

struct backend;

enum {
  BLOCK_NAME_MAX = 127, /* characters */
  /* With Report "each": a dash and the pid are put behind the name. */
  BLOCK_NAME_EACH_MAX = BLOCK_NAME_MAX - 11,
};

struct block {
  /* A text, or a pid as a number. Its key is not looked at; no value: it has no
   * name. */
  struct option name;
  const struct option *options;
  size_t n;
};

struct block_rules {
  const struct backend *backend;
  pid_t max_pid;
  const struct monitor_config *defaults; /* without a name */
  /* The monitors whose name and file no other may have. */
  const struct monitor_config *others;
  size_t n_others;
  /* For a monitor that is made while the daemon runs, to be asked for what it
   * measures: it may come without a name, it may report nowhere, and it has a
   * log only where the block itself says File. */
  bool on_demand;
  /* Called for each mistake, with the option, what was found and what was
   * expected. */
  void (*mistake)(void *arg, const char *message);
  void *arg;
};

/* Reads a block. 0, and `out` is the caller's to clear; its name is NULL where
 * the block has none. Or -EINVAL or -ENOMEM: each mistake was told, lack of
 * memory too, and nothing is to be freed. */
int block_read(const struct block_rules *rules, const struct block *block,
               struct monitor_config *out);

/* True when collectd takes the text as a name. */
bool block_is_name(const char *text);

#endif
