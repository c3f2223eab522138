#include "config.h"

#include "block.h"
#include "compat/collectd.h"
#include "compat/printf_like.h"
#include "option.h"
#include "report.h"

_Static_assert(BLOCK_NAME_MAX < DATA_MAX_NAME_LEN,
               "collectd would cut the names of blocks");

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
  control_options_init(&c->control);
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
  control_options_clear(&c->control);
  monitor_config_clear(&c->defaults);
  *c = (struct config){0};
}

bool config_may_be_compact(const struct config *c) {
  bool may_be = c->control.path != NULL;

  for (size_t i = 0; i < c->n; i++)
    may_be |=
        c->monitors[i].dispatch && c->monitors[i].layout == LAYOUT_COMPACT;
  return may_be;
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

/* What stands in a block, one option an item. */
struct options {
  struct option *list;
  struct option_value *values; /* of all options */
  size_t n;
};

static void options_clear(struct options *o) {
  free(o->list);
  free(o->values);
}

static struct option to_option(const oconfig_item_t *item,
                               struct option_value *values) {
  size_t n = (size_t)item->values_num;

  for (size_t i = 0; i < n; i++)
    values[i] = to_value(&item->values[i]);
  return (struct option){.key = item->key,
                         .values = values,
                         .n = n,
                         .is_block = item->children_num > 0};
}

/* The texts stay the tree's. To be cleared after -ENOMEM as well. */
static int to_options(const oconfig_item_t *block, struct options *out) {
  size_t n_values = 0;

  *out = (struct options){.n = (size_t)block->children_num};
  for (size_t i = 0; i < out->n; i++)
    n_values += (size_t)block->children[i].values_num;
  /* One more: calloc(0) may return NULL. */
  out->list = calloc(out->n + 1, sizeof(*out->list));
  out->values = calloc(n_values + 1, sizeof(*out->values));
  if (out->list == NULL || out->values == NULL)
    return -ENOMEM;
  struct option_value *values = out->values;
  for (size_t i = 0; i < out->n; i++) {
    out->list[i] = to_option(&block->children[i], values);
    values += out->list[i].n;
  }
  return 0;
}

/* --- options of the plugin --- */

static const char *single_string(const struct option *o) {
  if (o->n != 1 || o->is_block || o->values[0].type != OPTION_STRING)
    return NULL;
  return o->values[0].string;
}

static void set_backend(struct reader *r, const struct option *o) {
  char found[256], names[64];
  const char *name = single_string(o);
  int error = name != NULL ? backend_find(name, &r->config->backend) : -EINVAL;

  option_describe(o, found, sizeof(found));
  backend_names(names, sizeof(names));
  if (error == -ENOTSUP)
    mistake(r,
            "Backend: found %s, but this build has no such backend; expected "
            "%s",
            found, names);
  else if (error != 0)
    mistake(r, "Backend: found %s, expected %s", found, names);
}

/* True when the option is one absolute path of something that is there and may
 * be searched or run. */
static bool is_path_to(const struct option *o, mode_t type) {
  struct stat st;
  const char *path = single_string(o);

  return path != NULL && path[0] == '/' && stat(path, &st) == 0 &&
         (st.st_mode & S_IFMT) == type && access(path, X_OK) == 0;
}

static void set_path(struct reader *r, const struct option *o, mode_t type,
                     const char *expected, char **out) {
  char found[256];
  char *copy = NULL;

  if (!is_path_to(o, type)) {
    option_describe(o, found, sizeof(found));
    mistake(r, "%s: found %s, expected the absolute path of %s", o->key, found,
            expected);
    return;
  }
  copy = strdup(single_string(o));
  if (copy == NULL) {
    mistake(r, "%s: out of memory", o->key);
    return;
  }
  free(*out);
  *out = copy;
}

/* An option for a backend that nobody can choose here does nothing. */
static bool has_backend(struct reader *r, const struct option *o,
                        const char *name) {
  const struct backend *backend;

  if (backend_find(name, &backend) == 0)
    return true;
  mistake(r,
          "%s: found in a build without the backend %s, which it is for; "
          "expected none",
          o->key, name);
  return false;
}

static void set_folder(struct reader *r, const struct option *o, char **out) {
  if (has_backend(r, o, "linux"))
    set_path(r, o, S_IFDIR, "a folder that is there", out);
}

static void set_program(struct reader *r, const struct option *o, char **out) {
  if (has_backend(r, o, "ps"))
    set_path(r, o, S_IFREG, "a program that is there", out);
}

static bool is_process(const struct option *o) {
  return strcasecmp(o->key, "Process") == 0;
}

static void set_control(struct reader *r, const struct option *o) {
  char message[OPTION_MESSAGE_MAX];

  if (!control_is_supported)
    mistake(r,
            "%s: found on a system for which there is no control socket; "
            "expected none",
            o->key);
  else if (control_options_set(o, &r->config->control, message) != 0)
    mistake(r, "%s", message);
}

static void set_option(struct reader *r, const struct option *o,
                       struct monitor_config *defaults) {
  char message[OPTION_MESSAGE_MAX];

  if (strcasecmp(o->key, "Backend") == 0)
    set_backend(r, o);
  else if (strcasecmp(o->key, "ProcRoot") == 0)
    set_folder(r, o, &r->config->proc_root);
  else if (strcasecmp(o->key, "CgroupRoot") == 0)
    set_folder(r, o, &r->config->cgroup_root);
  else if (strcasecmp(o->key, "PsCommand") == 0)
    set_program(r, o, &r->config->ps_command);
  else if (control_options_know(o->key))
    set_control(r, o);
  else if (option_set(o, true, r->max_pid, defaults, message) != 0)
    mistake(r, "%s", message);
}

static void set_options(struct reader *r, const struct options *options,
                        struct monitor_config *defaults) {
  char message[OPTION_MESSAGE_MAX];

  for (size_t i = 0; i < options->n; i++) {
    if (is_process(&options->list[i]))
      continue;
    if (!option_is_repeated(options->list, i, message))
      set_option(r, &options->list[i], defaults);
    else if (message[0] != '\0')
      mistake(r, "%s", message);
  }
}

/* --- blocks --- */

static void tell_mistake(void *arg, const char *message) {
  mistake(arg, "%s", message);
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

static void read_block(struct reader *r, const struct block *block,
                       const struct monitor_config *defaults) {
  const struct block_rules rules = {
      .backend = r->config->backend,
      .max_pid = r->max_pid,
      .defaults = defaults,
      .others = r->config->monitors,
      .n_others = r->config->n,
      .mistake = tell_mistake,
      .arg = r,
  };
  struct monitor_config m;

  if (block_read(&rules, block, &m) != 0)
    return;
  if (keep_monitor(r->config, &m) != 0) {
    mistake(r, "out of memory");
    monitor_config_clear(&m);
  }
}

/* `name` is what stands behind the key of the item. */
static void read_process(struct reader *r, const oconfig_item_t *item,
                         struct option name,
                         const struct monitor_config *defaults) {
  struct options options;
  char found[256], where[300];
  const char *outer = r->where;

  name.is_block = false;
  option_describe(&name, found, sizeof(found));
  snprintf(where, sizeof(where), "<Process %s>", found);
  r->where = where;
  if (to_options(item, &options) == 0) {
    const struct block block = {
        .name = name, .options = options.list, .n = options.n};
    read_block(r, &block, defaults);
  } else {
    mistake(r, "out of memory");
  }
  options_clear(&options);
  r->where = outer;
}

/* Where the control socket is, monitors that it starts have these defaults. */
static void keep_defaults(struct reader *r,
                          const struct monitor_config *defaults) {
  struct config *c = r->config;

  if (c->control.path == NULL || c->defaults.time_format != NULL)
    return;
  if (monitor_config_copy(defaults, &c->defaults) != 0)
    mistake(r, "out of memory");
}

static void read_plugin(struct reader *r, const oconfig_item_t *plugin,
                        const struct options *options,
                        struct monitor_config *defaults) {
  struct config *c = r->config;

  set_options(r, options, defaults);
  keep_defaults(r, defaults);
  struct backend_options where = {.proc_root = c->proc_root,
                                  .ps_command = c->ps_command};
  r->max_pid = c->backend->max_pid(&where);
  for (size_t i = 0; i < options->n; i++)
    if (is_process(&options->list[i]))
      read_process(r, &plugin->children[i], options->list[i], defaults);
}

int config_read(struct config *c, const oconfig_item_t *plugin,
                uint64_t default_interval_ns) {
  struct reader r = {.config = c, .where = "<Plugin procmon>"};
  struct monitor_config defaults;
  struct options options = {0};

  if (monitor_config_init(&defaults, default_interval_ns) != 0 ||
      to_options(plugin, &options) != 0)
    mistake(&r, "out of memory");
  else
    read_plugin(&r, plugin, &options, &defaults);
  options_clear(&options);
  monitor_config_clear(&defaults);
  if (c->control.path == NULL && c->control.has_others)
    mistake(&r, "SocketGroup, SocketPerms or DeleteSocket: found without a "
                "ControlSocket, expected one");
  return r.mistakes == 0 ? 0 : -EINVAL;
}
