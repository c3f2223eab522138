/* The commands. Each gives the exit status, and has said why it is not 0. */
#ifndef PROCMONCTL_COMMANDS_H
#define PROCMONCTL_COMMANDS_H

#include "options.h"

int command_start(struct options *o);
int command_stop(struct options *o);
int command_running(struct options *o);
int command_list(struct options *o);
int command_watch(struct options *o);
int command_run(struct options *o);
int command_report(struct options *o);

#endif
