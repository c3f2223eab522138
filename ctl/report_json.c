#include "report_json.h"

#include "json.h"
#include "report_civil.h"
#include "report_log.h"
#include "report_number.h"

static void print_number(FILE *out, const char *key, double number) {
  char text[NUMBER_TEXT_MAX];

  fprintf(out, ", \"%s\": %s", key, report_number_print(number, text));
}

static void print_time(FILE *out, const char *key, double time) {
  char text[CIVIL_TEXT_MAX];

  fprintf(out, ",\n     \"%s\": ", key);
  json_print_text(out, civil_print(time, text));
}

static void print_column(FILE *out, const struct report_column *c) {
  const struct report_stats *s = &c->stats;

  json_print_text(out, c->name);
  fprintf(out, ": {\"samples\": %zu", s->samples);
  print_number(out, "min", s->min);
  print_number(out, "mean", s->mean);
  print_number(out, "median", s->median);
  print_number(out, "p95", s->p95);
  print_number(out, "max", s->max);
  print_number(out, "last", s->last);
  print_number(out, "slope", s->slope);
  print_number(out, "slope_low", s->slope_low);
  print_number(out, "slope_high", s->slope_high);
  fputc('}', out);
}

static void print_log(FILE *out, const struct report_log *log) {
  fputs("{\"name\": ", out);
  json_print_text(out, log->name);
  fputs(", \"path\": ", out);
  json_print_text(out, log->path);
  fprintf(out, ",\n     \"rows\": %zu", log->rows);
  if (log->rows > 0) {
    print_time(out, "begin", log->times[0]);
    print_time(out, "end", log->times[log->rows - 1]);
  } else
    fputs(",\n     \"begin\": null,\n     \"end\": null", out);
  print_number(out, "duration", report_log_duration_s(log));
  print_number(out, "interval", log->interval_s);
  fprintf(out, ", \"gaps\": %zu", log->gaps);
  print_number(out, "gaps_duration", log->gaps_s);
  fputs(",\n     \"columns\": {", out);
  for (size_t i = 0; i < log->n_columns; i++) {
    fputs(i > 0 ? ",\n       " : "\n       ", out);
    print_column(out, &log->columns[i]);
  }
  fputs("}}", out);
}

static void print_mark(FILE *out, const struct report_mark *m) {
  char text[CIVIL_TEXT_MAX];

  fputs("{\"time\": ", out);
  json_print_text(out, civil_print(m->time, text));
  fputs(", \"label\": ", out);
  json_print_text(out, m->label);
  fputc('}', out);
}

static void print_check(FILE *out, const struct report_check *c) {
  fputs("{\"check\": ", out);
  json_print_text(out, c->text);
  fputs(", \"found\": ", out);
  json_print_text(out, c->found);
  fprintf(out, ", \"failed\": %s}", c->failed ? "true" : "false");
}

void report_json_print(FILE *out, const struct report *r) {
  fputs("{\"title\": ", out);
  json_print_text(out, r->title);
  fputs(",\n \"logs\": [", out);
  for (size_t i = 0; i < r->n_logs; i++) {
    fputs(i > 0 ? ",\n    " : "\n    ", out);
    print_log(out, &r->logs[i]);
  }
  fputs("],\n \"marks\": [", out);
  for (size_t i = 0; i < r->n_marks; i++) {
    fputs(i > 0 ? ",\n    " : "\n    ", out);
    print_mark(out, &r->marks[i]);
  }
  fputs("],\n \"checks\": [", out);
  for (size_t i = 0; i < r->n_checks; i++) {
    fputs(i > 0 ? ",\n    " : "\n    ", out);
    print_check(out, &r->checks[i]);
  }
  fputs("]}\n", out);
}
