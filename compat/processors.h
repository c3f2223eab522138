/* How many processors there are. */
#ifndef PROCMON_COMPAT_PROCESSORS_H
#define PROCMON_COMPAT_PROCESSORS_H

/* Those that are online now; at least 1. */
unsigned processors_online(void);

#endif
