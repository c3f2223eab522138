/* Steady readings of one process in the `unix` columns, and nothing else, for a
 * tool that counts instructions: `steady READINGS PID`. */
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"
#include "ways.h"

int main(int argc, char **argv) {
  struct subjects s;

  if (argc != 3) {
    fputs("usage: steady READINGS PID\n", stderr);
    return 2;
  }
  unsigned long readings = strtoul(argv[1], NULL, 10);
  pid_t pid = (pid_t)strtol(argv[2], NULL, 10);
  subjects_open(&s, "unix", &pid, 1);
  for (unsigned long i = 0; i < readings; i++)
    way_rows(&s);
  subjects_close(&s);
  return 0;
}
