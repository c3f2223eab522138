/* Runs a program and takes what it prints. */
#ifndef PROCMON_COMMAND_H
#define PROCMON_COMMAND_H

#include <stddef.h>
#include <stdint.h>

struct command_output {
  char *text; /* NULL: nothing; free() it */
  size_t len;
  uint64_t first_ns; /* CLOCK_MONOTONIC at which the first byte came */
};

/* Runs the program at `path`, without a shell, until it closes its standard
 * output or `deadline_ns` have passed; then it is killed, with the processes it
 * has started, and -ETIMEDOUT returned. What it
 * printed is in `out`; its exit status is not looked at, since a daemon may
 * ignore or reap its children. -EFBIG: it printed more than `max` bytes.
 *
 * The program gets no descriptor but its standard ones (its standard error is
 * /dev/null), the C locale, default signals and a fixed PATH. Thread-safe. */
int command_run(const char *path, char *const argv[], uint64_t deadline_ns,
                size_t max, struct command_output *out);

#endif
