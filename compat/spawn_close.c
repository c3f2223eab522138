#include "spawn_close.h"

#include <fcntl.h>

#include "procmon_config.h"

int spawn_close_from(posix_spawn_file_actions_t *files, int first) {
#if HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
  return posix_spawn_file_actions_addclosefrom_np(files, first);
#else
  /* Those that are open now; one that another thread opens meanwhile is
   * closed on exec, as everything of this plugin is. */
  for (int fd = first; fd < 1024; fd++)
    if (fcntl(fd, F_GETFD) != -1) {
      int error = posix_spawn_file_actions_addclose(files, fd);
      if (error != 0)
        return error;
    }
  return 0;
#endif
}
