/* The configuration. An input is what stands in a <Plugin procmon> block. */
#include <stdarg.h>
#include <stdio.h>

#include "config_text.h"
#include "fuzz.h"
#include "plugin/config.h"
#include "plugin/printable.h"
#include "plugin/report.h"
#include "plugin/timefmt.h"

enum { LINE_MAX_LENGTH = 1400 };

static size_t n_reports;

/* Every message is one line, as the plugin writes it. */
void report(enum report_level level, const char *format, ...) {
  char text[LINE_MAX_LENGTH], line[LINE_MAX_LENGTH] = "?";
  va_list args;

  va_start(args, format);
  int len = vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  assert(level == REPORT_ERROR);
  assert(len > 0 && len < LINE_MAX_LENGTH);
  printable_copy(text, line, sizeof(line));
  assert(line[0] != '\0' && !has_control(line));
  n_reports++;
}

static void check_monitor(const struct monitor_config *m) {
  struct monitor_config copy;
  char text[64] = "?";

  assert(m->name != NULL && m->name[0] != '\0');
  assert(strchr(m->name, '/') == NULL && !has_control(m->name));
  assert(m->pid >= 0);
  assert(m->interval_ns >= 10000000 &&
         m->interval_ns <= UINT64_C(86400000000000));
  assert(m->num_processors >= 1 && m->max_processes >= 1);
  assert(m->columns.n >= 1 && m->columns.n <= COLUMN_COUNT);
  assert(timefmt_check(m->time_format) == NULL);
  assert(m->file != NULL || m->dispatch);
  monitor_config_describe(m, text, sizeof(text));
  assert(text[0] != '\0' && strlen(text) < sizeof(text));
  assert(monitor_config_copy(m, &copy) == 0);
  assert(strcmp(copy.name, m->name) == 0);
  monitor_config_clear(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct config config;
  size_t len;
  char *text = next_part(&in, &len), *pool = malloc(2 * len + 2);

  n_reports = 0;
  /* It may hold a regular expression. */
  if (is_affordable(text)) {
    const oconfig_item_t *plugin = read_text(text, pool);
    assert(config_init(&config) == 0);
    int error = config_read(&config, plugin, UINT64_C(10000000000));
    assert((error == 0) == (n_reports == 0));
    for (size_t i = 0; i < config.n; i++)
      check_monitor(&config.monitors[i]);
    config_clear(&config);
  }
  free(text);
  free(pool);
  return 0;
}
