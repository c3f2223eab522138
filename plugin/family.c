#include "family.h"

#include <stdint.h>

/* The nearest mark above an entry that is known. Parents of a scan may go round
 * in a circle, since they are not read at one instant. */
static unsigned char ask_ancestors(const struct census_view *v,
                                   unsigned char *marks, size_t i) {
  int32_t at = (int32_t)i;

  while (at >= 0 && marks[at] == FAMILY_UNKNOWN) {
    marks[at] = FAMILY_ASKED;
    at = v->entries[at].parent_i;
  }
  return at >= 0 && marks[at] == FAMILY_MEMBER ? FAMILY_MEMBER : FAMILY_OTHER;
}

static void answer_all(const struct census_view *v, unsigned char *marks,
                       size_t i, unsigned char mark) {
  for (int32_t at = (int32_t)i; at >= 0 && marks[at] == FAMILY_ASKED;
       at = v->entries[at].parent_i)
    marks[at] = mark;
}

void family_spread(const struct census_view *view, unsigned char *marks) {
  for (size_t i = 0; i < view->n; i++)
    if (marks[i] == FAMILY_UNKNOWN)
      answer_all(view, marks, i, ask_ancestors(view, marks, i));
}
