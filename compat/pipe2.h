/* pipe2(2), which not every libc has. */
#ifndef PROCMON_COMPAT_PIPE2_H
#define PROCMON_COMPAT_PIPE2_H

#include <unistd.h>

#include "procmon_config.h"

#if !HAVE_PIPE2
int pipe2(int fds[2], int flags);
#endif

#endif
