/* Rows on their way into their file, and those that wait until it can be
 * written again. */
#ifndef PROCMON_BACKLOG_H
#define PROCMON_BACKLOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct waiting_row {
  struct waiting_row *next;
  pid_t pid; /* names the file of a path with %p */
  uint64_t wall_ns;
  size_t len, size; /* of the text, and the bytes that there are for it */
  char text[];      /* whole lines */
};

/* What the backlogs of a monitor share. */
struct backlog_places {
  size_t left;               /* for rows */
  struct waiting_row *spare; /* to be used again; NULL: none */
  uint64_t lost;             /* of all backlogs */
};

struct backlog {
  struct backlog_places *places;
  struct waiting_row *first, *last;
  uint64_t n;      /* also a row that was taken out */
  uint64_t failed; /* the oldest of them, for which an attempt has failed */
  uint64_t lost;   /* rows for which there was no place */
};

/* `places` is the caller's and outlives the backlog. */
void backlog_init(struct backlog *b, struct backlog_places *places);

/* Takes a copy of a row behind all others. Without a place for it the oldest
 * one is lost, or the row itself when there is no other. */
void backlog_push(struct backlog *b, pid_t pid, uint64_t wall_ns,
                  const char *text, size_t len);

/* Takes the oldest row out, which keeps its place; NULL: there is none. It goes
 * back to where it was, or is done with. */
struct waiting_row *backlog_take(struct backlog *b);
void backlog_put_back(struct backlog *b, struct waiting_row *row);
void backlog_done(struct backlog *b, struct waiting_row *row);

/* How many were lost, and begins to count anew. */
uint64_t backlog_take_lost(struct backlog *b);

/* Forgets all rows. */
void backlog_clear(struct backlog *b);

/* Frees what is kept to be used again. */
void backlog_places_clear(struct backlog_places *places);

#endif
