/* What the figures of a column are, known by its name. */
#ifndef PROCMONCTL_REPORT_UNIT_H
#define PROCMONCTL_REPORT_UNIT_H

enum report_unit {
  REPORT_NUMBER, /* a count, or a column of an unknown name */
  REPORT_PERCENT,
  REPORT_KB,
  REPORT_KB_PER_S,
  REPORT_PER_S,
  REPORT_SECONDS,
};

/* Whatever the case of its letters. */
enum report_unit report_unit_of(const char *column);

/* The unit's name in the data of the page. */
const char *report_unit_name(enum report_unit unit);

/* How to show figures of a unit. */
struct report_scale {
  double factor;    /* what to multiply them by */
  const char *word; /* "MiB"; static, and empty for numbers */
  int decimals;
};

/* So that a figure as large as `largest`, without its sign, has four digits. */
struct report_scale report_unit_scale(enum report_unit unit, double largest);

enum { REPORT_FIGURE_MAX = 32 };

/* Writes a figure by its scale, without the unit's word, and with its sign also
 * where it is positive when `is_signed`; what is no finite number as a dash.
 * Gives `out`. */
const char *report_unit_print(struct report_scale scale, double value,
                              int is_signed, char out[REPORT_FIGURE_MAX]);

#endif
