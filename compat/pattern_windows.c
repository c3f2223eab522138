#include <errno.h>
#include <stdio.h>

#include "pattern.h"

int pattern_create(const char *ere, struct pattern **out, char *message,
                   size_t size) {
  (void)ere, (void)out;
  snprintf(message, size, "this system has no regular expressions");
  return -ENOTSUP;
}

bool pattern_matches(const struct pattern *p, const char *text) {
  (void)p, (void)text;
  return false;
}

void pattern_free(struct pattern *p) { (void)p; }
