/* Lines of ps. The first byte of an input says which columns a line has behind
 * the pid: its lowest bit stands for the first of enum ps_column. */
#include <ctype.h>
#include <math.h>

#include "backends/ps_parse.h"
#include "fuzz.h"

static struct ps_layout choose_layout(uint8_t bits) {
  struct ps_layout layout = {.columns = {PS_PID}, .n = 1};

  for (int column = PS_STATE; column <= PS_LSTART; column++)
    if ((bits >> (column - PS_STATE) & 1) != 0)
      layout.columns[layout.n++] = (enum ps_column)column;
  return layout;
}

static void check_line(const char *text, size_t len, uint8_t bits) {
  struct ps_layout layout = choose_layout(bits);
  struct ps_line line;
  uint32_t asked = 0;

  for (size_t i = 0; i < layout.n; i++)
    asked |= 1u << layout.columns[i];
  int error = ps_parse_line(text, len, &layout, &line);
  assert(line.pid >= 0);
  if (error != 0)
    return;
  assert(line.pid > 0 && (line.have & 1u << PS_PID) != 0);
  assert((line.have & ~asked) == 0);
  if ((line.have & 1u << PS_PCPU) != 0)
    assert(isfinite(line.percent) && line.percent >= 0);
  if ((line.have & 1u << PS_TIME) != 0)
    assert(line.cpu_resolution_ns >= 1 && line.cpu_resolution_ns <= 1000000000);
  if ((line.have & 1u << PS_LSTART) != 0)
    assert(line.start_s >= 0);
}

/* It lies in the text, without blanks around it; but a name that was cut out of
 * a path may begin with one. */
static void check_part(const char *text, size_t len, const char *part,
                       size_t part_len) {
  assert(part >= text && part + part_len <= text + len);
  if (part_len > 0) {
    assert(!isspace((unsigned char)part[0]) || part[-1] == '/');
    assert(!isspace((unsigned char)part[part_len - 1]));
  }
}

static void check_process(const char *text, size_t len, bool has_owner) {
  struct ps_process process;

  if (ps_parse_process(text, len, has_owner, &process) != 0)
    return;
  assert(process.pid > 0 && process.parent >= 0 && process.command_len > 0);
  assert(process.has_owner == has_owner);
  check_part(text, len, process.command, process.command_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  uint8_t bits = next_byte(&in);
  const char *text = (const char *)in.at, *line;
  size_t line_len;
  pid_t pid;

  check_line(text, in.left, bits);
  check_process(text, in.left, false);
  check_process(text, in.left, true);
  if (ps_parse_arguments(text, in.left, &pid, &line, &line_len) == 0) {
    assert(pid > 0);
    check_part(text, in.left, line, line_len);
  }
  return 0;
}
