/* Logs of a report: an input is a log, behind a byte that says whether columns
 * and a format of times are given. */
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl/report_civil.h"
#include "ctl/report_log.h"
#include "fuzz.h"

enum { HAS_COLUMNS = 1, HAS_FORMAT = 2 };

static int fd;
static size_t notes;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  fd = memfd_create("log", MFD_CLOEXEC);
  assert(fd >= 0);
  return 0;
}

static void take_note(void *context, const char *text) {
  (void)context;
  assert(strncmp(text, "log:", 4) == 0 && !has_control(text));
  notes++;
}

static void check_stats(const struct report_stats *s, size_t rows) {
  assert(s->samples <= rows);
  if (s->samples == 0) {
    assert(isnan(s->min) && isnan(s->mean) && isnan(s->last));
    return;
  }
  assert(s->min >= 0 && s->min <= s->median &&
         s->median <= s->p95 * (1 + 1e-9));
  assert(s->p95 <= s->max * (1 + 1e-9) && s->max <= 1e30);
  assert(s->mean >= s->min * (1 - 1e-9) && s->mean <= s->max * (1 + 1e-9));
  assert(s->last >= s->min && s->last <= s->max);
  assert(isnan(s->slope_low) || s->slope_low <= s->slope_high);
}

static void check_log(const struct report_log *log) {
  char text[CIVIL_TEXT_MAX];

  for (size_t i = 0; i < log->rows; i++) {
    assert(isfinite(log->times[i]));
    assert(i == 0 || log->times[i] >= log->times[i - 1]);
    civil_print(log->times[i], text);
  }
  for (size_t i = 0; i < log->n_shifts; i++) {
    assert(log->shifts[i].later_s >= 0 && log->shifts[i].row < log->rows);
    assert(log->shifts[i].row > (i > 0 ? log->shifts[i - 1].row : 0));
  }
  for (size_t i = 0; i < log->n_columns; i++) {
    assert(!has_control(log->columns[i].name));
    check_stats(&log->columns[i].stats, log->rows);
  }
  assert(log->gaps < log->rows || log->gaps == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct time_format format = {.n = 0};
  struct report_log log;
  struct report_wall wall;
  uint8_t choice = next_byte(&in);
  const struct report_rules rules = {
      .columns = (choice & HAS_COLUMNS) != 0 ? "Pid Time CPU" : NULL,
      .time_format = (choice & HAS_FORMAT) != 0 ? &format : NULL,
      .note = take_note};

  assert(report_time_compile(&format, "%d/%m/%y %H:%M:%S.%3N%z") == NULL);
  assert(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
  assert(pwrite(fd, in.at, in.left, 0) == (ssize_t)in.left);
  notes = 0;
  if (report_log_read(&log, fd, "log", &rules, &wall) == 0) {
    check_log(&log);
    report_log_free(&log);
  } else
    assert(notes > 0);
  return 0;
}
