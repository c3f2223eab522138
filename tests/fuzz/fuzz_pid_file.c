/* A pid file that is written again and again. The first byte of an input has a
 * bit for each time that says whether the file is an old one; what is written
 * are the parts. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backends/procfs_parse.h"
#include "fuzz.h"
#include "plugin/pid_file.h"

enum { WRITES_MAX = 8, READ_WHOLE = 63 };

static int fd;
static char path[64];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  fd = memfd_create("pid file", MFD_CLOEXEC);
  assert(fd >= 0);
  snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  return 0;
}

static void write_file(const char *text, size_t len, bool old, int i) {
  const struct timespec then[2] = {{1000 + i, 0}, {1000 + i, 0}};

  assert(pwrite(fd, text, len, 0) == (ssize_t)len);
  assert(ftruncate(fd, (off_t)len) == 0);
  assert(!old || futimens(fd, then) == 0);
}

static void check_same(const struct pid_file *a, const struct pid_file *b) {
  assert(a->pid == b->pid);
  assert(a->only_known == b->only_known);
  assert(a->is_over == b->is_over);
}

static void check_look(struct pid_file *f, const char *text, size_t len) {
  pid_t named = f->pid, pid = 0;

  pid_file_look(f);
  assert(f->pid >= 0);
  assert(f->only_known || f->pid > 0);
  assert(!f->only_known || f->pid == named);
  if (len <= READ_WHOLE) {
    bool is_pid = procfs_parse_pid(text, len, &pid) == 0;
    assert(f->only_known == !is_pid);
    assert(!is_pid || f->pid == pid);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct pid_file f;
  uint8_t old = next_byte(&in);

  pid_file_init(&f, path);
  for (int i = 0; i < WRITES_MAX && in.left > 0; i++) {
    size_t len;
    char *text = next_part(&in, &len);
    write_file(text, len, (old >> i & 1) != 0, i);
    check_look(&f, text, len);
    struct pid_file first = f;
    pid_file_look(&f);
    check_same(&f, &first);
    pid_file_ended(&f);
    pid_file_look(&f);
    assert(f.is_over);
    free(text);
  }
  return 0;
}
