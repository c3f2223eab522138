#include "report_inline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

static int open_in(const char *folder, const char *name, FILE **file) {
  char *path;

  if (asprintf(&path, "%s/%s", folder, name) < 0)
    return -ENOMEM;
  *file = fopen(path, "re");
  int err = *file == NULL ? -errno : 0;
  free(path);
  return err;
}

static int read_all(FILE *file, struct report_inline *out) {
  /* A byte more tells that it is too large. */
  out->text = malloc(FILE_MAX + 1);
  if (out->text == NULL)
    return -ENOMEM;
  errno = 0;
  out->len = fread(out->text, 1, FILE_MAX + 1, file);
  if (ferror(file))
    return errno != 0 ? -errno : -EIO;
  if (out->len > FILE_MAX)
    return -EFBIG;
  out->text[out->len] = '\0';
  return 0;
}

/* A browser takes the ends of lines of DOS for those of Unix before it hashes.
 */
static void end_lines_as_unix(struct report_inline *out) {
  size_t n = 0;

  for (size_t i = 0; i < out->len; i++)
    if (out->text[i] != '\r')
      out->text[n++] = out->text[i];
    else if (out->text[i + 1] != '\n')
      out->text[n++] = '\n';
  out->text[n] = '\0';
  out->len = n;
}

static void cut_source_map(struct report_inline *out) {
  char *map = strstr(out->text, "\n//# sourceMappingURL=");

  if (map != NULL && strchr(map + 1, '\n') == NULL) {
    map[1] = '\0';
    out->len = strlen(out->text);
  }
}

static int check(const struct report_inline *in) {
  static const char *const ends[] = {"</script", "</style", "<!--"};

  if (strlen(in->text) != in->len)
    return -EBADMSG;
  for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
    if (strcasestr(in->text, ends[i]) != NULL)
      return -EBADMSG;
  return 0;
}

int report_inline_read(const char *folder, const char *name,
                       struct report_inline *out) {
  FILE *file;
  int err = open_in(folder, name, &file);

  *out = (struct report_inline){NULL, 0};
  if (err != 0)
    return err;
  err = read_all(file, out);
  (void)fclose(file);
  if (err == 0) {
    end_lines_as_unix(out);
    cut_source_map(out);
    err = check(out);
  }
  if (err != 0) {
    free(out->text);
    out->text = NULL;
  }
  return err;
}
