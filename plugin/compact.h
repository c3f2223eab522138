/* A reading as one list of numbers, always of the same data sources. */
#ifndef PROCMON_COMPACT_H
#define PROCMON_COMPACT_H

#include <stdbool.h>
#include <stddef.h>

#include "metrics.h"
#include "reading.h"

/* Writers of collectd have 512 bytes for a list as text, of which a number may
 * take 23. */
enum { COMPACT_SOURCES = 18 };

/* The name of the type in collectd. */
extern const char compact_type[];

/* The name of the i-th data source, as procmon.types.db has them: at most 19
 * characters, which is what RRD files take. */
const char *compact_name(size_t i);

/* Fills `out` with a number for each data source: bytes, percent, seconds, and
 * rates a second; NAN for what is not in the set `metrics` (enum metric), or
 * not in the reading. False: all are NAN. */
bool compact_fill(uint32_t metrics, const struct reading *r,
                  double out[COMPACT_SOURCES]);

#endif
