#include "report_peers.h"

#include <stdio.h>

#include "plugin/printable.h"

enum { NOTE_MAX = 1024 };

static void tell(const struct report_peers *p, size_t log, const char *what) {
  char path[NOTE_MAX];
  char text[2 * NOTE_MAX + 4];

  printable_copy(p->logs[log].path, path, sizeof(path));
  snprintf(text, sizeof(text), "%s: %s", path, what);
  p->note(p->context, text);
}

/* The first log with rows that says its offset, or does not; `n`: there is
 * none. */
static size_t find_first(const struct report_peers *p, bool has_offset) {
  size_t i = 0;

  while (i < p->n &&
         (p->logs[i].rows == 0 || p->walls[i].has_offset != has_offset))
    i++;
  return i;
}

static void shift(struct report_log *log, struct report_wall *wall,
                  int offset_s) {
  for (size_t i = 0; i < log->rows; i++)
    log->times[i] += offset_s - wall->offset_s;
  wall->offset_s = offset_s;
}

void report_peers_offset(const struct report_peers *p) {
  const size_t first = find_first(p, true);
  const size_t without = find_first(p, false);

  for (size_t i = first; i < p->n; i++) {
    struct report_wall *wall = &p->walls[i];
    const int offset_s = p->walls[first].offset_s;
    if (p->logs[i].rows == 0 || !wall->has_offset || wall->offset_s == offset_s)
      continue;
    if (without == p->n) {
      shift(&p->logs[i], wall, offset_s);
      continue;
    }
    tell(p, without,
         "the log does not say its offset from UTC, and others say different "
         "ones: each is shown by its own clock");
    return;
  }
}
