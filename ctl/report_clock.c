#include "report_clock.h"

#include <math.h>

#include "report_civil.h"
#include "report_select.h"

void report_clock_rise(double *times, size_t n, bool has_date,
                       clock_moved moved, void *context) {
  double later_s = 0;
  double step_s = 0;
  double days_s = 0;

  for (size_t i = 1; i < n; i++) {
    const double last = times[i - 1];
    /* What stands in the log before this row is no longer there. */
    double own = times[i] + days_s;
    if (!has_date && own < last - later_s - CLOCK_NEW_DAY_S) {
      days_s += DAY_S;
      own += DAY_S;
    }
    if (own >= last && later_s > 0) {
      later_s = 0;
      moved(context, i, last, own, 0);
    } else if (own + later_s < last) {
      double before = last - later_s;
      later_s = last + step_s - own;
      moved(context, i, before, own, later_s);
    }
    times[i] = own + later_s;
    if (times[i] > last)
      step_s = times[i] - last;
  }
}

/* Rows of the same time. */
struct group {
  size_t begin, end;
  double at;
  double step_s; /* with which they share what the times do not resolve */
};

static struct group find_group(const double *times, size_t n, size_t begin,
                               double resolution_s) {
  struct group g = {.begin = begin, .end = begin + 1, .at = times[begin]};

  while (g.end < n && times[g.end] == g.at)
    g.end++;
  if (g.end < n && times[g.end] - g.at < resolution_s)
    resolution_s = times[g.end] - g.at;
  g.step_s = resolution_s / (double)(g.end - g.begin);
  return g;
}

/* One goes on where the other ends, and has more rows. */
static bool is_part(const struct group *g, const struct group *neighbour,
                    double resolution_s) {
  return g->end - g->begin < neighbour->end - neighbour->begin &&
         fabs(g->at - neighbour->at) <= resolution_s;
}

static void put(double *times, const struct group *g, double at,
                double step_s) {
  for (size_t i = g->begin; i < g->end; i++)
    times[i] = at + step_s * (double)(i - g->begin);
}

void report_clock_spread(double *times, size_t n, double resolution_s) {
  struct group last = {.end = 0};
  struct group g;

  for (size_t begin = 0; begin < n; begin = g.end) {
    g = find_group(times, n, begin, resolution_s);
    double at = g.at;
    double step_s = g.step_s;
    if (begin == 0 && g.end < n) {
      const struct group next = find_group(times, n, g.end, resolution_s);
      if (is_part(&g, &next, resolution_s)) {
        step_s = next.step_s;
        at = next.at - step_s * (double)g.end;
      }
    } else if (g.end == n && is_part(&g, &last, resolution_s))
      step_s = last.step_s;
    put(times, &g, at, step_s);
    last = g;
  }
}

void report_clock_measure(const double *times, size_t n, double resolution_s,
                          double *steps, struct clock_steps *out) {
  *out = (struct clock_steps){.usual_s = NAN};
  if (n < 2)
    return;
  for (size_t i = 0; i + 1 < n; i++)
    steps[i] = times[i + 1] - times[i];
  out->usual_s = report_select_quantile(steps, n - 1, 0.5);
  for (size_t i = 0; i + 1 < n; i++)
    if (steps[i] > CLOCK_GAP_STEPS * out->usual_s &&
        steps[i] > 2 * resolution_s) {
      out->gaps++;
      out->gaps_s += steps[i];
    }
}
