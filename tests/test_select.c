#include "plugin/select.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "unit.h"

struct world {
  struct fixture fixture;
  struct fd_budget budget;
  struct backend_ctx *ctx;
  char pid_file[128];
  struct monitor_config config;
  struct selection *selection;
};

/* The process table is a fixture tree, the pid file lies beside it. */
static void world_make(struct world *w) {
  memset(w, 0, sizeof(*w));
  fixture_make(&w->fixture);
  fixture_write(&w->fixture, "proc/1/comm", "init\n");
  fixture_write(&w->fixture, "proc/42/comm", "nginx\n");
  fixture_write(&w->fixture, "proc/43/comm", "nginx\n");
  fixture_write(&w->fixture, "proc/44/comm", "nginx-helper\n");
  snprintf(w->pid_file, sizeof(w->pid_file), "%s/pid", w->fixture.root);
  struct backend_options options = {
      .proc_root = fixture_path(&w->fixture, "proc"), .budget = &w->budget};
  ck_assert_int_eq(backend_linux.open(&options, &w->ctx), 0);
}

static void world_select(struct world *w) {
  ck_assert_int_eq(
      select_create(&w->config, &backend_linux, w->ctx, &w->selection), 0);
}

static void world_remove(struct world *w) {
  select_free(w->selection);
  backend_linux.close(w->ctx);
  fixture_remove(&w->fixture);
}

/* The selected pids as text; those that are only kept stand in brackets. */
static const char *selected(struct world *w) {
  static char text[256];
  struct wanted *list;
  size_t n, used = 0;

  text[0] = '\0';
  ck_assert_int_eq(select_update(w->selection, &list, &n), 0);
  for (size_t i = 0; i < n; i++) {
    ck_assert(!list[i].is_target);
    used += (size_t)snprintf(text + used, sizeof(text) - used,
                             list[i].only_known ? "(%d) " : "%d ", list[i].pid);
  }
  return text;
}

START_TEST(a_pid_is_selected_until_its_process_has_ended) {
  struct world w;

  world_make(&w);
  w.config.pid = 4242;
  world_select(&w);
  ck_assert_str_eq(selected(&w), "4242 ");
  ck_assert_str_eq(selected(&w), "4242 ");
  ck_assert(!select_is_over(w.selection));
  select_ended(w.selection, 4242);
  ck_assert_str_eq(selected(&w), "");
  ck_assert(select_is_over(w.selection));
  world_remove(&w);
}
END_TEST

START_TEST(a_pid_file_is_followed) {
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_select(&w);
  ck_assert_str_eq(selected(&w), "");
  fixture_write(&w.fixture, "pid", "42\n");
  ck_assert_str_eq(selected(&w), "42 ");
  ck_assert_str_eq(selected(&w), "42 ");
  fixture_write(&w.fixture, "pid", "43\n");
  ck_assert_str_eq(selected(&w), "43 ");
  ck_assert(!select_is_over(w.selection));
  world_remove(&w);
}
END_TEST

START_TEST(a_pid_file_of_the_same_size_and_time_is_read_again_while_young) {
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_select(&w);
  fixture_write(&w.fixture, "pid", "42\n");
  ck_assert_str_eq(selected(&w), "42 ");
  fixture_write(&w.fixture, "pid", "43\n");
  ck_assert_str_eq(selected(&w), "43 ");
  world_remove(&w);
}
END_TEST

START_TEST(a_pid_file_without_a_pid_keeps_the_last_process_only) {
  static const char *const garbage[] = {"", "\n", "no pid\n", "0\n", "-42\n"};
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_select(&w);
  for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
    fixture_write(&w.fixture, "pid", "42\n");
    ck_assert_str_eq(selected(&w), "42 ");
    fixture_write(&w.fixture, "pid", garbage[i]);
    ck_assert_str_eq(selected(&w), "(42) ");
  }
  ck_assert_int_eq(unlink(w.pid_file), 0);
  ck_assert_str_eq(selected(&w), "(42) ");
  select_ended(w.selection, 42);
  ck_assert_str_eq(selected(&w), "");
  world_remove(&w);
}
END_TEST

/* Replaces the pid file by one that the kernel's clock tells from it. */
static void replace_pid_file(struct world *w, const char *text) {
  struct stat before, now;

  ck_assert_int_eq(stat(w->pid_file, &before), 0);
  do {
    ck_assert_int_eq(unlink(w->pid_file), 0);
    fixture_write(&w->fixture, "pid", text);
    ck_assert_int_eq(stat(w->pid_file, &now), 0);
  } while (memcmp(&before.st_ctim, &now.st_ctim, sizeof(now.st_ctim)) == 0);
}

START_TEST(a_pid_file_left_behind_is_not_trusted_again) {
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_select(&w);
  fixture_write(&w.fixture, "pid", "42\n");
  ck_assert_str_eq(selected(&w), "42 ");
  select_ended(w.selection, 42);
  ck_assert_str_eq(selected(&w), "");
  ck_assert_str_eq(selected(&w), "");
  /* Written anew it means a new process, even of the same pid. */
  replace_pid_file(&w, "42\n");
  ck_assert_str_eq(selected(&w), "42 ");
  world_remove(&w);
}
END_TEST

START_TEST(a_pid_file_that_is_no_file_is_no_file) {
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  ck_assert_int_eq(mkfifo(w.pid_file, 0600), 0);
  world_select(&w);
  ck_assert_str_eq(selected(&w), "");
  ck_assert_int_eq(unlink(w.pid_file), 0);
  ck_assert_int_eq(mkdir(w.pid_file, 0700), 0);
  ck_assert_str_eq(selected(&w), "");
  world_remove(&w);
}
END_TEST

START_TEST(a_number_that_is_cut_is_no_pid) {
  struct world w;
  char text[80];

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_select(&w);
  /* The first digit is the last byte that is read. */
  memset(text, ' ', sizeof(text));
  memcpy(text + 63, "12345\n", 7);
  fixture_write(&w.fixture, "pid", text);
  ck_assert_str_eq(selected(&w), "");
  memset(text, ' ', sizeof(text));
  memcpy(text + 60, "123", 3);
  text[79] = '\0';
  fixture_write(&w.fixture, "pid", text);
  ck_assert_str_eq(selected(&w), "123 ");
  world_remove(&w);
}
END_TEST

START_TEST(a_rewrite_with_the_old_time_is_seen) {
  const struct timespec old[] = {{.tv_sec = 1}, {.tv_sec = 1}};
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_select(&w);
  fixture_write(&w.fixture, "pid", "42\n");
  ck_assert_int_eq(utimensat(AT_FDCWD, w.pid_file, old, 0), 0);
  ck_assert_str_eq(selected(&w), "42 ");
  replace_pid_file(&w, "43\n");
  ck_assert_int_eq(utimensat(AT_FDCWD, w.pid_file, old, 0), 0);
  ck_assert_str_eq(selected(&w), "43 ");
  world_remove(&w);
}
END_TEST

START_TEST(a_stale_pid_file_is_not_followed) {
  const struct timespec old[] = {{.tv_sec = 1}, {.tv_sec = 1}};
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  fixture_write(&w.fixture, "pid", "42\n");
  world_select(&w);
  /* Just written: its process may be about to start. */
  ck_assert_str_eq(selected(&w), "42 ");
  select_missing(w.selection, 42);
  ck_assert_str_eq(selected(&w), "42 ");
  ck_assert_int_eq(utimensat(AT_FDCWD, w.pid_file, old, 0), 0);
  ck_assert_str_eq(selected(&w), "42 ");
  select_missing(w.selection, 42);
  ck_assert_str_eq(selected(&w), "");
  replace_pid_file(&w, "42\n");
  ck_assert_str_eq(selected(&w), "42 ");
  world_remove(&w);
}
END_TEST

START_TEST(no_more_than_the_start_of_a_pid_file_is_read) {
  struct world w;
  char text[200];

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_select(&w);
  memset(text, ' ', sizeof(text));
  memcpy(text + sizeof(text) - 4, "42\n", 4);
  fixture_write(&w.fixture, "pid", text);
  ck_assert_str_eq(selected(&w), "");
  world_remove(&w);
}
END_TEST

START_TEST(a_command_is_its_whole_name) {
  struct world w;

  world_make(&w);
  w.config.command = "nginx";
  world_select(&w);
  ck_assert_str_eq(selected(&w), "42 43 ");
  fixture_write(&w.fixture, "proc/42/comm", "renamed\n");
  fixture_write(&w.fixture, "proc/7/comm", "nginx\n");
  ck_assert_str_eq(selected(&w), "7 43 ");
  ck_assert(!select_is_over(w.selection));
  world_remove(&w);
}
END_TEST

START_TEST(a_long_command_is_compared_as_far_as_the_system_keeps_it) {
  struct world w;

  world_make(&w);
  fixture_write(&w.fixture, "proc/50/comm", "prometheus-node\n");
  fixture_write(&w.fixture, "proc/51/comm", "prometheus\n");
  w.config.command = "prometheus-node-exporter";
  world_select(&w);
  ck_assert_str_eq(selected(&w), "50 ");
  world_remove(&w);
}
END_TEST

START_TEST(all_selectors_must_hold) {
  struct world w;

  world_make(&w);
  w.config.pid = 43;
  w.config.command = "nginx";
  world_select(&w);
  ck_assert_str_eq(selected(&w), "43 ");
  fixture_write(&w.fixture, "proc/43/comm", "other\n");
  ck_assert_str_eq(selected(&w), "");
  select_free(w.selection);

  w.config.pid = 0;
  w.config.pid_file = w.pid_file;
  fixture_write(&w.fixture, "pid", "42\n");
  world_select(&w);
  ck_assert_str_eq(selected(&w), "42 ");
  fixture_write(&w.fixture, "pid", "1\n");
  ck_assert_str_eq(selected(&w), "");
  world_remove(&w);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_pid_is_selected_until_its_process_has_ended,
      a_pid_file_is_followed,
      a_pid_file_of_the_same_size_and_time_is_read_again_while_young,
      a_pid_file_without_a_pid_keeps_the_last_process_only,
      a_pid_file_left_behind_is_not_trusted_again,
      a_pid_file_that_is_no_file_is_no_file,
      a_number_that_is_cut_is_no_pid,
      a_rewrite_with_the_old_time_is_seen,
      a_stale_pid_file_is_not_followed,
      no_more_than_the_start_of_a_pid_file_is_read,
      a_command_is_its_whole_name,
      a_long_command_is_compared_as_far_as_the_system_keeps_it,
      all_selectors_must_hold,
  };
  return UNIT_RUN("select", tests);
}
