/* Formats of times. The first byte of an input is the time zone, the next eight
 * are the time, the rest is the format. */
#include <time.h>

#include "compat/strftime.h"
#include "fuzz.h"
#include "plugin/timefmt.h"

static const char *const zones[] = {"UTC0", "EST5",
                                    "CET-1CEST,M3.5.0,M10.5.0/3",
                                    "<+1245>-12:45<+1345>,M9.5.0,M4.1.0"};

/* Until the year 2200. */
static const uint64_t TIME_MAX_NS = UINT64_C(7258118400) * 1000000000;

static void check_print(const char *format, bool utc, uint64_t wall_ns) {
  char out[TIMEFMT_MAX] = "?";

  timefmt_print(format, utc, wall_ns, NULL, out);
  assert(out[0] != '\0' && strlen(out) < TIMEFMT_MAX);
  assert(!has_control(out));
}

/* What is known of one time is right for another. */
static void check_known(const char *format, bool utc, uint64_t wall_ns,
                        uint64_t other_ns) {
  struct timefmt_known known = {0};
  char out[TIMEFMT_MAX], expected[TIMEFMT_MAX];

  timefmt_print(format, utc, wall_ns, &known, out);
  size_t len = timefmt_print(format, utc, other_ns, NULL, expected);
  assert(timefmt_print(format, utc, other_ns, &known, out) == len);
  assert(strcmp(out, expected) == 0);
}

/* Both know the conversions that have passed the check. */
static void check_c99(const char *format, uint64_t wall_ns) {
  char out[4 * TIMEFMT_MAX], other[4 * TIMEFMT_MAX];
  time_t seconds = (time_t)(wall_ns / 1000000000);
  struct tm tm;

  localtime_r(&seconds, &tm);
  size_t len = strftime_c99(out, sizeof(out), format, &tm);
  assert(len == strftime(other, sizeof(other), format, &tm));
  assert(len == 0 || strcmp(out, other) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  uint64_t wall_ns;
  size_t len;

  setenv("TZ", zones[next_byte(&in) % (sizeof(zones) / sizeof(zones[0]))], 1);
  tzset();
  next_bytes(&in, &wall_ns, sizeof(wall_ns));
  wall_ns %= TIME_MAX_NS;
  uint64_t step_ns = wall_ns % UINT64_C(90000000007);
  char *format = next_part(&in, &len);
  if (timefmt_check(format) == NULL) {
    check_print(format, true, wall_ns);
    check_print(format, false, wall_ns);
    check_known(format, true, wall_ns, wall_ns + step_ns);
    check_known(format, false, wall_ns, wall_ns + step_ns);
    /* %s and %3N are not strftime_c99's. */
    if (strpbrk(format, "sN") == NULL)
      check_c99(format, wall_ns);
  }
  free(format);
  return 0;
}
