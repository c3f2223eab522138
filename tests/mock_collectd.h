/* A collectd that records what it is given. */
#ifndef PROCMON_TESTS_MOCK_COLLECTD_H
#define PROCMON_TESTS_MOCK_COLLECTD_H

#include "compat/collectd.h"

enum { MOCK_MAX_VALUES = 32, MOCK_MAX_SOURCES = 32 };

/* A value list as it was dispatched, its values copied. */
struct mock_value_list {
  value_list_t list;
  value_t values[MOCK_MAX_SOURCES];
};

extern struct mock_value_list mock_values[MOCK_MAX_VALUES];
extern size_t mock_n_values;

/* The notification that was dispatched last, and how many were. */
extern notification_t mock_notification;
extern size_t mock_n_notifications;

/* The data set that was registered last; one without sources is none. */
extern data_set_t mock_data_set;
extern data_source_t mock_data_sources[MOCK_MAX_SOURCES];

/* The value list of this type and type instance, or NULL. */
const struct mock_value_list *mock_find(const char *type,
                                        const char *type_instance);

#endif
