#include "row.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int print_count(char *out, size_t size, uint64_t count) {
  return snprintf(out, size, "%" PRIu64, count);
}

static int print_kb(char *out, size_t size, uint64_t bytes) {
  return print_count(out, size, bytes / 1024);
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

static int print_value(const struct row_style *style, enum column column,
                       const struct reading *r, char *out, size_t size) {
  switch (column) {
  case COLUMN_TIME:
    return print_time(style, out, size, r->wall_ns);
  case COLUMN_CPU:
    return print_cpu(style, out, size, r->cpu_percent);
  case COLUMN_RESIDENT:
  case COLUMN_WORKING:
    return print_kb(out, size, r->resident_bytes);
  case COLUMN_VIRTUAL:
    return print_kb(out, size, r->virtual_bytes);
  case COLUMN_PRIVATE:
    return print_kb(out, size, r->private_bytes);
  case COLUMN_THREADS:
    return print_count(out, size, r->threads);
  case COLUMN_HANDLES:
    return print_count(out, size, r->handles);
  case COLUMN_PID:
    return print_pid(out, size, r->pid);
  case COLUMN_PROCESSES:
    return print_count(out, size, r->processes);
  case COLUMN_USER:
    return print_tenths(out, size, r->user_percent);
  case COLUMN_SYSTEM:
    return print_tenths(out, size, r->system_percent);
  case COLUMN_ANONYMOUS:
    return print_kb(out, size, r->anonymous_bytes);
  case COLUMN_MINOR_FAULTS:
    return print_tenths(out, size, r->minor_faults_per_s);
  case COLUMN_MAJOR_FAULTS:
    return print_tenths(out, size, r->major_faults_per_s);
  case COLUMN_READ:
    return print_tenths(out, size, r->read_bytes_per_s / 1024);
  case COLUMN_WRITE:
    return print_tenths(out, size, r->write_bytes_per_s / 1024);
  case COLUMN_VOLUNTARY_SWITCHES:
    return print_tenths(out, size, r->voluntary_switches_per_s);
  case COLUMN_INVOLUNTARY_SWITCHES:
    return print_tenths(out, size, r->involuntary_switches_per_s);
  case COLUMN_UPTIME:
    return print_count(out, size, r->uptime_ns / 1000000000);
  case COLUMN_COUNT:
    break;
  }
  return 0;
}

size_t row_print(const struct row_style *style, const struct reading *r,
                 char out[ROW_MAX]) {
  size_t used = 0;

  for (size_t i = 0; i < style->columns.n; i++) {
    enum column column = style->columns.list[i];
    char *at = out + used;
    size_t left = ROW_MAX - used;
    int n = (columns_need_of(column) & ~r->have) != 0
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
    size_t len = strlen(columns_name(style->columns.list[i]));
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
                             columns_name(style->columns.list[i]));
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
