/* list: all monitors, as a table or as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "client.h"
#include "commands.h"
#include "json.h"
#include "say.h"

enum { COLUMNS = 9, CELL_MAX = 64, SHOWN_PIDS = 3 };

/* A cell is a value of the answer, or was made from some. */
struct row {
  struct answer answer;
  char pids[CELL_MAX];
  char last[CELL_MAX];
  const char *cell[COLUMNS];
};

static const char *const header[COLUMNS] = {
    "ID", "NAME", "STATE", "PIDS", "INTERVAL", "ROWS", "LAST", "OWNER", "FILE"};

/* A monitor that runs may have no process yet. */
static const char *state_of(const struct answer *a) {
  if (strcmp(answer_show(a, "running"), "true") != 0)
    return "ended";
  return strcmp(answer_show(a, "processes"), "0") == 0 ? "waiting" : "running";
}

/* The first pids, and how many more processes there are. */
static const char *shorten_pids(const struct answer *a, char out[CELL_MAX]) {
  const char *pids = answer_show(a, "pids");
  const char *end = pids;
  const char *processes = answer_get(a, "processes");

  for (int shown = 0; end != NULL && shown < SHOWN_PIDS; shown++) {
    end = strchr(end, ',');
    end += end != NULL;
  }
  if (end == NULL)
    snprintf(out, CELL_MAX, "%s", pids);
  else
    snprintf(out, CELL_MAX, "%.*s+%lld", (int)(end - pids), pids,
             (processes != NULL ? strtoll(processes, NULL, 10) : 0) -
                 SHOWN_PIDS);
  return out;
}

static void fill_row(struct row *r, char *line) {
  const struct answer *a = &r->answer;

  answer_parse(&r->answer, line);
  const char *const cells[COLUMNS] = {
      answer_show(a, "id"),
      answer_show(a, "name"),
      state_of(a),
      shorten_pids(a, r->pids),
      answer_show(a, "interval"),
      answer_show(a, "rows"),
      answer_time(a, "last", "%Y-%m-%dT%H:%M:%S", false, r->last, CELL_MAX),
      answer_show(a, "owner"),
      answer_show(a, "file")};
  memcpy(r->cell, cells, sizeof(cells));
}

/* Characters of UTF-8, not bytes. */
static size_t width_of(const char *text) {
  size_t width = 0;

  for (; *text != '\0'; text++)
    width += ((unsigned char)*text & 0xc0) != 0x80;
  return width;
}

static void print_row(const char *const *cells, const size_t *widths) {
  for (size_t i = 0; i < COLUMNS; i++) {
    fputs(cells[i], stdout);
    if (i + 1 < COLUMNS)
      printf("%*s", (int)(widths[i] - width_of(cells[i]) + 2), "");
  }
  putchar('\n');
}

static int print_table(const struct lines *lines) {
  struct row *rows = calloc(lines->n + 1, sizeof(*rows));
  size_t widths[COLUMNS];

  if (rows == NULL) {
    say("not enough memory for %zu monitors", lines->n);
    return STATUS_NO;
  }
  for (size_t i = 0; i < COLUMNS; i++)
    widths[i] = width_of(header[i]);
  for (size_t n = 0; n < lines->n; n++) {
    fill_row(&rows[n], lines->line[n]);
    for (size_t i = 0; i < COLUMNS; i++)
      if (width_of(rows[n].cell[i]) > widths[i])
        widths[i] = width_of(rows[n].cell[i]);
  }
  print_row(header, widths);
  for (size_t n = 0; n < lines->n; n++)
    print_row(rows[n].cell, widths);
  free(rows);
  return STATUS_DONE;
}

static int print_json(const struct lines *lines) {
  struct answer a;

  putchar('[');
  for (size_t n = 0; n < lines->n; n++) {
    fputs(n == 0 ? "\n  " : ",\n  ", stdout);
    answer_parse(&a, lines->line[n]);
    json_print(stdout, &a);
  }
  fputs(lines->n > 0 ? "\n]\n" : "]\n", stdout);
  return STATUS_DONE;
}

int command_list(struct options *o) {
  struct client c;
  struct lines lines;
  struct request r;

  int status = client_open(&c, o->socket);
  if (status != STATUS_DONE)
    return status;
  request_begin(&r, "LIST");
  status = client_ask(&c, &r, -1, &lines);
  if (status == STATUS_DONE)
    status = o->is_json ? print_json(&lines) : print_table(&lines);
  lines_free(&lines);
  client_close(&c);
  int flushed = say_flush();
  return status != STATUS_DONE ? status : flushed;
}
