#include "record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_LINES = 64, MAX_LINE = 2048 };

static struct {
  enum report_level level;
  char text[MAX_LINE];
} lines[MAX_LINES];
static size_t n_lines;

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

  if (n_lines == MAX_LINES)
    return;
  lines[n_lines].level = level;
  va_start(args, format);
  vsnprintf(lines[n_lines++].text, MAX_LINE, format, args);
  va_end(args);
}
