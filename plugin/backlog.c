#include "backlog.h"

#include <stdlib.h>
#include <string.h>

/* So that the next row, a little longer, finds a place in the last one. */
enum { SLACK = 32 };

void backlog_init(struct backlog *b, struct backlog_places *places) {
  *b = (struct backlog){.places = places};
}

static struct waiting_row *new_row(struct backlog_places *p, size_t len) {
  struct waiting_row *row = p->spare;

  p->spare = NULL;
  if (row != NULL && row->size >= len)
    return row;
  free(row);
  row = malloc(sizeof(*row) + len + SLACK);
  if (row != NULL)
    row->size = len + SLACK;
  return row;
}

static void free_row(struct backlog_places *p, struct waiting_row *row) {
  if (p->spare == NULL)
    p->spare = row;
  else
    free(row);
}

static void lose(struct backlog *b) {
  b->lost++;
  b->places->lost++;
}

void backlog_push(struct backlog *b, pid_t pid, uint64_t wall_ns,
                  const char *text, size_t len) {
  if (b->places->left == 0 && b->first != NULL) {
    backlog_done(b, backlog_take(b));
    lose(b);
  }
  struct waiting_row *row =
      b->places->left > 0 ? new_row(b->places, len) : NULL;
  if (row == NULL) {
    lose(b);
    return;
  }
  row->next = NULL;
  row->pid = pid;
  row->wall_ns = wall_ns;
  row->len = len;
  memcpy(row->text, text, len);
  if (b->first == NULL)
    b->first = row;
  else
    b->last->next = row;
  b->last = row;
  b->n++;
  b->places->left--;
}

struct waiting_row *backlog_take(struct backlog *b) {
  struct waiting_row *row = b->first;

  if (row != NULL)
    b->first = row->next;
  return row;
}

void backlog_put_back(struct backlog *b, struct waiting_row *row) {
  row->next = b->first;
  if (b->first == NULL)
    b->last = row;
  b->first = row;
}

void backlog_done(struct backlog *b, struct waiting_row *row) {
  free_row(b->places, row);
  b->places->left++;
  b->n--;
  if (b->failed > 0)
    b->failed--;
}

uint64_t backlog_take_lost(struct backlog *b) {
  uint64_t lost = b->lost;

  b->lost = 0;
  b->places->lost -= lost;
  return lost;
}

void backlog_clear(struct backlog *b) {
  while (b->first != NULL)
    backlog_done(b, backlog_take(b));
}

void backlog_places_clear(struct backlog_places *places) {
  free(places->spare);
  places->spare = NULL;
}
