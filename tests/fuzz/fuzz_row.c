/* Rows and headers. The parts of an input are the format of times, the columns
 * by their numbers with the header before them, and the reading. */
#include "fuzz.h"
#include "plugin/row.h"

static size_t count(const char *text, char c) {
  size_t n = 0;

  for (; *text != '\0'; text++)
    n += *text == c;
  return n;
}

/* Whole lines of `tabs` tabs each, without any other control character. */
static void check_text(const char *text, size_t len, size_t lines,
                       size_t tabs) {
  assert(len < ROW_MAX && strlen(text) == len);
  assert(count(text, '\n') == lines && count(text, '\t') == tabs);
  assert(lines == 0 || text[len - 1] == '\n');
  for (const char *at = text; *at != '\0'; at++)
    assert(*at == '\t' || *at == '\n' || !is_control(*at));
}

/* -1, or digits with perhaps a decimal. */
static void check_number(const char *field, size_t len) {
  size_t digits = strspn(field, "0123456789");

  if (len == 2 && memcmp(field, "-1", 2) == 0)
    return;
  assert(digits > 0);
  if (digits < len) {
    assert(field[digits] == '.' && digits + 2 == len);
    assert(field[digits + 1] >= '0' && field[digits + 1] <= '9');
  }
}

static void check_fields(const struct row_style *style, const char *row) {
  for (size_t i = 0; i < style->columns.n; i++) {
    size_t len = strcspn(row, "\t\n");
    if (style->columns.list[i] != COLUMN_TIME)
      check_number(row, len);
    row += len + 1;
  }
}

static void check_style(const struct row_style *style,
                        const struct reading *r) {
  static const size_t lines[] = {1, 2, 1, 0};
  char out[ROW_MAX] = "";
  size_t tabs = style->columns.n - 1;

  size_t len = row_print_header(style, r->wall_ns, out);
  check_text(out, len, lines[style->header], len > 0 ? tabs : 0);
  len = row_print(style, r, out);
  check_text(out, len, 1, tabs);
  check_fields(style, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct row_style style = {.columns = {.n = 0}};
  struct reading reading;
  size_t format_len, len;
  char *format = next_part(&in, &format_len), *look = next_part(&in, &len);

  style.header = (enum header)((uint8_t)look[0] % 4);
  style.utc = ((uint8_t)look[0] & 4) != 0;
  style.columns.integer_cpu = ((uint8_t)look[0] & 8) != 0;
  for (size_t i = 1; i < len; i++)
    columns_add(&style.columns, (enum column)((uint8_t)look[i] % COLUMN_COUNT));
  if (style.columns.n == 0)
    columns_default(&style.columns);
  style.time_format = timefmt_check(format) == NULL ? format : "%T";
  next_bytes(&in, &reading, sizeof(reading));
  check_style(&style, &reading);
  free(format);
  free(look);
  return 0;
}
