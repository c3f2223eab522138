#include "fixture.h"

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void fixture_make(struct fixture *f) {
  const char *tmp = getenv("TMPDIR");
  snprintf(f->root, sizeof(f->root), "%s/procmon-XXXXXX",
           tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
  ck_assert_ptr_nonnull(mkdtemp(f->root));
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw) {
  (void)st, (void)type, (void)ftw;
  return remove(path);
}

void fixture_remove(struct fixture *f) {
  nftw(f->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

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
    ck_assert(mkdir(path, 0755) == 0 || errno == EEXIST);
    *slash = '/';
  }
  FILE *file = fopen(path, "w");
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
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return NULL;
  char *text = calloc(1, size);
  ck_assert_ptr_nonnull(text);
  size_t len = fread(text, 1, size - 1, file);
  ck_assert_uint_lt(len, size - 1);
  fclose(file);
  return text;
}

pid_t fixture_child(void) {
  pid_t child = fork();

  ck_assert_int_ge(child, 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;)
      pause();
  }
  return child;
}

void fixture_end(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}
