/* The command line. */
#ifndef PROCMONCTL_OPTIONS_H
#define PROCMONCTL_OPTIONS_H

#include <stdbool.h>

#include "report_options.h"
#include "request.h"

/* Sets of options, as bits. */
enum {
  OPTIONS_OF_START = 1,
  OPTIONS_OF_STOP = 2,
  OPTIONS_OF_LIST = 4,
  /* The first argument that is no option ends the options. */
  OPTIONS_END_EARLY = 8,
  OPTIONS_OF_REPORT = 16
};

struct options;

struct command {
  const char *name;
  int (*run)(struct options *o); /* gives the exit status */
  unsigned options;
  int min_arguments;
  int max_arguments;
  const char *arguments; /* what they are, for a message */
  int failed;            /* the exit status of a wrong command line */
};

struct options {
  const struct command *command; /* NULL: all is done */
  const char *socket;
  const char *file;     /* the log; NULL: none */
  bool is_verbose;      /* stop */
  bool is_json;         /* list, report */
  bool has_settings;    /* start was given --set */
  struct request start; /* START with what the options say */
  struct report_options report;
  char **arguments; /* of the command; ends with NULL */
  int n_arguments;
};

/* The commands; the last one has no name. */
extern const struct command commands[];

/* Reads the command line. With --help and --version there is nothing left to
 * do. 0 or an exit status; says why. */
int options_read(struct options *o, int argc, char **argv);

#endif
