#include "report_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More parts of a path would not be short. */
enum { PARTS_MAX = 8, NUMBER_ROOM = 32 };

/* The last so many parts of a path. */
static const char *last_parts(const char *path, size_t parts) {
  const char *at = path + strlen(path);

  while (at > path)
    if (*--at == '/' && --parts == 0)
      return at + 1;
  return at;
}

static char *name_of(const char *path, size_t parts) {
  static const char ending[] = ".tsv";
  const size_t ending_len = sizeof(ending) - 1;

  if (strcmp(path, "-") == 0)
    return strdup("stdin");
  const char *name = last_parts(path, parts);
  size_t len = strlen(name);
  if (len > ending_len && strcmp(name + len - ending_len, ending) == 0 &&
      name[len - ending_len - 1] != '/')
    len -= ending_len;
  return strndup(name, len);
}

/* Another log is called like it. */
static bool is_taken(const struct report *r, size_t at) {
  for (size_t i = 0; i < r->n_logs; i++)
    if (i != at && strcmp(r->logs[i].name, r->logs[at].name) == 0)
      return true;
  return false;
}

static int set(struct report_log *log, char *name) {
  if (name == NULL)
    return -ENOMEM;
  free(log->name);
  log->name = name;
  return 0;
}

/* Takes more parts of the paths of those that are called like another one. */
static int add_parts(struct report *r, bool *is_like, size_t parts) {
  for (size_t i = 0; i < r->n_logs; i++)
    is_like[i] = is_taken(r, i);
  for (size_t i = 0; i < r->n_logs; i++)
    if (is_like[i] && set(&r->logs[i], name_of(r->logs[i].path, parts)) != 0)
      return -ENOMEM;
  return 0;
}

/* A number behind the name. */
static int add_number(struct report *r, size_t at) {
  const size_t size = strlen(r->logs[at].name) + NUMBER_ROOM;
  char *kept = strdup(r->logs[at].name);
  char *numbered = NULL;

  for (size_t n = 2; kept != NULL && is_taken(r, at); n++) {
    numbered = malloc(size);
    if (numbered == NULL)
      break;
    snprintf(numbered, size, "%s (%zu)", kept, n);
    (void)set(&r->logs[at], numbered);
  }
  free(kept);
  return numbered != NULL ? 0 : -ENOMEM;
}

static bool is_like_one_before(const struct report *r, size_t at) {
  for (size_t i = 0; i < at; i++)
    if (strcmp(r->logs[i].name, r->logs[at].name) == 0)
      return true;
  return false;
}

int report_names_set(struct report *r) {
  bool *is_like = calloc(r->n_logs + 1, sizeof(*is_like));
  int err = is_like == NULL ? -ENOMEM : 0;

  for (size_t i = 0; i < r->n_logs && err == 0; i++)
    err = set(&r->logs[i], name_of(r->logs[i].path, 1));
  for (size_t parts = 2; parts <= PARTS_MAX && err == 0; parts++)
    err = add_parts(r, is_like, parts);
  for (size_t i = 0; i < r->n_logs && err == 0; i++)
    if (is_like_one_before(r, i))
      err = add_number(r, i);
  free(is_like);
  return err;
}
