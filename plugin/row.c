#include "row.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int print_count(char *out, size_t size, uint64_t count) {
  return snprintf(out, size, "%" PRIu64, count);
}

/* printf's %.1f would take the decimal point of the locale. */
static int print_tenths(char *out, size_t size, double value) {
  uint64_t tenths = (uint64_t)llround(value * 10);
  return snprintf(out, size, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

static int print_cpu(const struct row_style *style, char *out, size_t size,
                     double percent) {
  if (style->columns.integer_cpu)
    return print_count(out, size, (uint64_t)llround(percent));
  return print_tenths(out, size, percent);
}

static int print_pid(char *out, size_t size, pid_t pid) {
  return snprintf(out, size, "%d", pid > 0 ? (int)pid : -1);
}

static int print_time(const struct row_style *style, char *out, size_t size,
                      uint64_t wall_ns) {
  char time[TIMEFMT_MAX];
  timefmt_print(style->time_format, style->utc, wall_ns, time);
  return snprintf(out, size, "%s", time);
}

static int print_value(const struct row_style *style,
                       const struct column_info *column,
                       const struct reading *r, char *out, size_t size) {
  const void *value = (const char *)r + column->offset;
  const uint64_t *count = value;
  const double *number = value;

  switch (column->kind) {
  case KIND_TIME:
    return print_time(style, out, size, r->wall_ns);
  case KIND_PID:
    return print_pid(out, size, r->pid);
  case KIND_COUNT:
    return print_count(out, size, *count);
  case KIND_KB:
    return print_count(out, size, *count / 1024);
  case KIND_SECONDS:
    return print_count(out, size, *count / 1000000000);
  case KIND_CPU:
    return print_cpu(style, out, size, *number);
  case KIND_TENTHS:
    return print_tenths(out, size, *number);
  case KIND_KB_TENTHS:
    return print_tenths(out, size, *number / 1024);
  }
  return 0;
}

size_t row_print(const struct row_style *style, const struct reading *r,
                 char out[ROW_MAX]) {
  size_t used = 0;

  for (size_t i = 0; i < style->columns.n; i++) {
    const struct column_info *column = columns_info(style->columns.list[i]);
    char *at = out + used;
    size_t left = ROW_MAX - used;
    int n = (column->needs & ~r->have) != 0
                ? snprintf(at, left, "-1")
                : print_value(style, column, r, at, left);
    used += (size_t)n;
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
      timefmt_print(style->time_format, style->utc, wall_ns, time);
      len = strlen(time) > len ? strlen(time) : len;
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
