#include "monitor_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int copy_string(char **string) {
  if (*string == NULL)
    return 0;
  *string = strdup(*string);
  return *string != NULL ? 0 : -ENOMEM;
}

int monitor_config_copy(const struct monitor_config *from,
                        struct monitor_config *out) {
  int failed = 0;

  *out = *from;
  failed |= copy_string(&out->name);
  failed |= copy_string(&out->pid_file);
  failed |= copy_string(&out->command);
  failed |= copy_string(&out->file);
  failed |= copy_string(&out->time_format);
  if (failed == 0)
    return 0;
  monitor_config_clear(out);
  return -ENOMEM;
}

void monitor_config_clear(struct monitor_config *c) {
  free(c->name);
  free(c->pid_file);
  free(c->command);
  free(c->file);
  free(c->time_format);
}
