#include <errno.h>
#include <pwd.h>
#include <stdlib.h>

#include "user.h"

static int parse_id(const char *text, uint32_t *id) {
  uint64_t value = 0;

  for (const char *at = text; *at != '\0'; at++) {
    if (*at < '0' || *at > '9' || value > UINT32_MAX)
      return -EINVAL;
    value = value * 10 + (uint64_t)(*at - '0');
  }
  if (*text == '\0' || value >= UINT32_MAX)
    return -EINVAL;
  *id = (uint32_t)value;
  return 0;
}

int user_find(const char *name, uint32_t *id) {
  struct passwd entry, *found = NULL;
  size_t size = 1024;
  int error = ERANGE;

  if (parse_id(name, id) == 0)
    return 0;
  while (error == ERANGE && size <= 1 << 20) {
    size *= 2;
    char *buf = malloc(size);
    if (buf == NULL)
      return -ENOMEM;
    error = getpwnam_r(name, &entry, buf, size, &found);
    if (found != NULL)
      *id = entry.pw_uid;
    free(buf);
  }
  return found != NULL ? 0 : -ENOENT;
}
