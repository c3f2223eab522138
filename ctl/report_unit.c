#include "report_unit.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <strings.h>

enum { DIGITS = 4, DECIMALS_MAX = 6 };

/* From here on a figure has an exponent. */
static const double LARGE = 1e9;

static const struct {
  const char *column;
  enum report_unit unit;
} columns[] = {
    {"CPU", REPORT_PERCENT},
    {"User", REPORT_PERCENT},
    {"System", REPORT_PERCENT},
    {"Resident", REPORT_KB},
    {"Working", REPORT_KB},
    {"Virtual", REPORT_KB},
    {"Private", REPORT_KB},
    {"Anonymous", REPORT_KB},
    {"Read", REPORT_KB_PER_S},
    {"Write", REPORT_KB_PER_S},
    {"MinorFaults", REPORT_PER_S},
    {"MajorFaults", REPORT_PER_S},
    {"VoluntarySwitches", REPORT_PER_S},
    {"InvoluntarySwitches", REPORT_PER_S},
    {"Uptime", REPORT_SECONDS},
};

enum report_unit report_unit_of(const char *column) {
  for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
    if (strcasecmp(column, columns[i].column) == 0)
      return columns[i].unit;
  return REPORT_NUMBER;
}

const char *report_unit_name(enum report_unit unit) {
  static const char *const names[] = {
      [REPORT_NUMBER] = "number", [REPORT_PERCENT] = "percent",
      [REPORT_KB] = "kb",         [REPORT_KB_PER_S] = "kb_per_s",
      [REPORT_PER_S] = "per_s",   [REPORT_SECONDS] = "seconds",
  };
  return names[unit];
}

static struct report_scale scale_of_size(enum report_unit unit,
                                         double largest_kb) {
  static const char *const sizes[] = {"KiB", "MiB", "GiB", "TiB"};
  static const char *const rates[] = {"KiB/s", "MiB/s", "GiB/s", "TiB/s"};
  const char *const *words = unit == REPORT_KB ? sizes : rates;
  struct report_scale scale = {1, words[0], 0};

  for (size_t i = 1; i < 4 && largest_kb * scale.factor >= 1024; i++) {
    scale.factor /= 1024;
    scale.word = words[i];
  }
  return scale;
}

static int decimals_for(double largest) {
  if (!(largest > 0) || largest >= LARGE)
    return 0;
  int before = (int)floor(log10(largest)) + 1;
  int decimals = DIGITS - before;
  return decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : decimals;
}

struct report_scale report_unit_scale(enum report_unit unit, double largest) {
  struct report_scale scale = {1, "", 0};

  if (unit == REPORT_KB || unit == REPORT_KB_PER_S)
    scale = scale_of_size(unit, largest);
  else if (unit == REPORT_PERCENT)
    scale.word = "%";
  else if (unit == REPORT_PER_S)
    scale.word = "/s";
  else if (unit == REPORT_SECONDS)
    scale.word = "s";
  scale.decimals = decimals_for(largest * scale.factor);
  return scale;
}

const char *report_unit_print(struct report_scale scale, double value,
                              int is_signed, char out[REPORT_FIGURE_MAX]) {
  const double shown = value * scale.factor;
  const double least = 0.5 * pow(10, -scale.decimals);

  if (!isfinite(shown))
    snprintf(out, REPORT_FIGURE_MAX, "\xe2\x80\x93");
  else if (fabs(shown) >= LARGE)
    snprintf(out, REPORT_FIGURE_MAX, is_signed ? "%+.*g" : "%.*g", DIGITS,
             shown);
  /* So that there is no -0.00. */
  else if (fabs(shown) < least)
    snprintf(out, REPORT_FIGURE_MAX, "%.*f", scale.decimals, 0.0);
  else
    snprintf(out, REPORT_FIGURE_MAX, is_signed ? "%+.*f" : "%.*f",
             scale.decimals, shown);
  return out;
}
