#include "config.h"

#include "compat/collectd.h"
#include "compat/printf_like.h"
#include "log_path.h"
#include "option.h"
#include "report.h"

enum { NAME_MAX_LENGTH = DATA_MAX_NAME_LEN - 1 };

/* Where the reader is, and what it has met. */
struct reader {
  struct config *config;
  pid_t max_pid;
  const char *where; /* the block, for messages */
  size_t mistakes;
};

PRINTF_LIKE(2, 3)
static void mistake(struct reader *r, const char *format, ...) {
  char text[OPTION_MESSAGE_MAX];
  va_list args;

  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  report(REPORT_ERROR, "%s: %s", r->where, text);
  r->mistakes++;
}

int config_init(struct config *c) {
  *c = (struct config){.proc_root = strdup("/proc"),
                       .cgroup_root = strdup("/sys/fs/cgroup")};
  if (c->proc_root == NULL || c->cgroup_root == NULL) {
    config_clear(c);
    return -ENOMEM;
  }
  return backend_find("auto", &c->backend);
}

void config_clear(struct config *c) {
  for (size_t i = 0; i < c->n; i++)
    monitor_config_clear(&c->monitors[i]);
  free(c->monitors);
  free(c->proc_root);
  free(c->cgroup_root);
  free(c->ps_command);
  *c = (struct config){0};
}

/* --- items of the tree --- */

static struct option_value to_value(const oconfig_value_t *v) {
  switch (v->type) {
  case OCONFIG_TYPE_NUMBER:
    return (struct option_value){.type = OPTION_NUMBER,
                                 .number = v->value.number};
  case OCONFIG_TYPE_BOOLEAN:
    return (struct option_value){.type = OPTION_BOOLEAN,
                                 .boolean = v->value.boolean != 0};
  default:
    return (struct option_value){.type = OPTION_STRING,
                                 .string = v->value.string};
  }
}

/* `values` has room for `max`; what is beyond makes a mistake of any option. */
static struct option to_option(const oconfig_item_t *item,
                               struct option_value *values, size_t max) {
  size_t n = (size_t)item->values_num < max ? (size_t)item->values_num : max;

  for (size_t i = 0; i < n; i++)
    values[i] = to_value(&item->values[i]);
  return (struct option){.key = item->key,
                         .values = values,
                         .n = n,
                         .is_block = item->children_num > 0};
}

static void set_option(struct reader *r, const oconfig_item_t *item,
                       bool defaults, struct monitor_config *out) {
  struct option_value values[COLUMN_COUNT + 1];
  struct option o = to_option(item, values, COLUMN_COUNT + 1);
  char message[OPTION_MESSAGE_MAX];

  if (option_set(&o, defaults, r->max_pid, out, message) != 0)
    mistake(r, "%s", message);
}

/* How many items before this one have the same key. */
static int count_before(const oconfig_item_t *block, int index) {
  int n = 0;

  for (int i = 0; i < index; i++)
    n += strcasecmp(block->children[i].key, block->children[index].key) == 0;
  return n;
}

/* True when the item is not the first of its key; that is said once. */
static bool is_repeated(struct reader *r, const oconfig_item_t *block,
                        int index) {
  int before = count_before(block, index);

  if (before == 1)
    mistake(r, "%.64s: found twice, expected once", block->children[index].key);
  return before > 0;
}

/* --- options of the plugin --- */

static const char *single_string(const oconfig_item_t *item) {
  if (item->values_num != 1 || item->children_num > 0 ||
      item->values[0].type != OCONFIG_TYPE_STRING)
    return NULL;
  return item->values[0].value.string;
}

/* Writes out the values of an item; behind the name of a block its own. */
static void describe(const oconfig_item_t *item, bool is_name, char *out,
                     size_t size) {
  struct option_value values[COLUMN_COUNT];
  struct option o = to_option(item, values, COLUMN_COUNT);
  o.is_block = o.is_block && !is_name;
  option_describe(&o, out, size);
}

static void set_backend(struct reader *r, const oconfig_item_t *item) {
  char found[256], names[64];
  const char *name = single_string(item);
  int error = name != NULL ? backend_find(name, &r->config->backend) : -EINVAL;

  describe(item, false, found, sizeof(found));
  backend_names(names, sizeof(names));
  if (error == -ENOTSUP)
    mistake(r,
            "Backend: found %s, but this build has no such backend; expected "
            "%s",
            found, names);
  else if (error != 0)
    mistake(r, "Backend: found %s, expected %s", found, names);
}

/* True when the item is one absolute path of something that is there and may
 * be searched or run. */
static bool is_path_to(const oconfig_item_t *item, mode_t type) {
  struct stat st;
  const char *path = single_string(item);

  return path != NULL && path[0] == '/' && stat(path, &st) == 0 &&
         (st.st_mode & S_IFMT) == type && access(path, X_OK) == 0;
}

static void set_path(struct reader *r, const oconfig_item_t *item, mode_t type,
                     const char *expected, char **out) {
  char found[256];
  char *copy = NULL;

  if (!is_path_to(item, type)) {
    describe(item, false, found, sizeof(found));
    mistake(r, "%s: found %s, expected the absolute path of %s", item->key,
            found, expected);
    return;
  }
  copy = strdup(single_string(item));
  if (copy == NULL) {
    mistake(r, "%s: out of memory", item->key);
    return;
  }
  free(*out);
  *out = copy;
}

/* An option for a backend that nobody can choose here does nothing. */
static bool has_backend(struct reader *r, const oconfig_item_t *item,
                        const char *name) {
  const struct backend *backend;

  if (backend_find(name, &backend) == 0)
    return true;
  mistake(r,
          "%s: found in a build without the backend %s, which it is for; "
          "expected none",
          item->key, name);
  return false;
}

static void set_proc_root(struct reader *r, const oconfig_item_t *item) {
  if (!has_backend(r, item, "linux"))
    return;
  set_path(r, item, S_IFDIR, "a folder that is there", &r->config->proc_root);
}

static void set_cgroup_root(struct reader *r, const oconfig_item_t *item) {
  if (!has_backend(r, item, "linux"))
    return;
  set_path(r, item, S_IFDIR, "a folder that is there", &r->config->cgroup_root);
}

static void set_ps_command(struct reader *r, const oconfig_item_t *item) {
  if (!has_backend(r, item, "ps"))
    return;
  set_path(r, item, S_IFREG, "a program that is there", &r->config->ps_command);
}

static bool is_process(const oconfig_item_t *item) {
  return strcasecmp(item->key, "Process") == 0;
}

static void read_plugin_options(struct reader *r, const oconfig_item_t *plugin,
                                struct monitor_config *defaults) {
  for (int i = 0; i < plugin->children_num; i++) {
    const oconfig_item_t *item = &plugin->children[i];
    if (is_process(item))
      continue;
    if (is_repeated(r, plugin, i))
      continue;
    if (strcasecmp(item->key, "Backend") == 0)
      set_backend(r, item);
    else if (strcasecmp(item->key, "ProcRoot") == 0)
      set_proc_root(r, item);
    else if (strcasecmp(item->key, "CgroupRoot") == 0)
      set_cgroup_root(r, item);
    else if (strcasecmp(item->key, "PsCommand") == 0)
      set_ps_command(r, item);
    else
      set_option(r, item, true, defaults);
  }
}

/* --- blocks --- */

static bool has_control(const char *text) {
  for (; *text != '\0'; text++)
    if (iscntrl((unsigned char)*text))
      return true;
  return false;
}

static bool is_name(const char *name) {
  return name[0] != '\0' && strlen(name) <= NAME_MAX_LENGTH &&
         strchr(name, '/') == NULL && !has_control(name);
}

/* Gives the block its name, and its pid when the name is a number. */
static bool set_name(struct reader *r, const oconfig_item_t *block,
                     struct monitor_config *m) {
  char found[256], number[32];
  const char *name = NULL;

  describe(block, true, found, sizeof(found));
  if (block->values_num == 1) {
    struct option_value v = to_value(&block->values[0]);
    m->pid = option_pid(&v, r->max_pid);
    snprintf(number, sizeof(number), "%d", (int)m->pid);
    if (m->pid != 0)
      name = number;
    else if (v.type == OPTION_STRING && is_name(v.string))
      name = v.string;
  }
  if (name == NULL) {
    mistake(r,
            "found %s, expected a name of 1 to %d characters without `/`, or a "
            "pid from 1 to %d",
            found, NAME_MAX_LENGTH, (int)r->max_pid);
    return false;
  }
  m->name = strdup(name);
  return m->name != NULL;
}

static void read_block_options(struct reader *r, const oconfig_item_t *block,
                               struct monitor_config *m) {
  for (int i = 0; i < block->children_num; i++) {
    const oconfig_item_t *item = &block->children[i];
    if (is_repeated(r, block, i))
      continue;
    if (strcasecmp(item->key, "Pid") == 0 && m->pid != 0)
      mistake(r,
              "Pid: found in a block that a pid names already, expected one of "
              "them");
    else
      set_option(r, item, false, m);
  }
}

/* Two blocks of one name would be one series, two of one file a mixed log. */
static void check_against_others(struct reader *r,
                                 const struct monitor_config *m) {
  for (size_t i = 0; i < r->config->n; i++) {
    const struct monitor_config *o = &r->config->monitors[i];
    if (strcmp(m->name, o->name) == 0)
      mistake(r, "found a second block of this name, expected each name once");
    if (m->file != NULL && o->file != NULL &&
        log_path_is_same(m->file, m->pid, o->file, o->pid))
      mistake(r,
              "File: found \"%.200s\", which <Process \"%s\"> writes too, "
              "expected a file of its own",
              m->file, o->name);
  }
}

static bool has_option(const oconfig_item_t *block, const char *key) {
  for (int i = 0; i < block->children_num; i++)
    if (strcasecmp(block->children[i].key, key) == 0)
      return true;
  return false;
}

/* What a backend cannot tell would select nothing, in silence. */
static void check_backend(struct reader *r, const struct monitor_config *m) {
  const struct backend *b = r->config->backend;
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

static void check_each(struct reader *r, const oconfig_item_t *block,
                       const struct monitor_config *m) {
  enum { SUFFIX_MAX = 11 };

  if (!m->each && has_option(block, "MaxProcesses"))
    mistake(r, "MaxProcesses: found in a block that reports a sum, expected it "
               "with Report \"each\"");
  if (!m->each)
    return;
  if (m->file != NULL && !log_path_is_per_process(m->file))
    mistake(r,
            "File: found \"%.200s\" with Report \"each\", expected a path with "
            "%%p in it: each process has a log of its own",
            m->file);
  if (strlen(m->name) > NAME_MAX_LENGTH - SUFFIX_MAX)
    mistake(r,
            "found a name of %zu characters with Report \"each\", expected at "
            "most %d: the pid is put behind it",
            strlen(m->name), NAME_MAX_LENGTH - SUFFIX_MAX);
}

static bool has_selector(const struct monitor_config *m) {
  return m->pid != 0 || m->pid_file != NULL || m->command != NULL ||
         m->command_line != NULL || m->user != NULL || m->unit != NULL ||
         m->cgroup != NULL;
}

static void check_whole(struct reader *r, const oconfig_item_t *block,
                        const struct monitor_config *m) {
  if (!has_selector(m))
    mistake(r, "found no selector, expected Pid, PidFile, Command, "
               "CommandLine, User, Unit or Cgroup (or a pid without quotes as "
               "the block's name)");
  if (m->pid != 0 && m->pid_file != NULL)
    mistake(r, "PidFile: found together with Pid, expected one of them");
  if (m->unit != NULL && m->cgroup != NULL)
    mistake(r, "Cgroup: found together with Unit, expected one of them");
  check_backend(r, m);
  check_each(r, block, m);
  if (m->file == NULL && !m->dispatch)
    mistake(r, "Dispatch: found false without a File, expected either: the "
               "block reports nothing");
  check_against_others(r, m);
}

static int keep_monitor(struct config *c, const struct monitor_config *m) {
  struct monitor_config *monitors =
      realloc(c->monitors, (c->n + 1) * sizeof(*monitors));
  if (monitors == NULL)
    return -ENOMEM;
  c->monitors = monitors;
  c->monitors[c->n++] = *m;
  return 0;
}

static void read_block(struct reader *r, const oconfig_item_t *block,
                       const struct monitor_config *defaults) {
  struct monitor_config m;
  char found[256], where[300];
  const char *outer = r->where;
  size_t mistakes = r->mistakes;

  if (monitor_config_copy(defaults, &m) != 0) {
    mistake(r, "out of memory");
    return;
  }
  describe(block, true, found, sizeof(found));
  snprintf(where, sizeof(where), "<Process %s>", found);
  r->where = where;
  if (set_name(r, block, &m)) {
    read_block_options(r, block, &m);
    /* What is missing is worth a word only where nothing was wrong. */
    if (r->mistakes == mistakes)
      check_whole(r, block, &m);
  }
  if (r->mistakes == mistakes && keep_monitor(r->config, &m) != 0)
    mistake(r, "out of memory");
  if (r->mistakes != mistakes)
    monitor_config_clear(&m);
  r->where = outer;
}

int config_read(struct config *c, const oconfig_item_t *plugin,
                uint64_t default_interval_ns) {
  struct reader r = {.config = c, .where = "<Plugin procmon>"};
  struct monitor_config defaults;

  if (monitor_config_init(&defaults, default_interval_ns) != 0)
    mistake(&r, "out of memory");
  read_plugin_options(&r, plugin, &defaults);
  struct backend_options options = {.proc_root = c->proc_root,
                                    .ps_command = c->ps_command};
  r.max_pid = c->backend->max_pid(&options);
  for (int i = 0; i < plugin->children_num; i++)
    if (is_process(&plugin->children[i]))
      read_block(&r, &plugin->children[i], &defaults);
  monitor_config_clear(&defaults);
  return r.mistakes == 0 ? 0 : -EINVAL;
}
