#include "plugin/block.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backends/backend.h"
#include "unit.h"

/* --- a block, written as a person would: one option a line --- */

enum { MAX_OPTIONS = 8, MAX_MISTAKES = 4, MAX_PID = 1000 };

static const struct backend backend = {.name = "play", .tells = FACT_COMMAND};

static struct world {
  struct monitor_config defaults, others[2];
  struct block_rules rules;
  struct option_value name, values[MAX_OPTIONS];
  struct option options[MAX_OPTIONS];
  struct block block;
  char mistakes[MAX_MISTAKES][OPTION_MESSAGE_MAX];
  size_t n_mistakes;
  struct monitor_config out;
} w;

static void keep_mistake(void *arg, const char *message) {
  ck_assert_ptr_eq(arg, &w);
  ck_assert_uint_lt(w.n_mistakes, MAX_MISTAKES);
  snprintf(w.mistakes[w.n_mistakes++], OPTION_MESSAGE_MAX, "%s", message);
}

/* No name and no option yet. */
static void begin(bool on_demand) {
  monitor_config_clear(&w.defaults);
  memset(&w, 0, sizeof(w));
  ck_assert_int_eq(monitor_config_init(&w.defaults, 1000000000), 0);
  w.rules = (struct block_rules){.backend = &backend,
                                 .max_pid = MAX_PID,
                                 .defaults = &w.defaults,
                                 .others = w.others,
                                 .on_demand = on_demand,
                                 .mistake = keep_mistake,
                                 .arg = &w};
  w.block.options = w.options;
}

static struct option_value text(const char *string) {
  return (struct option_value){.type = OPTION_STRING, .string = string};
}

static struct option_value number(double n) {
  return (struct option_value){.type = OPTION_NUMBER, .number = n};
}

static struct option_value boolean(bool b) {
  return (struct option_value){.type = OPTION_BOOLEAN, .boolean = b};
}

static void name(struct option_value v) {
  w.name = v;
  w.block.name = (struct option){.values = &w.name, .n = 1};
}

static void add(const char *key, struct option_value v) {
  size_t i = w.block.n++;

  ck_assert_uint_lt(i, MAX_OPTIONS);
  w.values[i] = v;
  w.options[i] = (struct option){.key = key, .values = &w.values[i], .n = 1};
}

static const struct monitor_config *accepted(void) {
  int error = block_read(&w.rules, &w.block, &w.out);

  ck_assert_msg(error == 0, "%s", w.mistakes[0]);
  ck_assert_uint_eq(w.n_mistakes, 0);
  return &w.out;
}

static void refused(const char *message) {
  ck_assert_int_eq(block_read(&w.rules, &w.block, &w.out), -EINVAL);
  ck_assert_uint_eq(w.n_mistakes, 1);
  ck_assert_str_eq(w.mistakes[0], message);
}

/* A text of `len` characters; valid until the next call. */
static const char *long_text(size_t len) {
  static char buffer[256];

  memset(buffer, 'n', len);
  buffer[len] = '\0';
  return buffer;
}

/* --- names --- */

START_TEST(a_name_is_one_for_collectd) {
  ck_assert(block_is_name("n"));
  ck_assert(block_is_name("a name, with \"any\" \xc3\xa4"));
  ck_assert(block_is_name(long_text(BLOCK_NAME_MAX)));
  ck_assert(!block_is_name(long_text(BLOCK_NAME_MAX + 1)));
  ck_assert(!block_is_name(""));
  ck_assert(!block_is_name("a/b"));
  ck_assert(!block_is_name("a\nb"));
  ck_assert(!block_is_name("a\x7f"));
}
END_TEST

START_TEST(a_number_is_a_name_and_a_pid) {
  begin(false);
  name(number(42));
  const struct monitor_config *m = accepted();
  ck_assert_str_eq(m->name, "42");
  ck_assert_int_eq(m->pid, 42);
  monitor_config_clear(&w.out);

  begin(true);
  name(number(42));
  add("pid", number(43));
  refused("Pid: found in a block that a pid names already, expected one of "
          "them");
}
END_TEST

#define NAME_EXPECTED                                                          \
  ", expected a name of 1 to 127 characters without `/`, or a pid from 1 to "  \
  "1000"

START_TEST(a_wrong_name_is_refused_on_demand_too) {
  for (int on_demand = 0; on_demand < 2; on_demand++) {
    begin(on_demand);
    name(text(""));
    add("Command", text("x"));
    refused("found \"\"" NAME_EXPECTED);
    begin(on_demand);
    name(number(MAX_PID + 1));
    add("Command", text("x"));
    refused("found 1001" NAME_EXPECTED);
    begin(on_demand);
    name(boolean(true));
    add("Command", text("x"));
    refused("found true" NAME_EXPECTED);
  }
}
END_TEST

START_TEST(two_names_are_refused) {
  struct option_value names[] = {text("a"), text("b")};

  begin(true);
  w.block.name = (struct option){.values = names, .n = 2};
  add("Command", text("x"));
  refused("found \"a\" \"b\"" NAME_EXPECTED);
}
END_TEST

START_TEST(only_on_demand_a_name_may_be_missing) {
  begin(false);
  add("Command", text("x"));
  refused("found no value" NAME_EXPECTED);

  begin(true);
  add("Command", text("x"));
  const struct monitor_config *m = accepted();
  ck_assert_ptr_null(m->name);
  ck_assert_str_eq(m->command, "x");
  monitor_config_clear(&w.out);
}
END_TEST

START_TEST(a_missing_name_hides_no_mistake) {
  begin(true);
  refused("found no selector, expected Pid, PidFile, Command, CommandLine, "
          "User, Unit or Cgroup");
  begin(true);
  add("User", text("root"));
  refused("User: found with the backend play, which cannot tell that; expected "
          "another selector");
}
END_TEST

START_TEST(with_each_the_pid_finds_room_behind_the_name) {
  begin(true);
  add("Command", text("x"));
  add("Report", text("each"));
  ck_assert(accepted()->each);
  monitor_config_clear(&w.out);

  begin(true);
  name(text(long_text(BLOCK_NAME_EACH_MAX)));
  add("Command", text("x"));
  add("Report", text("each"));
  accepted();
  monitor_config_clear(&w.out);

  begin(true);
  name(text(long_text(BLOCK_NAME_EACH_MAX + 1)));
  add("Command", text("x"));
  add("Report", text("each"));
  refused("found a name of 117 characters with Report \"each\", expected at "
          "most 116: the pid is put behind it");
}
END_TEST

/* --- options --- */

START_TEST(a_repeated_option_is_refused_once) {
  begin(true);
  add("Command", text("x"));
  add("Interval", number(1));
  add("INTERVAL", number(2));
  add("interval", number(3));
  refused("INTERVAL: found twice, expected once");
}
END_TEST

START_TEST(every_mistake_is_told) {
  begin(true);
  add("Interval", number(0));
  add("Colour", text("red"));
  add("Sync", number(1));
  add("Sync", boolean(true));
  ck_assert_int_eq(block_read(&w.rules, &w.block, &w.out), -EINVAL);
  ck_assert_uint_eq(w.n_mistakes, 4);
  ck_assert_str_eq(w.mistakes[0],
                   "Interval: found 0, expected seconds from 0.01 to 86400");
  ck_assert_ptr_eq(strstr(w.mistakes[1], "Colour: unknown option"),
                   w.mistakes[1]);
  ck_assert_str_eq(w.mistakes[3], "Sync: found twice, expected once");
}
END_TEST

START_TEST(what_a_block_does_not_say_is_the_default) {
  begin(false);
  w.defaults.file = strdup("/tmp/%p");
  w.defaults.interval_ns = 7;
  name(number(42));
  const struct monitor_config *m = accepted();
  ck_assert_uint_eq(m->interval_ns, 7);
  ck_assert_str_eq(m->file, "/tmp/%p");
  monitor_config_clear(&w.out);
}
END_TEST

START_TEST(on_demand_a_log_is_not_the_default) {
  begin(true);
  w.defaults.file = strdup("/tmp/all");
  w.defaults.interval_ns = 7;
  name(number(42));
  const struct monitor_config *m = accepted();
  ck_assert_uint_eq(m->interval_ns, 7);
  ck_assert_ptr_null(m->file);
  ck_assert_str_eq(w.defaults.file, "/tmp/all");
  monitor_config_clear(&w.out);

  add("File", text("/tmp/own"));
  ck_assert_str_eq(accepted()->file, "/tmp/own");
  monitor_config_clear(&w.out);
}
END_TEST

START_TEST(only_on_demand_a_block_may_report_nowhere) {
  begin(false);
  name(number(42));
  add("Dispatch", boolean(false));
  refused("Dispatch: found false without a File, expected either: the block "
          "reports nothing");

  begin(true);
  name(number(42));
  add("Dispatch", boolean(false));
  ck_assert(!accepted()->dispatch);
  monitor_config_clear(&w.out);
}
END_TEST

/* --- others --- */

START_TEST(name_and_file_are_those_of_no_other) {
  begin(true);
  w.others[0].name = (char[]){"x"};
  w.others[1].name = (char[]){"y"};
  w.others[1].file = (char[]){"/tmp/y"};
  w.rules.n_others = 2;
  name(text("x"));
  add("Command", text("x"));
  refused("found a second block of this name, expected each name once");

  w.n_mistakes = 0;
  name(text("z"));
  add("File", text("/tmp/y"));
  refused("File: found \"/tmp/y\", which <Process \"y\"> writes too, expected "
          "a file of its own");

  /* One without a name may write no file of theirs either. */
  w.n_mistakes = 0;
  w.block.name.n = 0;
  refused("File: found \"/tmp/y\", which <Process \"y\"> writes too, expected "
          "a file of its own");

  w.n_mistakes = 0;
  w.rules.n_others = 0;
  accepted();
  monitor_config_clear(&w.out);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_name_is_one_for_collectd,
      a_number_is_a_name_and_a_pid,
      a_wrong_name_is_refused_on_demand_too,
      two_names_are_refused,
      only_on_demand_a_name_may_be_missing,
      a_missing_name_hides_no_mistake,
      with_each_the_pid_finds_room_behind_the_name,
      a_repeated_option_is_refused_once,
      every_mistake_is_told,
      what_a_block_does_not_say_is_the_default,
      on_demand_a_log_is_not_the_default,
      only_on_demand_a_block_may_report_nowhere,
      name_and_file_are_those_of_no_other,
  };
  return UNIT_RUN("block", tests);
}
