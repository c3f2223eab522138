/* POSIX extended regular expressions, where the system has them. */
#ifndef PROCMON_COMPAT_PATTERN_H
#define PROCMON_COMPAT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct pattern;

/* Compiles `ere`. -EINVAL: it is none, and `message` says why; -ENOTSUP: the
 * system knows none; -ENOMEM. The pattern is the caller's. */
int pattern_create(const char *ere, struct pattern **out, char *message,
                   size_t size);

/* True when it is found anywhere in the text. A byte that is no character of
 * the locale is one that `.` may stand for in the C locale alone. */
bool pattern_matches(const struct pattern *p, const char *text);

void pattern_free(struct pattern *p);

#endif
