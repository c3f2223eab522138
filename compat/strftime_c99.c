#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strftime.h"

#undef strftime
#ifdef _WIN32
#define timegm _mkgmtime
#endif

enum { TEXT_MAX = 64 };

struct flags {
  char pad; /* `-`, `_` or `0`; 0: the conversion's own */
  bool upper, swap;
};

/* A number and how it is printed. */
struct number {
  int value, width;
  char pad;
};

/* The day of the year, perhaps below 0, on which ISO week 1 begins: the Monday
 * of the week that holds the fourth of January. */
static int first_iso_day(int year_day, int week_day) {
  int monday = year_day - (week_day + 6) % 7;
  int first = (monday % 7 + 7) % 7;
  return first > 3 ? first - 7 : first;
}

static int days_of_year(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365;
}

/* The year of ISO 8601 that a day's week belongs to, and the week. */
static void iso_week(const struct tm *tm, int *year, int *week) {
  int day = tm->tm_yday, days;

  *year = tm->tm_year + 1900;
  days = days_of_year(*year);
  int next_first = first_iso_day(day - days, tm->tm_wday);
  if (day - days >= next_first) {
    *year += 1;
    day -= days;
  } else if (day < first_iso_day(day, tm->tm_wday)) {
    *year -= 1;
    day += days_of_year(*year);
  }
  *week = (day - first_iso_day(day, tm->tm_wday)) / 7 + 1;
}

static bool to_number(char letter, const struct tm *tm, struct number *out) {
  int iso_year, week;
  int year = tm->tm_year + 1900, hour12 = (tm->tm_hour + 11) % 12 + 1;

  iso_week(tm, &iso_year, &week);
  const struct {
    char letter;
    struct number number;
  } numbers[] = {
      {'C', {year / 100, 2, '0'}},
      {'d', {tm->tm_mday, 2, '0'}},
      {'e', {tm->tm_mday, 2, '_'}},
      {'g', {iso_year % 100, 2, '0'}},
      {'G', {iso_year, 4, '0'}},
      {'H', {tm->tm_hour, 2, '0'}},
      {'I', {hour12, 2, '0'}},
      {'j', {tm->tm_yday + 1, 3, '0'}},
      {'k', {tm->tm_hour, 2, '_'}},
      {'l', {hour12, 2, '_'}},
      {'m', {tm->tm_mon + 1, 2, '0'}},
      {'M', {tm->tm_min, 2, '0'}},
      {'S', {tm->tm_sec, 2, '0'}},
      {'u', {(tm->tm_wday + 6) % 7 + 1, 1, '0'}},
      {'U', {(tm->tm_yday + 7 - tm->tm_wday) / 7, 2, '0'}},
      {'V', {week, 2, '0'}},
      {'w', {tm->tm_wday, 1, '0'}},
      {'W', {(tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7, 2, '0'}},
      {'y', {year % 100, 2, '0'}},
      {'Y', {year, 4, '0'}},
  };

  for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
    if (numbers[i].letter == letter) {
      *out = numbers[i].number;
      return true;
    }
  return false;
}

static void print_number(struct number n, char pad, char out[TEXT_MAX]) {
  if (pad == 0)
    pad = n.pad;
  if (pad == '-')
    snprintf(out, TEXT_MAX, "%d", n.value);
  else
    snprintf(out, TEXT_MAX, pad == '_' ? "%*d" : "%0*d", n.width, n.value);
}

/* How far the zone is east of Greenwich: a sign, hours and minutes. */
static void print_offset(const struct tm *tm, char pad, char out[TEXT_MAX]) {
  struct tm local = *tm, utc = *tm;
  int minutes = (int)((timegm(&utc) - mktime(&local)) / 60);
  char digits[TEXT_MAX];

  struct number n = {abs(minutes) / 60 * 100 + abs(minutes) % 60, 4, '0'};
  print_number(n, pad, digits);
  snprintf(out, TEXT_MAX, "%c%.32s", minutes < 0 ? '-' : '+', digits);
}

static void change_case(char *text, int (*to)(int)) {
  for (; *text != '\0'; text++)
    *text = (char)to((unsigned char)*text);
}

/* Names and marks, of which C89 knows the most. */
static bool print_name(char letter, const struct tm *tm, bool swap,
                       char out[TEXT_MAX]) {
  char format[] = {'%', letter, '\0'};

  if (letter == 'h')
    format[1] = 'b';
  if (letter == 'P' || letter == 'p') {
    snprintf(out, TEXT_MAX, tm->tm_hour < 12 ? "AM" : "PM");
    if (letter == 'P' || swap)
      change_case(out, tolower);
    return true;
  }
  if (strchr("aAbBhZ", letter) == NULL ||
      strftime(out, TEXT_MAX, format, tm) == 0)
    return false;
  if (swap)
    change_case(out, letter == 'Z' ? tolower : toupper);
  return true;
}

static bool print_conversion(char letter, struct flags flags,
                             const struct tm *tm, char out[TEXT_MAX]) {
  const char *form = strftime_long_form(letter);
  struct number number;
  bool known = true, lowers = flags.swap && (letter == 'p' || letter == 'Z');

  if (letter == '%')
    snprintf(out, TEXT_MAX, "%%");
  else if (form != NULL)
    known = strftime_c99(out, TEXT_MAX, form, tm) > 0;
  else if (letter == 'z')
    print_offset(tm, flags.pad, out);
  else if (to_number(letter, tm, &number))
    print_number(number, flags.pad, out);
  else
    known = letter != '\0' && print_name(letter, tm, flags.swap, out);
  if (known && flags.upper && !lowers && letter != 'P')
    change_case(out, toupper);
  return known;
}

static const char *take_flags(const char *at, struct flags *flags) {
  for (;; at++)
    switch (*at) {
    case '-':
    case '_':
    case '0':
      flags->pad = *at;
      break;
    case '^':
      flags->upper = true;
      break;
    case '#':
      flags->swap = true;
      break;
    default:
      return *at == 'E' || *at == 'O' ? at + 1 : at;
    }
}

size_t strftime_c99(char *out, size_t size, const char *format,
                    const struct tm *tm) {
  size_t used = 0;

  for (const char *at = format; *at != '\0'; at++) {
    char text[TEXT_MAX] = {*at, '\0'};
    struct flags flags = {.pad = 0};
    if (*at == '%') {
      at = take_flags(at + 1, &flags);
      if (!print_conversion(*at, flags, tm, text))
        return 0;
    }
    size_t len = strlen(text);
    if (used + len >= size)
      return 0;
    memcpy(out + used, text, len + 1);
    used += len;
  }
  return used;
}
