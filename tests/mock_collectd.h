/* A collectd that records what it is given. */
#ifndef PROCMON_TESTS_MOCK_COLLECTD_H
#define PROCMON_TESTS_MOCK_COLLECTD_H

#include "compat/collectd.h"

enum { MOCK_MAX_VALUES = 32 };

/* A value list as it was dispatched, its values copied. */
struct mock_value_list {
  value_list_t list;
  value_t values[2];
};

extern struct mock_value_list mock_values[MOCK_MAX_VALUES];
extern size_t mock_n_values;

/* The notification that was dispatched last, and how many were. */
extern notification_t mock_notification;
extern size_t mock_n_notifications;

/* The value list of this type and type instance, or NULL. */
const struct mock_value_list *mock_find(const char *type,
                                        const char *type_instance);

#endif
