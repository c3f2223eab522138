#include "timefmt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "compat/strftime.h"

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
  uint64_t seconds = wall_ns / 1000000000;

  if (at[len - 1] == 'N') {
    char digits[16];
    snprintf(digits, sizeof(digits), "%09" PRIu64, wall_ns % 1000000000);
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

static bool print(const char *format, bool utc, uint64_t wall_ns,
                  char out[TIMEFMT_MAX]) {
  struct tm tm;
  time_t seconds = (time_t)(wall_ns / 1000000000);

  if ((utc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm)) == NULL)
    return false;
  return strftime(out, TIMEFMT_MAX, format, &tm) > 0;
}

const char *timefmt_check(const char *format) {
  /* A September's Wednesday: the longest names that the C locale has. */
  const uint64_t long_date_ns = UINT64_C(1221575050) * 1000000000;
  char expanded[2 * TIMEFMT_MAX], out[TIMEFMT_MAX];

  for (const char *at = format; *at != '\0'; at++)
    if (iscntrl((unsigned char)*at))
      return "a control character in it";
  for (const char *at = format; *at != '\0';) {
    at = *at == '%' ? skip_conversion(at) : at + 1;
    if (at == NULL)
      return "a conversion that strftime does not know, or that breaks a row";
  }
  if (!expand(format, true, long_date_ns, expanded) ||
      !print(expanded, true, long_date_ns, out) ||
      strlen(out) > TIMEFMT_LENGTH_MAX)
    return "nothing to print, or more than 127 characters";
  return NULL;
}

void timefmt_print(const char *format, bool utc, uint64_t wall_ns,
                   char out[TIMEFMT_MAX]) {
  char expanded[2 * TIMEFMT_MAX];

  /* Most formats have nothing that strftime does not know itself. */
  if (strpbrk(format, "NszZ") != NULL) {
    if (!expand(format, utc, wall_ns, expanded)) {
      out[0] = '\0';
      return;
    }
    format = expanded;
  }
  if (!print(format, utc, wall_ns, out))
    out[0] = '\0';
}
