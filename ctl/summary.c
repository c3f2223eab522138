#include "summary.h"

enum { NUMBER_MAX = 32 };

static const char unknown[] = "unknown (no reading)";

void summary_print(FILE *out, const struct answer *a) {
  char mean[NUMBER_MAX];
  char max[NUMBER_MAX];
  char last[NUMBER_MAX];

  fprintf(out, ": %s s, %s rows\n", answer_show(a, "duration"),
          answer_show(a, "rows"));
  fputs("  CPU %     ", out);
  if (answer_get(a, "cpu_mean") == NULL)
    fprintf(out, "%s\n", unknown);
  else
    fprintf(out, "%s mean, %s max\n", answer_show(a, "cpu_mean"),
            answer_show(a, "cpu_max"));
  fputs("  resident  ", out);
  if (answer_get(a, "resident_mean") == NULL)
    fprintf(out, "%s\n", unknown);
  else
    fprintf(out, "%s KiB mean, %s KiB max, %s KiB last\n",
            answer_kib(a, "resident_mean", mean, sizeof(mean)),
            answer_kib(a, "resident_max", max, sizeof(max)),
            answer_kib(a, "resident_last", last, sizeof(last)));
}
