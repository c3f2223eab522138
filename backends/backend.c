#include "backend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "procmon_config.h"

/* configure names the backends it builds, the best one first. */
static const struct backend *const built[] = {PROCMON_BACKENDS};

static const char *const known[] = {"linux", "ps", "windows"};

static const size_t n_built = sizeof(built) / sizeof(built[0]);

void backend_names(char *out, size_t size) {
  size_t used = (size_t)snprintf(out, size, "auto");

  for (size_t i = 0; i < n_built && used < size; i++)
    used += (size_t)snprintf(out + used, size - used, "%s%s",
                             i + 1 < n_built ? ", " : " or ", built[i]->name);
}

int backend_find(const char *name, const struct backend **out) {
  if (strcasecmp(name, "auto") == 0) {
    *out = built[0];
    return 0;
  }
  for (size_t i = 0; i < n_built; i++)
    if (strcasecmp(name, built[i]->name) == 0) {
      *out = built[i];
      return 0;
    }
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    if (strcasecmp(name, known[i]) == 0)
      return -ENOTSUP;
  return -EINVAL;
}
