#include "fault.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "compat/error_text.h"
#include "report.h"

enum { SAID_AN_HOUR = 6 };

static const uint64_t HOUR_NS = UINT64_C(3600000000000);

void fault_init(struct fault *f, struct limit *limit) {
  *f = (struct fault){.limit = limit};
}

static void say_error(struct fault *f, const struct fault_words *w,
                      const char *rest, uint64_t now_ns) {
  char text[ERROR_TEXT_MAX];

  report(REPORT_ERROR, "<Process \"%s\">: %s: %s%s%s", w->name, w->what,
         w->why != NULL ? w->why : error_text(f->error, text), w->more, rest);
  f->is_said = true;
  f->said_ns = now_ns;
  f->again = 0;
}

static void begin(struct fault *f, const struct fault_words *w,
                  uint64_t now_ns) {
  char rest[64] = "";
  uint64_t left_out;

  f->is_said = false;
  f->said_ns = now_ns;
  f->again = 0;
  if (!limit_allows(f->limit, SAID_AN_HOUR, now_ns, &left_out))
    return;
  if (left_out > 0)
    snprintf(rest, sizeof(rest), " (and %" PRIu64 " times since it was said)",
             left_out);
  say_error(f, w, rest, now_ns);
}

static void go_on(struct fault *f, const struct fault_words *w,
                  uint64_t now_ns) {
  char rest[64];
  uint64_t left_out;

  f->again++;
  if (now_ns - f->said_ns < HOUR_NS ||
      !limit_allows(f->limit, SAID_AN_HOUR, now_ns, &left_out))
    return;
  snprintf(rest, sizeof(rest), " (still so, %" PRIu64 " times within an hour)",
           f->again);
  say_error(f, w, rest, now_ns);
}

void fault_say(struct fault *f, int error, const struct fault_words *words,
               uint64_t now_ns) {
  bool was_said = f->is_said;

  if (error != 0 && error == f->error) {
    go_on(f, words, now_ns);
    return;
  }
  if (error == f->error)
    return;
  f->error = error;
  if (error != 0) {
    begin(f, words, now_ns);
    return;
  }
  f->is_said = false;
  if (was_said)
    report(REPORT_NOTICE, "<Process \"%s\">: %s: works again%s", words->name,
           words->what, words->more);
}
