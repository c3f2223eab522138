/* report: logs as a page, as JSON, and against what was asked of them. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "compat/error_text.h"
#include "procmon_config.h"
#include "report_baseline.h"
#include "report_file.h"
#include "report_input.h"
#include "report_json.h"
#include "report_marks.h"
#include "report_names.h"
#include "report_page.h"
#include "report_peers.h"
#include "say.h"

static const char default_output[] = "report.html";

/* A report in the making. */
struct making {
  const struct report_options *options;
  const struct options *all;
  struct report_wishes wishes;
  struct report report;
  /* One for each log. Behind the logs of the report is the baseline. */
  struct report_wall *walls;
};

static int say_no_memory(void) {
  say("not enough memory for the report");
  return STATUS_TROUBLE;
}

static const char *folder_of(const struct making *m) {
  return m->options->dygraphs != NULL ? m->options->dygraphs : PROCMON_DYGRAPHS;
}

static const char *output_of(const struct making *m) {
  return m->options->output != NULL ? m->options->output : default_output;
}

/* Whoever wants figures alone need not have a page. */
static bool wants_page(const struct making *m) {
  return m->options->output != NULL ||
         (!m->all->is_json && m->options->fail_if.n == 0 &&
          m->options->baseline == NULL);
}

/* Nothing is read for a page that cannot be written. */
static int check_page(const struct making *m) {
  static const char *const files[] = {"dygraph.min.js", "dygraph.css"};
  char text[ERROR_TEXT_MAX];
  struct stat st;

  if (!wants_page(m))
    return STATUS_DONE;
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder_of(m), files[i]);
    if (access(path, R_OK) == 0)
      continue;
    say("%s: %s; install the package libjs-dygraphs, or name the folder of "
        "dygraphs with --dygraphs",
        path, error_text(errno, text));
    return STATUS_TROUBLE;
  }
  /* A link that leads nowhere is there, too. */
  if (m->options->output == NULL && lstat(default_output, &st) == 0) {
    say("%s is there already; -o %s overwrites it, -o takes another name",
        default_output, default_output);
    return STATUS_TROUBLE;
  }
  return input_check_output(m->all, output_of(m));
}

static int read_logs(struct making *m) {
  struct report *r = &m->report;
  const size_t n = (size_t)m->all->n_arguments;

  r->logs = calloc(n + 1, sizeof(*r->logs));
  m->walls = calloc(n + 1, sizeof(*m->walls));
  if (r->logs == NULL || m->walls == NULL)
    return say_no_memory();
  for (size_t i = 0; i < n; i++) {
    int status = input_read(&r->logs[i], m->all->arguments[i], m->options,
                            &m->wishes, &m->walls[i]);
    if (status != STATUS_DONE)
      return status;
    r->n_logs++;
  }
  return report_names_set(r) == 0 ? STATUS_DONE : say_no_memory();
}

static bool has_baseline(const struct making *m) {
  return m->options->baseline != NULL;
}

static int read_baseline(struct making *m) {
  const size_t at = m->report.n_logs;

  return !has_baseline(m)
             ? STATUS_DONE
             : input_read(&m->report.logs[at], m->options->baseline, m->options,
                          &m->wishes, &m->walls[at]);
}

static int settle_times(struct making *m) {
  struct report_peers peers = {.logs = m->report.logs,
                               .walls = m->walls,
                               .n = m->report.n_logs + has_baseline(m),
                               .note = input_note};

  if (report_peers_order(&peers) != 0)
    return say_no_memory();
  /* The baseline is not shown, and has no clock. */
  peers.n = m->report.n_logs;
  report_peers_offset(&peers);
  return STATUS_DONE;
}

static int set_title(struct making *m) {
  struct report *r = &m->report;

  if (m->options->title != NULL)
    r->title = strdup(m->options->title);
  else if (r->n_logs == 1)
    r->title = strdup(r->logs[0].name);
  else if (asprintf(&r->title, "%s and %zu more", r->logs[0].name,
                    r->n_logs - 1) < 0)
    r->title = NULL;
  return r->title != NULL ? STATUS_DONE : say_no_memory();
}

static int add_marks(struct making *m) {
  char why[MARK_WHY_MAX];

  for (size_t i = 0; i < m->options->marks.n; i++) {
    const char *mark = m->options->marks.words[i];
    int err = report_marks_add(&m->report, m->walls, mark, why);
    if (err == -ENOMEM)
      return say_no_memory();
    if (err != 0) {
      say("--mark: %s", why);
      return STATUS_USAGE;
    }
    if (why[0] != '\0')
      say("--mark: %s", why);
  }
  return STATUS_DONE;
}

static int add_checks(struct making *m) {
  char why[CHECK_WHY_MAX];

  for (size_t i = 0; i < m->options->fail_if.n; i++) {
    int err = report_check_apply(&m->report, &m->wishes.expressions[i], why);
    if (err == -ENOMEM)
      return say_no_memory();
    if (err != 0) {
      say("--fail-if '%s': %s", m->options->fail_if.words[i], why);
      return STATUS_USAGE;
    }
  }
  return STATUS_DONE;
}

static int compare(struct making *m) {
  if (!has_baseline(m))
    return STATUS_DONE;
  int err = report_baseline_check(&m->report, &m->report.logs[m->report.n_logs],
                                  m->wishes.tolerance, input_note, NULL);
  if (err == -ENOMEM)
    return say_no_memory();
  return err == 0 ? STATUS_DONE : STATUS_TROUBLE;
}

static int say_unwritten(const struct making *m, int err) {
  char text[ERROR_TEXT_MAX];

  if (err == -EBADMSG)
    say("%s is not written: what is in %s is not dygraphs, or not as a page "
        "can "
        "have it; expected that of the package libjs-dygraphs",
        output_of(m), folder_of(m));
  else
    say("%s cannot be written: %s", output_of(m), error_text(err, text));
  return STATUS_TROUBLE;
}

static int write_page(const struct making *m) {
  struct report_file file;

  if (!wants_page(m))
    return STATUS_DONE;
  int err = report_file_begin(&file, output_of(m));
  if (err == 0) {
    err = report_page_write(file.out, &m->report, folder_of(m));
    int closed = report_file_end(&file, err == 0);
    err = err != 0 ? err : closed;
  }
  if (err != 0)
    return say_unwritten(m, err);
  if (m->options->output == NULL && !m->all->is_json)
    printf("%s\n", default_output);
  return STATUS_DONE;
}

/* What failed, and the exit status. */
static int judge(const struct making *m) {
  const struct report *r = &m->report;

  for (size_t i = 0; i < r->n_checks; i++)
    if (r->checks[i].failed)
      say("%s: found %s", r->checks[i].text, r->checks[i].found);
  return report_check_failed(r) > 0 ? STATUS_NO : STATUS_DONE;
}

static int make(struct making *m) {
  static int (*const steps[])(struct making *) = {
      read_logs, read_baseline, settle_times, set_title,
      add_marks, add_checks,    compare};
  int status = input_check(m->all);

  if (status == STATUS_DONE)
    status = check_page(m);
  for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
    if (status == STATUS_DONE)
      status = steps[i](m);
  if (status == STATUS_DONE)
    status = write_page(m);
  if (status != STATUS_DONE)
    return status;
  if (m->all->is_json)
    report_json_print(stdout, &m->report);
  if (say_flush() != STATUS_DONE)
    return STATUS_TROUBLE;
  return judge(m);
}

int command_report(struct options *o) {
  struct making m = {.options = &o->report, .all = o};

  /* A file that may not grow is told as a full disk is. */
  (void)signal(SIGXFSZ, SIG_IGN);
  int status = report_options_check(&o->report, o->is_json, &m.wishes);
  if (status == STATUS_DONE) {
    status = make(&m);
    free(m.wishes.expressions);
  }
  if (m.report.logs != NULL)
    report_log_free(&m.report.logs[m.report.n_logs]);
  report_free(&m.report);
  free(m.walls);
  report_options_free(&o->report);
  return status;
}
