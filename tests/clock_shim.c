/* A library to preload, with which a test sets the time of day of one program:
 * CLOCK_SHIM names a file of eight bytes, the nanoseconds that its clock is
 * ahead. All other clocks stay as they are, those of CPU time too, which
 * libfaketime moves as well. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t NS_PER_S = 1000000000;

static _Atomic int64_t *ahead_ns;
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *,
                             const struct timespec *);

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CLOCK_SHIM");
  int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;

  void *map = fd >= 0
                  ? mmap(NULL, sizeof(*ahead_ns), PROT_READ, MAP_SHARED, fd, 0)
                  : MAP_FAILED;
  if (map == MAP_FAILED)
    abort();
  close(fd);
  ahead_ns = map;
  *(void **)&real_timedwait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
}

static int64_t real_ns(void) {
  struct timespec ts;

  syscall(SYS_clock_gettime, CLOCK_REALTIME, &ts);
  return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t shown_ns(void) { return real_ns() + atomic_load(ahead_ns); }

static struct timespec to_timespec(int64_t ns) {
  return (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
}

int clock_gettime(clockid_t clock, struct timespec *out) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)
    return (int)syscall(SYS_clock_gettime, clock, out);
  *out = to_timespec(shown_ns());
  return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  struct timespec ts = to_timespec(shown_ns());

  (void)zone;
  *out = (struct timeval){.tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000};
  return 0;
}

time_t time(time_t *out) {
  time_t now = (time_t)(shown_ns() / NS_PER_S);

  if (out != NULL)
    *out = now;
  return now;
}

/* As the kernel does it: until the clock that may be set meanwhile says so. */
int pthread_cond_timedwait(pthread_cond_t *restrict cond,
                           pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline) {
  const int64_t step_ns = 20000000;
  int64_t until_ns = (int64_t)deadline->tv_sec * NS_PER_S + deadline->tv_nsec;

  for (;;) {
    int64_t left_ns = until_ns - shown_ns();
    struct timespec next =
        to_timespec(real_ns() + (left_ns < step_ns ? left_ns : step_ns));
    int error = real_timedwait(cond, mutex, &next);
    if (error != ETIMEDOUT || shown_ns() >= until_ns)
      return error;
  }
}
