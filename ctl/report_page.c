#include "report_page.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "content_hash.h"
#include "html.h"
#include "procmon_config.h"
#include "report_assets.h"
#include "report_chart.h"
#include "report_inline.h"
#include "report_tables.h"

/* With dygraphs and the tables of 20 logs, a page of less than 3 MB. */
enum { DATA_MAX_BYTES = 2400000 };

struct page {
  FILE *out;
  const struct report *report;
  struct report_inline script, style; /* dygraphs' */
  struct report_chart_data data;
};

static void print_hash(FILE *out, const char *text, size_t len) {
  char hash[CONTENT_HASH_MAX];

  content_hash(text, len, hash);
  fprintf(out, " '%s'", hash);
}

/* Nothing runs, and nothing is loaded, but these two scripts and styles. */
static void print_policy(const struct page *p) {
  fputs("<meta http-equiv=\"Content-Security-Policy\" "
        "content=\"default-src 'none'; base-uri 'none'; form-action 'none'; "
        "script-src",
        p->out);
  print_hash(p->out, p->script.text, p->script.len);
  print_hash(p->out, report_script, strlen(report_script));
  fputs("; style-src", p->out);
  print_hash(p->out, p->style.text, p->style.len);
  print_hash(p->out, report_style, strlen(report_style));
  fputs("\">\n", p->out);
}

static void print_head(const struct page *p) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
        "<meta charset=\"utf-8\">\n",
        p->out);
  print_policy(p);
  fputs("<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
        p->out);
  html_print(p->out, p->report->title);
  fprintf(p->out,
          "</title>\n<style>%s</style>\n<style>%s</style>\n</head>\n<body>\n",
          p->style.text, report_style);
}

static void print_made(FILE *out) {
  char text[64] = "";
  time_t now = time(NULL);
  struct tm tm;

  if (localtime_r(&now, &tm) != NULL)
    (void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &tm);
  fprintf(out, "<p class=\"made\">Made %s by procmonctl %s</p>\n", text,
          PACKAGE_VERSION);
}

static void print_top(const struct page *p) {
  fputs("<header>\n<div>\n<h1>", p->out);
  html_print(p->out, p->report->title);
  fputs("</h1>\n", p->out);
  print_made(p->out);
  fputs("</div>\n<button type=\"button\" id=\"theme\" hidden>Dark</button>\n"
        "</header>\n<main>\n",
        p->out);
}

static void print_decimation(const struct page *p) {
  if (p->data.rows_per_bucket > 1)
    fprintf(p->out,
            "<p class=\"note\">The charts show the smallest and the largest "
            "value of at most %zu rows each; the figures below are of all "
            "rows.</p>\n",
            p->data.rows_per_bucket);
}

static void print_charts(const struct page *p) {
  fputs("<section id=\"charts\">\n<h2>Charts</h2>\n"
        "<noscript><p class=\"note\">The charts need JavaScript; the figures "
        "below do not.</p></noscript>\n"
        "<div id=\"tools\" hidden></div>\n<div id=\"plots\"></div>\n",
        p->out);
  print_decimation(p);
  report_tables_marks(p->out, p->report);
  fputs("</section>\n", p->out);
}

static void print_scripts(const struct page *p) {
  fputs("<script type=\"application/json\" id=\"data\">", p->out);
  (void)fwrite(p->data.json, 1, p->data.len, p->out);
  fprintf(p->out,
          "</script>\n<script>%s</script>\n<script>%s</script>\n</body>\n"
          "</html>\n",
          p->script.text, report_script);
}

static int write_all(const struct page *p) {
  errno = 0;
  print_head(p);
  print_top(p);
  report_tables_checks(p->out, p->report);
  report_tables_logs(p->out, p->report);
  print_charts(p);
  report_tables_figures(p->out, p->report);
  fputs("</main>\n", p->out);
  print_scripts(p);
  if (fflush(p->out) != 0 || ferror(p->out))
    return errno != 0 ? -errno : -EIO;
  return 0;
}

int report_page_write(FILE *out, const struct report *r,
                      const char *dygraphs_folder) {
  struct page p = {.out = out, .report = r};
  int err = report_inline_read(dygraphs_folder, "dygraph.min.js", &p.script);

  if (err == 0)
    err = report_inline_read(dygraphs_folder, "dygraph.css", &p.style);
  if (err == 0)
    err = report_chart_data(r, DATA_MAX_BYTES, &p.data);
  if (err == 0)
    err = write_all(&p);
  free(p.script.text);
  free(p.style.text);
  free(p.data.json);
  return err;
}
