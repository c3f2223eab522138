#include "dispatch.h"

#include "compat/collectd.h"
#include "metrics.h"
#include "printable.h"

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
  bool threads_known = (r->have & PROC_THREADS) != 0 || r->processes == 0;
  value_t v[] = {{.gauge = (gauge_t)r->processes},
                 {.gauge = threads_known ? (gauge_t)r->threads : NAN}};
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

void dispatch_reading(const char *instance, uint64_t interval_ns,
                      uint32_t metrics, const struct reading *r) {
  value_list_t vl = VALUE_LIST_INIT;
  uint32_t known = metrics_known(metrics, r->have);

  vl.time = NS_TO_CDTIME_T(r->wall_ns);
  vl.interval = NS_TO_CDTIME_T(interval_ns);
  set_name(vl.plugin, "procmon");
  set_name(vl.plugin_instance, instance);
  if ((metrics & METRIC_COUNT) != 0)
    dispatch_count(&vl, r);
  if ((known & METRIC_CPU) != 0)
    dispatch_gauge(&vl, "gauge", "cpu_percent", r->cpu_percent);
  dispatch_sizes(&vl, known, r);
  dispatch_counters(&vl, known, &r->totals);
}

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
