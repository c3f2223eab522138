#include "mock_collectd.h"

struct mock_value_list mock_values[MOCK_MAX_VALUES];
size_t mock_n_values;

int plugin_dispatch_values(const value_list_t *vl) {
  if (mock_n_values == MOCK_MAX_VALUES || vl->values_len > 2)
    return -1;
  struct mock_value_list *m = &mock_values[mock_n_values++];
  m->list = *vl;
  memcpy(m->values, vl->values, vl->values_len * sizeof(value_t));
  return 0;
}

const struct mock_value_list *mock_find(const char *type,
                                        const char *type_instance) {
  for (size_t i = 0; i < mock_n_values; i++)
    if (strcmp(mock_values[i].list.type, type) == 0 &&
        strcmp(mock_values[i].list.type_instance, type_instance) == 0)
      return &mock_values[i];
  return NULL;
}

static char hostname[] = "mockhost";
char *hostname_g = hostname;
notification_t mock_notification;
size_t mock_n_notifications;

int plugin_dispatch_notification(const notification_t *n) {
  mock_notification = *n;
  mock_n_notifications++;
  return 0;
}
