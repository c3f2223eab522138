#include "report_place.h"

#include <math.h>

#include "report_civil.h"

/* Rows that are shown by as much later than their log's clock has it. */
struct stretch {
  double begin, end; /* the first row and the last one, in the report */
  double later_s;
};

static struct stretch get_stretch(const struct report_log *log, size_t at) {
  const size_t begin = at > 0 ? log->shifts[at - 1].row : 0;
  const size_t end = at < log->n_shifts ? log->shifts[at].row : log->rows;

  return (struct stretch){.begin = log->times[begin],
                          .end = log->times[end - 1],
                          .later_s = at > 0 ? log->shifts[at - 1].later_s : 0};
}

static void look(const struct stretch *s, double own_s, double resolution_s,
                 struct places *out) {
  /* Closer than what a double has of seconds since 1970. */
  const double close_s = 1e-6;
  const double at = own_s + s->later_s;

  if (at <= s->begin - fmax(resolution_s, close_s) || at > s->end + close_s)
    return;
  if (out->n++ == 0)
    out->first = at;
}

struct places report_place_find(const struct report_log *log,
                                const struct place_time *t) {
  struct places found = {.n = 0};

  for (size_t i = 0; log->rows > 0 && i <= log->n_shifts; i++) {
    const struct stretch s = get_stretch(log, i);
    if (t->has_date) {
      look(&s, t->own_s, t->resolution_s, &found);
      continue;
    }
    /* One more at both ends: an offset may move it over midnight. */
    const long last = civil_day_of(s.end - s.later_s) + 1;
    for (long day = civil_day_of(s.begin - s.later_s) - 1; day <= last; day++)
      look(&s, (double)day * DAY_S + t->own_s, t->resolution_s, &found);
  }
  return found;
}

double report_place_guess(const struct report_log *log,
                          const struct place_time *t) {
  if (log->n_shifts == 0 || t->own_s < log->times[0])
    return t->own_s;
  for (size_t i = 0; i < log->n_shifts; i++) {
    const struct stretch s = get_stretch(log, i);
    const struct stretch next = get_stretch(log, i + 1);
    const double at = t->own_s + s.later_s;
    if (at < next.begin)
      return at;
    /* The clock went over it. */
    if (next.later_s < s.later_s && t->own_s < next.begin - next.later_s)
      return next.begin;
  }
  return t->own_s + log->shifts[log->n_shifts - 1].later_s;
}
