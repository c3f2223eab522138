#include "row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Without printf, whose %.1f would take the decimal point of the locale, and
 * which would cost more than all else that is done for a row. There is room for
 * any number: see ROW_MAX. */
static size_t print_count(char *out, uint64_t count) {
  char digits[20];
  size_t n = 0;

  do
    digits[n++] = (char)('0' + count % 10);
  while ((count /= 10) > 0);
  for (size_t i = 0; i < n; i++)
    out[i] = digits[n - 1 - i];
  return n;
}

static size_t print_tenths(char *out, double value) {
  uint64_t tenths = (uint64_t)llround(value * 10);
  size_t n = print_count(out, tenths / 10);

  out[n++] = '.';
  out[n++] = (char)('0' + tenths % 10);
  return n;
}

static size_t print_cpu(const struct row_style *style, char *out,
                        double percent) {
  if (style->columns.integer_cpu)
    return print_count(out, (uint64_t)llround(percent));
  return print_tenths(out, percent);
}

static size_t print_missing(char *out) {
  out[0] = '-';
  out[1] = '1';
  return 2;
}

static size_t print_pid(char *out, pid_t pid) {
  return pid > 0 ? print_count(out, (uint64_t)pid) : print_missing(out);
}

static size_t print_time(const struct row_style *style, char *out,
                         uint64_t wall_ns) {
  return timefmt_print(style->time_format, style->utc, wall_ns,
                       style->known_time, out);
}

static size_t print_value(const struct row_style *style,
                          const struct column_info *column,
                          const struct reading *r, char *out) {
  const void *value = (const char *)r + column->offset;
  const uint64_t *count = value;
  const double *number = value;

  switch (column->kind) {
  case KIND_TIME:
    return print_time(style, out, r->wall_ns);
  case KIND_PID:
    return print_pid(out, r->pid);
  case KIND_COUNT:
    return print_count(out, *count);
  case KIND_KB:
    return print_count(out, *count / 1024);
  case KIND_SECONDS:
    return print_count(out, *count / 1000000000);
  case KIND_CPU:
    return print_cpu(style, out, *number);
  case KIND_TENTHS:
    return print_tenths(out, *number);
  case KIND_KB_TENTHS:
    return print_tenths(out, *number / 1024);
  }
  return 0;
}

size_t row_print(const struct row_style *style, const struct reading *r,
                 char out[ROW_MAX]) {
  size_t used = 0;

  for (size_t i = 0; i < style->columns.n; i++) {
    const struct column_info *column = columns_info(style->columns.list[i]);
    char *at = out + used;
    used += (column->needs & ~r->have) != 0 ? print_missing(at)
                                            : print_value(style, column, r, at);
    out[used++] = '\t';
  }
  out[used - 1] = '\n';
  out[used] = '\0';
  return used;
}

/* As wide as the rows are on a terminal with tab stops at every 8. */
static size_t ruled_width(const struct row_style *style, uint64_t wall_ns) {
  size_t width = 0;

  for (size_t i = 0; i < style->columns.n; i++) {
    char time[TIMEFMT_MAX];
    size_t len = strlen(columns_info(style->columns.list[i])->name);
    if (style->columns.list[i] == COLUMN_TIME) {
      size_t time_len =
          timefmt_print(style->time_format, style->utc, wall_ns, NULL, time);
      len = time_len > len ? time_len : len;
    }
    width += (len / 8 + 1) * 8;
  }
  return width;
}

size_t row_print_header(const struct row_style *style, uint64_t wall_ns,
                        char out[ROW_MAX]) {
  size_t used = 0;

  if (style->header == HEADER_NONE)
    return 0;
  if (style->header == HEADER_HASH)
    out[used++] = '#';
  for (size_t i = 0; i < style->columns.n; i++)
    used += (size_t)snprintf(out + used, ROW_MAX - used, "%s\t",
                             columns_info(style->columns.list[i])->name);
  out[used - 1] = '\n';
  if (style->header == HEADER_RULED) {
    size_t width = ruled_width(style, wall_ns);
    memset(out + used, '-', width);
    used += width;
    out[used++] = '\n';
  }
  out[used] = '\0';
  return used;
}
