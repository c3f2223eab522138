#include "config_tree.h"

oconfig_value_t text(const char *string) {
  return (oconfig_value_t){.type = OCONFIG_TYPE_STRING,
                           .value.string = (char *)(uintptr_t)string};
}

oconfig_value_t number(double n) {
  return (oconfig_value_t){.type = OCONFIG_TYPE_NUMBER, .value.number = n};
}

oconfig_value_t boolean(bool b) {
  return (oconfig_value_t){.type = OCONFIG_TYPE_BOOLEAN, .value.boolean = b};
}

void tree_clear(struct tree *t) {
  memset(t, 0, sizeof(*t));
  t->plugin.key = (char[]){"Plugin"};
  t->plugin.children = t->items;
}

static void set_item(struct tree *t, oconfig_item_t *item, const char *key,
                     const oconfig_value_t *values, size_t n) {
  item->key = (char *)(uintptr_t)key;
  item->values = &t->values[t->n_values];
  item->values_num = (int)n;
  for (size_t i = 0; i < n; i++)
    t->values[t->n_values++] = values[i];
}

void add(struct tree *t, const char *key, const oconfig_value_t *values,
         size_t n) {
  set_item(t, &t->items[t->plugin.children_num++], key, values, n);
}

void add_in(struct tree *t, const char *key, const oconfig_value_t *values,
            size_t n) {
  int last = t->plugin.children_num - 1;
  oconfig_item_t *block = &t->items[last];

  block->children = t->children[last];
  set_item(t, &block->children[block->children_num++], key, values, n);
}

struct tree tree;
struct config config;

void begin(void) {
  tree_clear(&tree);
  record_clear();
  ck_assert_int_eq(config_init(&config), 0);
}

int read_tree(void) {
  return config_read(&config, &tree.plugin, UINT64_C(10000000000));
}

const struct monitor_config *accepted(size_t i) {
  ck_assert_msg(read_tree() == 0, "%s", record_line(0));
  ck_assert_uint_eq(record_lines(), 0);
  ck_assert_uint_lt(i, config.n);
  return &config.monitors[i];
}

void refused(const char *line) {
  ck_assert_int_eq(read_tree(), -EINVAL);
  ck_assert_uint_eq(record_lines(), 1);
  ck_assert_uint_eq(record_count(REPORT_ERROR), 1);
  ck_assert_str_eq(record_line(0), line);
  ck_assert_uint_eq(config.n, 0);
  config_clear(&config);
}

void option_refused(const char *key, const oconfig_value_t *values, size_t n,
                    const char *line) {
  char expected[1200];

  begin();
  add(&tree, "Process", VALUES(text("x")));
  add_in(&tree, "Command", VALUES(text("nginx")));
  add_in(&tree, key, values, n);
  snprintf(expected, sizeof(expected), "<Process \"x\">: %s", line);
  refused(expected);
}
