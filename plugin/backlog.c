#include "backlog.h"

#include <stdlib.h>
#include <string.h>

void backlog_init(struct backlog *b, size_t *places) {
  *b = (struct backlog){.places = places};
}

void backlog_push(struct backlog *b, pid_t pid, uint64_t wall_ns,
                  const char *text, size_t len) {
  if (*b->places == 0 && b->n > 0) {
    backlog_pop(b);
    b->lost++;
  }
  struct waiting_row *row = *b->places > 0 ? malloc(sizeof(*row) + len) : NULL;
  if (row == NULL) {
    b->lost++;
    return;
  }
  *row = (struct waiting_row){.pid = pid, .wall_ns = wall_ns, .len = len};
  memcpy(row->text, text, len);
  if (b->first == NULL)
    b->first = row;
  else
    b->last->next = row;
  b->last = row;
  b->n++;
  --*b->places;
}

void backlog_pop(struct backlog *b) {
  struct waiting_row *row = b->first;

  b->first = row->next;
  b->n--;
  ++*b->places;
  free(row);
}

void backlog_clear(struct backlog *b) {
  while (b->n > 0)
    backlog_pop(b);
}
