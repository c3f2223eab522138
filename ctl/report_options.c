#include "report_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_number.h"
#include "say.h"

static const double default_tolerance = 10;

static int add_word(struct report_words *w, const char *word) {
  const char **more = reallocarray(w->words, w->n + 1, sizeof(*more));

  if (more == NULL) {
    say("not enough memory for the options");
    return STATUS_TROUBLE;
  }
  w->words = more;
  w->words[w->n++] = word;
  return STATUS_DONE;
}

int report_options_take(struct report_options *o, const char *option,
                        const char *value) {
  const struct {
    const char *option;
    const char **value;
  } single[] = {
      {"output", &o->output},           {"title", &o->title},
      {"baseline", &o->baseline},       {"tolerance", &o->tolerance},
      {"columns", &o->columns},         {"dygraphs", &o->dygraphs},
      {"time-format", &o->time_format},
  };

  if (strcmp(option, "mark") == 0)
    return add_word(&o->marks, value);
  if (strcmp(option, "fail-if") == 0)
    return add_word(&o->fail_if, value);
  for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
    if (strcmp(option, single[i].option) != 0)
      continue;
    if (*single[i].value != NULL) {
      say("--%s: found it twice, expected it once", option);
      return STATUS_USAGE;
    }
    *single[i].value = value;
  }
  return STATUS_DONE;
}

static int check_tolerance(const struct report_options *o, double *percent) {
  char number[NUMBER_TEXT_MAX];

  *percent = default_tolerance;
  if (o->tolerance == NULL)
    return STATUS_DONE;
  if (o->baseline == NULL) {
    say("--tolerance is for --baseline, which is missing");
    return STATUS_USAGE;
  }
  size_t len = strlen(o->tolerance);
  if (len > 0 && len < sizeof(number) && o->tolerance[len - 1] == '%') {
    snprintf(number, sizeof(number), "%.*s", (int)len - 1, o->tolerance);
    if (report_number_read(number, percent) && *percent >= 0)
      return STATUS_DONE;
  }
  say("--tolerance: found \"%s\", expected a percentage such as 10%%",
      o->tolerance);
  return STATUS_USAGE;
}

static int check_time_format(const struct report_options *o,
                             struct time_format *f) {
  if (o->time_format == NULL)
    return STATUS_DONE;
  const char *wrong = report_time_compile(f, o->time_format);
  if (wrong == NULL)
    return STATUS_DONE;
  say("--time-format: found \"%s\", expected a format of strftime(3): %s",
      o->time_format, wrong);
  return STATUS_USAGE;
}

static int check_expressions(const struct report_options *o,
                             struct report_expression **out) {
  char why[CHECK_WHY_MAX];

  *out = calloc(o->fail_if.n + 1, sizeof(**out));
  if (*out == NULL) {
    say("not enough memory for the options");
    return STATUS_TROUBLE;
  }
  for (size_t i = 0; i < o->fail_if.n; i++)
    if (report_check_parse(&(*out)[i], o->fail_if.words[i], why) != 0) {
      say("--fail-if '%s': %s", o->fail_if.words[i], why);
      return STATUS_USAGE;
    }
  return STATUS_DONE;
}

int report_options_check(const struct report_options *o, bool is_json,
                         struct report_wishes *out) {
  *out = (struct report_wishes){.expressions = NULL};
  if (is_json && o->output != NULL && strcmp(o->output, "-") == 0) {
    say("--json and -o - would write both to standard output; give a file with "
        "-o");
    return STATUS_USAGE;
  }
  int status = check_tolerance(o, &out->tolerance);
  if (status == STATUS_DONE)
    status = check_time_format(o, &out->time_format);
  if (status == STATUS_DONE)
    status = check_expressions(o, &out->expressions);
  if (status != STATUS_DONE)
    free(out->expressions);
  return status;
}

void report_options_free(struct report_options *o) {
  free(o->marks.words);
  free(o->fail_if.words);
}
