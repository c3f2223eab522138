#include "plugin/dispatch.h"

#include "mock_collectd.h"
#include "plugin/compact.h"
#include "plugin/metrics.h"
#include "record.h"
#include "unit.h"

static const uint32_t everything = (1u << 12) - 1;
static const uint32_t every_metric = (1u << 11) - 1;

static struct reading example(void) {
  return (struct reading){
      .wall_ns = UINT64_C(1221575050500000000),
      .have = everything,
      .processes = 3,
      .rated = 3,
      .cpu_percent = 269.5,
      .user_percent = 200.25,
      .system_percent = 69.25,
      .resident_bytes = 100,
      .virtual_bytes = 200,
      .private_bytes = 300,
      .threads = 4,
      .handles = 5,
      .uptime_ns = UINT64_C(6500000000),
      .minor_faults_per_s = 0.25,
      .major_faults_per_s = 0.5,
      .read_bytes_per_s = 0.75,
      .write_bytes_per_s = 1.25,
      .read_calls_per_s = 1.5,
      .write_calls_per_s = 1.75,
      .voluntary_switches_per_s = 2.25,
      .involuntary_switches_per_s = 2.5,
      .totals = {.user_ns = 7000999,
                 .system_ns = 8000000,
                 .minor_faults = 9,
                 .major_faults = 10,
                 .read_bytes = 11,
                 .write_bytes = 12,
                 .read_calls = 13,
                 .write_calls = 14,
                 .voluntary_switches = 15,
                 .involuntary_switches = 16},
  };
}

static void dispatch(uint32_t metrics, const struct reading *r) {
  mock_n_values = 0;
  dispatch_reading("nginx", 500000000, LAYOUT_STANDARD, metrics, r);
}

/* The values of the one list. */
static const value_t *dispatch_compact(uint32_t metrics,
                                       const struct reading *r) {
  mock_n_values = 0;
  dispatch_reading("nginx", 500000000, LAYOUT_COMPACT, metrics, r);
  ck_assert_uint_eq(mock_n_values, 1);
  ck_assert_uint_eq(mock_values[0].list.values_len, COMPACT_SOURCES);
  return mock_values[0].values;
}

static double value_of(const value_t *values, const char *source) {
  size_t i = 0;

  while (i < COMPACT_SOURCES && strcmp(compact_name(i), source) != 0)
    i++;
  ck_assert_msg(i < COMPACT_SOURCES, "no source %s", source);
  return values[i].gauge;
}

static size_t count_known(const value_t *values) {
  size_t n = 0;

  for (size_t i = 0; i < COMPACT_SOURCES; i++)
    if (!isnan(values[i].gauge))
      n++;
  return n;
}

static void check_gauge(const char *type, const char *type_instance,
                        double expected) {
  const struct mock_value_list *m = mock_find(type, type_instance);

  ck_assert_ptr_nonnull(m);
  ck_assert_uint_eq(m->list.values_len, 1);
  ck_assert_double_eq(m->values[0].gauge, expected);
}

static void check_derives(const char *type, const char *type_instance,
                          derive_t first, derive_t second) {
  const struct mock_value_list *m = mock_find(type, type_instance);

  ck_assert_ptr_nonnull(m);
  ck_assert_uint_eq(m->list.values_len, second < 0 ? 1 : 2);
  ck_assert_int_eq(m->values[0].derive, first);
  if (second >= 0)
    ck_assert_int_eq(m->values[1].derive, second);
}

START_TEST(every_metric_has_its_type_and_unit) {
  struct reading r = example();

  dispatch(every_metric, &r);
  ck_assert_uint_eq(mock_n_values, 13);
  check_gauge("gauge", "cpu_percent", 269.5);
  check_derives("ps_cputime", "", 7000, 8000);
  check_gauge("ps_rss", "", 100);
  check_gauge("ps_vm", "", 200);
  check_gauge("ps_data", "", 300);
  check_gauge("file_handles", "", 5);
  check_gauge("uptime", "", 6.5);
  check_derives("ps_pagefaults", "", 9, 10);
  check_derives("ps_disk_octets", "", 11, 12);
  check_derives("ps_disk_ops", "", 13, 14);
  check_derives("contextswitch", "voluntary", 15, -1);
  check_derives("contextswitch", "involuntary", 16, -1);
  const struct mock_value_list *count = mock_find("ps_count", "");
  ck_assert_ptr_nonnull(count);
  ck_assert_double_eq(count->values[0].gauge, 3);
  ck_assert_double_eq(count->values[1].gauge, 4);
}
END_TEST

START_TEST(default_metrics_are_those_of_the_manual) {
  struct reading r = example();

  dispatch(METRICS_DEFAULT, &r);
  ck_assert_uint_eq(mock_n_values, 7);
  ck_assert_ptr_nonnull(mock_find("gauge", "cpu_percent"));
  ck_assert_ptr_nonnull(mock_find("ps_cputime", ""));
  ck_assert_ptr_nonnull(mock_find("ps_rss", ""));
  ck_assert_ptr_nonnull(mock_find("ps_vm", ""));
  ck_assert_ptr_nonnull(mock_find("ps_data", ""));
  ck_assert_ptr_nonnull(mock_find("ps_count", ""));
  ck_assert_ptr_nonnull(mock_find("file_handles", ""));
}
END_TEST

START_TEST(all_values_of_a_reading_carry_one_time_and_name) {
  struct reading r = example();

  dispatch(every_metric, &r);
  for (size_t i = 0; i < mock_n_values; i++) {
    const value_list_t *vl = &mock_values[i].list;
    ck_assert_uint_eq(vl->time, (UINT64_C(1221575050) << 30) + (1u << 29));
    ck_assert_uint_eq(vl->interval, 1u << 29);
    ck_assert_str_eq(vl->plugin, "procmon");
    ck_assert_str_eq(vl->plugin_instance, "nginx");
    ck_assert_str_eq(vl->host, "");
  }
}
END_TEST

START_TEST(a_missing_value_is_not_dispatched) {
  struct reading r = example();

  r.have &= ~(uint32_t)(PROC_HANDLES | PROC_IO | PROC_CPU);
  dispatch(every_metric, &r);
  ck_assert_uint_eq(mock_n_values, 9);
  ck_assert_ptr_null(mock_find("file_handles", ""));
  ck_assert_ptr_null(mock_find("ps_disk_octets", ""));
  ck_assert_ptr_null(mock_find("ps_disk_ops", ""));
  ck_assert_ptr_null(mock_find("gauge", "cpu_percent"));
}
END_TEST

START_TEST(without_a_process_the_count_is_zero) {
  struct reading r = {.wall_ns = 1};

  dispatch(every_metric, &r);
  ck_assert_uint_eq(mock_n_values, 1);
  ck_assert_str_eq(mock_values[0].list.type, "ps_count");
  ck_assert_double_eq(mock_values[0].values[0].gauge, 0);
  ck_assert_double_eq(mock_values[0].values[1].gauge, 0);
}
END_TEST

START_TEST(unknown_threads_of_a_process_are_unknown) {
  struct reading r = example();

  r.have = 0;
  dispatch(METRIC_COUNT, &r);
  ck_assert_uint_eq(mock_n_values, 1);
  ck_assert_double_eq(mock_values[0].values[0].gauge, 3);
  ck_assert_double_nan(mock_values[0].values[1].gauge);
}
END_TEST

/* --- the compact layout --- */

START_TEST(a_compact_reading_is_one_list_of_all_metrics) {
  static const struct {
    const char *source;
    double value;
  } expected[] = {
      {"cpu_percent", 269.5},
      {"user_percent", 200.25},
      {"system_percent", 69.25},
      {"resident", 100},
      {"virtual", 200},
      {"private", 300},
      {"processes", 3},
      {"threads", 4},
      {"handles", 5},
      {"minor_faults", 0.25},
      {"major_faults", 0.5},
      {"read_bytes", 0.75},
      {"write_bytes", 1.25},
      {"read_calls", 1.5},
      {"write_calls", 1.75},
      {"vol_switches", 2.25},
      {"invol_switches", 2.5},
      {"uptime", 6.5},
  };
  struct reading r = example();

  const value_t *values = dispatch_compact(every_metric, &r);
  ck_assert_uint_eq(sizeof(expected) / sizeof(expected[0]), COMPACT_SOURCES);
  for (size_t i = 0; i < COMPACT_SOURCES; i++) {
    ck_assert_str_eq(compact_name(i), expected[i].source);
    ck_assert_double_eq(values[i].gauge, expected[i].value);
  }
  const value_list_t *vl = &mock_values[0].list;
  ck_assert_str_eq(vl->plugin, "procmon");
  ck_assert_str_eq(vl->plugin_instance, "nginx");
  ck_assert_str_eq(vl->type, "procmon");
  ck_assert_str_eq(vl->type_instance, "");
  ck_assert_uint_eq(vl->time, (UINT64_C(1221575050) << 30) + (1u << 29));
  ck_assert_uint_eq(vl->interval, 1u << 29);
}
END_TEST

START_TEST(what_was_not_chosen_is_nan_in_a_compact_list) {
  struct reading r = example();

  const value_t *values =
      dispatch_compact(METRIC_RESIDENT | METRIC_SWITCHES, &r);
  ck_assert_uint_eq(count_known(values), 3);
  ck_assert_double_eq(value_of(values, "resident"), 100);
  ck_assert_double_eq(value_of(values, "vol_switches"), 2.25);
  ck_assert_double_eq(value_of(values, "invol_switches"), 2.5);
}
END_TEST

START_TEST(what_is_missing_is_nan_in_a_compact_list) {
  struct reading r = example();

  r.have &= ~(uint32_t)(PROC_IO | PROC_CPU | PROC_THREADS);
  const value_t *values = dispatch_compact(every_metric, &r);
  ck_assert_uint_eq(count_known(values), COMPACT_SOURCES - 6);
  ck_assert_double_nan(value_of(values, "cpu_percent"));
  ck_assert_double_nan(value_of(values, "threads"));
  ck_assert_double_nan(value_of(values, "read_bytes"));
  ck_assert_double_nan(value_of(values, "write_bytes"));
  ck_assert_double_nan(value_of(values, "read_calls"));
  ck_assert_double_nan(value_of(values, "write_calls"));
  ck_assert_double_eq(value_of(values, "processes"), 3);
}
END_TEST

START_TEST(without_a_process_a_compact_list_has_the_count_alone) {
  struct reading r = {.wall_ns = 1};

  const value_t *values = dispatch_compact(every_metric, &r);
  ck_assert_uint_eq(count_known(values), 2);
  ck_assert_double_eq(value_of(values, "processes"), 0);
  ck_assert_double_eq(value_of(values, "threads"), 0);
}
END_TEST

START_TEST(a_compact_list_of_nothing_is_not_dispatched) {
  struct reading r = {.wall_ns = 1};

  mock_n_values = 0;
  dispatch_reading("nginx", 500000000, LAYOUT_COMPACT,
                   every_metric & ~(uint32_t)METRIC_COUNT, &r);
  r = example();
  dispatch_reading("nginx", 500000000, LAYOUT_COMPACT, 0, &r);
  ck_assert_uint_eq(mock_n_values, 0);
}
END_TEST

START_TEST(names_of_data_sources_are_such_as_rrd_files_take) {
  for (size_t i = 0; i < COMPACT_SOURCES; i++) {
    const char *name = compact_name(i);
    ck_assert_uint_le(strlen(name), 19);
    ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz_"),
                      strlen(name));
    for (size_t j = 0; j < i; j++)
      ck_assert_str_ne(name, compact_name(j));
  }
}
END_TEST

/* As text it must find room where writers of collectd have 512 bytes. */
START_TEST(the_longest_list_has_room_in_a_writer) {
  char number[64];
  int longest =
      snprintf(number, sizeof(number), ",%.15g", -1.23456789012345e-308);

  ck_assert_int_lt(24 + COMPACT_SOURCES * longest, 512);
}
END_TEST

START_TEST(the_type_is_registered_with_all_its_sources) {
  ck_assert_int_eq(dispatch_register_type(), 0);
  ck_assert_str_eq(mock_data_set.type, "procmon");
  ck_assert_uint_eq(mock_data_set.ds_num, COMPACT_SOURCES);
  for (size_t i = 0; i < COMPACT_SOURCES; i++) {
    ck_assert_str_eq(mock_data_sources[i].name, compact_name(i));
    ck_assert_int_eq(mock_data_sources[i].type, DS_TYPE_GAUGE);
    ck_assert_double_eq(mock_data_sources[i].min, 0);
    ck_assert_double_nan(mock_data_sources[i].max);
  }
  ck_assert_int_eq(dispatch_check_type(), 0);
}
END_TEST

static void check_refuses(const char *found) {
  char line[300];

  record_clear();
  ck_assert_int_eq(dispatch_check_type(), -EINVAL);
  ck_assert_uint_eq(record_count(REPORT_ERROR), 1);
  snprintf(
      line, sizeof(line),
      "Layout \"compact\": found %s of the type procmon, expected those of "
      "this version's procmon.types.db: see the TypesDB of collectd's "
      "configuration",
      found);
  ck_assert_str_eq(record_line(0), line);
  dispatch_register_type();
}

START_TEST(a_type_of_another_version_is_refused) {
  dispatch_register_type();
  strcpy(mock_data_sources[3].name, "rss");
  check_refuses("\"rss\" as data source 4");
  mock_data_sources[1].type = DS_TYPE_DERIVE;
  check_refuses("\"user_percent\" as data source 2");
  mock_data_set.ds_num = 17;
  check_refuses("17 data sources");
  mock_data_set.ds_num = 19;
  strcpy(mock_data_sources[18].name, "more");
  check_refuses("\"more\" as data source 19");
  mock_data_set.ds_num = 0;
  check_refuses("no data source");
}
END_TEST

/* --- names and notifications --- */

START_TEST(metrics_are_found_by_name) {
  ck_assert_uint_eq(metrics_find("cpu"), METRIC_CPU);
  ck_assert_uint_eq(metrics_find("CPUTime"), METRIC_CPUTIME);
  ck_assert_uint_eq(metrics_find("nonsense"), 0);
  for (const char *at = metrics_names; at != NULL;
       at = strstr(at, ", ") ? strstr(at, ", ") + 2 : NULL) {
    char name[32];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, ","), at);
    ck_assert_uint_ne(metrics_find(name), 0);
  }
}
END_TEST

START_TEST(a_notification_is_of_the_block_and_its_message_is_cut_whole) {
  char text[NOTIF_MAX_MSG_LEN + 8];

  dispatch_notification("nginx", DISPATCH_WARNING, UINT64_C(1500000000),
                        "it ended");
  const notification_t *n = &mock_notification;
  ck_assert_int_eq(n->severity, NOTIF_WARNING);
  ck_assert_uint_eq(n->time, (UINT64_C(1) << 30) + (1u << 29));
  ck_assert_str_eq(n->host, "mockhost");
  ck_assert_str_eq(n->plugin, "procmon");
  ck_assert_str_eq(n->plugin_instance, "nginx");
  ck_assert_str_eq(n->type, "ps_count");
  ck_assert_str_eq(n->type_instance, "");
  ck_assert_str_eq(n->message, "it ended");
  ck_assert_ptr_null(n->meta);
  /* The last character that has a place is the first half of one. */
  memset(text, 'x', sizeof(text));
  memcpy(text + NOTIF_MAX_MSG_LEN - 2, "\xc3\xa4", 3);
  dispatch_notification("nginx", DISPATCH_OKAY, 0, text);
  ck_assert_int_eq(n->severity, NOTIF_OKAY);
  ck_assert_uint_eq(strlen(n->message), NOTIF_MAX_MSG_LEN - 2);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      every_metric_has_its_type_and_unit,
      default_metrics_are_those_of_the_manual,
      all_values_of_a_reading_carry_one_time_and_name,
      a_missing_value_is_not_dispatched,
      without_a_process_the_count_is_zero,
      unknown_threads_of_a_process_are_unknown,
      a_compact_reading_is_one_list_of_all_metrics,
      what_was_not_chosen_is_nan_in_a_compact_list,
      what_is_missing_is_nan_in_a_compact_list,
      without_a_process_a_compact_list_has_the_count_alone,
      a_compact_list_of_nothing_is_not_dispatched,
      names_of_data_sources_are_such_as_rrd_files_take,
      the_longest_list_has_room_in_a_writer,
      the_type_is_registered_with_all_its_sources,
      a_type_of_another_version_is_refused,
      metrics_are_found_by_name,
      a_notification_is_of_the_block_and_its_message_is_cut_whole,
  };
  return UNIT_RUN("dispatch", tests);
}
