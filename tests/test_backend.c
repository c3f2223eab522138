#include "backends/backend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "procmon_config.h"
#include "unit.h"

/* What configure says that it builds. */
static const char *const built[] = {PROCMON_BACKEND_NAMES};
static const char *const known[] = {"linux", "ps", "windows"};
static const size_t n_built = sizeof(built) / sizeof(built[0]);

static bool is_built(const char *name) {
  for (size_t i = 0; i < n_built; i++)
    if (strcmp(name, built[i]) == 0)
      return true;
  return false;
}

START_TEST(auto_is_the_best_of_this_build) {
  const struct backend *backend = NULL;

  ck_assert_int_eq(backend_find("auto", &backend), 0);
  ck_assert_str_eq(backend->name, built[0]);
}
END_TEST

START_TEST(a_built_backend_is_found_by_name) {
  const struct backend *backend = NULL;

  for (size_t i = 0; i < n_built; i++) {
    ck_assert_int_eq(backend_find(built[i], &backend), 0);
    ck_assert_str_eq(backend->name, built[i]);
  }
  ck_assert_int_eq(backend_find("AUTO", &backend), 0);
}
END_TEST

START_TEST(a_backend_of_other_builds_is_not_supported) {
  const struct backend *backend = NULL;
  size_t others = 0;

  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    if (!is_built(known[i])) {
      ck_assert_int_eq(backend_find(known[i], &backend), -ENOTSUP);
      others++;
    }
  ck_assert_uint_gt(others, 0);
}
END_TEST

START_TEST(any_other_name_is_wrong) {
  const struct backend *backend = NULL;

  ck_assert_int_eq(backend_find("solaris", &backend), -EINVAL);
  ck_assert_int_eq(backend_find("", &backend), -EINVAL);
}
END_TEST

START_TEST(a_message_can_name_them) {
  char names[64], expected[64];

  backend_names(names, sizeof(names));
  if (n_built == 2)
    snprintf(expected, sizeof(expected), "auto, %s or %s", built[0], built[1]);
  else
    snprintf(expected, sizeof(expected), "auto or %s", built[0]);
  ck_assert_str_eq(names, expected);
}
END_TEST

START_TEST(a_budget_gives_what_it_has) {
  struct fd_budget budget;

  atomic_init(&budget.left, 2);
  ck_assert(fd_budget_take(&budget));
  ck_assert(fd_budget_take(&budget));
  ck_assert(!fd_budget_take(&budget));
  fd_budget_give(&budget);
  ck_assert(fd_budget_take(&budget));
  ck_assert(!fd_budget_take(&budget));
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      auto_is_the_best_of_this_build,
      a_built_backend_is_found_by_name,
      a_backend_of_other_builds_is_not_supported,
      any_other_name_is_wrong,
      a_message_can_name_them,
      a_budget_gives_what_it_has,
  };
  return UNIT_RUN("backend", tests);
}
