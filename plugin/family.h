/* Descendants in the process table. Pure. */
#ifndef PROCMON_FAMILY_H
#define PROCMON_FAMILY_H

#include <stddef.h>

#include "census.h"

enum family_mark {
  FAMILY_UNKNOWN,
  FAMILY_MEMBER,
  FAMILY_OTHER,
  FAMILY_ASKED, /* within family_spread */
};

/* Makes every descendant of a member a member, and all others FAMILY_OTHER.
 * `marks` has one element an entry: members, and unknown ones. */
void family_spread(const struct census_view *view, unsigned char *marks);

#endif
