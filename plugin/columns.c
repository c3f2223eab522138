#include "columns.h"

#include <errno.h>
#include <strings.h>

#include "backends/backend.h"

static const struct {
  const char *name;
  uint32_t needs;
} table[COLUMN_COUNT] = {
    [COLUMN_TIME] = {"Time", 0},
    [COLUMN_CPU] = {"CPU", PROC_CPU},
    [COLUMN_RESIDENT] = {"Resident", PROC_RESIDENT},
    [COLUMN_WORKING] = {"Working", PROC_RESIDENT},
    [COLUMN_VIRTUAL] = {"Virtual", PROC_VIRTUAL},
    [COLUMN_PRIVATE] = {"Private", PROC_PRIVATE},
    [COLUMN_THREADS] = {"Threads", PROC_THREADS},
    [COLUMN_HANDLES] = {"Handles", PROC_HANDLES},
    [COLUMN_PID] = {"Pid", 0},
    [COLUMN_PROCESSES] = {"Processes", 0},
    [COLUMN_USER] = {"User", PROC_USER_SYSTEM},
    [COLUMN_SYSTEM] = {"System", PROC_USER_SYSTEM},
    [COLUMN_ANONYMOUS] = {"Anonymous", PROC_ANONYMOUS},
    [COLUMN_MINOR_FAULTS] = {"MinorFaults", PROC_FAULTS},
    [COLUMN_MAJOR_FAULTS] = {"MajorFaults", PROC_FAULTS},
    [COLUMN_READ] = {"Read", PROC_IO},
    [COLUMN_WRITE] = {"Write", PROC_IO},
    [COLUMN_VOLUNTARY_SWITCHES] = {"VoluntarySwitches", PROC_SWITCHES},
    [COLUMN_INVOLUNTARY_SWITCHES] = {"InvoluntarySwitches", PROC_SWITCHES},
    [COLUMN_UPTIME] = {"Uptime", PROC_UPTIME},
};

const char columns_names[] =
    "Time, CPU, Resident, Working, Virtual, Private, Threads, Handles, Pid, "
    "Processes, User, System, Anonymous, MinorFaults, MajorFaults, Read, "
    "Write, VoluntarySwitches, InvoluntarySwitches, Uptime";

static const struct columns unix_columns = {
    .list = {COLUMN_TIME, COLUMN_CPU, COLUMN_RESIDENT, COLUMN_VIRTUAL},
    .n = 4,
};

static const struct columns windows_columns = {
    .list = {COLUMN_TIME, COLUMN_CPU, COLUMN_WORKING, COLUMN_VIRTUAL,
             COLUMN_PRIVATE, COLUMN_THREADS, COLUMN_HANDLES},
    .n = 7,
    .integer_cpu = true,
};

int columns_find(const char *name) {
  for (int i = 0; i < COLUMN_COUNT; i++)
    if (strcasecmp(name, table[i].name) == 0)
      return i;
  return -EINVAL;
}

int columns_preset(const char *name, struct columns *out) {
  if (strcasecmp(name, "unix") == 0)
    *out = unix_columns;
  else if (strcasecmp(name, "windows") == 0)
    *out = windows_columns;
  else
    return -EINVAL;
  return 0;
}

int columns_add(struct columns *c, enum column column) {
  for (size_t i = 0; i < c->n; i++)
    if (c->list[i] == column)
      return -EEXIST;
  c->list[c->n++] = column;
  return 0;
}

const char *columns_name(enum column column) { return table[column].name; }

uint32_t columns_need_of(enum column column) { return table[column].needs; }

uint32_t columns_need(const struct columns *c) {
  uint32_t needs = 0;

  for (size_t i = 0; i < c->n; i++)
    needs |= columns_need_of(c->list[i]);
  return needs;
}
