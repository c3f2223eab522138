/* The process table of Windows. What an input has for the address of an image
 * name is its place in the table. */
#include "backends/windows_table.h"
#include "fuzz.h"

enum { ENTRY_SIZE = 256, IMAGE_AT = 64 };

/* Makes addresses of the places of the image names. */
static void place_images(uint8_t *table, size_t size) {
  size_t at = 0;
  uint32_t next;
  uint64_t image;

  do {
    if (size - at < ENTRY_SIZE)
      return;
    memcpy(&next, table + at, sizeof(next));
    memcpy(&image, table + at + IMAGE_AT, sizeof(image));
    image += (uintptr_t)table;
    memcpy(table + at + IMAGE_AT, &image, sizeof(image));
    at += next;
  } while (next >= ENTRY_SIZE && at < size);
}

static void check_process(const uint8_t *table, size_t size,
                          const struct windows_process *p) {
  const uint8_t *image = p->image;

  assert((image == NULL) == (p->image_bytes == 0));
  if (image != NULL)
    assert(image >= table && p->image_bytes <= size &&
           (size_t)(image - table) <= size - p->image_bytes);
  assert(!windows_is_parent(p, p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint8_t *table = malloc(size > 0 ? size : 1);
  struct windows_process p;
  size_t entries = 0;
  int more;

  assert(table != NULL);
  memcpy(table, data, size);
  place_images(table, size);
  struct windows_table t = windows_table_begin(table, size);
  while ((more = windows_table_next(&t, &p)) > 0) {
    check_process(table, size, &p);
    entries++;
  }
  assert(entries <= size / ENTRY_SIZE);
  assert(more == 0 || windows_table_next(&t, &p) == 0);
  free(table);
  return 0;
}
