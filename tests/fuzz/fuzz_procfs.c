/* The parsers of procfs's texts: each gets the same text, whichever file that
 * is like. */
#include <ctype.h>

#include "backends/procfs_parse.h"
#include "fuzz.h"

static void check_stat(const char *text, size_t len) {
  struct procfs_stat stat;
  int code;

  if (procfs_parse_stat(text, len, &stat) == 0) {
    assert(isalpha((unsigned char)stat.state));
    assert(stat.parent >= 0);
  }
  if (procfs_parse_exit_code(text, len, &code) == 0)
    assert(code >= 0);
}

static void check_command(const char *text, size_t len, size_t size) {
  char *out = malloc(size);

  assert(out != NULL);
  if (procfs_parse_command(text, len, out, size) == 0)
    assert(strlen(out) < size);
  free(out);
}

static void check_words(const char *text, size_t len) {
  char *line = malloc(len + 1);

  assert(line != NULL);
  memcpy(line, text, len);
  size_t line_len = procfs_join_words(line, len);
  assert(line_len <= len);
  assert(strlen(line) == line_len);
  free(line);
}

static void check_lines(const char *text, size_t len) {
  struct procfs_io io;
  struct procfs_switches switches;
  pid_t pid;
  size_t count;

  procfs_parse_io(text, len, &io);
  procfs_parse_switches(text, len, &switches);
  if (procfs_parse_nspid(text, len, &pid, &count) == 0)
    assert(pid > 0 && count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data;
  struct procfs_statm statm;
  pid_t pid;

  check_stat(text, size);
  check_command(text, size, 1);
  check_command(text, size, 16);
  check_words(text, size);
  check_lines(text, size);
  procfs_parse_statm(text, size, &statm);
  if (procfs_parse_pid(text, size, &pid) == 0)
    assert(pid > 0);
  return 0;
}
