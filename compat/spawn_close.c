#include "spawn_close.h"

#include <fcntl.h>
#include <unistd.h>

#include "procmon_config.h"

int spawn_close_from(posix_spawn_file_actions_t *files, int first) {
#if HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
  return posix_spawn_file_actions_addclosefrom_np(files, first);
#else
  /* Those that are open now; one that another thread opens meanwhile is
   * closed on exec, as everything of this plugin is. */
  long open_max = sysconf(_SC_OPEN_MAX);
  int end = open_max > 0 && open_max < 65536 ? (int)open_max : 65536;
  for (int fd = first; fd < end; fd++)
    if (fcntl(fd, F_GETFD) != -1) {
      int error = posix_spawn_file_actions_addclose(files, fd);
      if (error != 0)
        return error;
    }
  return 0;
#endif
}
