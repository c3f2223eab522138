/* Paths of logs. The parts of an input are two paths. */
#include "fuzz.h"
#include "plugin/log_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  size_t len;
  char *a = next_part(&in, &len), *b = next_part(&in, &len);
  char path[PATH_MAX];

  bool is_path = log_path_expand(a, 4242, path) == 0;
  assert(!is_path || strlen(path) < PATH_MAX);
  assert(log_path_is_same(a, 4242, a, 4242) == is_path);
  assert(log_path_is_same(a, 4242, b, 7) == log_path_is_same(b, 7, a, 4242));
  assert(log_path_is_same(a, 4242, b, 0) == log_path_is_same(b, 0, a, 4242));
  assert(log_path_is_same(a, 0, b, 0) == log_path_is_same(b, 0, a, 0));
  free(a);
  free(b);
  return 0;
}
