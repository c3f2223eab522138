/* What the user is told, and the exit statuses. */
#ifndef PROCMONCTL_SAY_H
#define PROCMONCTL_SAY_H

#include "compat/printf_like.h"

enum {
  STATUS_DONE = 0,
  STATUS_NO = 1,        /* refused, not running, or nothing could be written; of
                           report: a check failed, and nothing else */
  STATUS_USAGE = 2,     /* the command line is wrong */
  STATUS_NO_DAEMON = 3, /* no connection, or it was lost */
  STATUS_TROUBLE = 2,   /* of report: no report */
  /* Of run, whose other statuses are the command's. */
  STATUS_RUN_FAILED = 125,
  STATUS_CANNOT_RUN = 126,
  STATUS_NO_COMMAND = 127
};

/* A line on standard error, behind the program's name. Control characters, as
 * in names of files, are escaped. */
void say(const char *format, ...) PRINTF_LIKE(1, 2);

/* Opens the standard descriptors that are closed, so that nothing that is
 * opened later takes their place: what is written to those fails. A command
 * that is run does not get them. 0 or an exit status; says why. */
int say_keep_standard_files(void);

/* Writes what waits for standard output. 0 or an exit status; says why. */
int say_flush(void);

#endif
