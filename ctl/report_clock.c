#include "report_clock.h"

#include <math.h>

#include "report_civil.h"
#include "report_select.h"

void report_clock_rise(double *times, size_t n, bool has_date, clock_fell fell,
                       void *context) {
  double later_s = 0;
  double step_s = 0;
  double days_s = 0;

  for (size_t i = 1; i < n; i++) {
    const double last = times[i - 1];
    /* What stands in the log before this row is no longer there. */
    double own = times[i] + days_s;
    if (!has_date && own < last - later_s - DAY_S / 2.0) {
      days_s += DAY_S;
      own += DAY_S;
    }
    if (own >= last)
      later_s = 0;
    else if (own + later_s < last) {
      double before = last - later_s;
      later_s = last + step_s - own;
      fell(context, i, before, own, later_s);
    }
    times[i] = own + later_s;
    if (times[i] > last)
      step_s = times[i] - last;
  }
}

void report_clock_spread(double *times, size_t n, double resolution_s) {
  size_t end;

  for (size_t begin = 0; begin < n; begin = end) {
    const double at = times[begin];
    for (end = begin + 1; end < n && times[end] == at;)
      end++;
    double room_s = resolution_s;
    if (end < n && times[end] - at < room_s)
      room_s = times[end] - at;
    for (size_t i = begin + 1; i < end; i++)
      times[i] = at + room_s * (double)(i - begin) / (double)(end - begin);
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
    if (steps[i] > 2.5 * out->usual_s && steps[i] > 2 * resolution_s) {
      out->gaps++;
      out->gaps_s += steps[i];
    }
}
