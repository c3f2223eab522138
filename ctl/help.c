#include "help.h"

#include <stdio.h>

#include "procmon_config.h"
#include "say.h"

/* It fits on a screen of 24 lines of 80 characters. */
static const char text[] =
    "Usage: procmonctl [--socket PATH] COMMAND ...\n"
    "  start [OPTION]... PID            monitors a process, prints the "
    "monitor's "
    "id\n"
    "  run [OPTION]... [--] COMMAND...  runs a command, monitored from its "
    "start\n"
    "  stop [-v] ID...                  stops monitors; -v: prints what they "
    "saw\n"
    "  running ID                       prints true or false (exit status 0 or "
    "1)\n"
    "  list [--json]                    lists all monitors\n"
    "  watch [ID]                       prints readings as they come, until "
    "Ctrl-C\n"
    "  report [OPTION]... LOG...        a page of logs, and checks of their "
    "figures\n"
    "Options of start and run:\n"
    "  --interval S             seconds between two readings\n"
    "  --file FILE              a log, with a row for each reading\n"
    "  --columns \"NAME...\"      of the log: names, or unix or windows\n"
    "  --header FORM            of the log: names, ruled, hash or none\n"
    "  --time-format FORMAT     of the log: as strftime has it\n"
    "  --append true|false      false empties the log first\n"
    "  --num-processors N       CPU % is divided by this; or online\n"
    "  --children               and all descendants\n"
    "  --name NAME              of the monitor, instead of the pid\n"
    "  --set KEY=VALUE          any other option of a <Process> block\n"
    "Options of report: -o FILE, --title, --mark, --fail-if, --baseline, "
    "--json ...\n"
    "Everywhere:\n"
    "  --socket PATH            else $PROCMON_SOCKET, "
    "/run/collectd-procmon.sock\n"
    "  -h, --help  -V, --version        more: man procmonctl\n";

int help_print(void) {
  fputs(text, stdout);
  return say_flush();
}

int help_print_version(void) {
  printf("procmonctl %s\n", PACKAGE_VERSION);
  return say_flush();
}
