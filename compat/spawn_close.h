/* posix_spawn_file_actions_addclosefrom_np, which not every libc has. */
#ifndef PROCMON_COMPAT_SPAWN_CLOSE_H
#define PROCMON_COMPAT_SPAWN_CLOSE_H

#include <spawn.h>

/* Closes all descriptors from `first` on in the child. 0 or an errno. */
int spawn_close_from(posix_spawn_file_actions_t *files, int first);

#endif
