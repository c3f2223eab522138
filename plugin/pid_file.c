#include "pid_file.h"

#include <ctype.h>
#include <time.h>

#include "backends/clock.h"
#include "backends/procfs_parse.h"

void pid_file_init(struct pid_file *f, const char *path) {
  *f = (struct pid_file){.path = path};
}

/* A file that was written a moment ago may be written once more without a
 * change of size or time: until then it does not count as read. */
static bool is_settled(const struct file_state *file) {
  const uint64_t moment_ns = 2000000000;
  uint64_t now_ns = clock_ns(CLOCK_REALTIME);

  /* The clock of a file server may be ahead of ours. */
  return now_ns + moment_ns < file->modified_ns ||
         now_ns > file->modified_ns + moment_ns;
}

void pid_file_ended(struct pid_file *f) { f->is_over = true; }

void pid_file_missing(struct pid_file *f) {
  if (is_settled(&f->state))
    f->is_over = true;
}

static bool is_same_state(const struct file_state *a,
                          const struct file_state *b) {
  return a->volume == b->volume && a->id == b->id && a->size == b->size &&
         a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}

/* The pid at the start of the file, 0 when there is none, or a negative errno
 * when the file cannot be read now. */
static pid_t read_pid_file(const char *path) {
  char text[64];
  pid_t pid = 0;

  ssize_t len = file_read_start(path, text, sizeof(text));
  if (len < 0)
    return (pid_t)len;
  /* A word at the end of a full buffer may be cut. */
  if (len == (ssize_t)sizeof(text))
    while (len > 0 && !isspace((unsigned char)text[len - 1]))
      len--;
  if (len == 0 || procfs_parse_pid(text, (size_t)len, &pid) != 0)
    return 0;
  return pid;
}

void pid_file_look(struct pid_file *f) {
  struct file_state file = {.size = 0};

  bool there = file_look(f->path, &file) == 0 && file.is_regular;
  bool unchanged = there && is_same_state(&file, &f->state);
  if (unchanged && is_settled(&file))
    return;

  pid_t pid = there ? read_pid_file(f->path) : 0;
  /* One that cannot be read now does not count as read. */
  f->state = pid >= 0 ? file : (struct file_state){.size = 0};
  f->only_known = pid <= 0;
  if (pid <= 0)
    return;
  /* Written again, the file means a process that runs now. */
  if (pid != f->pid || !unchanged)
    f->is_over = false;
  f->pid = pid;
}
