/* Configuration trees for the suites of config.c, and what comes of them. */
#ifndef PROCMON_TESTS_CONFIG_TREE_H
#define PROCMON_TESTS_CONFIG_TREE_H

#include "mock_collectd.h"
#include "plugin/config.h"
#include "record.h"
#include "unit.h"

/* --- trees, written as a person would: one item a line --- */

enum { MAX_ITEMS = 32, MAX_VALUES = 24 };

struct tree {
  oconfig_item_t plugin;
  oconfig_item_t items[MAX_ITEMS];
  oconfig_item_t children[MAX_ITEMS][MAX_ITEMS];
  oconfig_value_t values[MAX_ITEMS * MAX_VALUES];
  size_t n_values;
};

extern struct tree tree;
extern struct config config; /* what was read of it */

oconfig_value_t text(const char *string);
oconfig_value_t number(double n);
oconfig_value_t boolean(bool b);

#define VALUES(...)                                                            \
  (const oconfig_value_t[]){__VA_ARGS__},                                      \
      sizeof((const oconfig_value_t[]){__VA_ARGS__}) / sizeof(oconfig_value_t)

/* An empty tree and the defaults. */
void begin(void);

/* An empty tree. */
void tree_clear(struct tree *t);

void add(struct tree *t, const char *key, const oconfig_value_t *values,
         size_t n);

/* Adds an option to the item that was added last. */
void add_in(struct tree *t, const char *key, const oconfig_value_t *values,
            size_t n);

/* --- what comes of the tree --- */

int read_tree(void);

/* It is read without a word; gives its i-th monitor. */
const struct monitor_config *accepted(size_t i);

/* It is refused with this one line. */
void refused(const char *line);

/* A block of a valid selector with this option is refused with this line. */
void option_refused(const char *key, const oconfig_value_t *values, size_t n,
                    const char *line);

#endif
