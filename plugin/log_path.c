#include "log_path.h"

#include <errno.h>
#include <stdio.h>

#include "compat/file.h"

int log_path_expand(const char *path, pid_t pid, char out[PATH_MAX]) {
  size_t used = 0;

  while (*path != '\0') {
    int n = 1;
    if (path[0] != '%')
      out[used] = *path++;
    else if (path[1] == '%' || path[1] == 'p') {
      n = path[1] == '%'
              ? snprintf(out + used, PATH_MAX - used, "%%")
              : snprintf(out + used, PATH_MAX - used, "%d", (int)pid);
      path += 2;
    } else
      return -EINVAL;
    used += (size_t)n;
    if (used >= PATH_MAX)
      return -ENAMETOOLONG;
  }
  out[used] = '\0';
  return 0;
}

bool log_path_is_per_process(const char *path) {
  for (; *path != '\0'; path++) {
    if (path[0] == '%' && path[1] == 'p')
      return true;
    if (path[0] == '%' && path[1] == '%')
      path++;
  }
  return false;
}

/* Takes `//` and `/./` out of a path, but for those with which it begins on a
 * share. */
static void simplify(char *path) {
  size_t root = file_root_length(path);
  char *to = path;

  for (; root > 1; root--, to++)
    if (file_is_separator(*to))
      *to = '/';
  for (const char *from = to; *from != '\0'; from++) {
    bool is_separator = file_is_separator(from[0]);
    if (is_separator && file_is_separator(from[1]))
      continue;
    if (is_separator && from[1] == '.' && file_is_separator(from[2])) {
      from++;
      continue;
    }
    *to++ = (char)(is_separator ? '/' : *from);
  }
  *to = '\0';
}

static bool is_known(const char *path, pid_t pid) {
  return pid != 0 || !log_path_is_per_process(path);
}

bool log_path_is_same(const char *a, pid_t a_pid, const char *b, pid_t b_pid) {
  char path[PATH_MAX], other[PATH_MAX];

  if (!is_known(a, a_pid) || !is_known(b, b_pid))
    return false;
  if (log_path_expand(a, a_pid, path) != 0 ||
      log_path_expand(b, b_pid, other) != 0)
    return false;
  simplify(path);
  simplify(other);
  return file_is_same_path(path, other);
}
