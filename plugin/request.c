#include "request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static bool has_control(const char *text, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
      return true;
  return false;
}

static char *skip_blanks(char *at) {
  while (is_blank(*at))
    at++;
  return at;
}

/* Ends the word that begins here; gives what is behind it. */
static char *end_word(char *at) {
  while (*at != '\0' && !is_blank(*at))
    at++;
  if (*at != '\0')
    *at++ = '\0';
  return at;
}

/* The value behind the quote at `at`; NULL: it does not end, or something
 * follows at once. */
static char *read_quoted(char *at, char **value) {
  char *to = at;

  *value = at;
  for (; *at != '\0' && *at != '"'; at++) {
    if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
      at++;
    *to++ = *at;
  }
  if (*at != '"' || (at[1] != '\0' && !is_blank(at[1])))
    return NULL;
  *to = '\0';
  return at + 1;
}

static char *read_pair(char *at, struct request_pair *out, const char **why) {
  char *equals = at;

  while (*equals != '\0' && *equals != '=' && !is_blank(*equals))
    equals++;
  if (*equals != '=' || equals == at) {
    *why = "found a word without `=`, expected key=value, as id=5 or pid=4242";
    return NULL;
  }
  *equals = '\0';
  *out = (struct request_pair){.key = at, .is_quoted = equals[1] == '"'};
  if (!out->is_quoted) {
    out->value = equals + 1;
    at = end_word(equals + 1);
    if (strchr(out->value, '"') != NULL) {
      *why = "found `\"` inside of a value, expected it around the value";
      return NULL;
    }
    return at;
  }
  at = read_quoted(equals + 2, &out->value);
  if (at == NULL)
    *why = "found a quoted value that does not end, or is not followed by a "
           "blank, expected key=\"value\"";
  return at;
}

int request_parse(char *line, size_t len, struct request *out,
                  const char **why) {
  *out = (struct request){0};
  if (has_control(line, len)) {
    *why = "found a control character, expected text";
    return -EINVAL;
  }
  char *at = skip_blanks(line);
  out->command = at;
  at = skip_blanks(end_word(at));
  if (out->command[0] == '\0') {
    *why = "found an empty line, expected a command";
    return -EINVAL;
  }
  for (; *at != '\0'; at = skip_blanks(at)) {
    if (out->n == REQUEST_PAIRS_MAX) {
      *why = "found too many words, expected at most 40 behind the command";
      return -EINVAL;
    }
    at = read_pair(at, &out->pairs[out->n], why);
    if (at == NULL)
      return -EINVAL;
    if (request_find(out, out->pairs[out->n].key) != NULL) {
      *why = "found a key twice, expected each once";
      return -EINVAL;
    }
    out->n++;
  }
  return 0;
}

const struct request_pair *request_find(const struct request *r,
                                        const char *key) {
  for (size_t i = 0; i < r->n; i++)
    if (strcasecmp(r->pairs[i].key, key) == 0)
      return &r->pairs[i];
  return NULL;
}
