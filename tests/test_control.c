#include "plugin/control.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/clock.h"
#include "compat/thread.h"
#include "fixture.h"
#include "record.h"
#include "unit.h"

static const uint64_t LONG_NS = UINT64_C(20000000000);

/* --- a control that runs --- */

static struct fixture fixture;
static struct config config;
static struct fd_budget budget;
static struct monitor_env env;
static struct control *control;
static pthread_t thread;

static void begin(void) {
  static char proc[] = "/proc";
  struct backend_options options = {.proc_root = proc, .budget = &budget};

  fixture_make(&fixture);
  record_clear();
  atomic_init(&budget.left, 64);
  ck_assert_int_eq(control_create(&control), 0);
  env = (struct monitor_env){
      .budget = &budget, .told = control_tell, .told_arg = control};
  ck_assert_int_eq(backend_find("auto", &env.backend), 0);
  ck_assert_int_eq(env.backend->open(&options, &env.ctx), 0);
  ck_assert_int_eq(census_create(env.backend, env.ctx, &env.census), 0);
  ck_assert_int_eq(writers_create(&env.writers), 0);
  config = (struct config){.backend = env.backend, .proc_root = proc};
  ck_assert_int_eq(monitor_config_init(&config.defaults, 10000000), 0);
  control_options_init(&config.control);
  config.control.path = strdup(fixture_path(&fixture, "socket"));
  ck_assert_int_eq(control_open(control, &config, &env, NULL), 0);
  ck_assert_int_eq(pthread_create(&thread, NULL, control_run, control), 0);
}

static void end(void) {
  control_end(control);
  ck_assert_int_eq(pthread_join(thread, NULL), 0);
  ck_assert(control_free(control, clock_ns(CLOCK_MONOTONIC) + LONG_NS));
  writers_free(env.writers);
  census_free(env.census);
  env.backend->close(env.ctx);
  ck_assert_int_eq(atomic_load(&budget.left), 64);
  ck_assert_int_ne(access(config.control.path, F_OK), 0);
  control_options_clear(&config.control);
  monitor_config_clear(&config.defaults);
  fixture_remove(&fixture);
}

/* --- clients --- */

static FILE *call(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  strcpy(address.sun_path, config.control.path);
  ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)),
                   0);
  FILE *stream = fdopen(fd, "r+");
  ck_assert_ptr_nonnull(stream);
  return stream;
}

static void say(FILE *stream, const char *text) {
  ck_assert_int_eq(send(fileno(stream), text, strlen(text), MSG_NOSIGNAL),
                   (ssize_t)strlen(text));
}

/* The next line; valid until the next call. NULL: the connection has ended. */
static const char *hear(FILE *stream) {
  static char line[8192];

  return fgets(line, sizeof(line), stream);
}

static void hears(FILE *stream, const char *expected) {
  const char *line = hear(stream);

  ck_assert_ptr_nonnull(line);
  ck_assert_str_eq(line, expected);
}

static void start(FILE *stream, const char *more, const char *expected) {
  char text[256];

  snprintf(text, sizeof(text), "START pid=%d %s\n", (int)getpid(), more);
  say(stream, text);
  hears(stream, "1 started\n");
  hears(stream, expected);
}

START_TEST(requests_are_answered_in_their_order) {
  begin();
  FILE *client = call();
  start(client, "name=x", "id=1 name=\"x\"\n");
  say(client, "RUNNING id=1\nFOO\nSTOP id=2\n");
  hears(client, "1 true\n");
  hears(client, "id=1 running=true\n");
  ck_assert_ptr_nonnull(strstr(hear(client), "-1 found FOO"));
  ck_assert_ptr_nonnull(strstr(hear(client), "-1 there is no monitor 2"));
  say(client, "STOP id=1\nRUNNING id=1\n");
  hears(client, "1 stopped\n");
  ck_assert_ptr_nonnull(strstr(hear(client), "id=1 name=\"x\" rows=0 "));
  hears(client, "1 false\n");
  hears(client, "id=1 running=false\n");
  fclose(client);
  end();
}
END_TEST

struct asker {
  int fd;
  int n;
};

static void *ask_much(void *arg) {
  const struct asker *asker = arg;
  static const char text[] = "LIST\n";

  for (int i = 0; i < asker->n; i++)
    if (send(asker->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
      break;
  shutdown(asker->fd, SHUT_WR);
  return NULL;
}

START_TEST(who_asks_much_ahead_gets_every_answer) {
  enum { MONITORS = 20, LISTS = 3000 };
  pthread_t writer;
  char expected[64];

  begin();
  FILE *client = call();
  for (int i = 1; i <= MONITORS; i++) {
    char more[64];
    snprintf(more, sizeof(more), "name=x%d interval=3600", i);
    snprintf(expected, sizeof(expected), "id=%d name=\"x%d\"\n", i, i);
    start(client, more, expected);
  }
  struct asker asker = {fileno(client), LISTS};
  ck_assert_int_eq(pthread_create(&writer, NULL, ask_much, &asker), 0);
  for (int i = 0; i < LISTS; i++) {
    hears(client, "20 monitors\n");
    for (int id = 1; id <= MONITORS; id++) {
      snprintf(expected, sizeof(expected), "id=%d name=", id);
      ck_assert_int_eq(strncmp(hear(client), expected, strlen(expected)), 0);
    }
  }
  ck_assert_ptr_null(hear(client));
  ck_assert_int_eq(pthread_join(writer, NULL), 0);
  fclose(client);
  end();
}
END_TEST

/* True when the monitor runs, as another client sees it. */
static bool runs(FILE *client, int id) {
  char text[64];

  snprintf(text, sizeof(text), "RUNNING id=%d\n", id);
  say(client, text);
  char first = hear(client)[0];
  return first == '1' && strstr(hear(client), "running=true") != NULL;
}

START_TEST(with_its_client_a_monitor_ends) {
  begin();
  FILE *client = call(), *other = call();
  start(client, "name=a lifetime=client", "id=1 name=\"a\"\n");
  start(client, "name=b", "id=2 name=\"b\"\n");
  ck_assert(runs(other, 1));
  fclose(client);
  while (runs(other, 1))
    continue;
  ck_assert(runs(other, 2));
  fclose(other);
  end();
}
END_TEST

START_TEST(who_watches_sees_readings_and_the_end) {
  begin();
  FILE *client = call(), *other = call();
  start(client, "name=a", "id=1 name=\"a\"\n");
  say(client, "WATCH id=1\n");
  hears(client, "0 watching\n");
  for (int i = 0; i < 3; i++)
    ck_assert_ptr_nonnull(strstr(hear(client), "id=1 name=\"a\" "));
  say(other, "STOP id=1\n");
  hears(other, "1 stopped\n");
  const char *line = hear(client);
  while (strcmp(line, "id=1 name=\"a\" running=false\n") != 0) {
    ck_assert_ptr_nonnull(strstr(line, "id=1 name=\"a\" "));
    line = hear(client);
    ck_assert_ptr_nonnull(line);
  }
  ck_assert_ptr_null(hear(client));
  fclose(client);
  fclose(other);
  end();
}
END_TEST

START_TEST(a_line_that_is_too_long_ends_its_client) {
  char text[8192];

  begin();
  FILE *client = call();
  memset(text, 'x', sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  say(client, text);
  say(client, "x");
  hears(client, "-1 found a line of more than 8192 bytes\n");
  ck_assert_ptr_null(hear(client));
  fclose(client);
  end();
}
END_TEST

START_TEST(of_too_many_clients_the_last_is_refused) {
  FILE *clients[64];

  begin();
  for (int i = 0; i < 64; i++) {
    clients[i] = call();
    say(clients[i], "LIST\n");
    hears(clients[i], "0 monitors\n");
  }
  FILE *client = call();
  hears(client, "-1 64 clients are connected already\n");
  ck_assert_ptr_null(hear(client));
  fclose(client);
  for (int i = 0; i < 64; i++)
    fclose(clients[i]);
  end();
}
END_TEST

START_TEST(who_says_it_all_and_goes_is_heard) {
  char text[512];

  begin();
  FILE *client = call();
  snprintf(text, sizeof(text), "START pid=%d name=a\nSTART pid=%d name=b\n",
           (int)getpid(), (int)getpid());
  say(client, text);
  fclose(client);
  FILE *other = call();
  while (!runs(other, 2))
    continue;
  ck_assert(runs(other, 1));
  fclose(other);
  end();
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      requests_are_answered_in_their_order,
      who_asks_much_ahead_gets_every_answer,
      with_its_client_a_monitor_ends,
      who_watches_sees_readings_and_the_end,
      a_line_that_is_too_long_ends_its_client,
      of_too_many_clients_the_last_is_refused,
      who_says_it_all_and_goes_is_heard,
  };
  return UNIT_RUN("control", tests);
}
