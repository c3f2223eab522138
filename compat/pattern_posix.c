#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "pattern.h"

struct pattern {
  regex_t regex;
};

int pattern_create(const char *ere, struct pattern **out, char *message,
                   size_t size) {
  struct pattern *p = malloc(sizeof(*p));
  if (p == NULL)
    return -ENOMEM;
  int error = regcomp(&p->regex, ere, REG_EXTENDED | REG_NOSUB);
  if (error == 0) {
    *out = p;
    return 0;
  }
  regerror(error, &p->regex, message, size);
  free(p);
  return error == REG_ESPACE ? -ENOMEM : -EINVAL;
}

bool pattern_matches(const struct pattern *p, const char *text) {
  return regexec(&p->regex, text, 0, NULL, 0) == 0;
}

void pattern_free(struct pattern *p) {
  if (p == NULL)
    return;
  regfree(&p->regex);
  free(p);
}
