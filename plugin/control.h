/* The control socket: monitors that are started, stopped and asked for while
 * collectd runs. The protocol is in the manual. One thread does all of it, and
 * reads the monitors that it has started by a timer of its own. */
#ifndef PROCMON_CONTROL_H
#define PROCMON_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config.h"
#include "monitor.h"

struct control;

/* Opens nothing that others see yet. */
int control_create(struct control **out);

/* Makes the socket, and says why where it cannot be made. config and env
 * outlive the control, and so do the monitors: those of the configuration, one
 * for each. -ENOMEM, or the error of the socket; it is to be freed all the
 * same. */
int control_open(struct control *c, const struct config *config,
                 const struct monitor_env *env,
                 struct monitor *const *monitors);

/* For `told` of a monitor's env. */
void control_tell(void *control);

/* What its thread runs, until control_end(). */
void *control_run(void *control);

/* Has the logs of its monitors opened anew. Waits for nobody. */
void control_reopen(struct control *c);

/* Has the thread return. */
void control_end(struct control *c);

/* Behind the thread's end: stops its monitors, and waits for their logs. False:
 * one hangs, by this instant of CLOCK_MONOTONIC; then what its writer may use
 * stays. */
bool control_free(struct control *c, uint64_t deadline_ns);

#endif
