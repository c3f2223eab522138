/* The only way in for collectd's headers. configure says where they lie:
 * Debian's collectd-dev has them under collectd/core, a source tree has them
 * as they are. collectd's config.h comes with them and defines PACKAGE_NAME
 * and VERSION, so a file that includes this includes no procmon_config.h. */
#ifndef PROCMON_COMPAT_COLLECTD_H
#define PROCMON_COMPAT_COLLECTD_H

/* Before theirs, which bring pthread.h as well. */
#include "thread.h"

#ifdef _WIN32
#include "collectd_windows.h"
#elif !defined(HAVE_CONFIG_H)
#define HAVE_CONFIG_H 1
#endif

#ifdef PROCMON_COLLECTD_SOURCE_TREE
#include "collectd.h"
#include "plugin.h"
#else
#include "collectd/core/daemon/collectd.h"
#include "collectd/core/daemon/plugin.h"
#endif

/* Not every layout of collectd.h brings it. */
#include <math.h>

#endif
