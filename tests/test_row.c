#include "plugin/row.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

static const uint32_t everything = (1u << 12) - 1;

/* The example of the original manual. */
static struct reading unix_example(void) {
  return (struct reading){
      .wall_ns = UINT64_C(1221575050000000000),
      .have = everything,
      .processes = 1,
      .rated = 1,
      .cpu_percent = 69.5,
      .resident_bytes = 89056 * 1024 + 1023,
      .virtual_bytes = UINT64_C(1421672) * 1024,
  };
}

static struct row_style style_of(const char *preset, enum header header) {
  struct row_style style = {
      .header = header,
      .time_format = "%m/%d/%y %H:%M:%S",
      .utc = true,
  };
  ck_assert_int_eq(columns_preset(preset, &style.columns), 0);
  return style;
}

static void check_row(const struct row_style *style, const struct reading *r,
                      const char *expected) {
  char out[ROW_MAX];

  ck_assert_uint_eq(row_print(style, r, out), strlen(expected));
  ck_assert_str_eq(out, expected);
}

static void check_column(const char *name, const struct reading *r,
                         const char *expected) {
  struct row_style style = {.time_format = "%S"};
  char line[64];

  int column = columns_find(name);
  ck_assert_int_ge(column, 0);
  ck_assert_int_eq(columns_add(&style.columns, (enum column)column), 0);
  snprintf(line, sizeof(line), "%s\n", expected);
  check_row(&style, r, line);
}

START_TEST(unix_row_is_that_of_the_original) {
  struct row_style style = style_of("unix", HEADER_NAMES);
  struct reading r = unix_example();

  check_row(&style, &r, "09/16/08 14:24:10\t69.5\t89056\t1421672\n");
}
END_TEST

START_TEST(windows_row_is_that_of_the_original) {
  struct row_style style = style_of("windows", HEADER_NAMES);
  struct reading r = {
      .wall_ns = UINT64_C(1221574844000000000),
      .have = everything,
      .cpu_percent = 79.6,
      .resident_bytes = 125164 * 1024,
      .virtual_bytes = 212948 * 1024,
      .private_bytes = 118740 * 1024,
      .threads = 44,
      .handles = 327,
  };

  check_row(&style, &r,
            "09/16/08 14:20:44\t80\t125164\t212948\t118740\t44\t327\n");
}
END_TEST

START_TEST(every_column_has_its_unit) {
  struct reading r = {
      .wall_ns = UINT64_C(1221575050000000000),
      .have = everything,
      .processes = 3,
      .pid = 4242,
      .cpu_percent = 12.34,
      .user_percent = 10.06,
      .system_percent = 2.28,
      .resident_bytes = 10 * 1024,
      .virtual_bytes = 20 * 1024,
      .private_bytes = 30 * 1024,
      .anonymous_bytes = 40 * 1024,
      .threads = 5,
      .handles = 6,
      .uptime_ns = UINT64_C(7999999999),
      .minor_faults_per_s = 8.25,
      .major_faults_per_s = 0.04,
      .read_bytes_per_s = 1536,
      .write_bytes_per_s = 1024 * 1024,
      .voluntary_switches_per_s = 100.5,
      .involuntary_switches_per_s = 0.1,
  };

  check_column("Time", &r, "10");
  check_column("CPU", &r, "12.3");
  check_column("User", &r, "10.1");
  check_column("System", &r, "2.3");
  check_column("Resident", &r, "10");
  check_column("Working", &r, "10");
  check_column("Virtual", &r, "20");
  check_column("Private", &r, "30");
  check_column("Anonymous", &r, "40");
  check_column("Threads", &r, "5");
  check_column("Handles", &r, "6");
  check_column("Pid", &r, "4242");
  check_column("Processes", &r, "3");
  check_column("MinorFaults", &r, "8.3");
  check_column("MajorFaults", &r, "0.0");
  check_column("Read", &r, "1.5");
  check_column("Write", &r, "1024.0");
  check_column("VoluntarySwitches", &r, "100.5");
  check_column("InvoluntarySwitches", &r, "0.1");
  check_column("Uptime", &r, "7");
}
END_TEST

START_TEST(a_missing_value_is_minus_one) {
  struct row_style style = style_of("windows", HEADER_NAMES);
  struct reading r = unix_example();

  r.have = PROC_RESIDENT;
  check_row(&style, &r, "09/16/08 14:24:10\t-1\t89056\t-1\t-1\t-1\t-1\n");
  check_column("Pid", &r, "-1");
}
END_TEST

START_TEST(the_decimal_point_is_no_matter_of_locale) {
  struct row_style style = style_of("unix", HEADER_NAMES);
  struct reading r = unix_example();

  /* C.UTF-8 is always there; a comma only where such a locale is installed. */
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
    setlocale(LC_ALL, "C.UTF-8");
  check_row(&style, &r, "09/16/08 14:24:10\t69.5\t89056\t1421672\n");
}
END_TEST

static void check_header(const char *preset, enum header header,
                         const char *expected) {
  struct row_style style = style_of(preset, header);
  char out[ROW_MAX] = "";

  ck_assert_uint_eq(
      row_print_header(&style, UINT64_C(1221575050000000000), out),
      strlen(expected));
  ck_assert_str_eq(out, expected);
}

START_TEST(headers_come_in_four_forms) {
  check_header("unix", HEADER_NAMES, "Time\tCPU\tResident\tVirtual\n");
  check_header("unix", HEADER_HASH, "#Time\tCPU\tResident\tVirtual\n");
  check_header("unix", HEADER_NONE, "");
  check_header("unix", HEADER_RULED,
               "Time\tCPU\tResident\tVirtual\n"
               "--------------------------------------------------------\n");
  check_header("windows", HEADER_NAMES,
               "Time\tCPU\tWorking\tVirtual\tPrivate\tThreads\tHandles\n");
}
END_TEST

START_TEST(the_widest_row_fits) {
  struct row_style style = {.time_format = "%c%c%c%c%c"};
  struct reading r;
  char out[ROW_MAX];

  memset(&r, 0x7f, sizeof(r));
  r.have = everything;
  r.wall_ns = UINT64_C(1221575050000000000);
  r.cpu_percent = r.user_percent = r.system_percent = 1e17;
  r.minor_faults_per_s = r.major_faults_per_s = 1e17;
  r.read_bytes_per_s = r.write_bytes_per_s = 1e17;
  r.voluntary_switches_per_s = r.involuntary_switches_per_s = 1e17;
  for (int i = 0; i < COLUMN_COUNT; i++)
    ck_assert_int_eq(columns_add(&style.columns, (enum column)i), 0);
  size_t len = row_print(&style, &r, out);
  ck_assert_uint_eq(len, strlen(out));
  ck_assert_int_eq(out[len - 1], '\n');
  style.header = HEADER_RULED;
  len = row_print_header(&style, r.wall_ns, out);
  ck_assert_uint_eq(len, strlen(out));
}
END_TEST

START_TEST(a_column_stands_once) {
  struct columns c = {.n = 0};

  ck_assert_int_eq(columns_add(&c, COLUMN_CPU), 0);
  ck_assert_int_eq(columns_add(&c, COLUMN_CPU), -EEXIST);
  ck_assert_int_eq(columns_find("cpu"), COLUMN_CPU);
  ck_assert_int_eq(columns_find("nonsense"), -EINVAL);
  ck_assert_int_eq(columns_preset("nonsense", &c), -EINVAL);
}
END_TEST

START_TEST(the_message_names_every_column) {
  for (int i = 0; i < COLUMN_COUNT; i++)
    ck_assert_ptr_nonnull(
        strstr(columns_names, columns_info((enum column)i)->name));
}
END_TEST

START_TEST(only_shown_columns_are_asked_for) {
  struct columns c;

  columns_preset("unix", &c);
  ck_assert_uint_eq(columns_need(&c), PROC_CPU | PROC_RESIDENT | PROC_VIRTUAL);
  columns_preset("windows", &c);
  ck_assert_uint_eq(columns_need(&c), PROC_CPU | PROC_RESIDENT | PROC_VIRTUAL |
                                          PROC_PRIVATE | PROC_THREADS |
                                          PROC_HANDLES);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      unix_row_is_that_of_the_original,
      windows_row_is_that_of_the_original,
      every_column_has_its_unit,
      a_missing_value_is_minus_one,
      the_decimal_point_is_no_matter_of_locale,
      headers_come_in_four_forms,
      the_widest_row_fits,
      a_column_stands_once,
      the_message_names_every_column,
      only_shown_columns_are_asked_for,
  };
  return UNIT_RUN("row", tests);
}
