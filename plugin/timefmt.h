/* The times in a log: strftime(3), and %1N to %9N for parts of a second. */
#ifndef PROCMON_TIMEFMT_H
#define PROCMON_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for every time that a checked format gives, with its NUL. */
enum { TIMEFMT_MAX = 128 };

/* NULL when the format can stand in a log, else what is wrong with it: an
 * unknown conversion, a control character, nothing or too much to print. */
const char *timefmt_check(const char *format);

/* Writes the time `wall_ns` (CLOCK_REALTIME) by a checked format. Thread-safe,
 * and no locale but the program's own LC_TIME. */
void timefmt_print(const char *format, bool utc, uint64_t wall_ns,
                   char out[TIMEFMT_MAX]);

#endif
