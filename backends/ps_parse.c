#include "ps_parse.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

static const uint64_t NS_PER_S = 1000000000;

/* Far above every figure that can be true; in KBytes still no overflow as
 * bytes. */
static const uint64_t NUMBER_MAX = UINT64_C(10000000000000000);

/* The same for each part of a time: 100 million. */
static const uint64_t PART_MAX = 100000000;

/* A word of a line. */
struct word {
  const char *at;
  size_t len;
};

struct words {
  const char *at, *end;
};

/* The next word; its length is 0 when there is none. */
static struct word next_word(struct words *w) {
  while (w->at < w->end && isspace((unsigned char)*w->at))
    w->at++;
  const char *start = w->at;
  while (w->at < w->end && !isspace((unsigned char)*w->at))
    w->at++;
  return (struct word){start, (size_t)(w->at - start)};
}

static bool is_dash(struct word w) { return w.len == 1 && w.at[0] == '-'; }

/* Reads digits from the start of `w` and cuts them off. */
static int take_number(struct word *w, uint64_t *out) {
  uint64_t value = 0;
  size_t i = 0;

  for (; i < w->len && w->at[i] >= '0' && w->at[i] <= '9'; i++) {
    uint64_t digit = (uint64_t)(w->at[i] - '0');
    if (value > NUMBER_MAX / 10)
      return -EINVAL;
    value = value * 10 + digit;
  }
  if (i == 0)
    return -EINVAL;
  w->at += i;
  w->len -= i;
  *out = value;
  return 0;
}

static bool take_char(struct word *w, char c) {
  if (w->len == 0 || w->at[0] != c)
    return false;
  w->at++;
  w->len--;
  return true;
}

static int parse_number(struct word w, uint64_t *out) {
  return take_number(&w, out) == 0 && w.len == 0 ? 0 : -EINVAL;
}

/* What stands behind a decimal point, in billionths; at most nine digits. */
static int take_fraction(struct word *w, uint64_t *billionths,
                         uint64_t *resolution) {
  uint64_t value = 0, unit = NS_PER_S;
  size_t i = 0;

  for (; i < w->len && i < 9 && w->at[i] >= '0' && w->at[i] <= '9'; i++) {
    unit /= 10;
    value += (uint64_t)(w->at[i] - '0') * unit;
  }
  if (i == 0)
    return -EINVAL;
  w->at += i;
  w->len -= i;
  *billionths = value;
  *resolution = unit;
  return 0;
}

static int parse_percent(struct word w, double *out) {
  uint64_t whole, billionths = 0, resolution;

  if (take_number(&w, &whole) != 0)
    return -EINVAL;
  if (take_char(&w, '.') && take_fraction(&w, &billionths, &resolution) != 0)
    return -EINVAL;
  if (w.len != 0)
    return -EINVAL;
  *out = (double)whole + (double)billionths / 1e9;
  return 0;
}

/* [[D-]H:]M:S[.F]; -ERANGE: it is of that form, and longer than can be. */
static int parse_duration(struct word w, uint64_t *ns, uint64_t *resolution) {
  uint64_t days = 0, parts[3] = {0}, billionths = 0;
  size_t n = 0;

  if (take_number(&w, &parts[n++]) != 0)
    return -EINVAL;
  bool has_days = take_char(&w, '-');
  if (has_days) {
    days = parts[0];
    if (take_number(&w, &parts[0]) != 0)
      return -EINVAL;
  }
  while (n < 3 && take_char(&w, ':'))
    if (take_number(&w, &parts[n++]) != 0)
      return -EINVAL;
  *resolution = NS_PER_S;
  if (take_char(&w, '.') && take_fraction(&w, &billionths, resolution) != 0)
    return -EINVAL;
  if (w.len != 0 || n < 2 || (has_days && n < 3))
    return -EINVAL;
  if (days > PART_MAX || parts[0] > PART_MAX || parts[1] > PART_MAX ||
      parts[2] > PART_MAX)
    return -ERANGE;
  uint64_t seconds = n == 3 ? (parts[0] * 60 + parts[1]) * 60 + parts[2]
                            : parts[0] * 60 + parts[1];
  seconds += days * 86400;
  if (seconds > UINT64_MAX / 2 / NS_PER_S)
    return -ERANGE;
  *ns = seconds * NS_PER_S + billionths;
  return 0;
}

static int parse_month(struct word w) {
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

  for (size_t i = 0; w.len == 3 && i < 12; i++)
    if (memcmp(w.at, names + 3 * i, 3) == 0)
      return (int)i + 1;
  return -EINVAL;
}

/* Days since 1970 of a date of the Gregorian calendar, counted from March so
 * that a leap day ends its year. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  int64_t month_from_march = (month + 9) % 12;
  int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

/* Weekday, month, day, H:M:S, year. */
static int parse_start(struct words *words, int64_t *out) {
  uint64_t day, year, ns, resolution;

  next_word(words);
  int month = parse_month(next_word(words));
  if (month < 0 || parse_number(next_word(words), &day) != 0 ||
      parse_duration(next_word(words), &ns, &resolution) != 0 ||
      parse_number(next_word(words), &year) != 0 || day < 1 || day > 31 ||
      year < 1970 || year > 9999)
    return -EINVAL;
  *out = days_since_1970((int64_t)year, month, (int64_t)day) * 86400 +
         (int64_t)(ns / NS_PER_S);
  return 0;
}

static int parse_pid(struct word w, pid_t *out) {
  uint64_t number;

  if (parse_number(w, &number) != 0 || number == 0 || number > INT_MAX)
    return -EINVAL;
  *out = (pid_t)number;
  return 0;
}

static int parse_state(struct word w, bool *is_zombie) {
  if (w.len == 0 || !isalpha((unsigned char)w.at[0]))
    return -EINVAL;
  *is_zombie = w.at[0] == 'Z' && memchr(w.at, 'l', w.len) == NULL;
  return 0;
}

/* Of a process that started after procps looked at the clock it prints a time
 * below zero as one of millions of years. */
static int parse_elapsed(struct word w, uint64_t *out) {
  uint64_t ns = 0, resolution;
  int error = parse_duration(w, &ns, &resolution);

  *out = error == 0 ? ns / NS_PER_S : 0;
  return error == -ERANGE ? 0 : error;
}

static int parse_value(enum ps_column column, struct word w,
                       struct ps_line *out) {
  switch (column) {
  case PS_PID:
    return parse_pid(w, &out->pid);
  case PS_STATE:
    return parse_state(w, &out->is_zombie);
  case PS_PCPU:
    return parse_percent(w, &out->percent);
  case PS_RSS:
    return parse_number(w, &out->rss_kb);
  case PS_VSZ:
    return parse_number(w, &out->vsz_kb);
  case PS_TIME:
    return parse_duration(w, &out->cpu_ns, &out->cpu_resolution_ns);
  case PS_ETIME:
    return parse_elapsed(w, &out->elapsed_s);
  case PS_LSTART:
    break;
  }
  return -EINVAL;
}

int ps_parse_line(const char *text, size_t len, const struct ps_layout *layout,
                  struct ps_line *out) {
  struct words words = {text, text + len};

  *out = (struct ps_line){.have = 0};
  for (size_t i = 0; i < layout->n; i++) {
    enum ps_column column = layout->columns[i];
    if (column == PS_LSTART) {
      if (parse_start(&words, &out->start_s) != 0)
        return -EINVAL;
    } else {
      struct word w = next_word(&words);
      if (is_dash(w) && column != PS_PID)
        continue;
      if (parse_value(column, w, out) != 0)
        return -EINVAL;
    }
    out->have |= 1u << column;
  }
  return next_word(&words).len == 0 ? 0 : -EINVAL;
}

/* Kernel processes have the parent 0. */
static int parse_parent(struct word w, pid_t *out) {
  uint64_t number;

  if (parse_number(w, &number) != 0 || number > INT_MAX)
    return -EINVAL;
  *out = (pid_t)number;
  return 0;
}

/* Where users are printed as signed numbers, nobody is -2. */
static int parse_owner(struct word w, uint32_t *out) {
  uint64_t number;
  bool is_negative = take_char(&w, '-');

  if (parse_number(w, &number) != 0 ||
      number > (is_negative ? (uint64_t)INT32_MAX : UINT32_MAX))
    return -EINVAL;
  *out = is_negative ? -(uint32_t)number : (uint32_t)number;
  return 0;
}

/* What is left of the line, without the blanks around it. */
static struct word rest_of(struct words *w) {
  while (w->at < w->end && isspace((unsigned char)*w->at))
    w->at++;
  while (w->end > w->at && isspace((unsigned char)w->end[-1]))
    w->end--;
  return (struct word){w->at, (size_t)(w->end - w->at)};
}

static struct word cut_path(struct word name) {
  struct word base = name;

  if (name.len == 0 || name.at[0] != '/')
    return name;
  for (size_t i = 0; i + 1 < name.len; i++)
    if (name.at[i] == '/')
      base = (struct word){name.at + i + 1, name.len - i - 1};
  return base;
}

int ps_parse_process(const char *text, size_t len, bool has_owner,
                     struct ps_process *out) {
  struct words words = {text, text + len};

  *out = (struct ps_process){.has_owner = has_owner};
  if (parse_pid(next_word(&words), &out->pid) != 0 ||
      parse_parent(next_word(&words), &out->parent) != 0 ||
      (has_owner && parse_owner(next_word(&words), &out->owner) != 0))
    return -EINVAL;
  struct word name = cut_path(rest_of(&words));
  out->command = name.at;
  out->command_len = name.len;
  return name.len > 0 ? 0 : -EINVAL;
}

int ps_parse_arguments(const char *text, size_t len, pid_t *pid,
                       const char **line, size_t *line_len) {
  struct words words = {text, text + len};

  if (parse_pid(next_word(&words), pid) != 0)
    return -EINVAL;
  struct word rest = rest_of(&words);
  *line = rest.at;
  *line_len = rest.len;
  return 0;
}
