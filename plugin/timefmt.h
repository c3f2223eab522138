/* The times in a log: strftime(3), and %1N to %9N for parts of a second. */
#ifndef PROCMON_TIMEFMT_H
#define PROCMON_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a checked format may print at most on a long date, and room for what it
 * then gives on any other, or in another zone, with its NUL: `%-m` alone is
 * twice as long in December as in September. */
enum { TIMEFMT_LENGTH_MAX = 127, TIMEFMT_MAX = 2 * (TIMEFMT_LENGTH_MAX + 1) };

/* NULL when the format can stand in a log, else what is wrong with it: an
 * unknown conversion, a control character, nothing or too much to print. */
const char *timefmt_check(const char *format);

/* The text of a minute by one format in one zone, and which of its characters
 * are digits of the second. All zero: nothing is known. */
struct timefmt_known {
  uint64_t from_s, to_s; /* since 1970: whom it holds for */
  size_t length;         /* 0: more than digits differs in this minute */
  size_t n_digits;
  struct {
    uint8_t at, which; /* 0 and 1: of the seconds; 2 to 10: behind the point */
  } digits[24];
  char text[TIMEFMT_MAX];
};

/* Writes the time `wall_ns` (CLOCK_REALTIME) by a checked format, and returns
 * its length. No locale but the program's own LC_TIME. `known` spares what it
 * holds for: strftime costs as much as all else that is done for a row. It is
 * the caller's, zeroed at first, and for one format and zone; NULL: none.
 * Thread-safe for different ones. */
size_t timefmt_print(const char *format, bool utc, uint64_t wall_ns,
                     struct timefmt_known *known, char out[TIMEFMT_MAX]);

#endif
