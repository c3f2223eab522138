/* Times as logs have them: strftime(3) backwards. Pure. */
#ifndef PROCMONCTL_REPORT_TIME_H
#define PROCMONCTL_REPORT_TIME_H

#include <stdbool.h>
#include <stddef.h>

enum { TIME_FORMAT_MAX = 128, TIME_STEPS_MAX = 128 };

/* A thing to read: one conversion, or one character that stands as it is. */
struct time_step {
  char kind;   /* the conversion's letter, or TIME_LITERAL */
  char detail; /* the character; of %N how many digits, 0: as many as there are;
                  of %s how many digits of a fraction follow at once */
  bool padded; /* blanks may stand before the number */
  bool bare;   /* a year may have one digit */
};

struct time_format {
  char text[TIME_FORMAT_MAX];
  struct time_step steps[TIME_STEPS_MAX];
  size_t n;
  char order[4];       /* of year, month and day where all are numbers: "mdy" */
  bool has_date;       /* false: a time of day alone */
  double resolution_s; /* of the last thing that it has */
};

struct time_read {
  double seconds;  /* of the clock on the wall since 1970 there; without a date
                      since midnight */
  int offset_s;    /* of that clock from UTC; 0 where the text does not say */
  bool has_offset; /* it says; seconds since 1970 are those of UTC */
};

/* Takes a format of strftime(3), in the C locale, with %1N to %9N as
 * collectd-procmon(5) has it; %N alone takes any fraction. NULL, or what is
 * wrong with the format. */
const char *report_time_compile(struct time_format *f, const char *format);

/* Whether it has one of the kinds of steps. */
bool report_time_has(const struct time_format *f, const char *kinds);

/* Reads a time at the beginning of a text. Gives where it ends; NULL: it is
 * none. */
const char *report_time_read(const struct time_format *f, const char *text,
                             struct time_read *out);

/* The same of a text that is a time and nothing else. */
bool report_time_read_all(const struct time_format *f, const char *text,
                          struct time_read *out);

/* The year that two digits stand for, as strptime(3) has it. */
int report_time_year(int two_digits);

#endif
