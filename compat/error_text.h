/* strerror() for daemons of many threads. */
#ifndef PROCMON_COMPAT_ERROR_TEXT_H
#define PROCMON_COMPAT_ERROR_TEXT_H

enum { ERROR_TEXT_MAX = 128 };

/* The words for an errno, positive or negative; perhaps in `buf`. */
const char *error_text(int error, char buf[ERROR_TEXT_MAX]);

#endif
