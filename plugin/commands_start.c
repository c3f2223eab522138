#include "commands_start.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "block.h"

/* What a START says, on its way to a monitor. */
struct start {
  struct commander *commander;
  struct client *client;
  struct option options[REQUEST_PAIRS_MAX];
  struct option_value values[REQUEST_PAIRS_MAX + COLUMN_COUNT + 32];
  size_t n, n_values;
  struct option name;
  struct option_value name_value;
  bool is_of_client;
  int given;        /* -1: none */
  const char *file; /* its name; NULL: it was not told */
  struct monitor_config config;
  char *why; /* COMMANDS_WHY_MAX */
};

static int refuse(struct start *s, const char *why) {
  if (s->why[0] == '\0')
    snprintf(s->why, COMMANDS_WHY_MAX, "%s", why);
  return -EINVAL;
}

static void mistake(void *arg, const char *message) { refuse(arg, message); }

/* --- words to options --- */

static bool read_boolean(const char *text, bool *out) {
  *out = strcasecmp(text, "true") == 0;
  return *out || strcasecmp(text, "false") == 0;
}

/* As collectd reads its configuration: what has no quotes may be a number. */
static struct option_value to_value(const struct request_pair *p) {
  char *end;
  bool boolean;

  if (!p->is_quoted && read_boolean(p->value, &boolean))
    return (struct option_value){.type = OPTION_BOOLEAN, .boolean = boolean};
  double number = strtod(p->value, &end);
  if (!p->is_quoted && end != p->value && *end == '\0')
    return (struct option_value){.type = OPTION_NUMBER, .number = number};
  return (struct option_value){.type = OPTION_STRING, .string = p->value};
}

static bool has_words(const char *key) {
  return strcasecmp(key, "columns") == 0 || strcasecmp(key, "metrics") == 0;
}

static int add_value(struct start *s, struct option *o,
                     struct option_value value) {
  if (s->n_values == sizeof(s->values) / sizeof(s->values[0]))
    return refuse(s, "found too many words");
  s->values[s->n_values++] = value;
  o->n++;
  return 0;
}

static int add_words(struct start *s, struct option *o, char *text) {
  char *rest, *word = strtok_r(text, " \t", &rest);
  int error = 0;

  for (; word != NULL && error == 0; word = strtok_r(NULL, " \t", &rest))
    error = add_value(
        s, o, (struct option_value){.type = OPTION_STRING, .string = word});
  return error;
}

static int add_option(struct start *s, const struct request_pair *p) {
  struct option *o = &s->options[s->n++];

  *o = (struct option){.key = p->key, .values = &s->values[s->n_values]};
  return has_words(p->key) ? add_words(s, o, p->value)
                           : add_value(s, o, to_value(p));
}

static int set_lifetime(struct start *s, const char *value) {
  s->is_of_client = strcasecmp(value, "client") == 0;
  return s->is_of_client || strcasecmp(value, "monitor") == 0
             ? 0
             : refuse(s, "lifetime: expected client or monitor");
}

static int read_words(struct start *s, const struct request *r) {
  int error = 0;

  for (size_t i = 0; i < r->n && error == 0; i++) {
    const struct request_pair *p = &r->pairs[i];
    if (strcasecmp(p->key, "lifetime") == 0) {
      error = set_lifetime(s, p->value);
    } else if (s->given >= 0 && strcasecmp(p->key, "file") == 0) {
      s->file = p->value;
    } else if (strcasecmp(p->key, "name") == 0) {
      s->name_value =
          (struct option_value){.type = OPTION_STRING, .string = p->value};
      s->name = (struct option){.values = &s->name_value, .n = 1};
    } else {
      error = add_option(s, p);
    }
  }
  return error;
}

static int read_block(struct start *s) {
  const struct config *c = s->commander->config;
  struct backend_options options = {.proc_root = c->proc_root,
                                    .ps_command = c->ps_command};
  struct block_rules rules = {
      .backend = c->backend,
      .max_pid = c->backend->max_pid(&options),
      .defaults = &c->defaults,
      .on_demand = true,
      .mistake = mistake,
      .arg = s,
  };
  struct block block = {.name = s->name, .options = s->options, .n = s->n};

  return block_read(&rules, &block, &s->config);
}

/* --- rights --- */

static bool has_other_selectors(const struct monitor_config *c) {
  return c->pid_file != NULL || c->command != NULL || c->command_line != NULL ||
         c->user != NULL || c->unit != NULL || c->cgroup != NULL;
}

static int check_process(struct start *s) {
  char path[4096], why[128];
  struct stat st;

  snprintf(path, sizeof(path), "%s/%d", s->commander->config->proc_root,
           (int)s->config.pid);
  if (stat(path, &st) != 0)
    snprintf(why, sizeof(why), "there is no process %d", (int)s->config.pid);
  else if (st.st_uid != s->client->uid)
    snprintf(why, sizeof(why),
             "process %d is not yours; only root may monitor those of others",
             (int)s->config.pid);
  else
    return 0;
  return refuse(s, why);
}

/* Also when the pid is taken again, and of its children. */
static int only_own(struct start *s) {
  char uid[16];

  snprintf(uid, sizeof(uid), "%u", (unsigned)s->client->uid);
  s->config.user = strdup(uid);
  s->config.only_matching = true;
  return s->config.user != NULL ? 0 : refuse(s, "out of memory");
}

static int check_rights(struct start *s) {
  if (s->client->uid == 0)
    return 0;
  if (s->config.pid == 0 || has_other_selectors(&s->config))
    return refuse(s, "only root may choose processes by anything but pid=");
  if (s->config.file != NULL && s->given < 0)
    return refuse(s, "only root may have collectd open a file; open it and "
                     "send its descriptor, as procmonctl does");
  int error = check_process(s);
  return error == 0 ? only_own(s) : error;
}

/* --- the log --- */

/* Without this a client would wait for rows in vain. */
static int check_came(struct start *s) {
  if (s->given == CLIENT_GIVEN_SEVERAL)
    return refuse(s, "found several descriptors, expected one at most");
  if (s->given == CLIENT_GIVEN_LOST)
    return refuse(s, "the descriptor is lost, for collectd has too many files "
                     "open, or files that others have sent hang as they are "
                     "closed");
  return 0;
}

static int check_given(struct start *s) {
  int flags = fcntl(s->given, F_GETFL);

  if (flags < 0 || (flags & O_ACCMODE) != O_RDWR || (flags & O_APPEND) == 0)
    return refuse(s, "the descriptor is not open for reading and appending "
                     "(O_RDWR and O_APPEND)");
  if (s->config.each)
    return refuse(s, "report=each has a log for each process, and cannot have "
                     "one descriptor");
  return 0;
}

static int take_given(struct start *s) {
  if (s->given < 0)
    return 0;
  int error = check_given(s);
  if (error == 0)
    s->config.file = strdup(s->file != NULL ? s->file : "descriptor");
  if (error == 0 && s->config.file == NULL)
    return refuse(s, "out of memory");
  if (error == 0 && !fd_budget_take(s->commander->keeper.env.budget))
    return refuse(s, "collectd has no descriptor left for another log");
  if (error != 0)
    return error;
  s->config.has_log_fd = true;
  s->config.log_fd = s->given;
  discard_release(s->client->discard, 1);
  s->given = -1;
  return 0;
}

/* --- the name --- */

static int find_name(struct start *s) {
  const struct keeper *k = &s->commander->keeper;
  char base[16] = "monitor", name[32], why[BLOCK_NAME_MAX + 80];
  uint32_t id = keeper_next_id(k);

  if (s->config.name != NULL) {
    if (keeper_find_name(k, s->config.name) == NULL)
      return 0;
    snprintf(why, sizeof(why), "name: \"%s\" is that of a running monitor",
             s->config.name);
    return refuse(s, why);
  }
  if (s->config.pid != 0)
    snprintf(base, sizeof(base), "%d", (int)s->config.pid);
  bool is_taken = s->config.pid == 0 || keeper_find_name(k, base) != NULL;
  snprintf(name, sizeof(name), "%s", base);
  for (; is_taken; id++) {
    snprintf(name, sizeof(name), "%s-%" PRIu32, base, id);
    is_taken = keeper_find_name(k, name) != NULL;
  }
  s->config.name = strdup(name);
  return s->config.name != NULL ? 0 : refuse(s, "out of memory");
}

/* --- all of it --- */

static int launch(struct start *s, struct kept **out) {
  struct client *c = s->client;

  int error = keeper_start(&s->commander->keeper, &s->config, c->uid,
                           s->is_of_client ? c->number : 0, out);
  if (error == -EDQUOT)
    return refuse(s, "256 monitors of yours run already; stop some");
  return error == 0 ? 0 : refuse(s, "out of memory");
}

static int check_all(struct start *s) {
  int error = check_rights(s);

  if (error == 0)
    error = find_name(s);
  return error == 0 ? take_given(s) : error;
}

int commands_start(struct commander *x, struct client *c,
                   const struct request *r, struct kept **out,
                   char why[COMMANDS_WHY_MAX]) {
  struct start s = {.commander = x, .client = c, .why = why};

  why[0] = '\0';
  s.given = client_take_given(c);
  int error = check_came(&s);
  if (error == 0)
    error = read_words(&s, r);
  if (error == 0)
    error = read_block(&s);
  if (error == 0) {
    error = check_all(&s);
    if (error != 0)
      monitor_config_clear(&s.config);
    else
      error = launch(&s, out);
  }
  if (s.given >= 0)
    discard_close(c->discard, s.given);
  return error;
}
