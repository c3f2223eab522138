#include "columns.h"

#include <errno.h>
#include <strings.h>

#include "procmon_config.h"
#include "reading.h"

#define AT(field) offsetof(struct reading, field)

static const struct column_info table[COLUMN_COUNT] = {
    [COLUMN_TIME] = {"Time", 0, KIND_TIME, AT(wall_ns)},
    [COLUMN_CPU] = {"CPU", PROC_CPU, KIND_CPU, AT(cpu_percent)},
    [COLUMN_RESIDENT] = {"Resident", PROC_RESIDENT, KIND_KB,
                         AT(resident_bytes)},
    [COLUMN_WORKING] = {"Working", PROC_RESIDENT, KIND_KB, AT(resident_bytes)},
    [COLUMN_VIRTUAL] = {"Virtual", PROC_VIRTUAL, KIND_KB, AT(virtual_bytes)},
    [COLUMN_PRIVATE] = {"Private", PROC_PRIVATE, KIND_KB, AT(private_bytes)},
    [COLUMN_THREADS] = {"Threads", PROC_THREADS, KIND_COUNT, AT(threads)},
    [COLUMN_HANDLES] = {"Handles", PROC_HANDLES, KIND_COUNT, AT(handles)},
    [COLUMN_PID] = {"Pid", 0, KIND_PID, AT(pid)},
    [COLUMN_PROCESSES] = {"Processes", 0, KIND_COUNT, AT(processes)},
    [COLUMN_USER] = {"User", PROC_USER_SYSTEM, KIND_TENTHS, AT(user_percent)},
    [COLUMN_SYSTEM] = {"System", PROC_USER_SYSTEM, KIND_TENTHS,
                       AT(system_percent)},
    [COLUMN_ANONYMOUS] = {"Anonymous", PROC_ANONYMOUS, KIND_KB,
                          AT(anonymous_bytes)},
    [COLUMN_MINOR_FAULTS] = {"MinorFaults", PROC_FAULTS, KIND_TENTHS,
                             AT(minor_faults_per_s)},
    [COLUMN_MAJOR_FAULTS] = {"MajorFaults", PROC_FAULTS, KIND_TENTHS,
                             AT(major_faults_per_s)},
    [COLUMN_READ] = {"Read", PROC_IO, KIND_KB_TENTHS, AT(read_bytes_per_s)},
    [COLUMN_WRITE] = {"Write", PROC_IO, KIND_KB_TENTHS, AT(write_bytes_per_s)},
    [COLUMN_VOLUNTARY_SWITCHES] = {"VoluntarySwitches", PROC_SWITCHES,
                                   KIND_TENTHS, AT(voluntary_switches_per_s)},
    [COLUMN_INVOLUNTARY_SWITCHES] = {"InvoluntarySwitches", PROC_SWITCHES,
                                     KIND_TENTHS,
                                     AT(involuntary_switches_per_s)},
    [COLUMN_UPTIME] = {"Uptime", PROC_UPTIME, KIND_SECONDS, AT(uptime_ns)},
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

void columns_default(struct columns *out) {
  columns_preset(PROCMON_DEFAULT_COLUMNS, out);
}

int columns_add(struct columns *c, enum column column) {
  for (size_t i = 0; i < c->n; i++)
    if (c->list[i] == column)
      return -EEXIST;
  c->list[c->n++] = column;
  return 0;
}

const struct column_info *columns_info(enum column column) {
  return &table[column];
}

uint32_t columns_need(const struct columns *c) {
  uint32_t needs = 0;

  for (size_t i = 0; i < c->n; i++)
    needs |= table[c->list[i]].needs;
  return needs;
}
