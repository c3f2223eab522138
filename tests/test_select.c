#include "plugin/select.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backends/clock.h"
#include "compat/file.h"
#include "compat/user.h"
#include "fixture.h"
#include "unit.h"

/* A process table that is played, not in the order of the pids. */
static struct proc_info played[8];
static size_t n_played;

static void play(pid_t pid, const char *command) {
  size_t i = 0;

  while (i < n_played && played[i].pid != pid)
    i++;
  played[i] =
      (struct proc_info){.have = FACT_COMMAND, .pid = pid, .command = command};
  if (i == n_played)
    n_played++;
}

static int play_scan(struct backend_ctx *ctx, const struct scan *scan) {
  int result = 0;

  (void)ctx;
  for (size_t i = 0; i < n_played && result == 0; i++)
    if (scan->look(scan->arg, played[i].pid, 0) != 0)
      result = scan->visit(scan->arg, &played[i]);
  return result;
}

struct world {
  struct fixture fixture;
  struct backend backend;
  char pid_file[128];
  struct monitor_config config;
  struct census *census;
  struct selection *selection;
};

static void world_make(struct world *w) {
  memset(w, 0, sizeof(*w));
  fixture_make(&w->fixture);
  snprintf(w->pid_file, sizeof(w->pid_file), "%s/pid", w->fixture.root);
  w->backend.scan = play_scan;
  w->backend.command_max = 15;
  n_played = 0;
  play(43, "nginx");
  play(1, "init");
  play(42, "nginx");
  play(44, "nginx-helper");
}

static void world_select(struct world *w) {
  if (w->census == NULL)
    ck_assert_int_eq(census_create(&w->backend, NULL, &w->census), 0);
  ck_assert_int_eq(
      select_create(&w->config, &w->backend, NULL, w->census, &w->selection),
      0);
}

static void world_remove(struct world *w) {
  select_free(w->selection);
  census_free(w->census);
  fixture_remove(&w->fixture);
}

/* The selected pids as text; those that are only kept stand in brackets. */
static const char *selected(struct world *w) {
  static char text[256];
  struct wanted *list;
  size_t n, used = 0;
  uint64_t until_ns;

  text[0] = '\0';
  ck_assert_int_eq(select_prepare(w->selection, 0), 0);
  ck_assert_int_eq(select_update(w->selection, &list, &n, &until_ns), 0);
  for (size_t i = 0; i < n; i++) {
    ck_assert(!list[i].is_target);
    used += (size_t)snprintf(text + used, sizeof(text) - used,
                             list[i].only_known ? "(%d) " : "%d ",
                             (int)list[i].pid);
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

/* Replaces the pid file by one that the file system's clock tells from it. */
static void replace_pid_file(struct world *w, const char *text) {
  struct file_state before, now;

  ck_assert_int_eq(file_look(w->pid_file, &before), 0);
  int tries = 0;
  do {
    ck_assert_int_lt(tries++, 100000);
    ck_assert_int_eq(unlink(w->pid_file), 0);
    fixture_write(&w->fixture, "pid", text);
    ck_assert_int_eq(file_look(w->pid_file, &now), 0);
  } while (before.changed_ns == now.changed_ns);
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
  ck_assert_int_eq(file_make_folder(w.pid_file), 0);
  world_select(&w);
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
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  world_select(&w);
  fixture_write(&w.fixture, "pid", "42\n");
  fixture_age(&w.fixture, "pid");
  ck_assert_str_eq(selected(&w), "42 ");
  replace_pid_file(&w, "43\n");
  fixture_age(&w.fixture, "pid");
  ck_assert_str_eq(selected(&w), "43 ");
  world_remove(&w);
}
END_TEST

START_TEST(a_stale_pid_file_is_not_followed) {
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  fixture_write(&w.fixture, "pid", "42\n");
  world_select(&w);
  /* Just written: its process may be about to start. */
  ck_assert_str_eq(selected(&w), "42 ");
  select_missing(w.selection, 42);
  ck_assert_str_eq(selected(&w), "42 ");
  fixture_age(&w.fixture, "pid");
  ck_assert_str_eq(selected(&w), "42 ");
  select_missing(w.selection, 42);
  ck_assert_str_eq(selected(&w), "");
  replace_pid_file(&w, "42\n");
  ck_assert_str_eq(selected(&w), "42 ");
  world_remove(&w);
}
END_TEST

START_TEST(a_file_server_may_be_ahead_of_our_clock) {
  struct world w;

  world_make(&w);
  w.config.pid_file = w.pid_file;
  fixture_write(&w.fixture, "pid", "42\n");
  fixture_set_time(&w.fixture, "pid", time(NULL) + 1);
  world_select(&w);
  ck_assert_str_eq(selected(&w), "42 ");
  /* Just written: its process may be about to start. */
  select_missing(w.selection, 42);
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
  play(42, "renamed");
  play(7, "nginx");
  ck_assert_str_eq(selected(&w), "7 43 ");
  ck_assert(!select_is_over(w.selection));
  world_remove(&w);
}
END_TEST

START_TEST(a_long_command_is_compared_as_far_as_the_system_keeps_it) {
  struct world w;

  world_make(&w);
  play(50, "prometheus-node");
  play(51, "prometheus");
  w.config.command = "prometheus-node-exporter";
  world_select(&w);
  ck_assert_str_eq(selected(&w), "50 ");
  world_remove(&w);
}
END_TEST

START_TEST(a_command_ignores_case_where_the_system_does) {
  struct world w;

  world_make(&w);
  w.config.command = "Nginx";
  world_select(&w);
  ck_assert_str_eq(selected(&w), "");
  w.backend.command_ignores_case = true;
  ck_assert_str_eq(selected(&w), "42 43 ");
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
  play(43, "other");
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

/* The same process, as another one's child. */
static void play_child(pid_t pid, pid_t parent, const char *command) {
  play(pid, command);
  for (size_t i = 0; i < n_played; i++)
    if (played[i].pid == pid) {
      played[i].have |= FACT_PARENT;
      played[i].parent = parent;
      played[i].start = (uint64_t)pid;
    }
}

static void end(pid_t pid) {
  for (size_t i = 0; i < n_played; i++)
    if (played[i].pid == pid)
      played[i] = played[--n_played];
}

START_TEST(descendants_belong_until_they_end) {
  struct world w;

  world_make(&w);
  n_played = 0;
  play_child(1, 0, "init");
  play_child(50, 1, "make");
  play_child(60, 50, "sh");
  play_child(61, 60, "cc");
  play_child(70, 1, "other");
  w.config.command = "make";
  w.config.children = true;
  world_select(&w);
  ck_assert_str_eq(selected(&w), "50 60 61 ");
  /* Its parent ends: init takes it on. */
  end(60);
  play_child(61, 1, "cc");
  ck_assert_str_eq(selected(&w), "50 61 ");
  play_child(62, 61, "as");
  ck_assert_str_eq(selected(&w), "50 61 62 ");
  /* The first one is another program now; they are what they were. */
  play_child(50, 1, "renamed");
  ck_assert_str_eq(selected(&w), "61 62 ");
  end(61);
  end(62);
  ck_assert_str_eq(selected(&w), "");
  world_remove(&w);
}
END_TEST

START_TEST(a_pid_file_that_comes_between_is_looked_up_in_a_new_table) {
  struct wanted *list;
  size_t n;
  uint64_t until_ns;
  struct world w;

  world_make(&w);
  n_played = 0;
  play_child(1, 0, "init");
  w.config.pid_file = w.pid_file;
  w.config.children = true;
  world_select(&w);
  fixture_write(&w.fixture, "pid", "1\n");
  ck_assert_str_eq(selected(&w), "1 ");
  select_ended(w.selection, 1);
  n_played = 0;
  ck_assert_str_eq(selected(&w), "");
  ck_assert_str_eq(selected(&w), "");
  play_child(50, 0, "make");
  play_child(60, 50, "sh");
  uint64_t before_ns = clock_ns(CLOCK_MONOTONIC);
  ck_assert_int_eq(select_prepare(w.selection, 0), 0);
  fixture_write(&w.fixture, "pid", "50\n");
  ck_assert_int_eq(select_update(w.selection, &list, &n, &until_ns), 0);
  ck_assert_uint_eq(n, 2);
  ck_assert_uint_ge(until_ns, before_ns);
  world_remove(&w);
}
END_TEST

START_TEST(a_system_that_does_not_tell_owners_is_an_obstacle) {
  struct world w;
  uint32_t id;

  world_make(&w);
  w.config.user = "7";
  world_select(&w);
  ck_assert_str_eq(selected(&w), "");
  /* Windows knows no users, to begin with. */
  ck_assert_str_eq(select_obstacle(w.selection),
                   user_find("7", &id) == 0
                       ? "this system does not tell whose the processes are"
                       : "this system knows no such user");
  world_remove(&w);
}
END_TEST

START_TEST(a_monitor_is_over_when_the_tree_of_its_pid_is) {
  struct world w;

  world_make(&w);
  n_played = 0;
  play_child(50, 0, "make");
  play_child(60, 50, "sh");
  w.config.pid = 50;
  w.config.children = true;
  world_select(&w);
  ck_assert_str_eq(selected(&w), "50 60 ");
  end(50);
  select_ended(w.selection, 50);
  ck_assert_str_eq(selected(&w), "60 ");
  ck_assert(!select_is_over(w.selection));
  /* Another process of the pid is not meant. */
  play_child(50, 0, "make");
  end(60);
  ck_assert_str_eq(selected(&w), "");
  ck_assert(select_is_over(w.selection));
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
      a_file_server_may_be_ahead_of_our_clock,
      no_more_than_the_start_of_a_pid_file_is_read,
      a_command_is_its_whole_name,
      a_long_command_is_compared_as_far_as_the_system_keeps_it,
      a_command_ignores_case_where_the_system_does,
      all_selectors_must_hold,
      descendants_belong_until_they_end,
      a_pid_file_that_comes_between_is_looked_up_in_a_new_table,
      a_system_that_does_not_tell_owners_is_an_obstacle,
      a_monitor_is_over_when_the_tree_of_its_pid_is,
  };
  return UNIT_RUN("select", tests);
}
