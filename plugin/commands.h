/* The commands of the control socket. */
#ifndef PROCMON_COMMANDS_H
#define PROCMON_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "control_client.h"
#include "keeper.h"

struct commander {
  const struct config *config;
  struct keeper keeper;
};

/* Does what the line says, of `len` bytes with a NUL behind them, and puts the
 * answer into what the client gets; or has it wait for a log. */
void commands_run(struct commander *x, struct client *c, char *line,
                  size_t len);

/* Answers a client that waits, when its log is done or it is too late. */
void commands_settle(struct commander *x, struct client *c, uint64_t now_ns);

/* Gives a client that watches the readings that it has not seen. */
void commands_show(struct commander *x, struct client *c);

/* An answer that is an error; the client ends with it, if it is to. */
void commands_refuse(struct client *c, bool ends, const char *why);

#endif
