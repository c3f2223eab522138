/* The kinds of steps that are no letter of strftime(3). */
#ifndef PROCMONCTL_REPORT_TIME_STEPS_H
#define PROCMONCTL_REPORT_TIME_STEPS_H

#define TIME_LITERAL '\0'
/* A number that says nothing new, such as that of the week. */
#define TIME_UNUSED '#'

#endif
