/* The library of `ps` and `top` as a way to measure the processes of a crowd.
 */
#ifndef PROCMON_BENCH_LIBPROC2_H
#define PROCMON_BENCH_LIBPROC2_H

#include <stddef.h>
#include <sys/types.h>

struct libproc2;

/* Ready to measure these processes, whose ids stay the caller's. NULL, and a
 * word why on the standard error, where the library was not there to build
 * with.
 */
struct libproc2 *libproc2_open(const pid_t *pids, size_t n);
void libproc2_close(struct libproc2 *l);

/* CPU time, resident and virtual memory of each. The argument is a struct
 * libproc2. */
void way_libproc2(void *arg);

#endif
