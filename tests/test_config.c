#include "compat/processors.h"
#include "config_tree.h"
#include "plugin/metrics.h"

/* --- what is accepted --- */

START_TEST(a_pid_alone_is_a_whole_block) {
  begin();
  add(&tree, "Process", VALUES(number(4242)));
  const struct monitor_config *m = accepted(0);
  ck_assert_str_eq(m->name, "4242");
  ck_assert_int_eq(m->pid, 4242);
  ck_assert_uint_eq(m->interval_ns, UINT64_C(10000000000));
  ck_assert_uint_eq(m->num_processors, 1);
  ck_assert_ptr_null(m->file);
  ck_assert(m->append);
  ck_assert(m->dispatch);
  ck_assert(!m->utc);
  ck_assert_int_eq(m->layout, LAYOUT_STANDARD);
  ck_assert_uint_eq(m->metrics, METRICS_DEFAULT);
  struct columns columns;
  columns_default(&columns);
  ck_assert_uint_eq(m->columns.n, columns.n);
  ck_assert_int_eq(m->header, HEADER_NAMES);
  ck_assert_str_eq(m->time_format, "%m/%d/%y %H:%M:%S");
  config_clear(&config);
}
END_TEST

START_TEST(every_option_is_taken) {
  begin();
  add(&tree, "Process", VALUES(text("nginx")));
  add_in(&tree, "PidFile", VALUES(text("/run/nginx.pid")));
  add_in(&tree, "Command", VALUES(text("nginx")));
  add_in(&tree, "interval", VALUES(number(0.25)));
  add_in(&tree, "NumProcessors", VALUES(number(4)));
  add_in(&tree, "File", VALUES(text("/tmp/%p.tsv")));
  add_in(&tree, "Columns", VALUES(text("cpu"), text("Uptime")));
  add_in(&tree, "Header", VALUES(text("Ruled")));
  add_in(&tree, "TimeFormat", VALUES(text("%H:%M:%S.%3N")));
  add_in(&tree, "TimeZone", VALUES(text("utc")));
  add_in(&tree, "Append", VALUES(boolean(false)));
  add_in(&tree, "Dispatch", VALUES(boolean(false)));
  add_in(&tree, "Layout", VALUES(text("Compact")));
  add_in(&tree, "Metrics", VALUES(text("io"), text("cpu")));
  const struct monitor_config *m = accepted(0);
  ck_assert_str_eq(m->name, "nginx");
  ck_assert_int_eq(m->pid, 0);
  ck_assert_str_eq(m->pid_file, "/run/nginx.pid");
  ck_assert_str_eq(m->command, "nginx");
  ck_assert_uint_eq(m->interval_ns, 250000000);
  ck_assert_uint_eq(m->num_processors, 4);
  ck_assert_str_eq(m->file, "/tmp/%p.tsv");
  ck_assert_uint_eq(m->columns.n, 2);
  ck_assert_int_eq(m->columns.list[0], COLUMN_CPU);
  ck_assert_int_eq(m->columns.list[1], COLUMN_UPTIME);
  ck_assert_int_eq(m->header, HEADER_RULED);
  ck_assert_str_eq(m->time_format, "%H:%M:%S.%3N");
  ck_assert(m->utc);
  ck_assert(!m->append);
  ck_assert(!m->dispatch);
  ck_assert_int_eq(m->layout, LAYOUT_COMPACT);
  ck_assert_uint_eq(m->metrics, METRIC_IO | METRIC_CPU);
  config_clear(&config);
}
END_TEST

START_TEST(plugin_options_are_defaults_wherever_they_stand) {
  begin();
  add(&tree, "Process", VALUES(number(1)));
  add(&tree, "Process", VALUES(number(2)));
  add_in(&tree, "Interval", VALUES(number(3)));
  add_in(&tree, "File", VALUES(text("/own")));
  add(&tree, "Interval", VALUES(number(0.5)));
  add(&tree, "File", VALUES(text("/all/%p")));
  add(&tree, "Columns", VALUES(text("windows")));
  const struct monitor_config *m = accepted(1);
  ck_assert_uint_eq(config.monitors[0].interval_ns, 500000000);
  ck_assert_str_eq(config.monitors[0].file, "/all/%p");
  ck_assert(config.monitors[0].columns.integer_cpu);
  ck_assert_uint_eq(m->interval_ns, UINT64_C(3000000000));
  ck_assert_str_eq(m->file, "/own");
  config_clear(&config);
}
END_TEST

START_TEST(the_compact_type_is_for_blocks_that_send_values_by_it) {
  begin();
  add(&tree, "Layout", VALUES(text("compact")));
  add(&tree, "File", VALUES(text("/all/%p")));
  add(&tree, "Process", VALUES(number(1)));
  add_in(&tree, "Dispatch", VALUES(boolean(false)));
  add(&tree, "Process", VALUES(number(2)));
  add_in(&tree, "Layout", VALUES(text("standard")));
  ck_assert_int_eq(accepted(0)->layout, LAYOUT_COMPACT);
  ck_assert(!config_may_be_compact(&config));
  tree_clear(&tree);
  add(&tree, "Process", VALUES(number(3)));
  add_in(&tree, "Layout", VALUES(text("compact")));
  accepted(2);
  ck_assert(config_may_be_compact(&config));
  config_clear(&config);
}
END_TEST

START_TEST(online_is_the_number_of_processors) {
  begin();
  add(&tree, "Process", VALUES(number(1)));
  add_in(&tree, "NumProcessors", VALUES(text("online")));
  ck_assert_uint_eq(accepted(0)->num_processors, processors_online());
  config_clear(&config);
}
END_TEST

START_TEST(a_second_plugin_block_adds_to_the_first) {
  begin();
  add(&tree, "Process", VALUES(number(1)));
  accepted(0);
  tree_clear(&tree);
  add(&tree, "Process", VALUES(number(2)));
  ck_assert_int_eq(accepted(1)->pid, 2);
  tree_clear(&tree);
  add(&tree, "Process", VALUES(number(1)));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert(record_has("found a second block of this name"));
  config_clear(&config);
}
END_TEST

START_TEST(the_limits_themselves_are_fine) {
  char name[128];

  begin();
  memset(name, 'n', sizeof(name) - 1);
  name[127] = '\0';
  add(&tree, "Process", VALUES(text(name)));
  add_in(&tree, "Pid", VALUES(number(1)));
  add_in(&tree, "Interval", VALUES(number(0.01)));
  add(&tree, "Process", VALUES(number(2)));
  add_in(&tree, "Interval", VALUES(number(86400)));
  accepted(1);
  config_clear(&config);
}
END_TEST

/* --- what is refused, and the words --- */

#define UNKNOWN                                                                \
  "unknown option, expected one of Pid, PidFile, Command, CommandLine, User, " \
  "Unit, Cgroup, Children, Report, MaxProcesses, Interval, NumProcessors, "    \
  "File, Columns, Header, TimeFormat, TimeZone, Append, Sync, Dispatch, "      \
  "Layout, Metrics, "                                                          \
  "Notify"

START_TEST(an_unknown_option_is_refused) {
  static const char *const later[] = {"Intervall", "ControlSocket"};

  for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
    char line[600];
    snprintf(line, sizeof(line), "%s: %s", later[i], UNKNOWN);
    option_refused(later[i], VALUES(text("x")), line);
  }
  begin();
  add(&tree, "Intervall", VALUES(number(1)));
  refused(
      "<Plugin procmon>: Intervall: unknown option, expected one of "
      "Backend, ProcRoot, CgroupRoot, PsCommand, ControlSocket, SocketGroup, "
      "SocketPerms, DeleteSocket, <Process>, Children, Report, "
      "MaxProcesses, Interval, NumProcessors, File, Columns, Header, "
      "TimeFormat, TimeZone, Append, Sync, Dispatch, Layout, Metrics, Notify");
}
END_TEST

START_TEST(a_wrong_type_is_refused) {
  option_refused("Interval", VALUES(text("1")),
                 "Interval: found \"1\", expected seconds from 0.01 to 86400");
  option_refused("Interval", VALUES(boolean(true)),
                 "Interval: found true, expected seconds from 0.01 to 86400");
  option_refused("File", VALUES(number(1)),
                 "File: found 1, expected the path of a file in quotes, with "
                 "%p for the pid and %% for a percent sign");
  option_refused(
      "Append", VALUES(text("perhaps")),
      "Append: found \"perhaps\", expected true or false without quotes");
  option_refused("Dispatch", VALUES(number(0)),
                 "Dispatch: found 0, expected true or false without quotes");
  option_refused("PidFile", VALUES(number(1)),
                 "PidFile: found 1, expected a path in quotes");
  option_refused("Header", VALUES(boolean(false)),
                 "Header: found false, expected names, ruled, hash or none");
  option_refused("TimeZone", VALUES(text("CET")),
                 "TimeZone: found \"CET\", expected local or utc");
  option_refused("Columns", VALUES(number(1)),
                 "Columns: found 1, expected unix, windows, or names of "
                 "columns");
  option_refused("Layout", VALUES(text("rrd")),
                 "Layout: found \"rrd\", expected standard or compact");
  option_refused("Layout", VALUES(number(1)),
                 "Layout: found 1, expected standard or compact");
  option_refused("Metrics", VALUES(boolean(true)),
                 "Metrics: found true, expected names of metrics");
  option_refused("User", VALUES(number(-1)),
                 "User: found -1, expected the name of a user in quotes, or a "
                 "number");
  option_refused("Children", VALUES(text("perhaps")),
                 "Children: found \"perhaps\", expected true or false without "
                 "quotes");
  option_refused("Report", VALUES(text("all")),
                 "Report: found \"all\", expected sum or each");
  option_refused("MaxProcesses", VALUES(number(0)),
                 "MaxProcesses: found 0, expected a whole number from 1 to "
                 "1000000");
  option_refused("Notify", VALUES(number(1)),
                 "Notify: found 1, expected true or false without quotes");
  option_refused("Unit", VALUES(text("a/b.service")),
                 "Unit: found \"a/b.service\", expected the name of a systemd "
                 "unit in quotes");
  option_refused("Unit", VALUES(text(".service")),
                 "Unit: found \".service\", expected the name of a systemd "
                 "unit in quotes");
  option_refused("Cgroup", VALUES(text("a/../b")),
                 "Cgroup: found \"a/../b\", expected the path of a cgroup in "
                 "quotes, below where cgroups are mounted and without `..`");
}
END_TEST

START_TEST(a_command_is_no_path) {
  begin();
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Command", VALUES(text("/usr/sbin/nginx")));
  refused("<Process \"x\">: Command: found \"/usr/sbin/nginx\", expected the "
          "name of a command in quotes, without its path");
}
END_TEST

START_TEST(a_missing_or_second_value_is_refused) {
  option_refused("Interval", NULL, 0,
                 "Interval: found no value, expected seconds from 0.01 to "
                 "86400");
  option_refused("Interval", VALUES(number(1), number(2)),
                 "Interval: found 1 2, expected seconds from 0.01 to 86400");
  option_refused("File", NULL, 0,
                 "File: found no value, expected the path of a file in quotes, "
                 "with %p for the pid and %% for a percent sign");
  option_refused("Columns", NULL, 0,
                 "Columns: found no value, expected unix, windows, or names of "
                 "columns");
  option_refused("Metrics", NULL, 0,
                 "Metrics: found no value, expected names of metrics");
  option_refused("PidFile", VALUES(text("")),
                 "PidFile: found \"\", expected a path in quotes");
}
END_TEST

START_TEST(an_interval_out_of_range_is_refused) {
  static const struct {
    double value;
    const char *shown;
  } wrong[] = {{-1, "-1"},
               {0, "0"},
               {0.009, "0.009"},
               {86401, "86401"},
               {1e300, "1e+300"}};

  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    char line[128];
    snprintf(line, sizeof(line),
             "Interval: found %s, expected seconds from 0.01 to 86400",
             wrong[i].shown);
    option_refused("Interval", VALUES(number(wrong[i].value)), line);
  }
  option_refused("Interval", VALUES(number((double)NAN)),
                 "Interval: found nan, expected seconds from 0.01 to 86400");
  option_refused("Interval", VALUES(number((double)INFINITY)),
                 "Interval: found inf, expected seconds from 0.01 to 86400");
}
END_TEST

static pid_t max_pid(void) {
  struct backend_options options = {.proc_root = "/proc"};
  const struct backend *backend = NULL;

  ck_assert_int_eq(backend_find("auto", &backend), 0);
  return backend->max_pid(&options);
}

static void pid_refused(oconfig_value_t value, const char *shown) {
  char line[200];

  begin();
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Pid", VALUES(value));
  snprintf(line, sizeof(line),
           "<Process \"x\">: Pid: found %s, expected the id of a process, from "
           "1 to %d",
           shown, (int)max_pid());
  refused(line);
}

START_TEST(a_pid_that_cannot_be_is_refused) {
  pid_refused(number(0), "0");
  pid_refused(number(-1), "-1");
  pid_refused(number(1.5), "1.5");
  char above[32];
  snprintf(above, sizeof(above), "%.0f", (double)max_pid() + 1);
  pid_refused(number((double)max_pid() + 1), above);
  pid_refused(number(1e18), "1e+18");
  pid_refused(number((double)NAN), "nan");
  pid_refused(text("nginx"), "\"nginx\"");
  pid_refused(text("4242"), "\"4242\"");
}
END_TEST

START_TEST(a_block_needs_one_way_to_find_its_process) {
  begin();
  add(&tree, "Process", VALUES(text("x")));
  refused("<Process \"x\">: found no selector, expected Pid, PidFile, Command, "
          "CommandLine, User, Unit or Cgroup (or a pid without quotes as the "
          "block's name)");
  begin();
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Pid", VALUES(number(1)));
  add_in(&tree, "PidFile", VALUES(text("/run/x.pid")));
  refused("<Process \"x\">: PidFile: found together with Pid, expected one of "
          "them");
  begin();
  add(&tree, "Process", VALUES(number(1)));
  add_in(&tree, "PidFile", VALUES(text("/run/x.pid")));
  refused("<Process 1>: PidFile: found together with Pid, expected one of "
          "them");
  begin();
  add(&tree, "Process", VALUES(number(1)));
  add_in(&tree, "Pid", VALUES(number(2)));
  refused("<Process 1>: Pid: found in a block that a pid names already, "
          "expected one "
          "of them");
}
END_TEST

START_TEST(one_for_each_process_needs_room_for_the_pid) {
  char name[128];

  begin();
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Command", VALUES(text("x")));
  add_in(&tree, "Report", VALUES(text("each")));
  add_in(&tree, "File", VALUES(text("/tmp/x")));
  refused("<Process \"x\">: File: found \"/tmp/x\" with Report \"each\", "
          "expected a path with %p in it: each process has a log of its own");
  begin();
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Command", VALUES(text("x")));
  add_in(&tree, "MaxProcesses", VALUES(number(7)));
  refused("<Process \"x\">: MaxProcesses: found in a block that reports a sum, "
          "expected it with Report \"each\"");
  memset(name, 'n', 117);
  name[117] = '\0';
  begin();
  add(&tree, "Process", VALUES(text(name)));
  add_in(&tree, "Command", VALUES(text("x")));
  add_in(&tree, "Report", VALUES(text("each")));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert(record_has("found a name of 117 characters with Report \"each\", "
                       "expected at most 116: the pid is put behind it"));
  config_clear(&config);
  begin();
  add(&tree, "Report", VALUES(text("each")));
  add(&tree, "MaxProcesses", VALUES(number(7)));
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Command", VALUES(text("x")));
  add_in(&tree, "File", VALUES(text("/tmp/x-%p")));
  const struct monitor_config *m = accepted(0);
  ck_assert(m->each);
  ck_assert_uint_eq(m->max_processes, 7);
}
END_TEST

START_TEST(a_selector_belongs_into_a_block) {
  begin();
  add(&tree, "Command", VALUES(text("nginx")));
  add(&tree, "Process", VALUES(number(1)));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert_str_eq(record_line(0),
                   "<Plugin procmon>: Command: found outside of a block, "
                   "expected inside of <Process>");
  config_clear(&config);
}
END_TEST

static void name_refused(oconfig_value_t name, const char *shown) {
  char line[600];

  begin();
  add(&tree, "Process", VALUES(name));
  add_in(&tree, "Command", VALUES(text("nginx")));
  snprintf(line, sizeof(line),
           "<Process %s>: found %s, expected a name of 1 to 127 characters "
           "without `/`, or a pid from 1 to %d",
           shown, shown, (int)max_pid());
  refused(line);
}

START_TEST(a_name_must_be_one_for_collectd) {
  char longest[130], shown[140];

  name_refused(text(""), "\"\"");
  name_refused(text("a/b"), "\"a/b\"");
  name_refused(text("a\nb"), "\"a?b\"");
  name_refused(boolean(true), "true");
  name_refused(number(0), "0");
  name_refused(number(-5), "-5");
  memset(longest, 'n', 128);
  longest[128] = '\0';
  snprintf(shown, sizeof(shown), "\"%s\"", longest);
  name_refused(text(longest), shown);
}
END_TEST

START_TEST(a_block_has_one_name) {
  begin();
  add(&tree, "Process", NULL, 0);
  add_in(&tree, "Command", VALUES(text("nginx")));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert(record_has("<Process no value>: found no value, expected a name"));
  config_clear(&config);
  begin();
  add(&tree, "Process", VALUES(text("a"), text("b")));
  add_in(&tree, "Command", VALUES(text("nginx")));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert(record_has("found \"a\" \"b\", expected a name"));
  config_clear(&config);
}
END_TEST

START_TEST(a_name_or_file_of_another_block_is_refused) {
  begin();
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Pid", VALUES(number(1)));
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Pid", VALUES(number(2)));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert_uint_eq(record_lines(), 1);
  ck_assert_str_eq(record_line(0),
                   "<Process \"x\">: found a second block of this name, "
                   "expected each name once");
  config_clear(&config);

  begin();
  add(&tree, "File", VALUES(text("/tmp/log")));
  add(&tree, "Process", VALUES(number(1)));
  add(&tree, "Process", VALUES(number(2)));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert_str_eq(record_line(0),
                   "<Process 2>: File: found \"/tmp/log\", which <Process "
                   "\"1\"> writes too, expected a file of its own");
  config_clear(&config);

  begin();
  add(&tree, "Process", VALUES(number(1)));
  add_in(&tree, "File", VALUES(text("/tmp//a/./log")));
  add(&tree, "Process", VALUES(number(2)));
  add_in(&tree, "File", VALUES(text("/tmp/a/log")));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert(record_has("which <Process \"1\"> writes too"));
  config_clear(&config);

  /* Which pid a pid file names is not known yet. */
  begin();
  add(&tree, "File", VALUES(text("/tmp/%p")));
  add(&tree, "Process", VALUES(number(1)));
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "PidFile", VALUES(text("/run/x")));
  add(&tree, "Process", VALUES(text("y")));
  add_in(&tree, "Command", VALUES(text("y")));
  accepted(2);
  config_clear(&config);

  begin();
  add(&tree, "File", VALUES(text("/tmp/%p")));
  add(&tree, "Process", VALUES(number(1)));
  add(&tree, "Process", VALUES(text("again")));
  add_in(&tree, "Pid", VALUES(number(1)));
  ck_assert_int_eq(read_tree(), -EINVAL);
  config_clear(&config);
}
END_TEST

START_TEST(an_unknown_or_second_column_is_refused) {
  char line[600];

  snprintf(line, sizeof(line),
           "Columns: found \"Colour\", expected unix or windows alone, or "
           "each at most once of %s",
           columns_names);
  option_refused("Columns", VALUES(text("Time"), text("Colour")), line);
  snprintf(line, sizeof(line),
           "Columns: found \"cpu\" twice, expected unix or windows alone, or "
           "each at most once of %s",
           columns_names);
  option_refused("Columns", VALUES(text("CPU"), text("cpu")), line);
  snprintf(line, sizeof(line),
           "Columns: found \"unix\", expected unix or windows alone, or "
           "each at most once of %s",
           columns_names);
  option_refused("Columns", VALUES(text("unix"), text("Uptime")), line);
}
END_TEST

START_TEST(more_columns_than_there_are_are_refused) {
  oconfig_value_t values[24];

  for (size_t i = 0; i < 24; i++)
    values[i] = text("CPU");
  begin();
  add(&tree, "Process", VALUES(number(1)));
  add_in(&tree, "Columns", values, 24);
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert(record_has("Columns: found \"CPU\" twice"));
  config_clear(&config);
}
END_TEST

START_TEST(an_unknown_or_second_metric_is_refused) {
  char line[300];

  snprintf(line, sizeof(line),
           "Metrics: found \"colour\", expected each at most once of %s",
           metrics_names);
  option_refused("Metrics", VALUES(text("colour")), line);
  snprintf(line, sizeof(line),
           "Metrics: found \"CPU\" twice, expected each at most once of %s",
           metrics_names);
  option_refused("Metrics", VALUES(text("cpu"), text("CPU")), line);
}
END_TEST

START_TEST(a_bad_time_format_is_refused) {
  option_refused("TimeFormat", VALUES(text("%Q")),
                 "TimeFormat: found \"%Q\" with a conversion that strftime "
                 "does not know, or that breaks a row, expected a format of "
                 "strftime(3), with %3N for milliseconds");
  option_refused("TimeFormat", VALUES(text("a\tb")),
                 "TimeFormat: found \"a?b\" with a control character in it, "
                 "expected a format of strftime(3), with %3N for "
                 "milliseconds");
  option_refused("TimeFormat", VALUES(text("")),
                 "TimeFormat: found \"\" with nothing to print, or more than "
                 "127 characters, expected a format of strftime(3), with %3N "
                 "for milliseconds");
  option_refused("TimeFormat", VALUES(number(3)),
                 "TimeFormat: found 3, expected a format of strftime(3) in "
                 "quotes");
}
END_TEST

START_TEST(a_number_of_processors_is_whole_and_above_zero) {
  static const double wrong[] = {0, -1, 65537};

  for (size_t i = 0; i < 3; i++) {
    char line[128];
    snprintf(line, sizeof(line),
             "NumProcessors: found %g, expected a whole number from 1 to "
             "65536, or online",
             wrong[i]);
    option_refused("NumProcessors", VALUES(number(wrong[i])), line);
  }
  option_refused("NumProcessors", VALUES(number(1.5)),
                 "NumProcessors: found 1.5, expected a whole number from 1 to "
                 "65536, or online");
  option_refused("NumProcessors", VALUES(text("all")),
                 "NumProcessors: found \"all\", expected a whole number from 1 "
                 "to 65536, or online");
}
END_TEST

START_TEST(a_file_must_be_a_path_of_a_file) {
#define FILE_EXPECTED                                                          \
  ", expected the path of a file in quotes, with %p for the pid and %% for a " \
  "percent sign"
  option_refused("File", VALUES(text("")), "File: found \"\"" FILE_EXPECTED);
  option_refused("File", VALUES(text("/tmp/")),
                 "File: found \"/tmp/\"" FILE_EXPECTED);
  option_refused("File", VALUES(text("/tmp/%d")),
                 "File: found \"/tmp/%d\"" FILE_EXPECTED);
}
END_TEST

START_TEST(a_block_that_reports_nothing_is_refused) {
  option_refused("Dispatch", VALUES(boolean(false)),
                 "Dispatch: found false without a File, expected either: the "
                 "block reports nothing");
}
END_TEST

START_TEST(an_option_stands_once) {
  begin();
  add(&tree, "Process", VALUES(number(1)));
  add_in(&tree, "Interval", VALUES(number(1)));
  add_in(&tree, "interval", VALUES(number(2)));
  add_in(&tree, "INTERVAL", VALUES(number(3)));
  refused("<Process 1>: interval: found twice, expected once");
  begin();
  add(&tree, "Interval", VALUES(number(1)));
  add(&tree, "Interval", VALUES(number(2)));
  refused("<Plugin procmon>: Interval: found twice, expected once");
}
END_TEST

START_TEST(an_option_is_no_block) {
  begin();
  add(&tree, "Process", VALUES(number(1)));
  add_in(&tree, "Interval", VALUES(number(1)));
  oconfig_item_t inner = {.key = (char[]){"Inner"}};
  tree.items[0].children[0].children = &inner;
  tree.items[0].children[0].children_num = 1;
  refused("<Process 1>: Interval: found a block, expected seconds from 0.01 to "
          "86400");
}
END_TEST

START_TEST(every_mistake_is_said_and_good_blocks_do_not_hide_them) {
  begin();
  add(&tree, "Process", VALUES(text("a")));
  add_in(&tree, "Interval", VALUES(number(-1)));
  add_in(&tree, "Pid", VALUES(number(0)));
  add(&tree, "Process", VALUES(number(1)));
  add(&tree, "Process", VALUES(text("b")));
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert_uint_eq(record_count(REPORT_ERROR), 3);
  ck_assert(record_has("<Process \"a\">: Interval: found -1"));
  ck_assert(record_has("<Process \"a\">: Pid: found 0"));
  ck_assert(record_has("<Process \"b\">: found no selector"));
  config_clear(&config);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_pid_alone_is_a_whole_block,
      every_option_is_taken,
      plugin_options_are_defaults_wherever_they_stand,
      the_compact_type_is_for_blocks_that_send_values_by_it,
      online_is_the_number_of_processors,
      a_second_plugin_block_adds_to_the_first,
      the_limits_themselves_are_fine,
      an_unknown_option_is_refused,
      a_wrong_type_is_refused,
      a_command_is_no_path,
      a_missing_or_second_value_is_refused,
      an_interval_out_of_range_is_refused,
      a_pid_that_cannot_be_is_refused,
      a_block_needs_one_way_to_find_its_process,
      one_for_each_process_needs_room_for_the_pid,
      a_selector_belongs_into_a_block,
      a_name_must_be_one_for_collectd,
      a_block_has_one_name,
      a_name_or_file_of_another_block_is_refused,
      an_unknown_or_second_column_is_refused,
      more_columns_than_there_are_are_refused,
      an_unknown_or_second_metric_is_refused,
      a_bad_time_format_is_refused,
      a_number_of_processors_is_whole_and_above_zero,
      a_file_must_be_a_path_of_a_file,
      a_block_that_reports_nothing_is_refused,
      an_option_stands_once,
      an_option_is_no_block,
      every_mistake_is_said_and_good_blocks_do_not_hide_them,
  };
  return UNIT_RUN("config", tests);
}
