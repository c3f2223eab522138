/* Texts for people of what is anybody's: names of files, logs and columns. */
#ifndef PROCMONCTL_SHOWN_TEXT_H
#define PROCMONCTL_SHOWN_TEXT_H

#include <stdarg.h>

#include "compat/printf_like.h"

/* Formats a text of any length, with control characters as printable_copy has
 * them, so that it stays one line and steers no terminal. The caller frees it;
 * NULL: not enough memory. */
char *shown_text(const char *format, ...) PRINTF_LIKE(1, 2);
char *shown_text_of(const char *format, va_list arguments) PRINTF_LIKE(1, 0);

#endif
