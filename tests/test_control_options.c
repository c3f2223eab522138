#include "plugin/control_options.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static struct control_options options;
static char message[OPTION_MESSAGE_MAX];

static int set(const char *key, struct option_value value) {
  struct option o = {.key = key, .values = &value, .n = 1};

  return control_options_set(&o, &options, message);
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

static void accepted(const char *key, struct option_value value) {
  int error = set(key, value);

  ck_assert_msg(error == 0, "%s", message);
}

static void refused(const char *key, struct option_value value,
                    const char *expected) {
  ck_assert_int_eq(set(key, value), -EINVAL);
  ck_assert_str_eq(message, expected);
}

START_TEST(by_default_there_is_no_socket) {
  control_options_init(&options);
  ck_assert_ptr_null(options.path);
  ck_assert_ptr_null(options.group);
  ck_assert_uint_eq(options.perms, 0660);
  ck_assert(!options.unlink);
  ck_assert(!options.has_others);
}
END_TEST

START_TEST(keys_are_known_in_any_case) {
  ck_assert(control_options_know("ControlSocket"));
  ck_assert(control_options_know("controlsocket"));
  ck_assert(control_options_know("SOCKETGROUP"));
  ck_assert(control_options_know("SocketPerms"));
  ck_assert(control_options_know("DeleteSocket"));
  ck_assert(!control_options_know("Socket"));
  ck_assert(!control_options_know(""));
}
END_TEST

START_TEST(the_last_of_each_is_kept) {
  control_options_init(&options);
  accepted("ControlSocket", text("/run/a"));
  ck_assert(!options.has_others);
  accepted("controlsocket", text("/run/b"));
  accepted("SocketGroup", text("adm"));
  accepted("SocketGroup", text("users"));
  accepted("SocketPerms", text("0600"));
  accepted("DeleteSocket", boolean(true));
  ck_assert_str_eq(options.path, "/run/b");
  ck_assert_str_eq(options.group, "users");
  ck_assert_uint_eq(options.perms, 0600);
  ck_assert(options.unlink && options.has_others);
  control_options_clear(&options);
  ck_assert_ptr_null(options.path);
  ck_assert_uint_eq(options.perms, 0660);
}
END_TEST

#define PATH_EXPECTED                                                          \
  ", expected an absolute path in quotes, of 107 characters at most"

START_TEST(a_path_is_absolute_and_fits_into_an_address) {
  char path[110] = "/";

  control_options_init(&options);
  refused("ControlSocket", text("run/a"),
          "ControlSocket: found \"run/a\"" PATH_EXPECTED);
  refused("ControlSocket", text(""), "ControlSocket: found \"\"" PATH_EXPECTED);
  refused("ControlSocket", boolean(true),
          "ControlSocket: found true" PATH_EXPECTED);
  memset(path + 1, 'x', 106);
  accepted("ControlSocket", text(path));
  path[107] = 'x';
  ck_assert_int_eq(set("ControlSocket", text(path)), -EINVAL);
  ck_assert_uint_eq(strlen(options.path), 107);
  control_options_clear(&options);
}
END_TEST

START_TEST(a_group_has_a_name) {
  control_options_init(&options);
  refused("SocketGroup", text(""),
          "SocketGroup: found \"\", expected the name of a group in quotes");
  refused("SocketGroup", number(4),
          "SocketGroup: found 4, expected the name of a group in quotes");
  control_options_clear(&options);
}
END_TEST

START_TEST(permissions_are_octal) {
  static const char *const wrong[] = {"",     "8",    "-1",   "1000", "0o660",
                                      "660 ", " 660", "+660", "0x1b0"};

  control_options_init(&options);
  accepted("SocketPerms", text("777"));
  ck_assert_uint_eq(options.perms, 0777);
  accepted("SocketPerms", text("0"));
  ck_assert_uint_eq(options.perms, 0);
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
    ck_assert_int_eq(set("SocketPerms", text(wrong[i])), -EINVAL);
  ck_assert_int_eq(set("SocketPerms", text("77777777777777777777777777")),
                   -EINVAL);
  /* Without quotes 0660 is decimal. */
  refused("SocketPerms", number(660),
          "SocketPerms: found 660, expected permissions in octal in quotes, as "
          "\"0660\"");
}
END_TEST

START_TEST(what_is_left_of_an_earlier_run_is_removed_when_told_so) {
  control_options_init(&options);
  accepted("DeleteSocket", boolean(true));
  accepted("DeleteSocket", boolean(false));
  ck_assert(!options.unlink);
  refused("DeleteSocket", text("true"),
          "DeleteSocket: found \"true\", expected true or false without "
          "quotes");
}
END_TEST

START_TEST(a_block_or_several_values_are_refused) {
  static const char *const keys[] = {"ControlSocket", "SocketGroup",
                                     "SocketPerms", "DeleteSocket"};
  struct option_value values[] = {text("/7"), text("/7")};

  control_options_init(&options);
  for (size_t i = 0; i < 4; i++) {
    struct option o = {.key = keys[i], .values = values, .n = 2};
    ck_assert_int_eq(control_options_set(&o, &options, message), -EINVAL);
    o.n = 0;
    ck_assert_int_eq(control_options_set(&o, &options, message), -EINVAL);
    o.n = 1;
    o.is_block = true;
    ck_assert_int_eq(control_options_set(&o, &options, message), -EINVAL);
    ck_assert_ptr_nonnull(strstr(message, "found a block"));
  }
  ck_assert_ptr_null(options.path);
  ck_assert_ptr_null(options.group);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      by_default_there_is_no_socket,
      keys_are_known_in_any_case,
      the_last_of_each_is_kept,
      a_path_is_absolute_and_fits_into_an_address,
      a_group_has_a_name,
      permissions_are_octal,
      what_is_left_of_an_earlier_run_is_removed_when_told_so,
      a_block_or_several_values_are_refused,
  };
  return UNIT_RUN("control_options", tests);
}
