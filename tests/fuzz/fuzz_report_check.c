/* What is asked of a report: an expression, a mark and a format of times. */
#include <math.h>

#include "ctl/report_check.h"
#include "ctl/report_detect.h"
#include "ctl/report_log.h"
#include "ctl/report_marks.h"
#include "fuzz.h"

static const double times[] = {1221575050, 1221575060, 1221675060};
static struct report_wall wall;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  assert(report_time_compile(&wall.format, "%m/%d/%y %H:%M:%S.%3N") == NULL);
  return 0;
}

static void check_expression(struct report *r, const char *text) {
  struct report_expression e;
  char why[CHECK_WHY_MAX] = "";

  int err = report_check_parse(&e, text, why);
  if (err == 0)
    err = report_check_apply(r, &e, why);
  assert(err == 0 ? r->n_checks > 0 : why[0] != '\0');
  assert(strlen(why) < CHECK_WHY_MAX && (err == 0 || !has_control(why)));
}

static void check_mark(struct report *r, const char *text) {
  char why[MARK_WHY_MAX] = "";

  if (report_marks_add(r, &wall, text, why) == 0)
    assert(!has_control(why) && isfinite(r->marks[0].time) &&
           r->marks[0].label[0] != '\0');
  else
    assert(why[0] != '\0' && !has_control(why));
}

static void check_format(const char *format, const char *text) {
  struct time_format f;
  struct report_detect d;
  struct time_read out;

  if (report_time_compile(&f, format) == NULL &&
      report_time_read_all(&f, text, &out))
    assert(isfinite(out.seconds));
  if (report_detect_begin(&d, text))
    assert(report_detect_read(&d, text, NULL, 0, &out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct report_column column = {.name = "CPU", .stats = {.samples = 1}};
  double own[3];
  struct report_log log = {.name = "log",
                           .rows = 3,
                           .times = own,
                           .n_columns = 1,
                           .columns = &column};
  struct report r = {.logs = &log, .n_logs = 1};
  struct input in = {data, size};
  char *parts[4];
  size_t len;

  memcpy(own, times, sizeof(own));
  for (int i = 0; i < 4; i++)
    parts[i] = next_part(&in, &len);
  check_expression(&r, parts[0]);
  check_mark(&r, parts[1]);
  check_format(parts[2], parts[3]);
  for (int i = 0; i < 4; i++)
    free(parts[i]);
  /* The log is no memory of its own. */
  r.logs = NULL;
  r.n_logs = 0;
  report_free(&r);
  return 0;
}
