/* START: what a client says, checked, to a monitor that runs. */
#ifndef PROCMON_COMMANDS_START_H
#define PROCMON_COMMANDS_START_H

#include "commands.h"
#include "request.h"

enum { COMMANDS_WHY_MAX = 1100 };

/* Starts a monitor for this client, with the descriptor that came for its log.
 * 0, or a negative errno and what is wrong in `why`. */
int commands_start(struct commander *x, struct client *c,
                   const struct request *r, struct kept **out,
                   char why[COMMANDS_WHY_MAX]);

#endif
