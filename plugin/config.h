/* collectd's configuration tree to checked monitor configurations. No side
 * effect but lines in the daemon's log. */
#ifndef PROCMON_CONFIG_H
#define PROCMON_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "backends/backend.h"
#include "control_options.h"
#include "monitor_config.h"

struct oconfig_item_s;

struct config {
  const struct backend *backend;
  char *proc_root;
  char *cgroup_root;
  char *ps_command; /* NULL: not given */
  struct monitor_config *monitors;
  size_t n;
  struct control_options control;
  /* For monitors of the control socket: those of the block that it is in. */
  struct monitor_config defaults;
};

/* The defaults: backend "auto", procfs at /proc, no monitor. */
int config_init(struct config *c);

/* Adds what one <Plugin procmon> block says. Its options are defaults for the
 * <Process> blocks in it, wherever they stand. Each mistake is one ERROR in the
 * daemon's log that names the block, the option, what was found and what was
 * expected. Returns 0, or -EINVAL when there was a mistake. */
int config_read(struct config *c, const struct oconfig_item_s *plugin,
                uint64_t default_interval_ns);

/* True when values may come in the compact layout: of a block, or of what the
 * control socket may start. */
bool config_may_be_compact(const struct config *c);

void config_clear(struct config *c);

#endif
