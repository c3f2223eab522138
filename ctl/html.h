/* Text of unknown origin, put into a page so that it stays text. What is no
 * UTF-8, and what is a control character but a tab or a line's end, becomes
 * U+FFFD. Whoever closes the stream looks for its errors. */
#ifndef PROCMONCTL_HTML_H
#define PROCMONCTL_HTML_H

#include <stdio.h>

/* For between two tags, and for the value of an attribute in double quotes. */
void html_print(FILE *out, const char *text);

/* A string of JSON, with its quotes, for an element `script` of data: nothing
 * in it can end the element. */
void html_print_json(FILE *out, const char *text);

#endif
