#include "unit.h"

#include <stdlib.h>

int unit_run(const char *room, const TTest *const *tests, size_t n) {
  Suite *suite = suite_create(room);
  TCase *tcase = tcase_create(room);

  /* Only what hangs is to end by it: libcheck's own 4 s are too few for a busy
   * machine and a program with sanitizers. */
  tcase_set_timeout(tcase, 120);
  for (size_t i = 0; i < n; i++)
    tcase_add_test(tcase, tests[i]);
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
