/* Text of unknown origin. */
#ifndef PROCMONCTL_UTF8_H
#define PROCMONCTL_UTF8_H

#include <stddef.h>

/* The bytes of the UTF-8 character that begins `text`, which is not empty; 0:
 * none begins there. */
size_t utf8_length(const char *text);

#endif
