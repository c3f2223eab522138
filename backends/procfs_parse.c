#include "procfs_parse.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* What is left of a text. */
struct scan {
  const char *at, *end;
};

/* isspace() of the C locale; that of the libc is a call for each character. */
static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static void skip_blanks(struct scan *s) {
  while (s->at < s->end && is_blank(*s->at))
    s->at++;
}

static bool at_digit(const struct scan *s) {
  return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

/* Reads a number that a blank or the end of the text follows. */
static int read_number(struct scan *s, uint64_t *out) {
  const uint64_t any_digit_fits = UINT64_MAX / 10 - 1;
  uint64_t value = 0;

  skip_blanks(s);
  if (!at_digit(s))
    return -EINVAL;
  for (; at_digit(s); s->at++) {
    uint64_t digit = (uint64_t)(*s->at - '0');
    if (value > any_digit_fits && value > (UINT64_MAX - digit) / 10)
      return -EINVAL;
    value = value * 10 + digit;
  }
  if (s->at < s->end && !is_blank(*s->at))
    return -EINVAL;
  *out = value;
  return 0;
}

/* Skips `n` fields that may be negative. */
static int skip_fields(struct scan *s, size_t n) {
  while (n-- > 0) {
    skip_blanks(s);
    const char *start = s->at;
    while (s->at < s->end && !is_blank(*s->at))
      s->at++;
    if (s->at == start)
      return -EINVAL;
  }
  return 0;
}

static const char *last_parenthesis(const char *text, size_t len) {
  while (len > 0)
    if (text[--len] == ')')
      return text + len;
  return NULL;
}

int procfs_parse_stat(const char *text, size_t len, struct procfs_stat *out) {
  const char *name_end = last_parenthesis(text, len);
  if (name_end == NULL)
    return -EINVAL;

  struct scan s = {name_end + 1, text + len};
  skip_blanks(&s);
  if (s.at >= s.end || !isalpha((unsigned char)*s.at))
    return -EINVAL;
  out->state = *s.at++;
  uint64_t parent;

  /* Behind each skip stands the number of the field that is read next. */
  if (read_number(&s, &parent) != 0 /* 4 */ || parent > INT_MAX ||
      skip_fields(&s, 4) != 0 || read_number(&s, &out->flags) != 0 /* 9 */ ||
      read_number(&s, &out->minor_faults) != 0 /* 10 */ ||
      skip_fields(&s, 1) != 0 ||
      read_number(&s, &out->major_faults) != 0 /* 12 */ ||
      skip_fields(&s, 1) != 0 ||
      read_number(&s, &out->user_ticks) != 0 /* 14 */ ||
      read_number(&s, &out->system_ticks) != 0 /* 15 */ ||
      read_number(&s, &out->reaped_user_ticks) != 0 /* 16 */ ||
      read_number(&s, &out->reaped_system_ticks) != 0 /* 17 */ ||
      skip_fields(&s, 2) != 0 || read_number(&s, &out->threads) != 0 /* 20 */ ||
      skip_fields(&s, 1) != 0 ||
      read_number(&s, &out->start_ticks) != 0 /* 22 */ ||
      out->start_ticks == UINT64_MAX)
    return -EINVAL;
  out->parent = (pid_t)parent;
  return 0;
}

int procfs_parse_exit_code(const char *text, size_t len, int *out) {
  const char *name_end = last_parenthesis(text, len);
  uint64_t code;

  if (name_end == NULL)
    return -EINVAL;
  struct scan s = {name_end + 1, text + len};
  if (skip_fields(&s, 49) != 0 || read_number(&s, &code) != 0 /* 52 */ ||
      code > INT_MAX)
    return -EINVAL;
  *out = (int)code;
  return 0;
}

int procfs_parse_command(const char *text, size_t len, char *out, size_t size) {
  const char *end = last_parenthesis(text, len);
  const char *at = memchr(text, '(', len);

  if (at == NULL || end == NULL || end < at)
    return -EINVAL;
  size_t name_len = (size_t)(end - at - 1);
  if (name_len >= size)
    name_len = size - 1;
  memcpy(out, at + 1, name_len);
  out[name_len] = '\0';
  return 0;
}

size_t procfs_join_words(char *text, size_t len) {
  while (len > 0 && text[len - 1] == '\0')
    len--;
  for (size_t i = 0; i < len; i++)
    if (text[i] == '\0')
      text[i] = ' ';
  text[len] = '\0';
  return len;
}

int procfs_parse_statm(const char *text, size_t len, struct procfs_statm *out) {
  struct scan s = {text, text + len};

  if (read_number(&s, &out->size) != 0 ||
      read_number(&s, &out->resident) != 0 ||
      read_number(&s, &out->shared) != 0 || skip_fields(&s, 2) != 0 ||
      read_number(&s, &out->data) != 0)
    return -EINVAL;
  return 0;
}

/* Goes behind "key:" at the start of a line. */
static int find_key(const char *text, size_t len, const char *key,
                    struct scan *out) {
  size_t key_len = strlen(key);
  struct scan s = {text, text + len};

  while (s.at < s.end) {
    const char *eol = memchr(s.at, '\n', (size_t)(s.end - s.at));
    if (eol == NULL)
      eol = s.end;
    if ((size_t)(eol - s.at) > key_len && memcmp(s.at, key, key_len) == 0 &&
        s.at[key_len] == ':') {
      *out = (struct scan){s.at + key_len + 1, eol};
      return 0;
    }
    s.at = eol < s.end ? eol + 1 : s.end;
  }
  return -EINVAL;
}

static int read_key(const char *text, size_t len, const char *key,
                    uint64_t *out) {
  struct scan s;
  if (find_key(text, len, key, &s) != 0)
    return -EINVAL;
  return read_number(&s, out);
}

int procfs_parse_io(const char *text, size_t len, struct procfs_io *out) {
  if (read_key(text, len, "syscr", &out->read_calls) != 0 ||
      read_key(text, len, "syscw", &out->write_calls) != 0 ||
      read_key(text, len, "read_bytes", &out->read_bytes) != 0 ||
      read_key(text, len, "write_bytes", &out->write_bytes) != 0)
    return -EINVAL;
  return 0;
}

int procfs_parse_switches(const char *text, size_t len,
                          struct procfs_switches *out) {
  if (read_key(text, len, "voluntary_ctxt_switches", &out->voluntary) != 0 ||
      read_key(text, len, "nonvoluntary_ctxt_switches", &out->involuntary) != 0)
    return -EINVAL;
  return 0;
}

int procfs_parse_nspid(const char *text, size_t len, pid_t *pid,
                       size_t *count) {
  struct scan s;
  uint64_t number, first = 0;

  if (find_key(text, len, "NSpid", &s) != 0)
    return -EINVAL;
  *count = 0;
  while (read_number(&s, &number) == 0)
    if ((*count)++ == 0)
      first = number;
  if (first == 0 || first > INT_MAX)
    return -EINVAL;
  *pid = (pid_t)first;
  return 0;
}

int procfs_parse_pid(const char *text, size_t len, pid_t *out) {
  struct scan s = {text, text + len};
  uint64_t number;

  if (read_number(&s, &number) != 0 || number == 0 || number > INT_MAX)
    return -EINVAL;
  *out = (pid_t)number;
  return 0;
}
