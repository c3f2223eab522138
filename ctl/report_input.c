#include "report_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/clock.h"
#include "compat/error_text.h"
#include "plugin/printable.h"
#include "say.h"

static const char standard_input[] = "-";

/* How far the reading of a log is. */
struct progress {
  const char *shown; /* NULL: nothing stands on the terminal */
  uint64_t size;     /* of the file; 0: not known */
  uint64_t next_ns;  /* when to tell again */
};

enum { NAME_SHOWN_MAX = 256 };

enum { PROGRESS_STEP_NS = 200000000, PROGRESS_FIRST_NS = 1000000000 };

/* Takes away the line that tells how far it is. */
static void clear(struct progress *p) {
  if (p->shown != NULL)
    fputs("\r\x1b[K", stderr);
  p->shown = NULL;
}

void input_note(void *context, const char *text) {
  struct progress *p = context;

  if (p != NULL)
    clear(p);
  say("%s", text);
}

static void show_progress(void *context, const char *path, uint64_t bytes) {
  struct progress *p = context;
  const uint64_t now = clock_ns(CLOCK_MONOTONIC);
  char name[NAME_SHOWN_MAX];

  if (now < p->next_ns)
    return;
  p->next_ns = now + PROGRESS_STEP_NS;
  p->shown = path;
  printable_copy(path, name, sizeof(name));
  if (p->size > 0)
    fprintf(stderr, "\r%s: %u %%\x1b[K", name,
            (unsigned)(bytes * 100 / p->size));
  else
    fprintf(stderr, "\r%s: %u MB\x1b[K", name, (unsigned)(bytes / 1000000));
}

static int open_log(const char *path) {
  return strcmp(path, standard_input) == 0
             ? STDIN_FILENO
             : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

int input_read(struct report_log *log, const char *path,
               const struct report_options *o,
               const struct report_wishes *wishes, struct report_wall *wall) {
  struct progress progress = {.next_ns = clock_ns(CLOCK_MONOTONIC) +
                                         PROGRESS_FIRST_NS};
  const struct report_rules rules = {
      .columns = o->columns,
      .time_format = o->time_format != NULL ? &wishes->time_format : NULL,
      .note = input_note,
      .progress = isatty(STDERR_FILENO) ? show_progress : NULL,
      .context = &progress};
  char text[ERROR_TEXT_MAX];
  struct stat st;

  const int fd = open_log(path);
  if (fd < 0) {
    say("%s: %s", path, error_text(errno, text));
    return STATUS_TROUBLE;
  }
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
    progress.size = (uint64_t)st.st_size;
  int err = report_log_read(log, fd, path, &rules, wall);
  clear(&progress);
  if (fd != STDIN_FILENO)
    close(fd);
  return err == 0 ? STATUS_DONE : STATUS_TROUBLE;
}

static bool is_same(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_same_file(const char *path, const struct stat *output) {
  struct stat st;

  if (path == NULL)
    return false;
  int err = strcmp(path, standard_input) == 0 ? fstat(STDIN_FILENO, &st)
                                              : stat(path, &st);
  return err == 0 && is_same(&st, output);
}

/* Of what is written to /dev/null nothing is mixed up. */
static bool is_standard_output(const struct stat *output) {
  struct stat st;

  return fstat(STDOUT_FILENO, &st) == 0 && is_same(&st, output) &&
         (!S_ISCHR(st.st_mode) || isatty(STDOUT_FILENO));
}

int input_check(const struct options *o) {
  int n = o->report.baseline != NULL &&
          strcmp(o->report.baseline, standard_input) == 0;

  for (int i = 0; i < o->n_arguments; i++)
    n += strcmp(o->arguments[i], standard_input) == 0;
  if (n <= 1)
    return STATUS_DONE;
  say("found - %d times, expected it once: standard input can be read once", n);
  return STATUS_USAGE;
}

int input_check_output(const struct options *o, const char *output) {
  struct stat st;
  const char *same = NULL;

  if (stat(output, &st) != 0)
    return STATUS_DONE;
  if (o->is_json && is_standard_output(&st)) {
    say("--json and -o %s would write both to standard output; give another "
        "file with -o",
        output);
    return STATUS_USAGE;
  }
  if (!S_ISREG(st.st_mode))
    return STATUS_DONE;
  if (is_same_file(o->report.baseline, &st))
    same = o->report.baseline;
  for (int i = 0; i < o->n_arguments; i++)
    if (is_same_file(o->arguments[i], &st))
      same = o->arguments[i];
  if (same == NULL)
    return STATUS_DONE;
  say("-o %s would overwrite the log %s; give another name", output, same);
  return STATUS_USAGE;
}
