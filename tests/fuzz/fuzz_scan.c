/* A scan of a process table with one process in it. The parts of an input are
 * its stat, comm and cmdline. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/backend.h"
#include "backends/linux_target.h"
#include "fuzz.h"

static const char *const names[] = {"42/stat", "42/comm", "42/cmdline"};
static char root[] = "/dev/shm/procmon-fuzz-XXXXXX";
static int root_fd, files[3];
static struct fd_budget budget;
static struct backend_ctx *ctx;

static void remove_root(void) {
  for (size_t i = 0; i < 3; i++)
    unlinkat(root_fd, names[i], 0);
  unlinkat(root_fd, "42", AT_REMOVEDIR);
  rmdir(root);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  assert(mkdtemp(root) != NULL);
  root_fd = open(root, O_RDONLY | O_DIRECTORY);
  assert(mkdirat(root_fd, "42", 0700) == 0);
  for (size_t i = 0; i < 3; i++)
    files[i] = openat(root_fd, names[i], O_RDWR | O_CREAT, 0600);
  atexit(remove_root);
  struct backend_options options = {.proc_root = root, .budget = &budget};
  assert(backend_linux.open(&options, &ctx) == 0);
  return 0;
}

static uint32_t look(void *arg, pid_t pid, uint64_t token) {
  (void)arg, (void)token;
  assert(pid == 42);
  return FACT_COMMAND | FACT_COMMAND_LINE | FACT_OWNER | FACT_PARENT;
}

/* True of a cmdline without a word. */
static bool is_empty(const char *words, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (words[i] != '\0')
      return false;
  return true;
}

struct words {
  const char *text;
  size_t len;
};

static int visit(void *arg, const struct proc_info *info) {
  const struct words *words = arg;
  char name[256];

  assert((info->have & FACT_COMMAND) != 0 && strlen(info->command) < 128);
  assert((info->have & FACT_PARENT) != 0 && info->parent >= 0);
  assert(info->start != 0);
  assert((info->have & FACT_COMMAND_LINE) != 0);
  assert(strlen(info->command_line) <= LINUX_COMMAND_LINE_MAX);
  snprintf(name, sizeof(name), "[%s]", info->command);
  if (is_empty(words->text, words->len))
    assert(strcmp(info->command_line, name) == 0);
  else
    assert(strlen(info->command_line) <= words->len);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct words words = {NULL, 0};
  struct scan scan = {look, visit, &words};
  char *text[3];
  size_t len;

  for (size_t i = 0; i < 3; i++) {
    text[i] = next_part(&in, &len);
    assert(pwrite(files[i], text[i], len, 0) == (ssize_t)len);
    assert(ftruncate(files[i], (off_t)len) == 0);
    words = (struct words){text[i], len};
  }
  assert(backend_linux.scan(ctx, &scan) == 0);
  for (size_t i = 0; i < 3; i++)
    free(text[i]);
  return 0;
}
