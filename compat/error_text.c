#include "error_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "procmon_config.h"

const char *error_text(int error, char buf[ERROR_TEXT_MAX]) {
  error = abs(error);
#if STRERROR_R_CHAR_P
  return strerror_r(error, buf, ERROR_TEXT_MAX);
#elif HAVE_STRERROR_R
  if (strerror_r(error, buf, ERROR_TEXT_MAX) != 0)
    snprintf(buf, ERROR_TEXT_MAX, "error %d", error);
  return buf;
#else
  if (strerror_s(buf, ERROR_TEXT_MAX, error) != 0)
    snprintf(buf, ERROR_TEXT_MAX, "error %d", error);
  return buf;
#endif
}
