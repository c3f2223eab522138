/* Threads of ours in somebody else's daemon. */
#ifndef PROCMON_COMPAT_THREAD_H
#define PROCMON_COMPAT_THREAD_H

/* MinGW's threads are linked into the plugin: libtool's flag for a DLL would
 * look for them in another one. */
#ifdef _WIN32
#undef DLL_EXPORT
#endif
#include <pthread.h>

/* pthread_create, for a thread that takes no signal. 0 or a negative errno. */
int thread_start(pthread_t *out, void *(*run)(void *), void *arg);

#endif
