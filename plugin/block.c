#include "block.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/backend.h"
#include "compat/printf_like.h"
#include "log_path.h"

struct reader {
  const struct block_rules *rules;
  const struct block *block;
  struct monitor_config *out;
  int error; /* of the last mistake; 0: there was none */
};

PRINTF_LIKE(2, 3)
static void mistake(struct reader *r, const char *format, ...) {
  char message[OPTION_MESSAGE_MAX];
  va_list args;

  va_start(args, format);
  vsnprintf(message, sizeof(message), format, args);
  va_end(args);
  r->rules->mistake(r->rules->arg, message);
  r->error = -EINVAL;
}

static void lack_memory(struct reader *r) {
  mistake(r, "out of memory");
  r->error = -ENOMEM;
}

/* --- the name --- */

static bool has_control(const char *text) {
  for (; *text != '\0'; text++)
    if (iscntrl((unsigned char)*text))
      return true;
  return false;
}

bool block_is_name(const char *text) {
  return text[0] != '\0' && strlen(text) <= BLOCK_NAME_MAX &&
         strchr(text, '/') == NULL && !has_control(text);
}

static void refuse_name(struct reader *r) {
  char found[256];

  option_describe(&r->block->name, found, sizeof(found));
  mistake(r,
          "found %s, expected a name of 1 to %d characters without `/`, or a "
          "pid from 1 to %d",
          found, BLOCK_NAME_MAX, (int)r->rules->max_pid);
}

/* Gives the monitor its name, and its pid when the name is a number. */
static void set_name(struct reader *r) {
  const struct option *given = &r->block->name;
  const struct option_value *v = given->values;
  char number[32];
  const char *name = NULL;

  if (given->n == 0 && r->rules->on_demand)
    return;
  if (given->n == 1) {
    r->out->pid = option_pid(v, r->rules->max_pid);
    snprintf(number, sizeof(number), "%d", (int)r->out->pid);
    if (r->out->pid != 0)
      name = number;
    else if (v->type == OPTION_STRING && block_is_name(v->string))
      name = v->string;
  }
  if (name == NULL) {
    refuse_name(r);
    return;
  }
  r->out->name = strdup(name);
  if (r->out->name == NULL)
    lack_memory(r);
}

/* --- the options --- */

static void set_option(struct reader *r, const struct option *o) {
  char message[OPTION_MESSAGE_MAX];

  if (strcasecmp(o->key, "Pid") == 0 && r->out->pid != 0)
    mistake(r, "Pid: found in a block that a pid names already, expected one "
               "of them");
  else if (option_set(o, false, r->rules->max_pid, r->out, message) != 0)
    mistake(r, "%s", message);
}

static void set_options(struct reader *r) {
  char message[OPTION_MESSAGE_MAX];

  for (size_t i = 0; i < r->block->n; i++) {
    if (!option_is_repeated(r->block->options, i, message))
      set_option(r, &r->block->options[i]);
    else if (message[0] != '\0')
      mistake(r, "%s", message);
  }
}

/* --- the whole --- */

static bool has_option(const struct block *block, const char *key) {
  for (size_t i = 0; i < block->n; i++)
    if (strcasecmp(block->options[i].key, key) == 0)
      return true;
  return false;
}

static bool has_selector(const struct monitor_config *m) {
  return m->pid != 0 || m->pid_file != NULL || m->command != NULL ||
         m->command_line != NULL || m->user != NULL || m->unit != NULL ||
         m->cgroup != NULL;
}

static void check_selectors(struct reader *r) {
  const struct monitor_config *m = r->out;

  if (!has_selector(m))
    mistake(r,
            "found no selector, expected Pid, PidFile, Command, "
            "CommandLine, User, Unit or Cgroup%s",
            r->rules->on_demand
                ? ""
                : " (or a pid without quotes as the block's name)");
  if (m->pid != 0 && m->pid_file != NULL)
    mistake(r, "PidFile: found together with Pid, expected one of them");
  if (m->unit != NULL && m->cgroup != NULL)
    mistake(r, "Cgroup: found together with Unit, expected one of them");
}

/* What a backend cannot tell would select nothing, in silence. */
static void check_backend(struct reader *r) {
  const struct monitor_config *m = r->out;
  const struct backend *b = r->rules->backend;
  bool has_groups = b->group_create != NULL;
  const struct {
    const char *key;
    bool is_given, is_told;
  } needs[] = {
      {"CommandLine", m->command_line != NULL,
       (b->tells & FACT_COMMAND_LINE) != 0},
      {"User", m->user != NULL, (b->tells & FACT_OWNER) != 0},
      {"Unit", m->unit != NULL, has_groups},
      {"Cgroup", m->cgroup != NULL, has_groups},
      {"Children", m->children, (b->tells & FACT_PARENT) != 0},
  };

  for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
    if (needs[i].is_given && !needs[i].is_told)
      mistake(r,
              "%s: found with the backend %s, which cannot tell that; expected "
              "another selector",
              needs[i].key, b->name);
}

static void check_each(struct reader *r) {
  const struct monitor_config *m = r->out;

  if (!m->each && has_option(r->block, "MaxProcesses"))
    mistake(r, "MaxProcesses: found in a block that reports a sum, expected it "
               "with Report \"each\"");
  if (!m->each)
    return;
  if (m->file != NULL && !log_path_is_per_process(m->file))
    mistake(r,
            "File: found \"%.200s\" with Report \"each\", expected a path with "
            "%%p in it: each process has a log of its own",
            m->file);
  if (m->name != NULL && strlen(m->name) > BLOCK_NAME_EACH_MAX)
    mistake(r,
            "found a name of %zu characters with Report \"each\", expected at "
            "most %d: the pid is put behind it",
            strlen(m->name), BLOCK_NAME_EACH_MAX);
}

/* Two blocks of one name would be one series, two of one file a mixed log. */
static void check_against_others(struct reader *r) {
  const struct monitor_config *m = r->out;

  for (size_t i = 0; i < r->rules->n_others; i++) {
    const struct monitor_config *o = &r->rules->others[i];
    if (m->name != NULL && strcmp(m->name, o->name) == 0)
      mistake(r, "found a second block of this name, expected each name once");
    if (m->file != NULL && o->file != NULL &&
        log_path_is_same(m->file, m->pid, o->file, o->pid))
      mistake(r,
              "File: found \"%.200s\", which <Process \"%s\"> writes too, "
              "expected a file of its own",
              m->file, o->name);
  }
}

static void check_whole(struct reader *r) {
  check_selectors(r);
  check_backend(r);
  check_each(r);
  if (r->out->file == NULL && !r->out->dispatch && !r->rules->on_demand)
    mistake(r, "Dispatch: found false without a File, expected either: the "
               "block reports nothing");
  check_against_others(r);
}

static int copy_defaults(const struct block_rules *rules,
                         struct monitor_config *out) {
  struct monitor_config defaults = *rules->defaults;

  if (rules->on_demand)
    defaults.file = NULL;
  return monitor_config_copy(&defaults, out);
}

int block_read(const struct block_rules *rules, const struct block *block,
               struct monitor_config *out) {
  struct reader r = {.rules = rules, .block = block, .out = out};

  if (copy_defaults(rules, out) != 0) {
    lack_memory(&r);
    return r.error;
  }
  set_name(&r);
  if (r.error == 0)
    set_options(&r);
  /* What is missing is worth a word only where nothing was wrong. */
  if (r.error == 0)
    check_whole(&r);
  if (r.error != 0)
    monitor_config_clear(out);
  return r.error;
}
