/* A crowd for the drivers: `crowd [NAME [THREADS]]`. Each line of the standard
 * input is a number of processes to have; the answer is a line of their pids.
 * At its end they end, too. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "crowd.h"
#include "measure.h"

int main(int argc, char **argv) {
  struct crowd crowd = {
      .name = argc > 1 ? argv[1] : "crowd",
      .threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1,
  };
  char line[32];

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (fgets(line, sizeof(line), stdin) != NULL) {
    crowd_resize(&crowd, strtoul(line, NULL, 10));
    for (size_t i = 0; i < crowd.n; i++)
      printf("%d ", (int)crowd.pids[i]);
    printf("\n");
    measure_flush();
  }
  crowd_resize(&crowd, 0);
  free(crowd.pids);
  return 0;
}
