/* The report as a page: one HTML file that needs nothing else. */
#ifndef PROCMONCTL_REPORT_PAGE_H
#define PROCMONCTL_REPORT_PAGE_H

#include <stdio.h>

#include "report.h"

/* Writes the page of the report. `dygraphs_folder`: the folder with dygraphs'
 * script and style (dygraph.min.js, dygraph.css). 0 or a negative errno (of
 * reading them, or of writing); -EBADMSG: they are not fit to stand in a page.
 * Nothing is written before they are read. The stream is flushed. */
int report_page_write(FILE *out, const struct report *r,
                      const char *dygraphs_folder);

#endif
