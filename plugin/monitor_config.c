#include "monitor_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"

int monitor_config_init(struct monitor_config *c, uint64_t interval_ns) {
  *c = (struct monitor_config){
      .interval_ns = interval_ns,
      .num_processors = 1,
      .append = true,
      .dispatch = true,
      .notify = true,
      .max_processes = 1000,
      .metrics = METRICS_DEFAULT,
      .time_format = strdup("%m/%d/%y %H:%M:%S"),
  };
  columns_default(&c->columns);
  return c->time_format != NULL ? 0 : -ENOMEM;
}

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
  failed |= copy_string(&out->command_line);
  failed |= copy_string(&out->user);
  failed |= copy_string(&out->unit);
  failed |= copy_string(&out->cgroup);
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
  free(c->command_line);
  free(c->user);
  free(c->unit);
  free(c->cgroup);
  free(c->file);
  free(c->time_format);
}

void monitor_config_describe(const struct monitor_config *c, char *out,
                             size_t size) {
  const struct {
    const char *key, *value;
  } texts[] = {
      {"PidFile", c->pid_file},
      {"Command", c->command},
      {"CommandLine", c->command_line},
      {"User", c->user},
      {"Unit", c->unit},
      {"Cgroup", c->cgroup},
  };
  size_t used = 0;

  out[0] = '\0';
  if (c->pid != 0)
    used = (size_t)snprintf(out, size, "Pid %d", (int)c->pid);
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && used < size; i++)
    if (texts[i].value != NULL)
      used +=
          (size_t)snprintf(out + used, size - used, "%s%s \"%s\"",
                           used > 0 ? " " : "", texts[i].key, texts[i].value);
}
