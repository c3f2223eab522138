/* What every libcheck suite here needs. */
#ifndef PROCMON_TESTS_UNIT_H
#define PROCMON_TESTS_UNIT_H

#include <check.h>

/* Runs the tests of an array as one suite; the value of main(). */
int unit_run(const char *room, const TTest *const *tests, size_t n);

#define UNIT_RUN(room, tests)                                                  \
  unit_run(room, tests, sizeof(tests) / sizeof((tests)[0]))

#endif
