/* The thread that waits for the ends of targets. It is there where the backend
 * can tell of them; elsewhere the next reading does.
 *
 * Locks: `ended` is called with the lock of the ends held, and may take that of
 * a monitor. So whoever holds a monitor's lock calls nothing here but ends_key,
 * and the backend's watch_end. */
#ifndef PROCMON_ENDS_H
#define PROCMON_ENDS_H

#include <stdint.h>
#include <sys/types.h>

#include "backends/backend.h"

struct ends;

/* Starts the thread, which takes no signal. The arguments outlive the ends. */
int ends_create(const struct backend *backend, struct backend_ctx *ctx,
                struct ends **out);

/* From now on `ended` is called, in the thread, for each target that is watched
 * with ends_key(*id, pid) and ends. Ids begin with 1, and are not given again.
 */
int ends_join(struct ends *e, void (*ended)(void *arg, pid_t pid), void *arg,
              uint32_t *id);

/* The key for the backend's watch_end. */
uint64_t ends_key(uint32_t id, pid_t pid);

/* When it returns `ended` is not running for this id, and never will be. */
void ends_leave(struct ends *e, uint32_t id);

/* Ends the thread: nobody is called any more. Whoever has joined may still
 * leave. */
void ends_stop(struct ends *e);

void ends_free(struct ends *e);

#endif
