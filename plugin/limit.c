#include "limit.h"

static const uint64_t HOUR_NS = UINT64_C(3600000000000);

bool limit_allows(struct limit *l, unsigned max, uint64_t now_ns,
                  uint64_t *left_out) {
  if (l->since_ns == 0 || now_ns - l->since_ns >= HOUR_NS)
    *l = (struct limit){.since_ns = now_ns, .left_out = l->left_out};
  if (l->said >= max) {
    l->left_out++;
    return false;
  }
  l->said++;
  *left_out = l->left_out;
  l->left_out = 0;
  return true;
}
