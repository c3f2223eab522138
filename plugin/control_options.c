#include "control_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PERMS_DEFAULT = 0660, PATH_LENGTH_MAX = 107 };

void control_options_init(struct control_options *o) {
  *o = (struct control_options){.perms = PERMS_DEFAULT};
}

void control_options_clear(struct control_options *o) {
  free(o->path);
  free(o->group);
  control_options_init(o);
}

static const char *single_string(const struct option *o) {
  return !o->is_block && o->n == 1 && o->values[0].type == OPTION_STRING
             ? o->values[0].string
             : NULL;
}

static bool keep(char **out, const char *text) {
  char *copy = strdup(text);

  if (copy == NULL)
    return false;
  free(*out);
  *out = copy;
  return true;
}

static bool set_path(const struct option *option, struct control_options *o) {
  const char *path = single_string(option);

  return path != NULL && path[0] == '/' && strlen(path) <= PATH_LENGTH_MAX &&
         keep(&o->path, path);
}

static bool set_group(const struct option *option, struct control_options *o) {
  const char *group = single_string(option);

  return group != NULL && group[0] != '\0' && keep(&o->group, group);
}

static bool set_perms(const struct option *option, struct control_options *o) {
  const char *text = single_string(option);
  char *end;

  if (text == NULL || text[0] < '0' || text[0] > '7')
    return false;
  unsigned long perms = strtoul(text, &end, 8);
  o->perms = (mode_t)perms;
  return *end == '\0' && perms <= 0777;
}

static bool set_unlink(const struct option *option, struct control_options *o) {
  if (option->is_block || option->n != 1 ||
      option->values[0].type != OPTION_BOOLEAN)
    return false;
  o->unlink = option->values[0].boolean;
  return true;
}

static const struct {
  const char *key;
  bool (*set)(const struct option *, struct control_options *);
  const char *expected;
} table[] = {
    {"ControlSocket", set_path,
     "an absolute path in quotes, of 107 characters at most"},
    {"SocketGroup", set_group, "the name of a group in quotes"},
    {"SocketPerms", set_perms, "permissions in octal in quotes, as \"0660\""},
    {"DeleteSocket", set_unlink, "true or false without quotes"},
};

static size_t find(const char *key) {
  size_t i = 0;

  while (i < sizeof(table) / sizeof(table[0]) &&
         strcasecmp(key, table[i].key) != 0)
    i++;
  return i;
}

bool control_options_know(const char *key) {
  return find(key) < sizeof(table) / sizeof(table[0]);
}

int control_options_set(const struct option *option, struct control_options *o,
                        char message[OPTION_MESSAGE_MAX]) {
  char found[OPTION_MESSAGE_MAX / 2];
  size_t i = find(option->key);

  o->has_others = o->has_others || i > 0;
  if (table[i].set(option, o))
    return 0;
  option_describe(option, found, sizeof(found));
  snprintf(message, OPTION_MESSAGE_MAX, "%s: found %s, expected %s",
           table[i].key, found, table[i].expected);
  return -EINVAL;
}
