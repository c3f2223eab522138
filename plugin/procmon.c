#include "compat/collectd.h"

#include "backends/backend.h"
#include "backends/clock.h"
#include "compat/error_text.h"
#include "config.h"
#include "control.h"
#include "dispatch.h"
#include "monitor.h"
#include "printable.h"
#include "report.h"

/* Of 256; the rest is for what there is one of: /proc, epoll and the like. */
enum { KEPT_DESCRIPTORS = 240 };

/* How long logs may take to be opened before the start goes on without them,
 * and all that waits to be written before the end does. */
static const uint64_t START_WAIT_NS = UINT64_C(2000000000),
                      STOP_WAIT_NS = UINT64_C(10000000000);

/* The plugin's one context. */
static struct {
  bool is_configured;
  bool has_type; /* of the compact layout */
  struct config config;
  struct fd_budget budget;
  struct backend_ctx *ctx;
  struct census *census;
  struct ends *ends;
  struct writers *writers;
  struct control *control; /* NULL: there is no socket */
  bool has_control_thread;
  pthread_t control_thread;
  struct monitor **monitors; /* one for each of the configuration */
  size_t n;
  pthread_mutex_t flush_lock; /* keeps the monitors there during a flush */
} procmon = {.flush_lock = PTHREAD_MUTEX_INITIALIZER};

void report(enum report_level level, const char *format, ...) {
  static const int severities[] = {
      [REPORT_ERROR] = LOG_ERR,
      [REPORT_WARNING] = LOG_WARNING,
      [REPORT_NOTICE] = LOG_NOTICE,
      [REPORT_INFO] = LOG_INFO,
  };
  char text[2048], line[2048];
  va_list args;

  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  printable_copy(text, line, sizeof(line));
  plugin_log(severities[level], "procmon: %s", line);
}

/* Now, while collectd has one thread. */
static int register_type(void) {
  if (procmon.has_type || !config_may_be_compact(&procmon.config))
    return 0;
  int error = dispatch_register_type();
  procmon.has_type = error == 0;
  return error;
}

/* Runs before the daemon forks: it only checks and remembers. */
static int procmon_config(oconfig_item_t *plugin) {
  if (!procmon.is_configured && config_init(&procmon.config) != 0) {
    report(REPORT_ERROR, "out of memory");
    return -1;
  }
  procmon.is_configured = true;
  uint64_t interval_ns = CDTIME_T_TO_NS(plugin_get_interval());
  int error = config_read(&procmon.config, plugin, interval_ns);
  return error == 0 ? register_type() : error;
}

static int procmon_read(user_data_t *data) {
  monitor_read(data->data);
  return 0;
}

/* collectd calls it on SIGUSR1, on a thread of its own. */
static int procmon_flush(cdtime_t timeout, const char *identifier,
                         user_data_t *data) {
  (void)timeout;
  (void)identifier;
  (void)data;
  pthread_mutex_lock(&procmon.flush_lock);
  for (size_t i = 0; i < procmon.n; i++)
    monitor_reopen(procmon.monitors[i]);
  if (procmon.has_control_thread)
    control_reopen(procmon.control);
  pthread_mutex_unlock(&procmon.flush_lock);
  return 0;
}

static int create_monitor(const struct monitor_config *config,
                          const struct monitor_env *env) {
  struct monitor *monitor;
  char text[ERROR_TEXT_MAX];

  int error = monitor_create(config, env, NULL, &monitor);
  if (error != 0)
    report(REPORT_ERROR, "<Process \"%s\">: cannot start: %s", config->name,
           error_text(error, text));
  else
    procmon.monitors[procmon.n++] = monitor;
  return error;
}

static int register_monitor(const struct monitor_config *config,
                            struct monitor *monitor) {
  char name[2 * DATA_MAX_NAME_LEN];

  snprintf(name, sizeof(name), "procmon-%s", config->name);
  user_data_t data = {.data = monitor};
  int error =
      plugin_register_complex_read("procmon", name, procmon_read,
                                   NS_TO_CDTIME_T(config->interval_ns), &data);
  if (error != 0)
    report(REPORT_ERROR, "<Process \"%s\">: collectd takes no read callback",
           config->name);
  return error;
}

static int open_backend(void) {
  const struct backend *backend = procmon.config.backend;
  struct backend_options options = {
      .proc_root = procmon.config.proc_root,
      .cgroup_root = procmon.config.cgroup_root,
      .ps_command = procmon.config.ps_command,
      .budget = &procmon.budget,
  };
  char text[ERROR_TEXT_MAX];
  int error = backend->open(&options, &procmon.ctx);
  if (error == 0)
    return 0;
  const char *words = backend->explain != NULL ? backend->explain(error) : NULL;
  report(REPORT_ERROR, "Backend \"%s\": %s; it needs %s", backend->name,
         words != NULL ? words : error_text(error, text), backend->requires);
  return error;
}

/* What all monitors share. */
static int open_shared(void) {
  const struct backend *backend = procmon.config.backend;
  char text[ERROR_TEXT_MAX];

  procmon.monitors = calloc(procmon.config.n + 1, sizeof(struct monitor *));
  int error = procmon.monitors != NULL
                  ? census_create(backend, procmon.ctx, &procmon.census)
                  : -ENOMEM;
  if (error == 0)
    error = ends_create(backend, procmon.ctx, &procmon.ends);
  if (error == 0)
    error = writers_create(&procmon.writers);
  if (error == 0 && procmon.config.control.path != NULL)
    error = control_create(&procmon.control);
  if (error != 0)
    report(REPORT_ERROR, "cannot start: %s", error_text(error, text));
  return error;
}

/* So that what is wrong with a log is said before all else. */
static void wait_for_logs(void) {
  uint64_t deadline_ns = clock_ns(CLOCK_MONOTONIC) + START_WAIT_NS;

  for (size_t i = 0; i < procmon.n; i++)
    monitor_wait(procmon.monitors[i], deadline_ns);
}

/* A socket that cannot be made is said, and no reason not to go on. */
static void start_control(const struct monitor_env *env) {
  if (procmon.control == NULL || control_open(procmon.control, &procmon.config,
                                              env, procmon.monitors) != 0)
    return;
  procmon.has_control_thread =
      plugin_thread_create(&procmon.control_thread, control_run,
                           procmon.control, "procmon control") == 0;
  if (!procmon.has_control_thread)
    report(REPORT_ERROR, "ControlSocket: there can be no thread for it");
}

static void end_control(void) {
  if (!procmon.has_control_thread)
    return;
  control_end(procmon.control);
  pthread_join(procmon.control_thread, NULL);
  procmon.has_control_thread = false;
}

static int procmon_init(void) {
  const struct config *c = &procmon.config;

  if (c->n == 0 && c->control.path == NULL) {
    report(REPORT_WARNING, "no <Process> block in <Plugin procmon>: nothing is "
                           "monitored");
    return 0;
  }
  atomic_init(&procmon.budget.left, KEPT_DESCRIPTORS);
  if (procmon.has_type && dispatch_check_type() != 0)
    return -1;
  if (open_backend() != 0 || open_shared() != 0)
    return -1;
  struct monitor_env env = {
      .backend = c->backend,
      .ctx = procmon.ctx,
      .budget = &procmon.budget,
      .census = procmon.census,
      .ends = procmon.ends,
      .writers = procmon.writers,
      .told = procmon.control != NULL ? control_tell : NULL,
      .told_arg = procmon.control,
  };
  for (size_t i = 0; i < c->n; i++)
    if (create_monitor(&c->monitors[i], &env) != 0)
      return -1;
  int failed = 0;
  for (size_t i = 0; i < c->n; i++)
    monitor_start(procmon.monitors[i]);
  /* At once, so that they are due at once from then on: collectd puts a thread
   * to sleep and wakes it for each that is due only a moment later. */
  for (size_t i = 0; i < c->n; i++)
    if (register_monitor(&c->monitors[i], procmon.monitors[i]) != 0)
      failed = -1;
  start_control(&env);
  wait_for_logs();
  return failed;
}

static void stop_monitors(void) {
  for (size_t i = 0; i < procmon.n; i++)
    monitor_stop(procmon.monitors[i]);
}

/* False where a log hangs: then all that its writer may use stays. */
static bool free_monitors(uint64_t deadline_ns) {
  bool hangs = false;

  for (size_t i = 0; i < procmon.n; i++)
    if (monitor_wait(procmon.monitors[i], deadline_ns)) {
      monitor_free(procmon.monitors[i]);
    } else {
      monitor_abandon(procmon.monitors[i]);
      hangs = true;
    }
  procmon.n = 0;
  return !hangs;
}

/* What the monitors shared. */
static void free_shared(void) {
  writers_free(procmon.writers);
  procmon.writers = NULL;
  ends_free(procmon.ends);
  procmon.ends = NULL;
  census_free(procmon.census);
  procmon.census = NULL;
  if (procmon.ctx != NULL)
    procmon.config.backend->close(procmon.ctx);
  procmon.ctx = NULL;
  config_clear(&procmon.config);
  procmon.is_configured = false;
}

/* collectd has joined its read threads before. */
static int procmon_shutdown(void) {
  if (procmon.ends != NULL)
    ends_stop(procmon.ends);
  pthread_mutex_lock(&procmon.flush_lock);
  end_control();
  stop_monitors();
  uint64_t deadline_ns = clock_ns(CLOCK_MONOTONIC) + STOP_WAIT_NS;
  bool are_free =
      procmon.control == NULL || control_free(procmon.control, deadline_ns);
  procmon.control = NULL;
  are_free = free_monitors(deadline_ns) && are_free;
  free(procmon.monitors);
  procmon.monitors = NULL;
  pthread_mutex_unlock(&procmon.flush_lock);
  if (are_free)
    free_shared();
  return 0;
}

void module_register(void) {
  plugin_register_complex_config("procmon", procmon_config);
  plugin_register_init("procmon", procmon_init);
  plugin_register_flush("procmon", procmon_flush, NULL);
  plugin_register_shutdown("procmon", procmon_shutdown);
}
