/* Numbers of a log, and figures in words. Pure. */
#ifndef PROCMONCTL_REPORT_NUMBER_H
#define PROCMONCTL_REPORT_NUMBER_H

#include <stdbool.h>

enum { NUMBER_TEXT_MAX = 32 };

/* Above it a number is none of a process, and its square would be too great to
 * reckon with. */
#define NUMBER_MAX 1e30

/* Reads a text that is a decimal number and nothing else: digits, with a point
 * or an exponent or neither, perhaps behind a minus. False: it is none, or
 * greater than NUMBER_MAX. */
bool report_number_read(const char *text, double *out);

/* Prints as many digits as tell the number from its neighbours; a NAN is
 * "null", as JSON has it. Gives `out`. */
const char *report_number_print(double number, char out[NUMBER_TEXT_MAX]);

/* The same for people: six digits or so, "no value". */
const char *report_number_show(double number, char out[NUMBER_TEXT_MAX]);

/* The same, with as many digits more as it takes to see on which side of the
 * limit the number is. */
const char *report_number_show_beside(double number, double limit,
                                      char out[NUMBER_TEXT_MAX]);

#endif
