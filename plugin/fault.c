#include "fault.h"

#include <stddef.h>

#include "compat/error_text.h"
#include "report.h"

void fault_say(struct fault *f, const char *name, int error, const char *what,
               const char *words) {
  char text[ERROR_TEXT_MAX];

  if (error == f->error)
    return;
  f->error = error;
  if (error != 0)
    report(REPORT_ERROR, "<Process \"%s\">: %s: %s", name, what,
           words != NULL ? words : error_text(error, text));
  else
    report(REPORT_NOTICE, "<Process \"%s\">: %s: works again", name, what);
}
