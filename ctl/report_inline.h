/* Files that become a part of the page. */
#ifndef PROCMONCTL_REPORT_INLINE_H
#define PROCMONCTL_REPORT_INLINE_H

#include <stddef.h>

struct report_inline {
  char *text; /* owned by the caller; NUL ended */
  size_t len;
};

/* Reads a script or a style as it stands in a page, with a browser's ends of
 * lines and without a script's reference to its source map. 0 or a negative
 * errno; -EBADMSG: what is in it would end the element too early, -EFBIG: it is
 * larger than any that belongs here. */
int report_inline_read(const char *folder, const char *name,
                       struct report_inline *out);

#endif
