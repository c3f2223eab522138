/* Rows that wait until their file can be written again. */
#ifndef PROCMON_BACKLOG_H
#define PROCMON_BACKLOG_H

#include <stdint.h>
#include <sys/types.h>

struct waiting_row {
  struct waiting_row *next;
  pid_t pid; /* names the file of a path with %p */
  uint64_t wall_ns;
  size_t len;
  char text[]; /* whole lines */
};

struct backlog {
  size_t *places; /* left for rows, in all backlogs of a monitor */
  struct waiting_row *first, *last;
  uint64_t n;
  uint64_t lost; /* rows for which there was no place; the caller's to reset */
};

/* `places` is the caller's and outlives the backlog. */
void backlog_init(struct backlog *b, size_t *places);

/* Takes a copy of a row behind all others. Without a place for it the oldest
 * one is lost, or the row itself when there is no other. */
void backlog_push(struct backlog *b, pid_t pid, uint64_t wall_ns,
                  const char *text, size_t len);

/* Takes the oldest row, which is there, away. */
void backlog_pop(struct backlog *b);

/* Forgets all rows. */
void backlog_clear(struct backlog *b);

#endif
