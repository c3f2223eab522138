#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "compat/error_text.h"
#include "shown_text.h"

void say(const char *format, ...) {
  va_list arguments;

  /* Lines on a terminal stay in order. */
  (void)fflush(stdout);
  va_start(arguments, format);
  char *line = shown_text_of(format, arguments);
  va_end(arguments);
  fprintf(stderr, "procmonctl: %s\n",
          line != NULL ? line : "not enough memory for a message");
  free(line);
}

int say_keep_standard_files(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    if (fcntl(fd, F_GETFD) >= 0)
      continue;
    int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", flags | O_CLOEXEC) != fd)
      return STATUS_NO;
  }
  return STATUS_DONE;
}

int say_flush(void) {
  char text[ERROR_TEXT_MAX];

  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout))
    return STATUS_DONE;
  /* What failed earlier has left no reason. */
  say("standard output cannot be written: %s",
      errno != 0 ? error_text(errno, text) : "an earlier write failed");
  return STATUS_NO;
}
