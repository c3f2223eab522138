/* Writes the page of a made-up report.
 *
 *   report_page_sample REPORT DYGRAPHS-FOLDER FILE
 *
 * and prints how long the writing took, in seconds, and by how much it raised
 * the most memory that the program had at once, in KBytes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "ctl/report_page.h"
#include "report_made.h"

static double now_s(void) {
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long most_memory_kb(void) {
  struct rusage usage;

  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

static int write_page(const struct report *r, const char *dygraphs,
                      const char *path) {
  FILE *out = fopen(path, "w");

  if (out == NULL)
    return -errno;
  int err = report_page_write(out, r, dygraphs);
  if (fclose(out) != 0 && err == 0)
    err = -errno;
  return err;
}

int main(int argc, char **argv) {
  struct report r;

  if (argc != 4 || !report_made(argv[1], &r)) {
    fputs("usage: report_page_sample REPORT DYGRAPHS-FOLDER FILE\n", stderr);
    return 2;
  }
  long memory_kb = most_memory_kb();
  double begin_s = now_s();
  int err = write_page(&r, argv[2], argv[3]);
  if (err == 0)
    printf("%.3f %ld\n", now_s() - begin_s, most_memory_kb() - memory_kb);
  else
    fprintf(stderr, "report_page_sample: %s: %s\n", argv[3], strerror(-err));
  report_free(&r);
  return err == 0 ? 0 : 1;
}
