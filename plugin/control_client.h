/* One connection to the control socket: its lines, its answers, the descriptors
 * that came with it. Knows no command. */
#ifndef PROCMON_CONTROL_CLIENT_H
#define PROCMON_CONTROL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "discard.h"

enum {
  CLIENT_LINE_MAX = 8192,           /* with its `\n` */
  CLIENT_ANSWERS_MAX = 1024 * 1024, /* bytes that wait to be read */
};

enum client_state {
  CLIENT_READY,
  CLIENT_STARTS, /* waits for the log of the monitor that it has started */
  CLIENT_STOPS,  /* waits for that of the monitor that it has stopped */
  CLIENT_WATCHES,
  CLIENT_ENDS, /* gets what waits for it, and nothing more */
};

/* In place of the descriptor that came with a line. */
enum client_given {
  CLIENT_GIVEN_NONE = -1,
  CLIENT_GIVEN_SEVERAL = -2,
  CLIENT_GIVEN_LOST = -3, /* it came, and there was no room for it */
};

/* What a client that watches has seen of a monitor. */
struct seen {
  uint32_t id;
  uint64_t readings;
  bool end;
};

struct client {
  int fd;
  uint32_t number; /* its own among all clients that ever were */
  uid_t uid;
  enum client_state state;
  uint32_t id; /* of the monitor that it waits for or watches; 0: all */
  uint64_t deadline_ns;
  size_t n_given;
  struct discard *discard;
  int given;           /* the first descriptor of those that came; -1: none */
  bool has_lost_given; /* one came that could not be had */
  char in[CLIENT_LINE_MAX + 1];
  size_t in_len;
  bool has_closed;  /* it will send nothing more */
  bool has_hung_up; /* nor read */
  bool is_gone;     /* it has failed */
  char *out;
  size_t out_len, out_sent, out_size;
  struct seen *seen;
  size_t n_seen, seen_size;
};

/* Takes the descriptor in any case. -ENOMEM, -EIO: who it is cannot be told. */
int client_create(int fd, uint32_t number, struct discard *discard,
                  struct client **out);

/* Reads what has come, as far as there is room. 0, or a negative errno that
 * ends it. */
int client_receive(struct client *c);

/* Takes the next whole line out, into `line`, without its `\n`. Its length; -1:
 * there is none yet; -2: it is too long. */
ssize_t client_take_line(struct client *c, char line[CLIENT_LINE_MAX + 1]);

bool client_has_line(const struct client *c);

/* Puts an answer behind those that wait to be sent; where none waits, however
 * long it is. -ENOMEM, -ENOBUFS: too much waits. */
int client_put(struct client *c, const char *text, size_t len);

/* Sends what it takes. 0, or a negative errno that ends it. */
int client_send(struct client *c);

bool client_has_output(const struct client *c);

/* The descriptor of a START, which is the caller's then, with its place in the
 * discard; or an enum client_given, and what else came is closed. */
int client_take_given(struct client *c);

/* What it has seen of a monitor; NULL: out of memory. A new entry is zeroed but
 * for the id. */
struct seen *client_seen(struct client *c, uint32_t id);

void client_free(struct client *c);

#endif
