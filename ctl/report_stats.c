#include "report_stats.h"

#include <math.h>

#include "report_civil.h"
#include "report_select.h"

double report_stats_t(size_t degrees) {
  static const double table[] = {
      12.7062047362, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356,
      2.4469118511,  2.3646242516, 2.3060041352, 2.2621571628, 2.2281388520,
      2.2009851601,  2.1788128297, 2.1603686565, 2.1447866879, 2.1314495456,
      2.1199052992,  2.1098155778, 2.1009220402, 2.0930240544, 2.0859634473,
      2.0796138447,  2.0738730679, 2.0686576104, 2.0638985616, 2.0595385528,
      2.0555294386,  2.0518305165, 2.0484071418, 2.0452296421, 2.0422724563};
  const double z = 1.9599639845400545;
  const double v = (double)degrees;

  if (degrees == 0)
    return NAN;
  if (degrees <= sizeof(table) / sizeof(table[0]))
    return table[degrees - 1];
  /* Abramowitz and Stegun, 26.7.5: right to seven digits here. */
  const double z2 = z * z;
  return z + z * (z2 + 1) / (4 * v) +
         z * ((5 * z2 + 16) * z2 + 3) / (96 * v * v) +
         z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * v * v * v) +
         z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) /
             (92160 * v * v * v * v);
}

/* A line through the values. */
struct line {
  long double slope;   /* a second */
  long double sxx;     /* sum of the squares of the times from their mean */
  long double squares; /* sum of the squares of the values from the line */
};

/* What times and values are measured from: their means, so that times since
 * 1970 and great values do not eat up the small differences. The means are
 * those of the differences from the first time and from the least value, which
 * are exactly 0 where all are the same. */
struct middle {
  double begin; /* of the times */
  double min;   /* of the values */
  long double time, value;
};

static void find_middle(struct middle *m, const double *times,
                        const double *values, size_t n, size_t samples) {
  long double time = 0;
  long double value = 0;

  for (size_t i = 0; i < n; i++)
    if (!isnan(values[i])) {
      time += times[i] - m->begin;
      value += (long double)values[i] - m->min;
    }
  m->time = time / (long double)samples;
  m->value = value / (long double)samples;
}

static void fit(struct line *l, const struct middle *m, const double *times,
                const double *values, size_t n) {
  long double sxy = 0;

  *l = (struct line){.slope = 0};
  for (size_t i = 0; i < n; i++)
    if (!isnan(values[i])) {
      long double x = times[i] - m->begin - m->time;
      l->sxx += x * x;
      sxy += x * (values[i] - (long double)m->min - m->value);
    }
  l->slope = sxy / l->sxx;
  for (size_t i = 0; i < n; i++)
    if (!isnan(values[i])) {
      long double x = times[i] - m->begin - m->time;
      long double off =
          values[i] - (long double)m->min - m->value - l->slope * x;
      l->squares += off * off;
    }
}

static void fill_slope(struct report_stats *out, const double *times,
                       const double *values, size_t n) {
  struct middle m = {.begin = times[0], .min = out->min};
  struct line l;

  if (out->samples < 2)
    return;
  find_middle(&m, times, values, n, out->samples);
  fit(&l, &m, times, values, n);
  /* All at the same time. */
  if (!(l.sxx > 0))
    return;
  out->slope = (double)(l.slope * HOUR_S);
  if (out->samples < 3)
    return;
  const size_t degrees = out->samples - 2;
  double half = report_stats_t(degrees) *
                sqrt((double)(l.squares / (long double)degrees / l.sxx)) *
                HOUR_S;
  out->slope_low = out->slope - half;
  out->slope_high = out->slope + half;
}

static double mean_of(const struct report_stats *s, const double *values) {
  long double sum = 0;

  /* Exactly 0 where all are the same: then the mean is none of its own. */
  for (size_t i = 0; i < s->samples; i++)
    sum += (long double)values[i] - s->min;
  return (double)(s->min + sum / (long double)s->samples);
}

void report_stats_fill(struct report_stats *out, const double *times,
                       const double *values, size_t n, double *room) {
  *out = (struct report_stats){.min = NAN,
                               .mean = NAN,
                               .median = NAN,
                               .p95 = NAN,
                               .max = NAN,
                               .last = NAN,
                               .slope = NAN,
                               .slope_low = NAN,
                               .slope_high = NAN};
  for (size_t i = 0; i < n; i++) {
    if (isnan(values[i]))
      continue;
    /* fmin leaves out what is NAN. */
    out->min = fmin(out->min, values[i]);
    out->max = fmax(out->max, values[i]);
    out->last = values[i];
    room[out->samples++] = values[i];
  }
  if (out->samples == 0)
    return;
  out->mean = mean_of(out, room);
  out->median = report_select_quantile(room, out->samples, 0.5);
  out->p95 = report_select_quantile(room, out->samples, 0.95);
  fill_slope(out, times, values, n);
}
