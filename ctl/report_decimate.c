#include "report_decimate.h"

#include <math.h>
#include <stdbool.h>

struct way {
  const double *times, *values;
  double gap_s;
  size_t breaks; /* of the line, up to the row that was looked at last */
  bool is_broken;
  struct report_point *out;
  size_t n;
  size_t breaks_at_last; /* up to the last point of `out` */
};

/* A row worth to be kept, and the breaks before it. */
struct candidate {
  size_t row, breaks;
};

/* Whether the row has a value. */
static bool look_at(struct way *w, size_t row) {
  if (row > 0 && w->times[row] - w->times[row - 1] > w->gap_s)
    w->is_broken = true;
  if (!isfinite(w->values[row])) {
    w->is_broken = true;
    return false;
  }
  w->breaks += w->is_broken;
  w->is_broken = false;
  return true;
}

static void keep(struct way *w, struct candidate c) {
  struct report_point point = {w->times[c.row], w->values[c.row]};

  if (w->n > 0 && c.breaks != w->breaks_at_last) {
    double middle = (w->out[w->n - 1].time + point.time) / 2;
    w->out[w->n++] = (struct report_point){middle, NAN};
  }
  w->out[w->n++] = point;
  w->breaks_at_last = c.breaks;
}

static void keep_extremes(struct way *w, size_t from, size_t to) {
  struct candidate low = {0, 0};
  struct candidate high = {0, 0};
  bool is_empty = true;

  for (size_t row = from; row < to; row++) {
    if (!look_at(w, row))
      continue;
    if (is_empty || w->values[row] < w->values[low.row])
      low = (struct candidate){row, w->breaks};
    if (is_empty || w->values[row] > w->values[high.row])
      high = (struct candidate){row, w->breaks};
    is_empty = false;
  }
  if (is_empty)
    return;
  keep(w, low.row < high.row ? low : high);
  if (low.row != high.row)
    keep(w, low.row < high.row ? high : low);
}

static size_t rows_between(size_t rows) { return rows > 2 ? rows - 2 : 0; }

size_t report_decimate_rows(size_t rows, size_t buckets) {
  size_t between = rows_between(rows);

  /* Two points of each bucket are as many as its rows. */
  if (between <= 2 * buckets)
    return 1;
  return (between + buckets - 1) / buckets;
}

size_t report_decimate(const double *times, const double *values, size_t rows,
                       double gap_s, size_t buckets, struct report_point *out) {
  const size_t step = report_decimate_rows(rows, buckets);
  const size_t end = 1 + rows_between(rows);
  struct way w = {.times = times, .values = values, .gap_s = gap_s, .out = out};

  if (rows == 0)
    return 0;
  keep_extremes(&w, 0, 1);
  for (size_t from = 1; from < end; from += step)
    keep_extremes(&w, from, end - from > step ? from + step : end);
  if (rows > 1)
    keep_extremes(&w, rows - 1, rows);
  return w.n;
}
