/* Lines of an answer as JSON. */
#ifndef PROCMONCTL_JSON_H
#define PROCMONCTL_JSON_H

#include <stdio.h>

#include "answer.h"

/* Prints an object of all fields: text as strings, numbers and booleans as
 * such, pids as an array of numbers. What is no UTF-8 becomes U+FFFD. */
void json_print(FILE *out, const struct answer *a);

/* Prints a text as a string. */
void json_print_text(FILE *out, const char *text);

#endif
