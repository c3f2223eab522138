#include "backend.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "procmon_config.h"

/* configure names the backends it builds, the best one first. */
static const struct backend *const built[] = {PROCMON_BACKENDS};

static const char *const known[] = {"linux", "ps", "windows"};

int backend_find(const char *name, const struct backend **out) {
  if (strcasecmp(name, "auto") == 0) {
    *out = built[0];
    return 0;
  }
  for (size_t i = 0; i < sizeof(built) / sizeof(built[0]); i++)
    if (strcasecmp(name, built[i]->name) == 0) {
      *out = built[i];
      return 0;
    }
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    if (strcasecmp(name, known[i]) == 0)
      return -ENOTSUP;
  return -EINVAL;
}
