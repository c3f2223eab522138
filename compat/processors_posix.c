#include <unistd.h>

#include "processors.h"

unsigned processors_online(void) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (unsigned)online : 1;
}
