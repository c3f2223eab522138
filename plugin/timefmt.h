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

/* Writes the time `wall_ns` (CLOCK_REALTIME) by a checked format. Thread-safe,
 * and no locale but the program's own LC_TIME. */
void timefmt_print(const char *format, bool utc, uint64_t wall_ns,
                   char out[TIMEFMT_MAX]);

#endif
