#include "request.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* One byte is kept for the end of the line. */
static int put(struct request *r, char c) {
  if (r->used + 1 >= sizeof(r->text))
    return -EMSGSIZE;
  r->text[r->used++] = c;
  return 0;
}

static int put_text(struct request *r, const char *text) {
  int err = 0;

  for (; err == 0 && *text != '\0'; text++)
    err = put(r, *text);
  return err;
}

static int put_quoted(struct request *r, const char *text) {
  int err = put(r, '"');

  for (; err == 0 && *text != '\0'; text++) {
    if (*text == '"' || *text == '\\')
      err = put(r, '\\');
    if (err == 0)
      err = put(r, *text);
  }
  return err != 0 ? err : put(r, '"');
}

static bool has_control_character(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f)
      return true;
  return false;
}

static int put_value(struct request *r, const char *value) {
  if (*value == '\0' || strpbrk(value, " \"\\") != NULL)
    return put_quoted(r, value);
  return put_text(r, value);
}

void request_begin(struct request *r, const char *command) {
  r->used = 0;
  (void)put_text(r, command);
}

int request_add(struct request *r, const char *key, const char *value) {
  size_t before = r->used;

  if (has_control_character(value))
    return -EINVAL;
  int err = put(r, ' ');
  if (err == 0)
    err = put_text(r, key);
  if (err == 0)
    err = put(r, '=');
  if (err == 0)
    err = put_value(r, value);
  if (err != 0)
    r->used = before;
  return err;
}
