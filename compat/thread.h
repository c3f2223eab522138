/* Threads of ours in somebody else's daemon. */
#ifndef PROCMON_COMPAT_THREAD_H
#define PROCMON_COMPAT_THREAD_H

/* MinGW's threads are linked into the plugin: libtool's flag for a DLL would
 * look for them in another one. */
#ifdef _WIN32
#undef DLL_EXPORT
#endif
#include <pthread.h>
#include <stdint.h>

/* pthread_create, for a thread that takes no signal. 0 or a negative errno. */
int thread_start(pthread_t *out, void *(*run)(void *), void *arg);

/* pthread_cond_init, for thread_cond_wait. */
void thread_cond_init(pthread_cond_t *cond);

/* pthread_cond_timedwait, until an instant of CLOCK_MONOTONIC. 0, also when it
 * woke for nothing, or -ETIMEDOUT. */
int thread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock,
                     uint64_t deadline_ns);

#endif
