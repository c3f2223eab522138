#include "ways.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backends/clock.h"
#include "backends/procfs_parse.h"
#include "measure.h"
#include "plugin/account.h"

/* So that no compiler takes for useless what is done here. */
static volatile uint64_t sink;

static void check(int error, const char *what) {
  if (error != 0) {
    fprintf(stderr, "bench: %s: error %d\n", what, -error);
    exit(1);
  }
}

static void attach_all(struct subjects *s) {
  const struct backend_options options = {.proc_root = "/proc",
                                          .budget = &s->budget};

  atomic_init(&s->budget.left, KEPT_DESCRIPTORS);
  check(backend_linux.open(&options, &s->ctx), "backend");
  for (size_t i = 0; i < s->n; i++) {
    uint64_t age_ns;
    check(backend_linux.attach(s->ctx, s->pids[i], 0, s->want, &s->targets[i],
                               &age_ns),
          "attach");
  }
  check(backend_linux.sample(s->ctx, s->targets, s->n, s->want, s->before),
        "sample");
}

/* As many as the backend keeps of the `unix` and `windows` columns. */
static void open_floor(struct subjects *s) {
  char path[32];

  s->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  s->n_kept = s->n < KEPT_DESCRIPTORS ? s->n : KEPT_DESCRIPTORS;
  for (size_t i = 0; i < s->n_kept; i++) {
    snprintf(path, sizeof(path), "%d/statm", (int)s->pids[i]);
    s->statm_fds[i] = openat(s->proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (s->statm_fds[i] < 0)
      measure_die(path);
  }
}

void subjects_open(struct subjects *s, const char *columns, const pid_t *pids,
                   size_t n) {
  *s = (struct subjects){.pids = pids, .n = n};
  check(columns_preset(columns, &s->style.columns), columns);
  s->style.time_format = "%m/%d/%y %H:%M:%S";
  s->style.known_time = &s->time;
  s->want = columns_need(&s->style.columns);
  s->targets = measure_zeroed(n, sizeof(struct target *));
  s->before = measure_zeroed(n, sizeof(*s->before));
  s->now = measure_zeroed(n, sizeof(*s->now));
  s->totals = measure_zeroed(n, sizeof(*s->totals));
  s->statm_fds = measure_zeroed(KEPT_DESCRIPTORS, sizeof(*s->statm_fds));
  attach_all(s);
  open_floor(s);
}

void subjects_close(struct subjects *s) {
  for (size_t i = 0; i < s->n; i++)
    backend_linux.detach(s->ctx, s->targets[i]);
  backend_linux.close(s->ctx);
  for (size_t i = 0; i < s->n_kept; i++)
    close(s->statm_fds[i]);
  close(s->proc_fd);
  free(s->targets);
  free(s->before);
  free(s->now);
  free(s->totals);
  free(s->statm_fds);
}

/* --- ours --- */

static void sample(struct subjects *s) {
  check(backend_linux.sample(s->ctx, s->targets, s->n, s->want, s->now),
        "sample");
}

static void settle(struct subjects *s) {
  struct proc_sample *before = s->before;

  s->before = s->now;
  s->now = before;
}

static void print(const struct subjects *s, const struct reading *r) {
  char row[ROW_MAX];

  if (r->have != s->want)
    check(-1, "a reading is not whole");
  sink += row_print(&s->style, r, row);
}

void way_rows(void *arg) {
  struct subjects *s = arg;
  struct reading r;

  sample(s);
  uint64_t wall_ns = clock_ns(CLOCK_REALTIME);
  for (size_t i = 0; i < s->n; i++) {
    account_begin(&r, s->want);
    r.wall_ns = wall_ns;
    account_add(&r, &s->totals[i], &s->before[i], &s->now[i]);
    account_end(&r, &s->totals[i], 1);
    print(s, &r);
  }
  settle(s);
}

void way_sum(void *arg) {
  struct subjects *s = arg;
  struct reading r;

  sample(s);
  account_begin(&r, s->want);
  r.wall_ns = clock_ns(CLOCK_REALTIME);
  for (size_t i = 0; i < s->n; i++)
    account_add(&r, &s->totals[0], &s->before[i], &s->now[i]);
  account_end(&r, &s->totals[0], 1);
  print(s, &r);
  settle(s);
}

/* --- the others --- */

static void read_cpu_clock(pid_t pid) {
  struct timespec ts;

  /* MAKE_PROCESS_CPUCLOCK of the kernel */
  clock_gettime((clockid_t)(~(unsigned)pid << 3 | 2), &ts);
  sink += (uint64_t)ts.tv_nsec;
}

static void stat_folder(const struct subjects *s, pid_t pid, const char *name) {
  char path[32];
  struct stat st;

  snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
  if (fstatat(s->proc_fd, path, &st, 0) != 0)
    measure_die(path);
  sink += st.st_nlink;
}

static void floor_of(const struct subjects *s, size_t i) {
  char path[32], text[1024];
  int fd = i < s->n_kept ? s->statm_fds[i] : -1;

  if (fd < 0) {
    struct stat st;
    snprintf(path, sizeof(path), "%d/statm", (int)s->pids[i]);
    fd = openat(s->proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
      measure_die(path);
    sink += st.st_ino;
  }
  read_cpu_clock(s->pids[i]);
  if ((s->want & PROC_THREADS) != 0)
    stat_folder(s, s->pids[i], "task");
  if ((s->want & PROC_HANDLES) != 0)
    stat_folder(s, s->pids[i], "fd");
  if (pread(fd, text, sizeof(text), 0) <= 0)
    measure_die("statm");
  sink += (uint64_t)text[0];
  if (i >= s->n_kept)
    close(fd);
}

void way_floor(void *arg) {
  const struct subjects *s = arg;

  for (size_t i = 0; i < s->n; i++)
    floor_of(s, i);
}

void way_stat(void *arg) {
  const struct subjects *s = arg;

  for (size_t i = 0; i < s->n; i++) {
    char path[32], text[1024];
    struct procfs_stat stat;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)s->pids[i]);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
    if (len < 0)
      measure_die(path);
    close(fd);
    check(procfs_parse_stat(text, (size_t)len, &stat), path);
    sink += stat.user_ticks;
  }
}

void way_ps(void *arg) {
  const struct subjects *s = arg;
  char command[64], text[256];

  snprintf(command, sizeof(command), "ps -o pcpu=,rss=,vsz= -p %d",
           (int)s->pids[0]);
  /* It is the very thing to measure. NOLINTNEXTLINE(cert-env33-c) */
  FILE *f = popen(command, "r");
  if (f == NULL || fgets(text, sizeof(text), f) == NULL || pclose(f) != 0)
    measure_die(command);
  sink += (uint64_t)text[0];
}
