/* The hash by which a page's Content-Security-Policy knows what it may run. */
#ifndef PROCMONCTL_CONTENT_HASH_H
#define PROCMONCTL_CONTENT_HASH_H

#include <stddef.h>

enum { CONTENT_HASH_MAX = 52 };

/* Writes "sha256-" and the hash in base64, NUL ended. */
void content_hash(const char *text, size_t len, char out[CONTENT_HASH_MAX]);

#endif
