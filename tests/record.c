#include "record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compat/thread.h"

enum { MAX_LINES = 256, MAX_LINE = 2048 };

static struct {
  enum report_level level;
  char text[MAX_LINE];
} lines[MAX_LINES];
static size_t n_lines;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of report() */

struct record_dispatch record_dispatch;
char record_notices[RECORD_NOTICES][512];
size_t record_n_notices;

void record_clear(void) {
  n_lines = 0;
  record_n_notices = 0;
  record_dispatch = (struct record_dispatch){.calls = 0};
}

size_t record_count(enum report_level level) {
  size_t n = 0;

  for (size_t i = 0; i < n_lines; i++)
    n += lines[i].level == level;
  return n;
}

size_t record_lines(void) { return n_lines; }

const char *record_line(size_t i) { return i < n_lines ? lines[i].text : ""; }

bool record_has(const char *text) {
  for (size_t i = 0; i < n_lines; i++)
    if (strstr(lines[i].text, text) != NULL)
      return true;
  return false;
}

void report(enum report_level level, const char *format, ...) {
  va_list args;

  va_start(args, format);
  pthread_mutex_lock(&lock);
  if (n_lines < MAX_LINES) {
    lines[n_lines].level = level;
    vsnprintf(lines[n_lines++].text, MAX_LINE, format, args);
  }
  pthread_mutex_unlock(&lock);
  va_end(args);
}
