#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "processors.h"

unsigned processors_online(void) {
  DWORD active = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
  return active > 0 ? active : 1;
}
