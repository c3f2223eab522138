#include "report_tables.h"

#include <math.h>

#include "html.h"
#include "report_check.h"
#include "report_figures.h"
#include "report_log.h"
#include "report_moment.h"

/* A table scrolls in a box of its own where the page is too narrow for it. */
static void begin_table(FILE *out, const char *class, const char *caption) {
  fprintf(out,
          "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
          "aria-label=\"%s\">\n<table class=\"%s\">\n<caption>%s</caption>\n",
          caption, class, caption);
}

static void end_table(FILE *out) { fputs("</tbody>\n</table>\n</div>\n", out); }

/* `tag`: th or td, with its attributes. */
static void print_cell(FILE *out, const char *tag, const char *text) {
  fprintf(out, "<%s>", tag);
  html_print(out, text);
  fprintf(out, "</%.2s>", tag);
}

static void print_verdict(FILE *out, const struct report *r) {
  size_t failed = report_check_failed(r);

  fprintf(out, "<p class=\"verdict %s\">", failed > 0 ? "failed" : "passed");
  if (failed == 0)
    fprintf(out, "%zu check%s passed", r->n_checks,
            r->n_checks == 1 ? "" : "s");
  else
    fprintf(out, "%zu of %zu check%s failed", failed, r->n_checks,
            r->n_checks == 1 ? "" : "s");
  fputs("</p>\n", out);
}

void report_tables_checks(FILE *out, const struct report *r) {
  if (r->n_checks == 0)
    return;
  fputs("<section id=\"checks\">\n<h2>Checks</h2>\n", out);
  print_verdict(out, r);
  begin_table(out, "checks", "What was asked, and what was found");
  fputs("<thead><tr><th scope=\"col\">Result</th><th scope=\"col\">Asked</th>"
        "<th scope=\"col\">Found</th></tr></thead>\n<tbody>\n",
        out);
  for (size_t i = 0; i < r->n_checks; i++) {
    const struct report_check *c = &r->checks[i];
    fprintf(out, "<tr class=\"%s\"><td><span class=\"result\">%s</span></td>",
            c->failed ? "failed" : "passed", c->failed ? "failed" : "passed");
    print_cell(out, "th scope=\"row\"", c->text);
    print_cell(out, "td", c->found);
    fputs("</tr>\n", out);
  }
  end_table(out);
  fputs("</section>\n", out);
}

static void print_gaps(FILE *out, const struct report_log *log) {
  char text[REPORT_MOMENT_MAX];

  if (log->gaps == 0)
    fputs("none", out);
  else
    fprintf(out, "%zu, in all %s", log->gaps,
            report_moment_duration(log->gaps_s, text));
}

static void print_log(FILE *out, const struct report_log *log) {
  char text[REPORT_MOMENT_MAX];

  fputs("<tr>", out);
  print_cell(out, "th scope=\"row\"", log->name);
  print_cell(out, "td class=\"path\"", log->path);
  fprintf(out, "<td class=\"figure\">%zu</td>", log->rows);
  fprintf(out, "<td class=\"word\">%s</td>",
          report_moment_print(log->rows > 0 ? log->times[0] : NAN, text));
  fprintf(out, "<td class=\"figure\">%s</td>",
          report_moment_duration(report_log_duration_s(log), text));
  fprintf(out, "<td class=\"figure\">%s</td><td class=\"word\">",
          report_moment_duration(log->interval_s, text));
  print_gaps(out, log);
  fputs("</td></tr>\n", out);
}

void report_tables_logs(FILE *out, const struct report *r) {
  fputs("<section id=\"logs\">\n<h2>Logs</h2>\n", out);
  begin_table(out, "logs", "The logs of this report");
  fputs("<thead><tr><th scope=\"col\">Log</th><th scope=\"col\">File</th>"
        "<th scope=\"col\" class=\"figure\">Rows</th>"
        "<th scope=\"col\">First row</th>"
        "<th scope=\"col\" class=\"figure\">Duration</th>"
        "<th scope=\"col\" class=\"figure\">Interval</th>"
        "<th scope=\"col\">Gaps</th></tr></thead>\n<tbody>\n",
        out);
  for (size_t i = 0; i < r->n_logs; i++)
    print_log(out, &r->logs[i]);
  end_table(out);
  fputs("</section>\n", out);
}

void report_tables_marks(FILE *out, const struct report *r) {
  char text[REPORT_MOMENT_MAX];

  if (r->n_marks == 0)
    return;
  fprintf(out,
          "<details id=\"marks\"><summary>Marks (%zu)</summary>\n"
          "<dl>\n",
          r->n_marks);
  for (size_t i = 0; i < r->n_marks; i++) {
    fprintf(out, "<dt>%s</dt>", report_moment_print(r->marks[i].time, text));
    print_cell(out, "dd", r->marks[i].label);
    fputc('\n', out);
  }
  fputs("</dl>\n</details>\n", out);
}

void report_tables_figures(FILE *out, const struct report *r) {
  fputs("<section id=\"figures\">\n<h2>Figures</h2>\n"
        "<p class=\"note\">The slope is that of the straight line through all "
        "samples (least squares), with the interval in which it lies by 95 % "
        "where the samples scatter around the line at random. In bold: the "
        "interval leaves out 0.</p>\n",
        out);
  for (size_t i = 0; i < r->n_logs; i++)
    report_figures_print(out, &r->logs[i]);
  fputs("</section>\n", out);
}
