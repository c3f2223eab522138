/* The text of a configuration to a tree, well enough for a fuzz target: no
 * package has a library with collectd's own reader. */
#ifndef PROCMON_TESTS_FUZZ_CONFIG_TEXT_H
#define PROCMON_TESTS_FUZZ_CONFIG_TEXT_H

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compat/collectd.h"

enum { ITEMS_MAX = 24, VALUES_MAX = 24 };

static oconfig_item_t items[ITEMS_MAX], inner[ITEMS_MAX][ITEMS_MAX];
static oconfig_value_t values[ITEMS_MAX * (ITEMS_MAX + 1)][VALUES_MAX];
static size_t n_items;

/* Cuts off a word, in quotes or not, and puts a copy of it into the pool. */
static char *take_word(const char **text, char **pool) {
  char *word = *pool;
  bool is_quoted = **text == '"';

  for (*text += is_quoted; **text != '\0'; (*text)++) {
    if (is_quoted
            ? **text == '"'
            : !isalnum((unsigned char)**text) && strchr("_.+-", **text) == NULL)
      break;
    if (is_quoted && **text == '\\' && (*text)[1] != '\0')
      (*text)++;
    *(*pool)++ = **text;
  }
  *text += is_quoted && **text == '"';
  *(*pool)++ = '\0';
  return word;
}

static oconfig_value_t take_value(const char **text, char **pool) {
  bool is_quoted = **text == '"';
  char *word = take_word(text, pool), *end;
  double number = strtod(word, &end);

  if (is_quoted)
    return (oconfig_value_t){.type = OCONFIG_TYPE_STRING, .value.string = word};
  if (end != word && *end == '\0' && isfinite(number))
    return (oconfig_value_t){.type = OCONFIG_TYPE_NUMBER,
                             .value.number = number};
  if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
    return (oconfig_value_t){.type = OCONFIG_TYPE_BOOLEAN,
                             .value.boolean = word[0] == 't'};
  return (oconfig_value_t){.type = OCONFIG_TYPE_STRING, .value.string = word};
}

static void read_item(const char **text, char **pool, oconfig_item_t *item) {
  *item = (oconfig_item_t){.key = take_word(text, pool),
                           .values = values[n_items++]};
  while (item->values_num < VALUES_MAX) {
    *text += strspn(*text, " \t");
    if (**text != '"' && !isalnum((unsigned char)**text) &&
        (**text == '\0' || strchr("_.+-", **text) == NULL))
      break;
    item->values[item->values_num++] = take_value(text, pool);
  }
  *text += strcspn(*text, "\n");
}

/* The items of a <Plugin> block. All of it is the next call's, but the strings:
 * those go into `pool`, which has room for twice the text. */
static oconfig_item_t *read_text(const char *text, char *pool) {
  static oconfig_item_t plugin;
  oconfig_item_t *block = &plugin;

  n_items = 0;
  plugin = (oconfig_item_t){.key = (char[]){"Plugin"}, .children = items};
  while (*(text += strspn(text, " \t\n>")) != '\0') {
    bool opens = *text == '<' && text[1] != '/';
    if (!opens && *text == '<')
      block = &plugin;
    oconfig_item_t *in = opens ? &plugin : block;
    text += opens;
    if (!isalpha((unsigned char)*text) || in->children_num == ITEMS_MAX) {
      text += strcspn(text, "\n");
      continue;
    }
    oconfig_item_t *item = &in->children[in->children_num++];
    read_item(&text, &pool, item);
    if (opens) {
      block = item;
      block->children = inner[item - items];
    }
  }
  return &plugin;
}

#endif
