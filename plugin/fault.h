/* A fault that lasts is said when it begins and when it is over. */
#ifndef PROCMON_FAULT_H
#define PROCMON_FAULT_H

struct fault {
  int error; /* 0: none */
};

/* Says that `what` of the block `name` fails with `error`, a negative errno, or
 * that it works again; nothing when that is known. `words` say what the error
 * means; NULL: what errno says of it. */
void fault_say(struct fault *f, const char *name, int error, const char *what,
               const char *words);

#endif
