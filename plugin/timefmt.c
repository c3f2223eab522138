#include "timefmt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "compat/strftime.h"

#define NS_PER_S UINT64_C(1000000000)

/* The conversions of strftime(3) that print something on one line. */
static const char plain[] = "%aAbBcCdDeFgGhHIjklmMpPrRsSTuUVwWxXyYzZ";
static const char after_e[] = "cCxXyY";
static const char after_o[] = "deHImMSuUVwWy";

static bool is_one_of(char c, const char *set) {
  return c != '\0' && strchr(set, c) != NULL;
}

/* Goes behind the conversion that starts at `%`; NULL: there is no such. */
static const char *skip_conversion(const char *at) {
  const char *set = plain;

  at++;
  if (*at >= '1' && *at <= '9')
    return at[1] == 'N' ? at + 2 : NULL;
  while (is_one_of(*at, "-_0^#"))
    at++;
  if (*at == 'E')
    set = after_e, at++;
  else if (*at == 'O')
    set = after_o, at++;
  return is_one_of(*at, set) ? at + 1 : NULL;
}

/* Writes one conversion for strftime, or what it prints where strftime does
 * not know it (%3N) or might take the local time zone for it always. */
static int expand_conversion(const char *at, size_t len, bool utc,
                             uint64_t wall_ns, char *out, size_t size) {
  uint64_t seconds = wall_ns / NS_PER_S;

  if (at[len - 1] == 'N') {
    char digits[16];
    snprintf(digits, sizeof(digits), "%09" PRIu64, wall_ns % NS_PER_S);
    return snprintf(out, size, "%.*s", at[1] - '0', digits);
  }
  if (at[len - 1] == 's')
    return snprintf(out, size, "%" PRIu64, seconds);
  if (utc && at[len - 1] == 'z')
    return snprintf(out, size, "+0000");
  if (utc && at[len - 1] == 'Z')
    return snprintf(out, size, "UTC");
  /* A row is printed for each process: printf would cost more than strftime. */
  if (len < size)
    memcpy(out, at, len);
  return (int)len;
}

/* False: the format is not valid or what it gives is too long. */
static bool expand(const char *format, bool utc, uint64_t wall_ns,
                   char expanded[2 * TIMEFMT_MAX]) {
  const size_t size = 2 * (size_t)TIMEFMT_MAX;
  size_t used = 0;

  while (*format != '\0') {
    const char *next = *format == '%' ? skip_conversion(format) : format + 1;
    if (next == NULL)
      return false;
    size_t len = (size_t)(next - format);
    if (len > 1)
      used += (size_t)expand_conversion(format, len, utc, wall_ns,
                                        expanded + used, size - used);
    else
      expanded[used++] = *format;
    if (used >= size)
      return false;
    format = next;
  }
  expanded[used] = '\0';
  return true;
}

static bool to_calendar(bool utc, uint64_t wall_ns, struct tm *out) {
  time_t seconds = (time_t)(wall_ns / NS_PER_S);

  return (utc ? gmtime_r(&seconds, out) : localtime_r(&seconds, out)) != NULL;
}

/* `tm` is the date of `wall_ns`. The length; 0: it cannot be printed. */
static size_t print(const char *format, bool utc, const struct tm *tm,
                    uint64_t wall_ns, char out[TIMEFMT_MAX]) {
  char expanded[2 * TIMEFMT_MAX];

  out[0] = '\0';
  /* Most formats have nothing that strftime does not know itself. */
  if (strpbrk(format, "NszZ") != NULL) {
    if (!expand(format, utc, wall_ns, expanded))
      return 0;
    format = expanded;
  }
  return strftime(out, TIMEFMT_MAX, format, tm);
}

const char *timefmt_check(const char *format) {
  /* A September's Wednesday: the longest names that the C locale has. */
  const uint64_t long_date_ns = UINT64_C(1221575050) * NS_PER_S;
  char expanded[2 * TIMEFMT_MAX], out[TIMEFMT_MAX];
  struct tm tm;

  for (const char *at = format; *at != '\0'; at++)
    if (iscntrl((unsigned char)*at))
      return "a control character in it";
  for (const char *at = format; *at != '\0';) {
    at = *at == '%' ? skip_conversion(at) : at + 1;
    if (at == NULL)
      return "a conversion that strftime does not know, or that breaks a row";
  }
  if (!to_calendar(true, long_date_ns, &tm))
    return "not printed on this system";
  size_t length = print(format, true, &tm, long_date_ns, out);
  /* In local time the zone stays a conversion, which may have many flags. */
  if (length == 0 || length > TIMEFMT_LENGTH_MAX ||
      !expand(format, false, long_date_ns, expanded))
    return "nothing to print, or more than 127 characters";
  return NULL;
}

/* --- what differs in its seconds alone --- */

static char digit_of(uint64_t wall_ns, uint64_t minute_s, unsigned which) {
  uint64_t seconds = wall_ns / NS_PER_S - minute_s;
  uint64_t power = 100000000;

  if (which < 2)
    return (char)('0' + (which == 0 ? seconds / 10 : seconds % 10));
  for (; which > 2; which--)
    power /= 10;
  return (char)('0' + wall_ns % NS_PER_S / power % 10);
}

static size_t print_known(const struct timefmt_known *k, uint64_t wall_ns,
                          char out[TIMEFMT_MAX]) {
  memcpy(out, k->text, k->length + 1);
  for (size_t i = 0; i < k->n_digits; i++)
    out[k->digits[i].at] = digit_of(wall_ns, k->from_s, k->digits[i].which);
  return k->length;
}

/* Notes which zeros of the minute's text are other digits in `other`; false:
 * something else is not the same. */
static bool find_digits(struct timefmt_known *k, const char *other,
                        const char *digits, unsigned first) {
  const size_t most = sizeof(k->digits) / sizeof(k->digits[0]);

  if (strlen(other) != k->length)
    return false;
  for (size_t i = 0; i < k->length; i++) {
    if (other[i] == k->text[i])
      continue;
    const char *digit = strchr(digits, other[i]);
    if (k->text[i] != '0' || digit == NULL || k->n_digits == most)
      return false;
    k->digits[k->n_digits].at = (uint8_t)i;
    k->digits[k->n_digits++].which = (uint8_t)(first + (digit - digits));
  }
  return true;
}

/* Whether all times of the minute are known by the text of its start. */
static bool learn_minute(const char *format, bool utc, struct tm tm,
                         uint64_t wall_ns, struct timefmt_known *k) {
  uint64_t minute_s = wall_ns / NS_PER_S - (uint64_t)tm.tm_sec;
  char other[TIMEFMT_MAX];

  *k = (struct timefmt_known){.from_s = minute_s, .to_s = minute_s + 60};
  tm.tm_sec = 0;
  k->length = print(format, utc, &tm, minute_s * NS_PER_S, k->text);
  print(format, utc, &tm, minute_s * NS_PER_S + 123456789, other);
  if (!find_digits(k, other, "123456789", 2))
    return false;
  tm.tm_sec = 59;
  print(format, utc, &tm, (minute_s + 59) * NS_PER_S, other);
  return find_digits(k, other, "59", 0);
}

/* `text` is that of `wall_ns`. */
static void learn(const char *format, bool utc, const struct tm *tm,
                  uint64_t wall_ns, const char *text, struct timefmt_known *k) {
  char same[TIMEFMT_MAX];

  if (!learn_minute(format, utc, *tm, wall_ns, k) ||
      print_known(k, wall_ns, same) != strlen(text) || strcmp(same, text) != 0)
    k->length = 0;
}

size_t timefmt_print(const char *format, bool utc, uint64_t wall_ns,
                     struct timefmt_known *known, char out[TIMEFMT_MAX]) {
  uint64_t seconds = wall_ns / NS_PER_S;
  struct tm tm;

  bool is_known =
      known != NULL && seconds >= known->from_s && seconds < known->to_s;
  if (is_known && known->length > 0)
    return print_known(known, wall_ns, out);
  out[0] = '\0';
  if (!to_calendar(utc, wall_ns, &tm))
    return 0;
  size_t length = print(format, utc, &tm, wall_ns, out);
  if (known != NULL && !is_known)
    learn(format, utc, &tm, wall_ns, out, known);
  return length;
}
