/* What only Windows's own suite asks of a child. */
#ifndef PROCMON_TESTS_FIXTURE_WINDOWS_H
#define PROCMON_TESTS_FIXTURE_WINDOWS_H

#include <stdio.h>
#include <sys/types.h>

/* Starts a burner with these arguments, to be ended by fixture_end(). Its
 * reports can be read from `*reports`, which the caller closes. */
pid_t fixture_burner(const char *arguments, FILE **reports);

#endif
