#include "report_figures.h"

#include <math.h>
#include <stdbool.h>

#include "html.h"
#include "report_unit.h"

static void print_figure(FILE *out, struct report_scale scale, double value) {
  char text[REPORT_FIGURE_MAX];

  fprintf(out, "<td class=\"figure\">%s</td>",
          report_unit_print(scale, value, false, text));
}

/* Threads and handles are whole, but not their mean. */
static void print_whole(FILE *out, struct report_scale scale, double value) {
  if (scale.factor >= 1 && value == floor(value))
    scale.decimals = 0;
  print_figure(out, scale, value);
}

/* Its unit is its own: a leak is slow beside what it leaks from. */
static void print_slope(FILE *out, enum report_unit unit,
                        const struct report_stats *s) {
  char low[REPORT_FIGURE_MAX], high[REPORT_FIGURE_MAX];
  char slope[REPORT_FIGURE_MAX];
  double largest =
      fmax(fabs(s->slope), fmax(fabs(s->slope_low), fabs(s->slope_high)));
  struct report_scale scale = report_unit_scale(unit, largest);
  const bool leaves_zero_out = s->slope_low > 0 || s->slope_high < 0;

  if (isnan(s->slope)) {
    print_figure(out, scale, NAN);
    print_figure(out, scale, NAN);
    return;
  }
  fprintf(out, "<td class=\"figure%s\">%s %s</td>",
          leaves_zero_out ? " clear" : "",
          report_unit_print(scale, s->slope, true, slope), scale.word);
  if (isnan(s->slope_low) || isnan(s->slope_high))
    print_figure(out, scale, NAN);
  else
    fprintf(out, "<td class=\"figure\">%s to %s %s</td>",
            report_unit_print(scale, s->slope_low, true, low),
            report_unit_print(scale, s->slope_high, true, high), scale.word);
}

static void print_column(FILE *out, const struct report_column *column) {
  const struct report_stats *s = &column->stats;
  enum report_unit unit = report_unit_of(column->name);
  struct report_scale scale =
      report_unit_scale(unit, fmax(fabs(s->min), fabs(s->max)));

  fputs("<tr><th scope=\"row\">", out);
  html_print(out, column->name);
  fprintf(out, "</th><td class=\"word\">%s</td><td class=\"figure\">%zu</td>",
          scale.word, s->samples);
  print_whole(out, scale, s->min);
  print_figure(out, scale, s->mean);
  print_whole(out, scale, s->median);
  print_whole(out, scale, s->p95);
  print_whole(out, scale, s->max);
  print_whole(out, scale, s->last);
  print_slope(out, unit, s);
  fputs("</tr>\n", out);
}

void report_figures_print(FILE *out, const struct report_log *log) {
  fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"",
        out);
  html_print(out, log->name);
  fputs("\">\n<table class=\"figures\">\n<caption>", out);
  html_print(out, log->name);
  fputs("</caption>\n<thead><tr><th scope=\"col\">Column</th>"
        "<th scope=\"col\">Unit</th>",
        out);
  static const char *const heads[] = {
      "Samples", "Min",  "Mean",          "Median",       "p95",
      "Max",     "Last", "Slope an hour", "95 % interval"};
  for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
    fprintf(out, "<th scope=\"col\" class=\"figure\">%s</th>", heads[i]);
  fputs("</tr></thead>\n<tbody>\n", out);
  for (size_t i = 0; i < log->n_columns; i++)
    print_column(out, &log->columns[i]);
  fputs("</tbody>\n</table>\n</div>\n", out);
}
