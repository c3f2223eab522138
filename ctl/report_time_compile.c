/* A format as the steps to read it. */
#include <stdio.h>
#include <string.h>

#include "compat/strftime.h"
#include "report_civil.h"
#include "report_time.h"
#include "report_time_steps.h"

static bool add(struct time_format *f, struct time_step step) {
  if (f->n == TIME_STEPS_MAX)
    return false;
  /* A fraction that stands right behind the seconds is no part of them. */
  if (step.kind == 'N' && f->n > 0 && f->steps[f->n - 1].kind == 's')
    f->steps[f->n - 1].detail = step.detail;
  f->steps[f->n++] = step;
  return true;
}

static bool add_literal(struct time_format *f, char c) {
  return add(f, (struct time_step){.kind = TIME_LITERAL, .detail = c});
}

static bool add_all(struct time_format *f, const char *format);

/* Adds the conversion that begins behind `*at`, which is at its percent sign.
 */
static bool add_conversion(struct time_format *f, const char **at) {
  static const char numbers[] = "YymdeHkIlMSjs";
  static const char texts[] = "abABhpPzZ";
  static const char unused[] = "CgGuUVwW";
  struct time_step step = {.detail = 0};
  const char *c = *at + 1;

  if (*c >= '1' && *c <= '9' && c[1] == 'N')
    step.detail = (char)(*c++ - '0');
  for (; *c != '\0' && strchr("-_0^#", *c) != NULL; c++) {
    step.padded |= *c == '_';
    step.bare |= *c == '_' || *c == '-';
  }
  c += *c == 'E' || *c == 'O';
  *at = c;
  if (*c == '\0')
    return false;
  if (strftime_long_form(*c) != NULL)
    return add_all(f, strftime_long_form(*c));
  if (*c == '%')
    return add_literal(f, '%');
  step.kind = *c;
  if (strchr("ekl", *c) != NULL) {
    step.padded = true;
    step.kind = 'I';
    if (*c != 'l')
      step.kind = *c == 'e' ? 'd' : 'H';
  } else if (strchr("hB", *c) != NULL)
    step.kind = 'b';
  else if (strchr(unused, *c) != NULL)
    step.kind = TIME_UNUSED;
  else if (*c == 'A' || *c == 'P')
    step.kind = *c == 'A' ? 'a' : 'p';
  else if (*c != 'N' && strchr(numbers, *c) == NULL &&
           strchr(texts, *c) == NULL)
    return false;
  return add(f, step);
}

static bool add_all(struct time_format *f, const char *format) {
  for (const char *at = format; *at != '\0'; at++)
    if (*at == '%' ? !add_conversion(f, &at) : !add_literal(f, *at))
      return false;
  return true;
}

bool report_time_has(const struct time_format *f, const char *kinds) {
  for (size_t i = 0; i < f->n; i++)
    if (f->steps[i].kind != TIME_LITERAL &&
        strchr(kinds, f->steps[i].kind) != NULL)
      return true;
  return false;
}

static double resolution_of(const struct time_format *f) {
  double resolution = report_time_has(f, "sS")   ? 1
                      : report_time_has(f, "M")  ? MINUTE_S
                      : report_time_has(f, "HI") ? HOUR_S
                                                 : DAY_S;

  for (size_t i = 0; i < f->n; i++)
    if (f->steps[i].kind == 'N') {
      resolution = 1;
      for (int digit = 0; digit < f->steps[i].detail; digit++)
        resolution /= 10;
      return f->steps[i].detail != 0 ? resolution : 1e-9;
    }
  return resolution;
}

static void find_order(struct time_format *f) {
  size_t n = 0;

  for (size_t i = 0; i < f->n; i++) {
    char kind = f->steps[i].kind;
    if (kind != TIME_LITERAL && strchr("Yymd", kind) != NULL) {
      if (n == 3)
        return;
      f->order[n] = kind;
      if (kind == 'Y')
        f->order[n] = 'y';
      n++;
    }
  }
}

const char *report_time_compile(struct time_format *f, const char *format) {
  *f = (struct time_format){.n = 0};
  if (strlen(format) >= TIME_FORMAT_MAX)
    return "it is too long";
  snprintf(f->text, sizeof(f->text), "%s", format);
  if (!add_all(f, format))
    return "it has a conversion that cannot be read, or too many";
  if (!report_time_has(f, "sHI"))
    return "it has no time of day, such as %H:%M:%S, and no %s";
  if (report_time_has(f, "I") && !report_time_has(f, "p"))
    return "it has hours up to 12 without %p, which says of which half of the "
           "day";
  f->has_date = report_time_has(f, "sYymdbj");
  f->resolution_s = resolution_of(f);
  find_order(f);
  return NULL;
}
