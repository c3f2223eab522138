/* Which target's reaped time shows what was counted of one that is gone. */
#ifndef PROCMON_REAPER_H
#define PROCMON_REAPER_H

#include "roster.h"

/* Each target from the first-th on that is gone is owed by who reaped it, once.
 */
void reaper_owe(struct roster *r, size_t first);

#endif
