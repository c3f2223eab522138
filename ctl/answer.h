/* A line of an answer: key=value key="quoted value". */
#ifndef PROCMONCTL_ANSWER_H
#define PROCMONCTL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

enum { ANSWER_FIELDS_MAX = 64 };

struct field {
  const char *key;
  const char *value;
  bool is_text; /* it stood in quotes */
};

struct answer {
  struct field fields[ANSWER_FIELDS_MAX];
  size_t n;
};

/* Cuts the line, which the fields then point into. Fields beyond the maximum
 * are left out; so is what follows something that is no field. Control
 * characters in values become question marks: values are shown on terminals. */
void answer_parse(struct answer *a, char *line);

/* The value of a field, NULL when there is none. */
const char *answer_get(const struct answer *a, const char *key);

/* The same, and "-" when there is none. */
const char *answer_show(const struct answer *a, const char *key);

/* A number of bytes as KiB, and "-" when there is none. Gives `out`. */
const char *answer_kib(const struct answer *a, const char *key, char *out,
                       size_t size);

/* A time in seconds as local time in a format of strftime; perhaps
 * the milliseconds behind it. "-" when there is none. Gives `out`. */
const char *answer_time(const struct answer *a, const char *key,
                        const char *format, bool milliseconds, char *out,
                        size_t size);

#endif
