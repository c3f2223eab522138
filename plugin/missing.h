/* What cannot be read of a process, in words. */
#ifndef PROCMON_MISSING_H
#define PROCMON_MISSING_H

#include "roster.h"

/* Warns of what a target lacks in its sample of the fields in `can`, which the
 * system can measure: of the first one that lacks any. False: none does. `name`
 * is the block's. */
bool missing_say(const struct roster *r, uint32_t can, const char *name);

#endif
