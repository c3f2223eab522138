#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "help.h"
#include "say.h"

static const char default_socket[] = "/run/collectd-procmon.sock";

/* Values above those of characters; the options of START are told by name. */
enum {
  OPT_SOCKET = 256,
  OPT_FILE,
  OPT_JSON,
  OPT_SET,
  OPT_KEY,
  OPT_CHILDREN,
  OPT_REPORT
};

static const struct {
  struct option option;
  unsigned options; /* of which sets; 0: of all commands */
  const char *key;  /* of START */
} known[] = {
    {{"help", no_argument, NULL, 'h'}, 0, NULL},
    {{"version", no_argument, NULL, 'V'}, 0, NULL},
    {{"socket", required_argument, NULL, OPT_SOCKET}, 0, NULL},
    {{"verbose", no_argument, NULL, 'v'}, OPTIONS_OF_STOP, NULL},
    {{"json", no_argument, NULL, OPT_JSON},
     OPTIONS_OF_LIST | OPTIONS_OF_REPORT,
     NULL},
    {{"file", required_argument, NULL, OPT_FILE}, OPTIONS_OF_START, NULL},
    {{"set", required_argument, NULL, OPT_SET}, OPTIONS_OF_START, NULL},
    {{"children", no_argument, NULL, OPT_CHILDREN}, OPTIONS_OF_START, NULL},
    {{"interval", required_argument, NULL, OPT_KEY},
     OPTIONS_OF_START,
     "interval"},
    {{"num-processors", required_argument, NULL, OPT_KEY},
     OPTIONS_OF_START,
     "numprocessors"},
    {{"columns", required_argument, NULL, OPT_KEY},
     OPTIONS_OF_START | OPTIONS_OF_REPORT,
     "columns"},
    {{"header", required_argument, NULL, OPT_KEY}, OPTIONS_OF_START, "header"},
    {{"time-format", required_argument, NULL, OPT_KEY},
     OPTIONS_OF_START | OPTIONS_OF_REPORT,
     "timeformat"},
    {{"append", required_argument, NULL, OPT_KEY}, OPTIONS_OF_START, "append"},
    {{"name", required_argument, NULL, OPT_KEY}, OPTIONS_OF_START, "name"},
    {{"output", required_argument, NULL, 'o'}, OPTIONS_OF_REPORT, NULL},
    {{"title", required_argument, NULL, OPT_REPORT}, OPTIONS_OF_REPORT, NULL},
    {{"mark", required_argument, NULL, OPT_REPORT}, OPTIONS_OF_REPORT, NULL},
    {{"fail-if", required_argument, NULL, OPT_REPORT}, OPTIONS_OF_REPORT, NULL},
    {{"baseline", required_argument, NULL, OPT_REPORT},
     OPTIONS_OF_REPORT,
     NULL},
    {{"tolerance", required_argument, NULL, OPT_REPORT},
     OPTIONS_OF_REPORT,
     NULL},
    {{"dygraphs", required_argument, NULL, OPT_REPORT},
     OPTIONS_OF_REPORT,
     NULL},
};

enum { N_KNOWN = sizeof(known) / sizeof(known[0]) };

static bool takes(const struct options *o, unsigned options) {
  return o->command != NULL && (o->command->options & options) != 0;
}

/* The options of a command for getopt_long; of none: those of all commands. */
static void choose(const struct command *c, struct option out[N_KNOWN + 1]) {
  size_t n = 0;

  for (size_t i = 0; i < N_KNOWN; i++)
    if (known[i].options == 0 ||
        (c != NULL && (c->options & known[i].options) != 0))
      out[n++] = known[i].option;
  out[n] = (struct option){.name = NULL};
}

static const char *key_of(const char *option) {
  for (size_t i = 0; i < N_KNOWN; i++)
    if (strcmp(known[i].option.name, option) == 0)
      return known[i].key;
  return NULL;
}

static int add(struct options *o, const char *option, const char *key,
               const char *value) {
  int err = request_add(&o->start, key, value);

  if (err == -EINVAL)
    say("--%s: the value holds a control character, which procmon does not "
        "take",
        option);
  else if (err != 0)
    say("--%s: the options are too long, together at most %d bytes", option,
        REQUEST_MAX);
  return err == 0 ? STATUS_DONE : STATUS_USAGE;
}

static bool chooses_process(const char *key) {
  static const char *const selectors[] = {
      "pid", "pidfile", "command", "commandline", "user", "unit", "cgroup"};

  for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++)
    if (strcasecmp(key, selectors[i]) == 0)
      return true;
  return false;
}

/* KEY=VALUE: an option of a block that has no option here. */
static int add_setting(struct options *o, char *setting) {
  size_t len = strspn(setting, "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

  if (len == 0 || setting[len] != '=') {
    say("--set wants KEY=VALUE, such as timezone=utc, not \"%s\"", setting);
    return STATUS_USAGE;
  }
  setting[len] = '\0';
  if (takes(o, OPTIONS_END_EARLY) && chooses_process(setting)) {
    say("--set %s: run takes no other process than that of its command",
        setting);
    return STATUS_USAGE;
  }
  o->has_settings = true;
  return add(o, "set", setting, setting + len + 1);
}

static int take(struct options *o, int option, const char *name) {
  switch (option) {
  case OPT_SOCKET:
    o->socket = optarg;
    return STATUS_DONE;
  case OPT_FILE:
    o->file = optarg;
    return STATUS_DONE;
  case OPT_JSON:
    o->is_json = true;
    return STATUS_DONE;
  case 'v':
    o->is_verbose = true;
    return STATUS_DONE;
  case OPT_SET:
    return add_setting(o, optarg);
  case OPT_CHILDREN:
    return add(o, name, "children", "true");
  case 'o':
    return report_options_take(&o->report, "output", optarg);
  case OPT_REPORT:
    return report_options_take(&o->report, name, optarg);
  default:
    if (takes(o, OPTIONS_OF_REPORT))
      return report_options_take(&o->report, name, optarg);
    return add(o, name, key_of(name), optarg);
  }
}

/* What getopt_long does not take; it leaves a letter in optopt that it does not
 * know, and of a long option nothing or what that stands for. */
static int complain(int option, const char *argument) {
  const bool is_letter =
      optopt > 0 && optopt < OPT_SOCKET && strchr("hVvo", optopt) == NULL;

  if (option == ':')
    say("%s wants a value; see procmonctl --help", argument);
  else if (is_letter)
    say("there is no option -%c here; see procmonctl --help", optopt);
  else if (optopt == 0)
    say("there is no option %s here; see procmonctl --help", argument);
  else
    say("%s: this option takes no value; see procmonctl --help", argument);
  return STATUS_USAGE;
}

/* Reads options until their end. `*done`: nothing is left to do. */
static int read_options(struct options *o, int argc, char **argv,
                        bool ends_early, bool *done) {
  struct option options[N_KNOWN + 1];
  char letters[8];
  int status = STATUS_DONE;
  int at = 0;

  choose(o->command, options);
  snprintf(letters, sizeof(letters), "%s:hV%s%s", ends_early ? "+" : "",
           takes(o, OPTIONS_OF_STOP) ? "v" : "",
           takes(o, OPTIONS_OF_REPORT) ? "o:" : "");
  /* 0: the library forgets the command line before. */
  optind = 0;
  opterr = 0;
  while (status == STATUS_DONE) {
    int option = getopt_long(argc, argv, letters, options, &at);
    if (option == -1)
      return STATUS_DONE;
    *done = option == 'h' || option == 'V';
    if (*done)
      return option == 'h' ? help_print() : help_print_version();
    if (option == '?' || option == ':')
      return complain(option, argv[optind - 1]);
    status = take(o, option, options[at].name);
  }
  return status;
}

static const struct command *find_command(const char *name) {
  for (const struct command *c = commands; c->name != NULL; c++)
    if (strcmp(c->name, name) == 0)
      return c;
  return NULL;
}

static int check_arguments(const struct options *o) {
  const struct command *c = o->command;

  if (o->n_arguments >= c->min_arguments && o->n_arguments <= c->max_arguments)
    return STATUS_DONE;
  say("%s takes %s, found %d argument%s; see procmonctl --help", c->name,
      c->arguments, o->n_arguments, o->n_arguments == 1 ? "" : "s");
  return STATUS_USAGE;
}

static int read_command(struct options *o, int argc, char **argv) {
  bool done = false;

  o->command = find_command(argv[0]);
  if (o->command == NULL) {
    say("there is no command \"%s\"; see procmonctl --help", argv[0]);
    return STATUS_USAGE;
  }
  bool ends_early = (o->command->options & OPTIONS_END_EARLY) != 0;
  int status = read_options(o, argc, argv, ends_early, &done);
  o->arguments = argv + optind;
  o->n_arguments = argc - optind;
  if (status == STATUS_DONE && !done)
    status = check_arguments(o);
  if (status != STATUS_DONE)
    status = o->command->failed;
  if (done)
    o->command = NULL;
  return status;
}

int options_read(struct options *o, int argc, char **argv) {
  bool done = false;

  *o = (struct options){.socket = getenv("PROCMON_SOCKET")};
  if (o->socket == NULL || *o->socket == '\0')
    o->socket = default_socket;
  request_begin(&o->start, "START");
  int status = read_options(o, argc, argv, true, &done);
  if (status != STATUS_DONE || done)
    return status;
  if (optind == argc) {
    say("a command is missing; see procmonctl --help");
    return STATUS_USAGE;
  }
  return read_command(o, argc - optind, argv + optind);
}
