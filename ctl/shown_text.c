#include "shown_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/printable.h"

/* Of a character, as \x1b. */
enum { ESCAPE_LENGTH = 4 };

char *shown_text_of(const char *format, va_list arguments) {
  char *raw;

  if (vasprintf(&raw, format, arguments) < 0)
    return NULL;
  const size_t size = ESCAPE_LENGTH * strlen(raw) + 1;
  char *shown = malloc(size);
  if (shown != NULL)
    printable_copy(raw, shown, size);
  free(raw);
  return shown;
}

char *shown_text(const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  char *shown = shown_text_of(format, arguments);
  va_end(arguments);
  return shown;
}
