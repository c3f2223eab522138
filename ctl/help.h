/* --help and --version. */
#ifndef PROCMONCTL_HELP_H
#define PROCMONCTL_HELP_H

/* Print to standard output. 0 or an exit status; say why. */
int help_print(void);
int help_print_version(void);

#endif
