/* The columns that a log can have. */
#ifndef PROCMON_COLUMNS_H
#define PROCMON_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column {
  COLUMN_TIME,
  COLUMN_CPU,
  COLUMN_RESIDENT,
  COLUMN_WORKING, /* Windows's word for resident */
  COLUMN_VIRTUAL,
  COLUMN_PRIVATE,
  COLUMN_THREADS,
  COLUMN_HANDLES,
  COLUMN_PID,
  COLUMN_PROCESSES,
  COLUMN_USER,
  COLUMN_SYSTEM,
  COLUMN_ANONYMOUS,
  COLUMN_MINOR_FAULTS,
  COLUMN_MAJOR_FAULTS,
  COLUMN_READ,
  COLUMN_WRITE,
  COLUMN_VOLUNTARY_SWITCHES,
  COLUMN_INVOLUNTARY_SWITCHES,
  COLUMN_UPTIME,
  COLUMN_COUNT
};

/* The columns of one log, in order, each at most once. */
struct columns {
  enum column list[COLUMN_COUNT];
  size_t n;
  bool integer_cpu; /* CPU without its decimal, as `windows` has it */
};

/* Every name that columns_find and columns_preset know, for a message. */
extern const char columns_names[];

/* The column of this name, case ignored, or -EINVAL. */
int columns_find(const char *name);

/* Sets `unix` or `windows`; -EINVAL: no preset is called so. */
int columns_preset(const char *name, struct columns *out);

/* Sets the preset of the system that this build is for. */
void columns_default(struct columns *out);

/* Adds a column at the end. -EEXIST: it is there already. */
int columns_add(struct columns *c, enum column column);

/* What a column shows of a reading, and how. */
enum column_kind {
  KIND_TIME,
  KIND_PID,
  KIND_COUNT,     /* uint64_t */
  KIND_KB,        /* uint64_t of bytes */
  KIND_SECONDS,   /* uint64_t of nanoseconds */
  KIND_CPU,       /* double, percent */
  KIND_TENTHS,    /* double */
  KIND_KB_TENTHS, /* double of bytes */
};

struct column_info {
  const char *name; /* as it stands in a header */
  uint32_t needs;   /* what must be sampled for it; of enum proc_field */
  enum column_kind kind;
  size_t offset; /* of the value in struct reading */
};

const struct column_info *columns_info(enum column column);

/* What must be sampled for all of them. */
uint32_t columns_need(const struct columns *c);

#endif
