/* strftime(3) with the conversions of C99 and the GNU libc. */
#ifndef PROCMON_COMPAT_STRFTIME_H
#define PROCMON_COMPAT_STRFTIME_H

#include <stddef.h>
#include <time.h>

#include "procmon_config.h"

/* The same in the C locale, for a libc that knows those of C89 alone: the
 * conversions that timefmt_check takes, their flags and modifiers. Returns the
 * length, 0 when it does not fit or a conversion is not known. Pure but for the
 * time zone, which is that of the process. */
size_t strftime_c99(char *out, size_t size, const char *format,
                    const struct tm *tm);

/* What a conversion is short for in the C locale, as %T is for %H:%M:%S; NULL:
 * for nothing. */
const char *strftime_long_form(char letter);

#if PROCMON_C89_STRFTIME
#define strftime strftime_c99
#endif

#endif
