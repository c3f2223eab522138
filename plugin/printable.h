/* Text of others for a line of a log. */
#ifndef PROCMON_PRINTABLE_H
#define PROCMON_PRINTABLE_H

#include <stddef.h>

/* Copies a text, with control characters as \n, \t or \x1b, so that it stays
 * one line and steers no terminal. What does not fit is left out; no escape is
 * cut. size: of `out`, at least 1. */
void printable_copy(const char *text, char *out, size_t size);

#endif
