#include "mock_collectd.h"

struct mock_value_list mock_values[MOCK_MAX_VALUES];
size_t mock_n_values;

int plugin_dispatch_values(const value_list_t *vl) {
  if (mock_n_values == MOCK_MAX_VALUES || vl->values_len > MOCK_MAX_SOURCES)
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

data_set_t mock_data_set;
data_source_t mock_data_sources[MOCK_MAX_SOURCES];

int plugin_register_data_set(const data_set_t *ds) {
  if (ds->ds_num > MOCK_MAX_SOURCES)
    return -1;
  mock_data_set = *ds;
  mock_data_set.ds = mock_data_sources;
  memcpy(mock_data_sources, ds->ds, ds->ds_num * sizeof(*ds->ds));
  return 0;
}

const data_set_t *plugin_get_ds(const char *name) {
  bool is_it =
      mock_data_set.ds_num > 0 && strcmp(mock_data_set.type, name) == 0;
  return is_it ? &mock_data_set : NULL;
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
