/* The options of the control socket. */
#ifndef PROCMON_CONTROL_OPTIONS_H
#define PROCMON_CONTROL_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#include "option.h"

/* Of the system: where there is none, ControlSocket is a mistake. */
extern const bool control_is_supported;

struct control_options {
  char *path;      /* NULL: there is no socket */
  char *group;     /* NULL: that of collectd */
  mode_t perms;    /* of the file */
  bool unlink;     /* what lies there of an earlier run */
  bool has_others; /* one of the last three was set */
};

void control_options_init(struct control_options *o);

/* True for the key of one of these options. */
bool control_options_know(const char *key);

/* Sets one of them. 0, or -EINVAL and what is wrong in `message`. */
int control_options_set(const struct option *option, struct control_options *o,
                        char message[OPTION_MESSAGE_MAX]);

void control_options_clear(struct control_options *o);

#endif
