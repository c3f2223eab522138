/* The file that a page is written to: whole, or as it was before. */
#ifndef PROCMONCTL_REPORT_FILE_H
#define PROCMONCTL_REPORT_FILE_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

struct report_file {
  FILE *out;
  char *path;                   /* the file itself, behind all links */
  char *temporary;              /* beside it; NULL: it is written to directly */
  sigset_t mask;                /* of signals, as it was */
  struct sigaction pipe_action; /* of SIGPIPE, as it was */
};

/* Opens a file, or standard output where the path is "-". A regular file, which
 * the user must have the right to write to, is written beside its place, behind
 * all links. Until report_file_end no signal that ends the program is taken
 * then, and of no file but standard output SIGPIPE. 0 or a negative errno. */
int report_file_begin(struct report_file *f, const char *path);

/* Puts the new file in its place, or with `keep` false throws it away. 0 or a
 * negative errno. */
int report_file_end(struct report_file *f, bool keep);

#endif
