/* Users of the system. */
#ifndef PROCMON_COMPAT_USER_H
#define PROCMON_COMPAT_USER_H

#include <stdint.h>

/* The id of the user of this name; of a number, that number. -ENOENT: the
 * system knows no such user, now. May wait for a directory service. */
int user_find(const char *name, uint32_t *id);

#endif
