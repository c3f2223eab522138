#include "plugin/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backends/clock.h"
#include "fixture.h"
#include "record.h"
#include "unit.h"

/* --- a commander and a client of root --- */

enum { BUDGET = 300 };

static struct fixture fixture;
static struct config config;
static struct fd_budget budget;
static struct monitor_env env;
static struct commander commander;
static struct discard discard;
static struct client *client;
static int peer;

static void told(void *arg) { (void)arg; }

static void begin(void) {
  static char proc[] = "/proc";
  struct backend_options options = {.proc_root = proc, .budget = &budget};
  int fds[2];

  fixture_make(&fixture);
  record_clear();
  atomic_init(&budget.left, BUDGET);
  env = (struct monitor_env){.budget = &budget, .told = told};
  ck_assert_int_eq(backend_find("auto", &env.backend), 0);
  ck_assert_int_eq(env.backend->open(&options, &env.ctx), 0);
  ck_assert_int_eq(census_create(env.backend, env.ctx, &env.census), 0);
  config = (struct config){.backend = env.backend, .proc_root = proc};
  ck_assert_int_eq(monitor_config_init(&config.defaults, 10000000), 0);
  commander.config = &config;
  keeper_init(&commander.keeper, &env);
  discard_init(&discard, NULL);
  ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  peer = fds[0];
  ck_assert_int_eq(client_create(fds[1], 1, &discard, &client), 0);
  client->uid = 0;
}

static void end(void) {
  client_free(client);
  close(peer);
  ck_assert(keeper_clear(&commander.keeper, 0));
  ck_assert(discard_clear(&discard, 0));
  monitor_config_clear(&config.defaults);
  census_free(env.census);
  env.backend->close(env.ctx);
  ck_assert_int_eq(atomic_load(&budget.left), BUDGET);
  fixture_remove(&fixture);
}

/* What the client gets for a line; valid until the next one. */
static const char *answer(const char *text) {
  static char line[CLIENT_LINE_MAX + 1], out[4 * CLIENT_ANSWERS_MAX];

  ck_assert_uint_lt(strlen(text), sizeof(line));
  strcpy(line, text);
  client->out_len = client->out_sent = 0;
  commands_run(&commander, client, line, strlen(line));
  commands_settle(&commander, client, clock_ns(CLOCK_MONOTONIC));
  ck_assert_uint_lt(client->out_len, sizeof(out));
  memcpy(out, client->out, client->out_len);
  out[client->out_len] = '\0';
  client->out_len = 0;
  return out;
}

static void answers(const char *text, const char *expected) {
  ck_assert_str_eq(answer(text), expected);
}

/* A START of this process with more words. */
static const char *start(const char *more) {
  static char line[CLIENT_LINE_MAX];

  snprintf(line, sizeof(line), "START pid=%d %s", (int)getpid(), more);
  return answer(line);
}

static char log_name[16] = "log";

/* Has a descriptor lie there that came with the next line. */
static int give(int flags) {
  client->given =
      open(fixture_path(&fixture, log_name), flags | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_ge(client->given, 0);
  ck_assert(discard_reserve(&discard, 1));
  client->n_given = 1;
  return client->given;
}

static bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

/* --- START --- */

START_TEST(a_list_may_fill_the_room_for_values_and_not_more) {
  char more[CLIENT_LINE_MAX] = "columns=\"";

  begin();
  for (int words = 1; words < 400; words++) {
    strcat(more, "x ");
    size_t len = strlen(more);
    strcat(more, "\" interval=1 metrics=\"cpu cpu\" header=none");
    const char *text = start(more);
    ck_assert_msg(strncmp(text, "-1 ", 3) == 0, "%d: %s", words, text);
    more[len] = '\0';
  }
  ck_assert_uint_eq(commander.keeper.n, 0);
  end();
}
END_TEST

START_TEST(a_name_by_default_is_that_of_no_other) {
  char more[64], expected[64];

  begin();
  snprintf(more, sizeof(more), "name=%d-3", (int)getpid());
  start(more);
  snprintf(expected, sizeof(expected), "1 started\nid=2 name=\"%d\"\n",
           (int)getpid());
  ck_assert_str_eq(start(""), expected);
  snprintf(expected, sizeof(expected), "1 started\nid=3 name=\"%d-4\"\n",
           (int)getpid());
  ck_assert_str_eq(start(""), expected);
  answers("START command=x name=monitor-5",
          "1 started\nid=4 name=\"monitor-5\"\n");
  answers("START command=x", "1 started\nid=5 name=\"monitor-6\"\n");
  answers("START command=x name=monitor-6",
          "-1 name: \"monitor-6\" is that of a running monitor\n");
  end();
}
END_TEST

START_TEST(a_descriptor_becomes_the_log) {
  begin();
  int fd = give(O_RDWR | O_APPEND);
  ck_assert_str_eq(start("name=x file=\"/y\""), "1 started\nid=1 name=\"x\"\n");
  ck_assert(is_open(fd));
  char *text = fixture_read(&fixture, "log");
  ck_assert_ptr_eq(strstr(text, "Time\t"), text);
  free(text);
  ck_assert_ptr_nonnull(strstr(answer("LIST"), " file=\"/y\" rows=0 "));
  ck_assert_ptr_nonnull(strstr(answer("STOP id=1"), "1 stopped\nid=1 "));
  ck_assert(!is_open(fd));
  end();
}
END_TEST

START_TEST(a_descriptor_that_is_refused_is_closed) {
  const struct {
    int flags;
    const char *more;
  } wrong[] = {
      {O_WRONLY | O_APPEND, ""},
      {O_RDONLY, ""},
      {O_RDWR, ""},
      {O_RDWR | O_APPEND, "name=a/b"},
      {O_RDWR | O_APPEND, "colour=red"},
      {O_RDWR | O_APPEND, "name=\"x"},
      {O_RDWR | O_APPEND, "report=each"},
      {O_RDWR | O_APPEND, "lifetime=never"},
  };

  begin();
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
    int fd = give(wrong[i].flags);
    ck_assert_int_eq(strncmp(start(wrong[i].more), "-1 ", 3), 0);
    ck_assert(!is_open(fd));
    ck_assert_uint_eq(discard.reserved, 0);
  }
  int fd = give(O_RDWR | O_APPEND);
  answers("LIST", "0 monitors\n");
  ck_assert(!is_open(fd));
  end();
}
END_TEST

START_TEST(without_room_for_it_a_log_is_refused_and_closed) {
  begin();
  atomic_store(&budget.left, 0);
  int fd = give(O_RDWR | O_APPEND);
  ck_assert_str_eq(start(""),
                   "-1 collectd has no descriptor left for another log\n");
  ck_assert(!is_open(fd));
  atomic_store(&budget.left, BUDGET);
  end();
}
END_TEST

START_TEST(without_its_descriptor_nothing_is_started) {
  begin();
  client->has_lost_given = true;
  ck_assert_ptr_nonnull(strstr(start(""), "-1 the descriptor is lost"));
  ck_assert_uint_eq(commander.keeper.n, 0);
  ck_assert_ptr_nonnull(strstr(start(""), "1 started\n"));
  end();
}
END_TEST

START_TEST(a_log_that_cannot_be_one_is_no_start) {
  int fds[2];

  begin();
  ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  ck_assert_int_eq(fcntl(fds[0], F_SETFL, O_APPEND), 0);
  ck_assert(discard_reserve(&discard, 1));
  client->given = fds[0];
  client->n_given = 1;
  ck_assert_str_eq(start("file=\"/y\""), "-1 file /y: it is no regular file\n");
  ck_assert(!is_open(fds[0]));
  close(fds[1]);
  answers("LIST", "0 monitors\n");
  end();
}
END_TEST

/* --- answers --- */

START_TEST(no_control_character_comes_back) {
  begin();
  answers("STOP id=\"a\tb\"",
          "-1 there is no monitor a\\tb, or none any more; LIST shows all\n");
  end();
}
END_TEST

START_TEST(a_list_is_whole_however_long) {
  enum { N = 280 };
  static char more[5000] = "file=\"/";

  begin();
  memset(more + strlen(more), 'f', 4000);
  strcat(more, "\"");
  for (int i = 1; i <= N; i++) {
    snprintf(log_name, sizeof(log_name), "log%d", i);
    give(O_RDWR | O_APPEND);
    ck_assert_ptr_nonnull(strstr(start(more), "1 started\n"));
    keeper_stop(keeper_find(&commander.keeper, (uint32_t)i));
    keeper_find(&commander.keeper, (uint32_t)i)->owner = (uid_t)(i % 2);
  }
  const char *text = answer("LIST");
  ck_assert(client->state == CLIENT_READY);
  ck_assert_int_eq(strtol(text, NULL, 10), N);
  for (int i = 0; i <= N; i++) {
    text = strchr(text, '\n');
    ck_assert_ptr_nonnull(text);
    text++;
  }
  ck_assert_str_eq(text, "");
  end();
}
END_TEST

/* --- WATCH --- */

START_TEST(who_watches_a_monitor_that_is_forgotten_is_not_kept_waiting) {
  begin();
  start("");
  answers("WATCH id=1", "0 watching\n");
  struct kept *kept = keeper_find(&commander.keeper, 1);
  keeper_hide(kept);
  keeper_run(&commander.keeper, kept->ended_ns);
  commands_show(&commander, client);
  ck_assert(client->state == CLIENT_ENDS);
  end();
}
END_TEST

START_TEST(who_watches_all_is_kept) {
  begin();
  answers("WATCH", "0 watching\n");
  commands_show(&commander, client);
  ck_assert(client->state == CLIENT_WATCHES);
  end();
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      a_list_may_fill_the_room_for_values_and_not_more,
      a_name_by_default_is_that_of_no_other,
      a_descriptor_becomes_the_log,
      a_descriptor_that_is_refused_is_closed,
      without_room_for_it_a_log_is_refused_and_closed,
      without_its_descriptor_nothing_is_started,
      a_log_that_cannot_be_one_is_no_start,
      no_control_character_comes_back,
      a_list_is_whole_however_long,
      who_watches_a_monitor_that_is_forgotten_is_not_kept_waiting,
      who_watches_all_is_kept,
  };
  return UNIT_RUN("commands", tests);
}
