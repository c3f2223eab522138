/* One monitor as it was configured: what to watch, how often, where to. */
#ifndef PROCMON_MONITOR_CONFIG_H
#define PROCMON_MONITOR_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "metrics.h"
#include "row.h"

struct monitor_config {
  char *name;

  /* Selectors; all that are given must hold. */
  pid_t pid;          /* 0: not given */
  char *pid_file;     /* NULL: not given */
  char *command;      /* NULL: not given */
  char *command_line; /* a POSIX extended regular expression; NULL: not given */
  char *user;         /* a name or a number; NULL: not given */
  char *unit;         /* NULL: not given */
  char *cgroup;       /* NULL: not given */

  bool children;          /* and all descendants */
  bool only_matching;     /* of those only the ones that match, too */
  bool each;              /* one reading for each process */
  unsigned max_processes; /* with `each`: so many, and no more */

  uint64_t interval_ns;
  unsigned num_processors; /* CPU % is divided by this */

  char *file; /* NULL: no log */
  bool has_log_fd;
  int log_fd; /* the open file that is the log; `file` is then its name */
  bool append;
  bool sync;
  struct columns columns;
  enum header header;
  char *time_format;
  bool utc;

  bool dispatch;
  enum layout layout;
  uint32_t metrics; /* a set of enum metric */
  bool notify;      /* of starts and ends */
};

/* What holds where nothing is configured: without a name and a selector.
 * -ENOMEM: it may be cleared. */
int monitor_config_init(struct monitor_config *c, uint64_t interval_ns);

/* Copies `from` with its strings. -ENOMEM: nothing is to be freed. */
int monitor_config_copy(const struct monitor_config *from,
                        struct monitor_config *out);

/* Writes the selectors as the configuration has them, with blanks between. */
void monitor_config_describe(const struct monitor_config *c, char *out,
                             size_t size);

/* Frees the strings. */
void monitor_config_clear(struct monitor_config *c);

#endif
