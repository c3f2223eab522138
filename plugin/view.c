#include "view.h"

static void add_cpu(struct view *v, double percent, uint64_t elapsed_ns) {
  v->cpu_percent_ns += percent * (double)elapsed_ns;
  v->cpu_ns += elapsed_ns;
  if (percent > v->cpu_max_percent)
    v->cpu_max_percent = percent;
}

static void add_resident(struct view *v, uint64_t bytes) {
  v->resident_sum_bytes += (double)bytes;
  v->resident_n++;
  v->resident_last_bytes = bytes;
  if (bytes > v->resident_max_bytes)
    v->resident_max_bytes = bytes;
}

void view_add(struct view *v, const struct reading *r, uint64_t now_ns) {
  if (r->rated > 0 && (r->have & PROC_CPU) != 0)
    add_cpu(v, r->cpu_percent, now_ns - v->end_ns);
  if (r->processes > 0 && (r->have & PROC_RESIDENT) != 0)
    add_resident(v, r->resident_bytes);
  v->end_ns = now_ns;
  v->last = *r;
  v->readings++;
}

bool view_cpu_mean_percent(const struct view *v, double *out) {
  *out = v->cpu_ns > 0 ? v->cpu_percent_ns / (double)v->cpu_ns : 0;
  return v->cpu_ns > 0;
}

bool view_resident_mean_bytes(const struct view *v, double *out) {
  *out = v->resident_n > 0 ? v->resident_sum_bytes / (double)v->resident_n : 0;
  return v->resident_n > 0;
}
