#include "fixture.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>

#include "compat/file.h"

static void remove_folder(const char *path) {
  char entry[512];
  DIR *dir = opendir(path);

  if (dir == NULL) {
    unlink(path);
    return;
  }
  for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    snprintf(entry, sizeof(entry), "%s/%s", path, e->d_name);
    /* A link to a folder, too. */
    if (unlink(entry) != 0)
      remove_folder(entry);
  }
  closedir(dir);
  rmdir(path);
}

void fixture_remove(struct fixture *f) { remove_folder(f->root); }

const char *fixture_path(struct fixture *f, const char *name) {
  snprintf(f->path, sizeof(f->path), "%s/%s", f->root, name);
  return f->path;
}

void fixture_write_bytes(struct fixture *f, const char *name, const void *data,
                         size_t len) {
  char path[512];

  snprintf(path, sizeof(path), "%s/%s", f->root, name);
  for (char *slash = path + strlen(f->root) + 1;
       (slash = strchr(slash, '/')) != NULL; slash++) {
    *slash = '\0';
    ck_assert_int_eq(file_make_folder(path), 0);
    *slash = '/';
  }
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(data, 1, len, file), len);
  ck_assert_int_eq(fclose(file), 0);
}

void fixture_write(struct fixture *f, const char *name, const char *text) {
  fixture_write_bytes(f, name, text, strlen(text));
}

char *fixture_read(struct fixture *f, const char *name) {
  char path[512];
  size_t size = 1 << 16;

  snprintf(path, sizeof(path), "%s/%s", f->root, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return NULL;
  char *text = calloc(1, size);
  ck_assert_ptr_nonnull(text);
  size_t len = fread(text, 1, size - 1, file);
  ck_assert_uint_lt(len, size - 1);
  fclose(file);
  return text;
}

void fixture_set_time(struct fixture *f, const char *name, time_t modified) {
  char path[512];
  struct utimbuf times = {modified, modified};

  snprintf(path, sizeof(path), "%s/%s", f->root, name);
  ck_assert_int_eq(utime(path, &times), 0);
}

void fixture_age(struct fixture *f, const char *name) {
  fixture_set_time(f, name, 1);
}
