#include "summary.h"

#include <string.h>

enum { NUMBER_MAX = 32 };

static const char unknown[] = "unknown (no reading came before the end)";

static void print_rows(FILE *out, const char *rows) {
  if (rows != NULL && strcmp(rows, "0") != 0)
    fprintf(out, ", %s row%s", rows, strcmp(rows, "1") == 0 ? "" : "s");
  fputc('\n', out);
}

static void print_cpu(FILE *out, const struct answer *a) {
  fputs("  CPU %     ", out);
  if (answer_get(a, "cpu_mean") == NULL)
    fprintf(out, "%s\n", unknown);
  else
    fprintf(out, "%s mean, %s max\n", answer_show(a, "cpu_mean"),
            answer_show(a, "cpu_max"));
}

static void print_resident(FILE *out, const struct answer *a) {
  char mean[NUMBER_MAX];
  char max[NUMBER_MAX];
  char last[NUMBER_MAX];

  fputs("  resident  ", out);
  if (answer_get(a, "resident_mean") == NULL)
    fprintf(out, "%s\n", unknown);
  else
    fprintf(out, "%s KiB mean, %s KiB max, %s KiB last\n",
            answer_kib(a, "resident_mean", mean, sizeof(mean)),
            answer_kib(a, "resident_max", max, sizeof(max)),
            answer_kib(a, "resident_last", last, sizeof(last)));
}

void summary_print(FILE *out, const struct answer *a) {
  fprintf(out, ": %s s", answer_show(a, "duration"));
  print_rows(out, answer_get(a, "rows"));
  print_cpu(out, a);
  print_resident(out, a);
}
