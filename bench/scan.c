/* What it costs to find processes by command line, against a bare readdir of
 * /proc, as the number of processes grows. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crowd.h"
#include "measure.h"
#include "plugin/select.h"

/* After this a process is not young to a census any more. */
enum { SETTLE_S = 11 };

struct scanner {
  struct fd_budget budget;
  struct backend_ctx *ctx;
  struct census *census;
  struct monitor_config config;
  struct selection *selection;
  DIR *proc;
};

static void check(int error, const char *what) {
  if (error != 0) {
    fprintf(stderr, "bench: %s: error %d\n", what, -error);
    exit(1);
  }
}

static void scanner_open(struct scanner *s) {
  const struct backend_options options = {.proc_root = "/proc",
                                          .budget = &s->budget};

  atomic_init(&s->budget.left, 256);
  check(backend_linux.open(&options, &s->ctx), "backend");
  check(census_create(&backend_linux, s->ctx, &s->census), "census");
  check(monitor_config_init(&s->config, 1000000000), "configuration");
  s->config.command_line = strdup("^/no/such/(program|other)( |$)");
  check(select_create(&s->config, &backend_linux, s->ctx, s->census,
                      &s->selection),
        "selection");
  s->proc = opendir("/proc");
  if (s->proc == NULL)
    measure_die("/proc");
}

static void scanner_close(struct scanner *s) {
  closedir(s->proc);
  select_free(s->selection);
  monitor_config_clear(&s->config);
  census_free(s->census);
  backend_linux.close(s->ctx);
}

static void way_select(void *arg) {
  struct scanner *s = arg;
  struct wanted *list;
  size_t n;
  uint64_t until_ns;

  check(select_prepare(s->selection, 0), "scan");
  check(select_update(s->selection, &list, &n, &until_ns), "selection");
}

static void way_readdir(void *arg) {
  const struct scanner *s = arg;

  rewinddir(s->proc);
  while (readdir(s->proc) != NULL)
    ;
}

static void measure_scan(struct scanner *s, size_t others) {
  char number[MEASURE_COUNT_MAX], what[96];
  struct way ways[] = {
      {.name = "ours", .run = way_select, .arg = s, .parts = 1},
      {.name = "readdir of /proc",
       .budget = "1.5x",
       .run = way_readdir,
       .arg = s,
       .parts = 1},
  };

  way_select(s);
  sleep(SETTLE_S);
  way_select(s);
  snprintf(what, sizeof(what), "scan for a CommandLine, %s",
           measure_count(others, "other processes", number));
  measure(what, ways, sizeof(ways) / sizeof(ways[0]));
}

int main(void) {
  static const size_t sizes[] = {100, 1000, 5000};
  struct crowd crowd = {.name = "crowd", .threads = 1};
  struct scanner scanner;
  size_t most = measure_setting("BENCH_MOST", 5000);

  scanner_open(&scanner);
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    if (sizes[i] > most)
      break;
    crowd_resize(&crowd, sizes[i]);
    measure_scan(&scanner, sizes[i]);
  }
  scanner_close(&scanner);
  crowd_resize(&crowd, 0);
  free(crowd.pids);
  return 0;
}
