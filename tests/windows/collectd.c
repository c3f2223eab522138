/* A host for procmon.dll on Windows, by the name that its import table asks
 * for: it loads the plugin as collectd does, hands it a configuration, calls
 * back until its time is over, and shuts it down. It prints what the plugin
 * logs, and counts what it dispatches.
 *
 *   collectd.exe DLL SECONDS KEY=VALUE...
 *
 * Each `Process=NAME` begins a block; what stands before the first one is the
 * plugin's own. Numbers, true and false are such, all else is a string; that of
 * Columns is a list. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "compat/collectd.h"
#include "compat/printf_like.h"

enum { MAX_ITEMS = 16, MAX_READS = 8, MAX_SOURCES = 32 };

static struct {
  int (*config)(oconfig_item_t *);
  int (*init)(void);
  int (*shutdown)(void);
  struct {
    int (*call)(user_data_t *);
    user_data_t data;
    cdtime_t interval;
  } reads[MAX_READS];
  size_t n_reads, n_values, n_compact;
  data_set_t type; /* the one that is registered */
  data_source_t sources[MAX_SOURCES];
} host;

/* --- what the plugin takes from collectd --- */

int plugin_register_complex_config(const char *type,
                                   int (*callback)(oconfig_item_t *)) {
  (void)type;
  host.config = callback;
  return 0;
}

int plugin_register_flush(const char *name, plugin_flush_cb callback,
                          user_data_t const *user_data) {
  (void)name, (void)callback, (void)user_data;
  return 0;
}

int plugin_register_init(const char *name, plugin_init_cb callback) {
  (void)name;
  host.init = callback;
  return 0;
}

int plugin_register_shutdown(const char *name, int (*callback)(void)) {
  (void)name;
  host.shutdown = callback;
  return 0;
}

int plugin_register_complex_read(const char *group, const char *name,
                                 int (*callback)(user_data_t *),
                                 cdtime_t interval,
                                 user_data_t const *user_data) {
  (void)group, (void)name;
  if (host.n_reads == MAX_READS)
    return -1;
  host.reads[host.n_reads].call = callback;
  host.reads[host.n_reads].data = *user_data;
  host.reads[host.n_reads++].interval = interval;
  return 0;
}

/* Only a control socket would ask for it. */
int plugin_thread_create(pthread_t *thread, void *(*run)(void *), void *arg,
                         const char *name) {
  (void)thread;
  (void)run;
  (void)arg;
  (void)name;
  return -1;
}

cdtime_t plugin_get_interval(void) { return TIME_T_TO_CDTIME_T(10); }

int plugin_register_data_set(const data_set_t *set) {
  if (set->ds_num > MAX_SOURCES)
    return -1;
  host.type = *set;
  host.type.ds = host.sources;
  memcpy(host.sources, set->ds, set->ds_num * sizeof(*set->ds));
  return 0;
}

const data_set_t *plugin_get_ds(const char *name) {
  return strcmp(host.type.type, name) == 0 ? &host.type : NULL;
}

int plugin_dispatch_values(const value_list_t *vl) {
  if (strcmp(vl->type, host.type.type) == 0 &&
      vl->values_len == host.type.ds_num)
    host.n_compact++;
  host.n_values++;
  return 0;
}

static char hostname[] = "testhost";
char *hostname_g = hostname;

int plugin_dispatch_notification(const notification_t *n) {
  printf("notification %d %s: %s\n", n->severity, n->plugin_instance,
         n->message);
  fflush(stdout);
  return 0;
}

void plugin_log(int level, const char *format, ...) {
  va_list args;

  printf("%d ", level);
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
  fflush(stdout);
}

/* --- what it does with the plugin --- */

static struct {
  oconfig_item_t items[MAX_ITEMS], children[MAX_ITEMS][MAX_ITEMS];
  oconfig_value_t values[MAX_ITEMS * MAX_ITEMS];
  size_t n_values;
} tree;

static oconfig_value_t to_value(char *text) {
  char *end;
  double number = strtod(text, &end);

  if (*text != '\0' && *end == '\0')
    return (oconfig_value_t){.type = OCONFIG_TYPE_NUMBER,
                             .value.number = number};
  if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
    return (oconfig_value_t){.type = OCONFIG_TYPE_BOOLEAN,
                             .value.boolean = strcmp(text, "true") == 0};
  return (oconfig_value_t){.type = OCONFIG_TYPE_STRING, .value.string = text};
}

static bool add(oconfig_item_t *parent, oconfig_item_t *items, char *argument) {
  char *value = strchr(argument, '=');

  if (value == NULL || parent->children_num == MAX_ITEMS)
    return false;
  *value++ = '\0';
  oconfig_item_t item = {.key = argument,
                         .values = &tree.values[tree.n_values]};
  /* A time format may hold a blank. */
  bool is_list = strcmp(argument, "Columns") == 0;
  char *next = is_list ? strtok(value, " ") : value;
  for (; next != NULL; next = is_list ? strtok(NULL, " ") : NULL) {
    tree.values[tree.n_values++] = to_value(next);
    item.values_num++;
  }
  parent->children = items;
  items[parent->children_num++] = item;
  return true;
}

static bool set_tree(oconfig_item_t *plugin, int argc, char **argv) {
  oconfig_item_t *parent = plugin, *items = tree.items;

  for (int i = 0; i < argc; i++) {
    bool is_block = strncmp(argv[i], "Process=", 8) == 0;
    if (!add(is_block ? plugin : parent, is_block ? tree.items : items,
             argv[i]))
      return false;
    if (is_block) {
      int last = plugin->children_num - 1;
      parent = &tree.items[last];
      items = tree.children[last];
    }
  }
  return true;
}

/* All at the interval of the first. */
static void read_for(double seconds) {
  ULONGLONG end = GetTickCount64() + (ULONGLONG)(seconds * 1000);

  while (GetTickCount64() < end) {
    Sleep((DWORD)CDTIME_T_TO_MS(host.reads[0].interval));
    for (size_t i = 0; i < host.n_reads; i++)
      host.reads[i].call(&host.reads[i].data);
  }
}

int main(int argc, char **argv) {
  oconfig_item_t plugin = {.key = (char[]){"Plugin"}};

  if (argc < 3 || !set_tree(&plugin, argc - 3, argv + 3)) {
    fprintf(stderr, "usage: collectd DLL SECONDS KEY=VALUE...\n");
    return 2;
  }
  HMODULE dll = LoadLibraryA(argv[1]);
  if (dll == NULL) {
    fprintf(stderr, "%s: error %lu\n", argv[1], GetLastError());
    return 2;
  }
  void (*module_register)(void) =
      (void (*)(void))(uintptr_t)GetProcAddress(dll, "module_register");
  module_register();
  if (host.config(&plugin) != 0 || host.init() != 0)
    return 1;
  if (host.n_reads > 0)
    read_for(atof(argv[2]));
  host.shutdown();
  printf("%d values, %d of the registered type\n", (int)host.n_values,
         (int)host.n_compact);
  return 0;
}
