/* The compiler's check of a format and its arguments. */
#ifndef PROCMON_COMPAT_PRINTF_LIKE_H
#define PROCMON_COMPAT_PRINTF_LIKE_H

/* MinGW has two families of printf, and says in its stdio.h which one is used.
 */
#include <stdio.h>

#ifdef __MINGW_PRINTF_FORMAT
#define PRINTF_LIKE(format_at, arguments_at)                                   \
  __attribute__((format(__MINGW_PRINTF_FORMAT, format_at, arguments_at)))
#else
#define PRINTF_LIKE(format_at, arguments_at)                                   \
  __attribute__((format(printf, format_at, arguments_at)))
#endif

#endif
