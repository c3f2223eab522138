/* A process with known habits: it uses a given share of a processor, holds a
 * given amount of memory, threads and files, and reports on standard output
 * what the kernel says that it uses, as its own getrusage and smaps_rollup
 * tell. It ends when its standard output or its parent goes away. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int64_t NS_PER_S = 1000000000;

struct habits {
  double duty;      /* of one processor, 0 to 1 */
  size_t memory_mb; /* held all the time */
  size_t wave_mb;   /* grows to this and falls again */
  double wave_s;    /* in this time */
  unsigned threads; /* more than the first, asleep */
  unsigned files;   /* more than the standard ones */
  double report_s;  /* between two lines of report; 0: none */
  unsigned forks;   /* children a second that end at once */
};

static int64_t clock_ns(clockid_t clock) {
  struct timespec ts;
  clock_gettime(clock, &ts);
  return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void die(const char *what) {
  fprintf(stderr, "burner: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* A number of an option, not below 0 and small enough for any that there is. */
static double number(const char *text) {
  char *end;

  double value = strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= 0 && value <= 1e6)) {
    errno = EINVAL;
    die(text);
  }
  return value;
}

static uint64_t resident_kb(void) {
  char line[256];
  uint64_t kb = 0;
  FILE *f = fopen("/proc/self/smaps_rollup", "re");

  if (f == NULL)
    die("smaps_rollup");
  while (fgets(line, sizeof(line), f) != NULL)
    if (strncmp(line, "Rss:", 4) == 0)
      kb = strtoull(line + 4, NULL, 10);
  fclose(f);
  return kb;
}

/* One line: wall clock and CPU time in seconds, resident memory in KBytes. */
static void write_report(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  int64_t now_ns = clock_ns(CLOCK_REALTIME);
  int64_t cpu_us =
      (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
      usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  if (printf("%.6f %.6f %" PRIu64 "\n", (double)now_ns / 1e9,
             (double)cpu_us / 1e6, resident_kb()) < 0 ||
      fflush(stdout) != 0)
    exit(0);
}

static void *sleep_on(void *unused) {
  for (;;)
    pause();
  return unused;
}

static char *map_memory(size_t mb) {
  char *memory = mmap(NULL, mb << 20, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    die("mmap");
  return memory;
}

static void take_what_it_holds(const struct habits *h) {
  if (h->memory_mb > 0)
    memset(map_memory(h->memory_mb), 1, h->memory_mb << 20);
  for (unsigned i = 0; i < h->files; i++)
    if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
      die("/dev/null");
  for (unsigned i = 0; i < h->threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, sleep_on, NULL) != 0)
      die("thread");
  }
}

/* Lets the memory grow in the first half of the wave and fall in the other. */
static void ride_wave(const struct habits *h, char *wave, int64_t at_ns) {
  double phase = (double)at_ns / 1e9 / h->wave_s;
  phase -= (double)(int64_t)phase;
  double share = phase < 0.5 ? 2 * phase : 2 - 2 * phase;
  size_t held = (size_t)((double)h->wave_mb * share) << 20;

  memset(wave, 1, held);
  madvise(wave + held, (h->wave_mb << 20) - held, MADV_DONTNEED);
}

static void burn(int64_t cpu_ns) {
  int64_t until_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + cpu_ns;
  while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < until_ns)
    ;
}

/* Catches up with the children that it should have had at `due_ns`. */
static void fork_children(const struct habits *h, int64_t since_start_ns,
                          uint64_t *forked) {
  uint64_t due = (uint64_t)((double)since_start_ns / 1e9 * h->forks);

  for (; *forked < due; ++*forked) {
    pid_t pid = fork();
    if (pid < 0)
      die("fork");
    if (pid == 0)
      _exit(0);
    if (waitpid(pid, NULL, 0) != pid)
      die("waitpid");
  }
}

static void sleep_until(int64_t ns) {
  struct timespec ts = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
    ;
}

static void live(const struct habits *h) {
  const int64_t period_ns = 10000000;
  char *wave = h->wave_mb > 0 ? map_memory(h->wave_mb) : NULL;
  int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
  int64_t report_ns = start_ns;
  int64_t due_ns = start_ns;
  uint64_t forked = 0;

  for (;;) {
    int64_t used_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    if (wave != NULL)
      ride_wave(h, wave, due_ns - start_ns);
    if (h->report_s > 0 && due_ns >= report_ns) {
      write_report();
      report_ns += (int64_t)(h->report_s * 1e9);
    }
    used_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - used_ns;
    fork_children(h, clock_ns(CLOCK_MONOTONIC) - start_ns, &forked);
    burn((int64_t)(h->duty * (double)period_ns) - used_ns);
    due_ns += period_ns;
    sleep_until(due_ns);
  }
}

static void usage(int status) {
  fputs("usage: burner [--duty SHARE] [--memory MB] [--wave MB] "
        "[--wave-period S]\n"
        "              [--threads N] [--files N] [--report S] [--forks N]\n",
        status == 0 ? stdout : stderr);
  exit(status);
}

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"duty", required_argument, NULL, 'd'},
      {"memory", required_argument, NULL, 'm'},
      {"wave", required_argument, NULL, 'w'},
      {"wave-period", required_argument, NULL, 'p'},
      {"threads", required_argument, NULL, 't'},
      {"files", required_argument, NULL, 'f'},
      {"report", required_argument, NULL, 'r'},
      {"forks", required_argument, NULL, 'k'},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  struct habits h = {.wave_s = 10};
  int c;

  while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
    switch (c) {
    case 'd':
      h.duty = number(optarg);
      break;
    case 'm':
      h.memory_mb = (size_t)number(optarg);
      break;
    case 'w':
      h.wave_mb = (size_t)number(optarg);
      break;
    case 'p':
      h.wave_s = number(optarg);
      break;
    case 't':
      h.threads = (unsigned)number(optarg);
      break;
    case 'f':
      h.files = (unsigned)number(optarg);
      break;
    case 'r':
      h.report_s = number(optarg);
      break;
    case 'k':
      h.forks = (unsigned)number(optarg);
      break;
    default:
      usage(c == 'h' ? 0 : 2);
    }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  take_what_it_holds(&h);
  live(&h);
}
