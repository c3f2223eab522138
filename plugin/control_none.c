#include "control.h"

#include <errno.h>

const bool control_is_supported = false;

int control_create(struct control **out) {
  (void)out;
  return -ENOTSUP;
}

int control_open(struct control *c, const struct config *config,
                 const struct monitor_env *env,
                 struct monitor *const *monitors) {
  (void)c;
  (void)config;
  (void)env;
  (void)monitors;
  return -ENOTSUP;
}

void control_tell(void *control) { (void)control; }

void *control_run(void *control) { return control; }

void control_reopen(struct control *c) { (void)c; }

void control_end(struct control *c) { (void)c; }

bool control_free(struct control *c, uint64_t deadline_ns) {
  (void)c;
  (void)deadline_ns;
  return true;
}
