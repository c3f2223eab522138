/* The end of a log: an input is a file, behind a byte that says how many blocks
 * of zero bytes a crash has left at its end. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "plugin/log_tail.h"
#include "plugin/printable.h"
#include "plugin/row.h"

static int fd;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  fd = memfd_create("log", MFD_CLOEXEC);
  assert(fd >= 0);
  return 0;
}

/* How many bytes there are up to and with the last newline. */
static size_t whole_lines(const char *text, size_t len) {
  while (len > 0 && text[len - 1] != '\n')
    len--;
  return len;
}

static size_t without_zeros(const char *text, size_t len) {
  while (len > 0 && text[len - 1] == '\0')
    len--;
  return len;
}

static void check_tail(const struct log_tail *tail, const char *text,
                       size_t len) {
  size_t end = whole_lines(text, len), torn = without_zeros(text, len) - end;
  char line[LOG_TAIL_TORN];

  assert(tail->end == end && torn < ROW_MAX);
  assert(strlen(tail->torn) < LOG_TAIL_TORN);
  assert(strncmp(tail->torn, text + end, torn) == 0 || torn >= LOG_TAIL_TORN);
  printable_copy(tail->torn, line, sizeof(line));
  assert(!has_control(line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct log_tail tail;
  size_t zeros = (size_t)next_byte(&in) * 512, len = in.left;
  const char *text = (const char *)in.at;

  assert(pwrite(fd, text, len, 0) == (ssize_t)len);
  assert(ftruncate(fd, (off_t)len) == 0);
  assert(ftruncate(fd, (off_t)(len + zeros)) == 0);
  int error = log_tail_find(fd, len + zeros, &tail);
  if (error == 0)
    check_tail(&tail, text, len);
  else
    assert(error == -EILSEQ &&
           without_zeros(text, len) - whole_lines(text, len) >= ROW_MAX);
  return 0;
}
