/* A line of the control socket's protocol: `COMMAND key=value key="value"`. */
#ifndef PROCMON_REQUEST_H
#define PROCMON_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum { REQUEST_PAIRS_MAX = 40 };

struct request_pair {
  const char *key;
  char *value;
  bool is_quoted;
};

struct request {
  const char *command;
  struct request_pair pairs[REQUEST_PAIRS_MAX];
  size_t n;
};

/* Reads a line without its `\n`, of `len` bytes with a NUL behind them, which
 * is changed: the request points into it, and its values may be changed. 0, or
 * -EINVAL and what is wrong in `why`. */
int request_parse(char *line, size_t len, struct request *out,
                  const char **why);

/* The pair of this key, in any case; NULL: there is none. */
const struct request_pair *request_find(const struct request *r,
                                        const char *key);

#endif
