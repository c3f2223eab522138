#include "option.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/cgroup_parse.h"
#include "compat/file.h"
#include "compat/pattern.h"
#include "compat/processors.h"
#include "log_path.h"
#include "metrics.h"

enum {
  INTERVAL_MAX_S = 86400,
  NUM_PROCESSORS_MAX = 65536,
  MAX_PROCESSES_MAX = 1000000,
};

/* What a setter says; a message of its own is in `message`. */
enum outcome { SET, UNEXPECTED, EXPLAINED };

struct setting {
  const struct option *option;
  pid_t max_pid;
  struct monitor_config *config;
  char *message;
};

/* --- values --- */

static bool is_single(const struct option *o, enum option_type type) {
  return !o->is_block && o->n == 1 && o->values[0].type == type;
}

pid_t option_pid(const struct option_value *v, pid_t max) {
  if (v->type != OPTION_NUMBER || !(v->number >= 1 && v->number <= max) ||
      floor(v->number) != v->number)
    return 0;
  return (pid_t)v->number;
}

static enum outcome explain_memory(const struct setting *s) {
  snprintf(s->message, OPTION_MESSAGE_MAX, "%s: out of memory", s->option->key);
  return EXPLAINED;
}

static enum outcome set_string(const struct setting *s, char **out) {
  if (!is_single(s->option, OPTION_STRING) ||
      s->option->values[0].string[0] == '\0')
    return UNEXPECTED;
  char *copy = strdup(s->option->values[0].string);
  if (copy == NULL)
    return explain_memory(s);
  free(*out);
  *out = copy;
  return SET;
}

static enum outcome set_boolean(const struct setting *s, bool *out) {
  if (!is_single(s->option, OPTION_BOOLEAN))
    return UNEXPECTED;
  *out = s->option->values[0].boolean;
  return SET;
}

/* Index of the only value in a list of words that NULL ends, or -1. */
static int find_word(const struct option *o, const char *const *words) {
  if (!is_single(o, OPTION_STRING))
    return -1;
  for (int i = 0; words[i] != NULL; i++)
    if (strcasecmp(o->values[0].string, words[i]) == 0)
      return i;
  return -1;
}

static size_t describe_string(const char *string, char *out, size_t size) {
  size_t used = (size_t)snprintf(out, size, "\"");

  for (; *string != '\0' && used + 2 < size; string++)
    out[used++] = iscntrl((unsigned char)*string) ? '?' : *string;
  return used + (size_t)snprintf(out + used, size - used, "\"");
}

void option_describe(const struct option *o, char *out, size_t size) {
  size_t used = 0;

  if (o->n == 0 || o->is_block)
    snprintf(out, size, o->is_block ? "a block" : "no value");
  for (size_t i = 0; i < o->n && !o->is_block && used + 40 < size; i++) {
    const struct option_value *v = &o->values[i];
    const char *blank = i > 0 ? " " : "";
    used += (size_t)snprintf(out + used, size - used, "%s", blank);
    if (v->type == OPTION_STRING)
      used += describe_string(v->string, out + used, size - used);
    else if (v->type == OPTION_BOOLEAN)
      used += (size_t)snprintf(out + used, size - used, "%s",
                               v->boolean ? "true" : "false");
    else
      used += (size_t)snprintf(out + used, size - used, "%.15g", v->number);
  }
}

/* --- lists of options --- */

static size_t count_before(const struct option *list, size_t index) {
  size_t n = 0;

  for (size_t i = 0; i < index; i++)
    n += strcasecmp(list[i].key, list[index].key) == 0;
  return n;
}

bool option_is_repeated(const struct option *list, size_t index,
                        char message[OPTION_MESSAGE_MAX]) {
  size_t before = count_before(list, index);

  message[0] = '\0';
  if (before == 1)
    snprintf(message, OPTION_MESSAGE_MAX, "%.64s: found twice, expected once",
             list[index].key);
  return before > 0;
}

/* --- setters, one an option --- */

static enum outcome set_pid(const struct setting *s) {
  const struct option *o = s->option;

  pid_t pid = o->n == 1 && !o->is_block ? option_pid(o->values, s->max_pid) : 0;
  if (pid == 0) {
    char found[OPTION_MESSAGE_MAX / 2];
    option_describe(o, found, sizeof(found));
    snprintf(s->message, OPTION_MESSAGE_MAX,
             "Pid: found %s, expected the id of a process, from 1 to %d", found,
             (int)s->max_pid);
    return EXPLAINED;
  }
  s->config->pid = pid;
  return SET;
}

static enum outcome set_pid_file(const struct setting *s) {
  return set_string(s, &s->config->pid_file);
}

/* A path would never match: the system keeps the name alone. */
static enum outcome set_command(const struct setting *s) {
  if (is_single(s->option, OPTION_STRING) &&
      !file_can_be_command(s->option->values[0].string))
    return UNEXPECTED;
  return set_string(s, &s->config->command);
}

/* regcomp() takes time and memory for what is long. */
enum { PATTERN_MAX = 4096 };

static enum outcome set_command_line(const struct setting *s) {
  struct pattern *pattern;
  char found[OPTION_MESSAGE_MAX / 2], why[OPTION_MESSAGE_MAX / 4];

  if (!is_single(s->option, OPTION_STRING))
    return UNEXPECTED;
  if (strlen(s->option->values[0].string) > PATTERN_MAX) {
    snprintf(s->message, OPTION_MESSAGE_MAX,
             "CommandLine: found %zu characters, expected at most %d",
             strlen(s->option->values[0].string), PATTERN_MAX);
    return EXPLAINED;
  }
  int error =
      pattern_create(s->option->values[0].string, &pattern, why, sizeof(why));
  if (error == 0) {
    pattern_free(pattern);
    return set_string(s, &s->config->command_line);
  }
  if (error == -ENOMEM)
    return explain_memory(s);
  option_describe(s->option, found, sizeof(found));
  snprintf(s->message, OPTION_MESSAGE_MAX,
           "CommandLine: found %s, expected a POSIX extended regular "
           "expression: %s",
           found, why);
  return EXPLAINED;
}

static enum outcome set_user(const struct setting *s) {
  char number[32];
  const struct option *o = s->option;

  if (!is_single(o, OPTION_NUMBER))
    return set_string(s, &s->config->user);
  double id = o->values[0].number;
  if (!(id >= 0 && id < UINT32_MAX) || floor(id) != id)
    return UNEXPECTED;
  snprintf(number, sizeof(number), "%.0f", id);
  const struct option_value value = {.type = OPTION_STRING, .string = number};
  const struct option text = {.key = o->key, .values = &value, .n = 1};
  struct setting as_text = *s;
  as_text.option = &text;
  return set_string(&as_text, &s->config->user);
}

static enum outcome set_unit(const struct setting *s) {
  char unit[CGROUP_NAME_MAX + 1];

  if (!is_single(s->option, OPTION_STRING) ||
      cgroup_unit_name(s->option->values[0].string, unit, sizeof(unit)) != 0)
    return UNEXPECTED;
  return set_string(s, &s->config->unit);
}

static enum outcome set_cgroup(const struct setting *s) {
  char path[PATH_MAX];

  if (!is_single(s->option, OPTION_STRING) ||
      cgroup_clean_path(s->option->values[0].string, path, sizeof(path)) != 0)
    return UNEXPECTED;
  return set_string(s, &s->config->cgroup);
}

static enum outcome set_children(const struct setting *s) {
  return set_boolean(s, &s->config->children);
}

static enum outcome set_report(const struct setting *s) {
  static const char *const words[] = {"sum", "each", NULL};

  int i = find_word(s->option, words);
  if (i < 0)
    return UNEXPECTED;
  s->config->each = i == 1;
  return SET;
}

static enum outcome set_max_processes(const struct setting *s) {
  const struct option *o = s->option;

  if (!is_single(o, OPTION_NUMBER) ||
      option_pid(o->values, MAX_PROCESSES_MAX) == 0)
    return UNEXPECTED;
  s->config->max_processes = (unsigned)o->values[0].number;
  return SET;
}

static enum outcome set_interval(const struct setting *s) {
  const struct option *o = s->option;

  if (!is_single(o, OPTION_NUMBER) ||
      !(o->values[0].number >= 0.01 && o->values[0].number <= INTERVAL_MAX_S))
    return UNEXPECTED;
  s->config->interval_ns = (uint64_t)llround(o->values[0].number * 1e9);
  return SET;
}

static enum outcome set_num_processors(const struct setting *s) {
  static const char *const words[] = {"online", NULL};
  const struct option *o = s->option;

  if (find_word(o, words) == 0) {
    s->config->num_processors = processors_online();
    return SET;
  }
  if (!is_single(o, OPTION_NUMBER) ||
      option_pid(o->values, NUM_PROCESSORS_MAX) == 0)
    return UNEXPECTED;
  s->config->num_processors = (unsigned)o->values[0].number;
  return SET;
}

static enum outcome set_file(const struct setting *s) {
  char path[PATH_MAX];

  if (!is_single(s->option, OPTION_STRING))
    return UNEXPECTED;
  const char *given = s->option->values[0].string;
  size_t len = strlen(given);
  if (len == 0 || file_is_separator(given[len - 1]) ||
      log_path_expand(given, s->max_pid, path) != 0)
    return UNEXPECTED;
  return set_string(s, &s->config->file);
}

static enum outcome explain_column(const struct setting *s, const char *name,
                                   const char *what) {
  snprintf(
      s->message, OPTION_MESSAGE_MAX,
      "Columns: found \"%.64s\"%s, expected unix or windows alone, or each "
      "at most once of %s",
      name, what, columns_names);
  return EXPLAINED;
}

static enum outcome set_columns(const struct setting *s) {
  const struct option *o = s->option;
  struct columns columns = {.n = 0};

  if (is_single(o, OPTION_STRING) &&
      columns_preset(o->values[0].string, &s->config->columns) == 0)
    return SET;
  if (o->n == 0 || o->is_block)
    return UNEXPECTED;
  for (size_t i = 0; i < o->n; i++) {
    if (o->values[i].type != OPTION_STRING)
      return UNEXPECTED;
    const char *name = o->values[i].string;
    int column = columns_find(name);
    if (column < 0)
      return explain_column(s, name, "");
    if (columns_add(&columns, (enum column)column) != 0)
      return explain_column(s, name, " twice");
  }
  s->config->columns = columns;
  return SET;
}

static enum outcome set_header(const struct setting *s) {
  static const char *const words[] = {"names", "ruled", "hash", "none", NULL};
  static const enum header headers[] = {HEADER_NAMES, HEADER_RULED, HEADER_HASH,
                                        HEADER_NONE};
  int i = find_word(s->option, words);
  if (i < 0)
    return UNEXPECTED;
  s->config->header = headers[i];
  return SET;
}

static enum outcome set_time_format(const struct setting *s) {
  char found[OPTION_MESSAGE_MAX / 2];

  if (!is_single(s->option, OPTION_STRING))
    return UNEXPECTED;
  const char *wrong = timefmt_check(s->option->values[0].string);
  if (wrong == NULL)
    return set_string(s, &s->config->time_format);
  option_describe(s->option, found, sizeof(found));
  snprintf(s->message, OPTION_MESSAGE_MAX,
           "TimeFormat: found %s with %s, expected a format of strftime(3), "
           "with %%3N for milliseconds",
           found, wrong);
  return EXPLAINED;
}

static enum outcome set_time_zone(const struct setting *s) {
  static const char *const words[] = {"local", "utc", NULL};

  int i = find_word(s->option, words);
  if (i < 0)
    return UNEXPECTED;
  s->config->utc = i == 1;
  return SET;
}

static enum outcome set_append(const struct setting *s) {
  return set_boolean(s, &s->config->append);
}

static enum outcome set_sync(const struct setting *s) {
  return set_boolean(s, &s->config->sync);
}

static enum outcome set_notify(const struct setting *s) {
  return set_boolean(s, &s->config->notify);
}

static enum outcome set_dispatch(const struct setting *s) {
  return set_boolean(s, &s->config->dispatch);
}

static enum outcome set_layout(const struct setting *s) {
  static const char *const words[] = {"standard", "compact", NULL};

  int i = find_word(s->option, words);
  if (i < 0)
    return UNEXPECTED;
  s->config->layout = i == 1 ? LAYOUT_COMPACT : LAYOUT_STANDARD;
  return SET;
}

static enum outcome explain_metric(const struct setting *s, const char *name,
                                   const char *what) {
  snprintf(s->message, OPTION_MESSAGE_MAX,
           "Metrics: found \"%.64s\"%s, expected each at most once of %s", name,
           what, metrics_names);
  return EXPLAINED;
}

static enum outcome set_metrics(const struct setting *s) {
  const struct option *o = s->option;
  uint32_t metrics = 0;

  if (o->n == 0 || o->is_block)
    return UNEXPECTED;
  for (size_t i = 0; i < o->n; i++) {
    if (o->values[i].type != OPTION_STRING)
      return UNEXPECTED;
    const char *name = o->values[i].string;
    uint32_t metric = metrics_find(name);
    if (metric == 0)
      return explain_metric(s, name, "");
    if ((metrics & metric) != 0)
      return explain_metric(s, name, " twice");
    metrics |= metric;
  }
  s->config->metrics = metrics;
  return SET;
}

/* --- the table --- */

static const struct {
  const char *key;
  bool is_selector;
  enum outcome (*set)(const struct setting *);
  const char *expected;
} table[] = {
    {"Pid", true, set_pid, "the id of a process"},
    {"PidFile", true, set_pid_file, "a path in quotes"},
    {"Command", true, set_command,
     "the name of a command in quotes, without its path"},
    {"CommandLine", true, set_command_line,
     "a POSIX extended regular expression in quotes"},
    {"User", true, set_user, "the name of a user in quotes, or a number"},
    {"Unit", true, set_unit, "the name of a systemd unit in quotes"},
    {"Cgroup", true, set_cgroup,
     "the path of a cgroup in quotes, below where cgroups are mounted and "
     "without `..`"},
    {"Children", false, set_children, "true or false without quotes"},
    {"Report", false, set_report, "sum or each"},
    {"MaxProcesses", false, set_max_processes,
     "a whole number from 1 to 1000000"},
    {"Interval", false, set_interval, "seconds from 0.01 to 86400"},
    {"NumProcessors", false, set_num_processors,
     "a whole number from 1 to 65536, or online"},
    {"File", false, set_file,
     "the path of a file in quotes, with %p for the pid and %% for a percent "
     "sign"},
    {"Columns", false, set_columns, "unix, windows, or names of columns"},
    {"Header", false, set_header, "names, ruled, hash or none"},
    {"TimeFormat", false, set_time_format, "a format of strftime(3) in quotes"},
    {"TimeZone", false, set_time_zone, "local or utc"},
    {"Append", false, set_append, "true or false without quotes"},
    {"Sync", false, set_sync, "true or false without quotes"},
    {"Dispatch", false, set_dispatch, "true or false without quotes"},
    {"Layout", false, set_layout, "standard or compact"},
    {"Metrics", false, set_metrics, "names of metrics"},
    {"Notify", false, set_notify, "true or false without quotes"},
};

static const size_t table_size = sizeof(table) / sizeof(table[0]);

static void explain_unknown(const struct option *o, bool defaults,
                            char message[OPTION_MESSAGE_MAX]) {
  size_t used =
      (size_t)snprintf(message, OPTION_MESSAGE_MAX,
                       "%.64s: unknown option, expected one of", o->key);

  if (defaults)
    used += (size_t)snprintf(
        message + used, OPTION_MESSAGE_MAX - used,
        " Backend, ProcRoot, CgroupRoot, PsCommand, ControlSocket, "
        "SocketGroup, SocketPerms, DeleteSocket, <Process>,");
  for (size_t i = 0; i < table_size; i++)
    if (!(defaults && table[i].is_selector))
      used +=
          (size_t)snprintf(message + used, OPTION_MESSAGE_MAX - used, " %s%s",
                           table[i].key, i + 1 < table_size ? "," : "");
}

int option_set(const struct option *o, bool defaults, pid_t max_pid,
               struct monitor_config *config,
               char message[OPTION_MESSAGE_MAX]) {
  char found[OPTION_MESSAGE_MAX / 2];
  size_t i = 0;

  while (i < table_size && strcasecmp(o->key, table[i].key) != 0)
    i++;
  if (i == table_size) {
    explain_unknown(o, defaults, message);
    return -EINVAL;
  }
  if (defaults && table[i].is_selector) {
    snprintf(message, OPTION_MESSAGE_MAX,
             "%s: found outside of a block, expected inside of <Process>",
             table[i].key);
    return -EINVAL;
  }
  struct setting s = {o, max_pid, config, message};
  enum outcome outcome = table[i].set(&s);
  if (outcome == UNEXPECTED) {
    option_describe(o, found, sizeof(found));
    snprintf(message, OPTION_MESSAGE_MAX, "%s: found %s, expected %s",
             table[i].key, found, table[i].expected);
  }
  return outcome == SET ? 0 : -EINVAL;
}
