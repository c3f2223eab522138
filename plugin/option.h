/* The options of a block: a key and its values, checked, into a monitor's
 * configuration. Knows no configuration file: whatever has keys and values can
 * use it. */
#ifndef PROCMON_OPTION_H
#define PROCMON_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "monitor_config.h"

enum option_type { OPTION_NUMBER, OPTION_STRING, OPTION_BOOLEAN };

struct option_value {
  enum option_type type;
  double number;
  const char *string;
  bool boolean;
};

struct option {
  const char *key;
  const struct option_value *values;
  size_t n;
  bool is_block; /* written as <Key> */
};

enum { OPTION_MESSAGE_MAX = 1024 };

/* Sets one option. With `defaults` a selector is refused: it belongs into a
 * block. 0, or -EINVAL and what is wrong in `message`: the option, what was
 * found, what was expected. The configuration owns copies of its strings. */
int option_set(const struct option *o, bool defaults, pid_t max_pid,
               struct monitor_config *config, char message[OPTION_MESSAGE_MAX]);

/* True when an option before list[index] has its key. `message` says so where
 * it is the second one, and is empty for those behind that. */
bool option_is_repeated(const struct option *list, size_t index,
                        char message[OPTION_MESSAGE_MAX]);

/* Writes the values as a person wrote them, for a message. */
void option_describe(const struct option *o, char *out, size_t size);

/* A whole number from 1 to `max`; 0: it is none. */
pid_t option_pid(const struct option_value *v, pid_t max);

#endif
