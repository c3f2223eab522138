#include "backends/backend.h"

#include <errno.h>

#include "unit.h"

START_TEST(auto_is_the_best_of_this_build) {
  const struct backend *backend = NULL;

  ck_assert_int_eq(backend_find("auto", &backend), 0);
  ck_assert_str_eq(backend->name, "linux");
}
END_TEST

START_TEST(a_built_backend_is_found_by_name) {
  const struct backend *backend = NULL;

  ck_assert_int_eq(backend_find("Linux", &backend), 0);
  ck_assert_ptr_eq(backend, &backend_linux);
  ck_assert_int_eq(backend_find("ps", &backend), 0);
  ck_assert_ptr_eq(backend, &backend_ps);
}
END_TEST

START_TEST(a_backend_of_other_builds_is_not_supported) {
  const struct backend *backend = NULL;

  ck_assert_int_eq(backend_find("windows", &backend), -ENOTSUP);
}
END_TEST

START_TEST(any_other_name_is_wrong) {
  const struct backend *backend = NULL;

  ck_assert_int_eq(backend_find("solaris", &backend), -EINVAL);
  ck_assert_int_eq(backend_find("", &backend), -EINVAL);
}
END_TEST

START_TEST(a_message_can_name_them) {
  char names[64];

  backend_names(names, sizeof(names));
  ck_assert_str_eq(names, "auto, linux or ps");
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
