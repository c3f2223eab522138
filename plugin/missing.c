#include "missing.h"

#include <stdio.h>

#include "report.h"

static const struct {
  uint32_t field;
  const char *name;
} field_names[] = {
    {PROC_CPU, "CPU"},
    {PROC_USER_SYSTEM, "user and system time"},
    {PROC_THREADS, "threads"},
    {PROC_HANDLES, "handles"},
    {PROC_FAULTS, "page faults"},
    {PROC_IO, "I/O"},
    {PROC_SWITCHES, "context switches"},
};

/* Writes the names of the fields with commas between; empty: of none. */
static void name_fields(uint32_t fields, char *out, size_t size) {
  size_t used = 0;

  out[0] = '\0';
  for (size_t i = 0; i < sizeof(field_names) / sizeof(field_names[0]); i++)
    if ((fields & field_names[i].field) != 0 && used < size)
      used += (size_t)snprintf(out + used, size - used, "%s%s",
                               used > 0 ? ", " : "", field_names[i].name);
}

bool missing_say(const struct roster *r, uint32_t can, const char *name) {
  char names[128];

  for (size_t i = 0; i < r->n; i++) {
    if (r->now[i].status != 0)
      continue;
    name_fields(can & ~r->now[i].have, names, sizeof(names));
    if (names[0] == '\0')
      continue;
    report(REPORT_WARNING,
           "<Process \"%s\">: of process %d cannot be read, and so is missing: "
           "%s; collectd has not the rights for it",
           name, (int)r->members[i].pid, names);
    return true;
  }
  return false;
}
