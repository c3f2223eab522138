#include "answer.h"

#include <inttypes.h>
#include <string.h>

#include "printable.h"

static const uint64_t NS_PER_S = 1000000000, NS_PER_MS = 1000000;

static void put_text(FILE *out, const char *key, const char *text) {
  char line[4200];

  printable_copy(text, line, sizeof(line));
  fprintf(out, " %s=\"", key);
  for (const char *at = line; *at != '\0'; at++) {
    if (*at == '"' || *at == '\\')
      putc('\\', out);
    putc(*at, out);
  }
  putc('"', out);
}

static void put_s(FILE *out, const char *key, uint64_t ns) {
  fprintf(out, " %s=%" PRIu64 ".%03" PRIu64, key, ns / NS_PER_S,
          ns % NS_PER_S / NS_PER_MS);
}

void answer_id(FILE *out, const struct kept *kept) {
  fprintf(out, "id=%" PRIu32, kept->id);
  put_text(out, "name", kept->config->name);
}

bool answer_is_running(struct kept *kept) {
  if (kept->is_configured)
    return monitor_is_running(kept->monitor);
  return kept->ended_ns == 0 || !keeper_is_done(kept);
}

static void put_pids(FILE *out, const struct view *v) {
  for (size_t i = 0; i < v->n_pids; i++)
    fprintf(out, "%s%d", i == 0 ? " pids=" : ",", (int)v->pids[i]);
}

static void put_owner(FILE *out, uid_t owner) {
  char number[16];

  snprintf(number, sizeof(number), "%u", (unsigned)owner);
  put_text(out, "owner", owner == 0 ? "root" : number);
}

void answer_list(FILE *out, struct kept *kept) {
  struct view view;
  struct logs_state logs;

  monitor_look(kept->monitor, &view, &logs);
  answer_id(out, kept);
  put_text(out, "origin", kept->is_configured ? "config" : "socket");
  fprintf(out, " running=%s processes=%zu",
          answer_is_running(kept) ? "true" : "false", view.processes);
  put_pids(out, &view);
  put_s(out, "interval", kept->config->interval_ns);
  if (kept->config->file != NULL) {
    put_text(out, "file", kept->config->file);
    fprintf(out, " rows=%" PRIu64, logs.written);
  }
  if (view.readings > 0)
    put_s(out, "last", view.last.wall_ns);
  put_owner(out, kept->owner);
  putc('\n', out);
}

/* --- readings --- */

static void put_percent(FILE *out, const char *key, bool is_known,
                        double percent) {
  if (is_known)
    fprintf(out, " %s=%.2f", key, percent);
}

static void put_number(FILE *out, const char *key, bool is_known, uint64_t n) {
  if (is_known)
    fprintf(out, " %s=%" PRIu64, key, n);
}

void answer_reading(FILE *out, const struct kept *kept,
                    const struct reading *r) {
  uint32_t have = r->processes > 0 ? r->have : 0;
  bool is_rated = r->rated > 0;
  bool has_both = is_rated && (r->have & PROC_USER_SYSTEM) != 0;

  answer_id(out, kept);
  put_s(out, "time", r->wall_ns);
  put_s(out, "interval", kept->config->interval_ns);
  put_number(out, "processes", true, r->processes);
  put_number(out, "pid", r->pid > 0, (uint64_t)r->pid);
  put_percent(out, "cpu", is_rated && (r->have & PROC_CPU) != 0,
              r->cpu_percent);
  put_percent(out, "user", has_both, r->user_percent);
  put_percent(out, "system", has_both, r->system_percent);
  put_number(out, "resident", (have & PROC_RESIDENT) != 0, r->resident_bytes);
  put_number(out, "virtual", (have & PROC_VIRTUAL) != 0, r->virtual_bytes);
  put_number(out, "private", (have & PROC_PRIVATE) != 0, r->private_bytes);
  put_number(out, "anonymous", (have & PROC_ANONYMOUS) != 0,
             r->anonymous_bytes);
  put_number(out, "threads", (have & PROC_THREADS) != 0, r->threads);
  put_number(out, "handles", (have & PROC_HANDLES) != 0, r->handles);
  putc('\n', out);
}

void answer_summary(FILE *out, struct kept *kept) {
  struct view v;
  struct logs_state logs;
  double mean;

  monitor_look(kept->monitor, &v, &logs);
  answer_id(out, kept);
  fprintf(out, " rows=%" PRIu64, logs.written);
  put_s(out, "duration", v.over_ns > v.start_ns ? v.over_ns - v.start_ns : 0);
  bool has_cpu = view_cpu_mean_percent(&v, &mean);
  put_percent(out, "cpu_mean", has_cpu, mean);
  put_percent(out, "cpu_max", has_cpu, v.cpu_max_percent);
  bool has_resident = view_resident_mean_bytes(&v, &mean);
  put_number(out, "resident_mean", has_resident, (uint64_t)(mean + 0.5));
  put_number(out, "resident_max", has_resident, v.resident_max_bytes);
  put_number(out, "resident_last", has_resident, v.resident_last_bytes);
  putc('\n', out);
}
