/* Starts, stops and shows monitors over the control socket of collectd's plugin
 * procmon, and makes reports of their logs. */
#include <limits.h>
#include <stdio.h>

#include "commands.h"
#include "options.h"
#include "say.h"

const struct command commands[] = {
    {.name = "start",
     .run = command_start,
     .options = OPTIONS_OF_START,
     .max_arguments = 1,
     .arguments = "one pid",
     .failed = STATUS_USAGE},
    {.name = "run",
     .run = command_run,
     .options = OPTIONS_OF_START | OPTIONS_END_EARLY,
     .min_arguments = 1,
     .max_arguments = INT_MAX,
     .arguments = "a command to run",
     .failed = STATUS_RUN_FAILED},
    {.name = "stop",
     .run = command_stop,
     .options = OPTIONS_OF_STOP,
     .min_arguments = 1,
     .max_arguments = INT_MAX,
     .arguments = "the ids of monitors, as start or list prints them",
     .failed = STATUS_USAGE},
    {.name = "running",
     .run = command_running,
     .min_arguments = 1,
     .max_arguments = 1,
     .arguments = "the id of one monitor",
     .failed = STATUS_USAGE},
    {.name = "list",
     .run = command_list,
     .options = OPTIONS_OF_LIST,
     .arguments = "no argument",
     .failed = STATUS_USAGE},
    {.name = "watch",
     .run = command_watch,
     .max_arguments = 1,
     .arguments = "at most one id of a monitor",
     .failed = STATUS_USAGE},
    {.name = "report",
     .run = command_report,
     .options = OPTIONS_OF_REPORT,
     .min_arguments = 1,
     .max_arguments = INT_MAX,
     .arguments = "the logs, or - for standard input",
     .failed = STATUS_USAGE},
    {.name = NULL}};

int main(int argc, char **argv) {
  struct options o = {.command = NULL};

  int status = say_keep_standard_files();
  if (status == STATUS_DONE)
    status = options_read(&o, argc, argv);
  if (status != STATUS_DONE || o.command == NULL)
    return status;
  return o.command->run(&o);
}
