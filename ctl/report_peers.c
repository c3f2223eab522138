#include "report_peers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compat/printf_like.h"
#include "plugin/printable.h"
#include "report_clock.h"

enum { NOTE_MAX = 1024 };

static void tell(const struct report_peers *p, size_t log, const char *format,
                 ...) PRINTF_LIKE(3, 4);

static void tell(const struct report_peers *p, size_t log, const char *format,
                 ...) {
  char path[NOTE_MAX];
  char what[NOTE_MAX];
  char text[2 * NOTE_MAX + 4];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(what, sizeof(what), format, arguments);
  va_end(arguments);
  printable_copy(p->logs[log].path, path, sizeof(path));
  snprintf(text, sizeof(text), "%s: %s", path, what);
  p->note(p->context, text);
}

/* Another log on such grounds whose order is that of a format; `n`: there is
 * none.
 */
static size_t find_peer(const struct report_peers *p, size_t own,
                        const struct time_format *f,
                        enum detect_grounds grounds) {
  for (size_t i = 0; i < p->n; i++) {
    const struct report_wall *wall = &p->walls[i];
    if (i != own && p->logs[i].rows > 0 && wall->choice.grounds == grounds &&
        report_detect_is_alike(&wall->format, f) &&
        strcmp(wall->format.order, f->order) == 0)
      return i;
  }
  return p->n;
}

/* What a log could be read by, its own format first. */
static const struct time_format *get_format(const struct report_wall *wall,
                                            size_t at) {
  return at == 0 ? &wall->format : &wall->choice.others[at - 1];
}

/* The format that a log has by others, and whose it is; NULL: they do not tell,
 * or not the same. */
static const struct time_format *find_format(const struct report_peers *p,
                                             size_t log,
                                             enum detect_grounds grounds,
                                             size_t *peer) {
  const struct report_wall *wall = &p->walls[log];
  const struct time_format *found = NULL;

  for (size_t i = 0; i <= wall->choice.n_others; i++) {
    const size_t at = find_peer(p, log, get_format(wall, i), grounds);
    if (at == p->n)
      continue;
    if (found != NULL)
      return NULL;
    found = get_format(wall, i);
    *peer = at;
  }
  return found;
}

struct turning {
  struct report_log *log;
  int err;
};

/* That the time falls was said when the log was read. */
static void keep_shift(void *context, size_t row, double from, double to,
                       double later_s) {
  struct turning *t = context;

  (void)from, (void)to;
  if (t->err == 0)
    t->err = report_log_shift(t->log, row, later_s);
}

/* With -1 the times as they stand in the log, with 1 as they are shown. */
static void add_shifts(struct report_log *log, int sign) {
  for (size_t i = 0; i < log->n_shifts; i++) {
    const size_t end =
        i + 1 < log->n_shifts ? log->shifts[i + 1].row : log->rows;
    for (size_t row = log->shifts[i].row; row < end; row++)
      log->times[row] += sign * log->shifts[i].later_s;
  }
}

static bool is_rising(const struct report_log *log) {
  for (size_t i = 1; i < log->rows; i++)
    if (log->times[i] < log->times[i - 1])
      return false;
  return true;
}

static int turn(struct report_log *log, struct report_wall *wall,
                const struct time_format *to) {
  struct turning turning = {.log = log};
  const struct time_format format = *to;

  add_shifts(log, -1);
  report_detect_turn(&wall->format, &format, log->times, log->rows);
  wall->format = format;
  add_shifts(log, 1);
  /* Mostly it is a single day, and another one of the same rows. */
  if (!is_rising(log)) {
    add_shifts(log, -1);
    log->n_shifts = 0;
    report_clock_rise(log->times, log->rows, format.has_date, keep_shift,
                      &turning);
  }
  return turning.err != 0 ? turning.err
                          : report_log_figure(log, format.resolution_s);
}

static void tell_guess(const struct report_peers *p, size_t log) {
  static const char *const how[] = {
      [DETECT_NONE] = "but day and month cannot be told apart",
      [DETECT_WAY] = "by which the days are closest to each other",
      [DETECT_SURE] = "but the year could stand first"};
  const struct report_wall *wall = &p->walls[log];

  tell(p, log,
       "times are read as %s, %s; if that is wrong, give --time-format '%s'",
       wall->format.text, how[wall->choice.grounds],
       wall->choice.others[0].text);
}

static int settle_order(const struct report_peers *p, size_t log) {
  struct report_wall *wall = &p->walls[log];
  const struct time_format *format = NULL;
  size_t peer = 0;

  if (wall->choice.grounds != DETECT_WAY)
    format = find_format(p, log, DETECT_SURE, &peer);
  if (wall->choice.grounds != DETECT_WAY && format == NULL)
    format = find_format(p, log, DETECT_WAY, &peer);
  if (format == NULL) {
    tell_guess(p, log);
    return 0;
  }
  char path[NOTE_MAX / 2];
  printable_copy(p->logs[peer].path, path, sizeof(path));
  tell(p, log, "times are read as %s, in the order that those of %s have",
       format->text, path);
  return format == &wall->format ? 0 : turn(&p->logs[log], wall, format);
}

int report_peers_order(const struct report_peers *p) {
  int err = 0;

  for (size_t i = 0; i < p->n && err == 0; i++)
    if (p->logs[i].rows > 0 && p->walls[i].choice.n_others > 0)
      err = settle_order(p, i);
  return err;
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
