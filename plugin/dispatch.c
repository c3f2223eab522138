#include "dispatch.h"

#include "compact.h"
#include "compat/collectd.h"
#include "metrics.h"
#include "printable.h"
#include "report.h"

/* Copies a text that fits, or what fits of it. */
static void set_name(char out[DATA_MAX_NAME_LEN], const char *name) {
  snprintf(out, DATA_MAX_NAME_LEN, "%s", name);
}

static void dispatch_values(value_list_t *vl, const char *type,
                            const char *type_instance, value_t *values,
                            size_t n) {
  set_name(vl->type, type);
  set_name(vl->type_instance, type_instance);
  vl->values = values;
  vl->values_len = n;
  /* collectd says itself, and once, what it cannot take. */
  plugin_dispatch_values(vl);
}

static void dispatch_gauge(value_list_t *vl, const char *type,
                           const char *type_instance, double value) {
  dispatch_values(vl, type, type_instance, &(value_t){.gauge = value}, 1);
}

static void dispatch_derive(value_list_t *vl, const char *type,
                            const char *type_instance, uint64_t value) {
  value_t v = {.derive = (derive_t)value};
  dispatch_values(vl, type, type_instance, &v, 1);
}

static void dispatch_derives(value_list_t *vl, const char *type, uint64_t first,
                             uint64_t second) {
  value_t v[] = {{.derive = (derive_t)first}, {.derive = (derive_t)second}};
  dispatch_values(vl, type, "", v, 2);
}

static void dispatch_count(value_list_t *vl, const struct reading *r) {
  value_t v[] = {{.gauge = (gauge_t)r->processes},
                 {.gauge = reading_threads(r)}};
  dispatch_values(vl, "ps_count", "", v, 2);
}

static void dispatch_sizes(value_list_t *vl, uint32_t metrics,
                           const struct reading *r) {
  if ((metrics & METRIC_RESIDENT) != 0)
    dispatch_gauge(vl, "ps_rss", "", (double)r->resident_bytes);
  if ((metrics & METRIC_VIRTUAL) != 0)
    dispatch_gauge(vl, "ps_vm", "", (double)r->virtual_bytes);
  if ((metrics & METRIC_PRIVATE) != 0)
    dispatch_gauge(vl, "ps_data", "", (double)r->private_bytes);
  if ((metrics & METRIC_HANDLES) != 0)
    dispatch_gauge(vl, "file_handles", "", (double)r->handles);
  if ((metrics & METRIC_UPTIME) != 0)
    dispatch_gauge(vl, "uptime", "", (double)r->uptime_ns / 1e9);
}

static void dispatch_counters(value_list_t *vl, uint32_t metrics,
                              const struct totals *t) {
  if ((metrics & METRIC_CPUTIME) != 0)
    dispatch_derives(vl, "ps_cputime", t->user_ns / 1000, t->system_ns / 1000);
  if ((metrics & METRIC_FAULTS) != 0)
    dispatch_derives(vl, "ps_pagefaults", t->minor_faults, t->major_faults);
  if ((metrics & METRIC_IO) != 0) {
    dispatch_derives(vl, "ps_disk_octets", t->read_bytes, t->write_bytes);
    dispatch_derives(vl, "ps_disk_ops", t->read_calls, t->write_calls);
  }
  if ((metrics & METRIC_SWITCHES) != 0) {
    dispatch_derive(vl, "contextswitch", "voluntary", t->voluntary_switches);
    dispatch_derive(vl, "contextswitch", "involuntary",
                    t->involuntary_switches);
  }
}

static void dispatch_standard(value_list_t *vl, uint32_t metrics,
                              const struct reading *r) {
  uint32_t known = metrics_known(metrics, r->have);

  if ((metrics & METRIC_COUNT) != 0)
    dispatch_count(vl, r);
  if ((known & METRIC_CPU) != 0)
    dispatch_gauge(vl, "gauge", "cpu_percent", r->cpu_percent);
  dispatch_sizes(vl, known, r);
  dispatch_counters(vl, known, &r->totals);
}

static void dispatch_compact(value_list_t *vl, uint32_t metrics,
                             const struct reading *r) {
  double values[COMPACT_SOURCES];
  value_t v[COMPACT_SOURCES];

  if (!compact_fill(metrics, r, values))
    return;
  for (size_t i = 0; i < COMPACT_SOURCES; i++)
    v[i].gauge = values[i];
  dispatch_values(vl, compact_type, "", v, COMPACT_SOURCES);
}

void dispatch_reading(const char *instance, uint64_t interval_ns,
                      enum layout layout, uint32_t metrics,
                      const struct reading *r) {
  value_list_t vl = VALUE_LIST_INIT;

  vl.time = NS_TO_CDTIME_T(r->wall_ns);
  vl.interval = NS_TO_CDTIME_T(interval_ns);
  set_name(vl.plugin, "procmon");
  set_name(vl.plugin_instance, instance);
  if (layout == LAYOUT_COMPACT)
    dispatch_compact(&vl, metrics, r);
  else
    dispatch_standard(&vl, metrics, r);
}

/* --- the type of the compact layout --- */

int dispatch_register_type(void) {
  data_source_t sources[COMPACT_SOURCES] = {0};
  data_set_t set = {.ds_num = COMPACT_SOURCES, .ds = sources};

  set_name(set.type, compact_type);
  for (size_t i = 0; i < COMPACT_SOURCES; i++) {
    set_name(sources[i].name, compact_name(i));
    sources[i].type = DS_TYPE_GAUGE;
    sources[i].max = NAN;
  }
  if (plugin_register_data_set(&set) == 0)
    return 0;
  report(REPORT_ERROR, "Layout \"compact\": collectd does not take its type");
  return -ENOMEM;
}

static bool is_ours(const data_set_t *set, size_t source) {
  return source < COMPACT_SOURCES && set->ds[source].type == DS_TYPE_GAUGE &&
         strcmp(set->ds[source].name, compact_name(source)) == 0;
}

int dispatch_check_type(void) {
  char found[2 * DATA_MAX_NAME_LEN] = "no data source";
  const data_set_t *set = plugin_get_ds(compact_type);
  size_t n = set != NULL ? set->ds_num : 0, i = 0;

  while (i < n && is_ours(set, i))
    i++;
  if (i == n && i == COMPACT_SOURCES)
    return 0;
  if (i < n)
    snprintf(found, sizeof(found), "\"%s\" as data source %zu", set->ds[i].name,
             i + 1);
  else if (n > 0)
    snprintf(found, sizeof(found), "%zu data sources", n);
  report(REPORT_ERROR,
         "Layout \"compact\": found %s of the type %s, expected those of this "
         "version's procmon.types.db: see the TypesDB of collectd's "
         "configuration",
         found, compact_type);
  return -EINVAL;
}

/* --- notifications --- */

/* Cut, if at all, before a character of UTF-8. */
static void set_message(char *out, size_t size, const char *message) {
  size_t len = strlen(message);

  if (len >= size) {
    len = size - 1;
    while (len > 0 && ((unsigned char)message[len] & 0xc0) == 0x80)
      len--;
  }
  memcpy(out, message, len);
  out[len] = '\0';
}

void dispatch_notification(const char *instance,
                           enum dispatch_severity severity, uint64_t wall_ns,
                           const char *message) {
  char text[2 * NOTIF_MAX_MSG_LEN];
  notification_t n = {
      .severity = severity == DISPATCH_OKAY ? NOTIF_OKAY : NOTIF_WARNING,
      .time = NS_TO_CDTIME_T(wall_ns),
  };

  printable_copy(message, text, sizeof(text));
  set_message(n.message, sizeof(n.message), text);
  set_name(n.host, hostname_g);
  set_name(n.plugin, "procmon");
  set_name(n.plugin_instance, instance);
  set_name(n.type, "ps_count");
  plugin_dispatch_notification(&n);
}
