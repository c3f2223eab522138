#include "answer.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char shown(char c) {
  const bool is_control = (unsigned char)c < ' ' || c == 0x7f;

  if (is_control)
    return '?';
  return c;
}

/* Takes the value in quotes that begins at `*at`, without them. */
static bool cut_quoted(char **at) {
  char *out = *at;
  char *in = *at + 1;

  for (; *in != '"' && *in != '\0'; in++) {
    if (*in == '\\' && in[1] != '\0')
      in++;
    *out++ = shown(*in);
  }
  bool whole = *in == '"';
  *at = in + whole;
  /* Behind the quote there is a blank or the end, which is seen first. */
  *out = '\0';
  return whole;
}

static void cut_bare(char **at) {
  for (; **at != ' ' && **at != '\0'; ++*at)
    **at = shown(**at);
}

/* Takes the field that begins at `*at`. False: there is none. */
static bool cut_field(char **at, struct field *f) {
  char *equals = strchr(*at, '=');
  if (equals == NULL)
    return false;
  f->key = *at;
  *equals = '\0';
  char *value = equals + 1;
  *at = value;
  f->value = value;
  f->is_text = *value == '"';
  if (f->is_text && !cut_quoted(at))
    return false;
  if (!f->is_text)
    cut_bare(at);
  if (**at == ' ')
    *(*at)++ = '\0';
  return true;
}

void answer_parse(struct answer *a, char *line) {
  a->n = 0;
  while (a->n < ANSWER_FIELDS_MAX && *line != '\0' &&
         cut_field(&line, &a->fields[a->n]))
    a->n++;
}

const char *answer_get(const struct answer *a, const char *key) {
  for (size_t i = 0; i < a->n; i++)
    if (strcmp(a->fields[i].key, key) == 0)
      return a->fields[i].value;
  return NULL;
}

const char *answer_show(const struct answer *a, const char *key) {
  const char *value = answer_get(a, key);
  return value != NULL && *value != '\0' ? value : "-";
}

const char *answer_kib(const struct answer *a, const char *key, char *out,
                       size_t size) {
  const char *value = answer_get(a, key);

  if (value == NULL)
    snprintf(out, size, "-");
  else
    snprintf(out, size, "%" PRIu64, (uint64_t)strtoull(value, NULL, 10) / 1024);
  return out;
}

/* The milliseconds of a number of seconds, as they stand there. */
static void add_milliseconds(const char *seconds, char *out, size_t size) {
  const char *point = strchr(seconds, '.');
  size_t used = strlen(out);

  snprintf(out + used, size - used, ".%-3.3s", point != NULL ? point + 1 : "");
  for (char *c = out + used; *c != '\0'; c++)
    if (*c == ' ')
      *c = '0';
}

const char *answer_time(const struct answer *a, const char *key,
                        const char *format, bool milliseconds, char *out,
                        size_t size) {
  const char *value = answer_get(a, key);
  time_t at = value != NULL ? (time_t)strtoll(value, NULL, 10) : 0;
  struct tm tm;

  if (value == NULL || localtime_r(&at, &tm) == NULL ||
      strftime(out, size, format, &tm) == 0)
    snprintf(out, size, "-");
  else if (milliseconds)
    add_milliseconds(value, out, size);
  return out;
}
