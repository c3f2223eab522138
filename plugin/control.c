#include "control.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "backends/clock.h"
#include "commands.h"
#include "control_socket.h"

enum { CLIENTS_MAX = 64, EVENTS_MAX = 64, ANSWERS_ENOUGH = 65536 };

/* After a failed accept(): descriptors come back in time. */
static const uint64_t PAUSE_NS = 1000000000;

struct control {
  struct commander commander;
  struct writers *writers;
  struct discard discard;
  int poll, wake, timer; /* -1: none */
  struct control_socket listener;
  atomic_bool is_ending, is_to_reopen;
  atomic_bool wants; /* that somebody tells it */
  struct client *clients[CLIENTS_MAX];
  size_t n;
  uint32_t last_client;
  uint64_t paused_until_ns; /* 0: it listens */
};

/* --- from other threads --- */

static void wake(struct control *c) {
  uint64_t one = 1;

  /* It fails only where it would be woken anyway. */
  if (write(c->wake, &one, sizeof(one)) < 0)
    return;
}

void control_tell(void *control) {
  struct control *c = control;

  if (atomic_load(&c->wants))
    wake(c);
}

void control_reopen(struct control *c) {
  atomic_store(&c->is_to_reopen, true);
  wake(c);
}

void control_end(struct control *c) {
  atomic_store(&c->is_ending, true);
  wake(c);
}

/* --- descriptors --- */

static int watch_descriptor(struct control *c, int op, int fd, uint32_t events,
                            void *what) {
  struct epoll_event event = {.events = events, .data.ptr = what};

  return epoll_ctl(c->poll, op, fd, &event) == 0 ? 0 : -errno;
}

static int open_descriptors(struct control *c) {
  c->poll = epoll_create1(EPOLL_CLOEXEC);
  c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  c->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (c->poll < 0 || c->wake < 0 || c->timer < 0)
    return -errno;
  int error = watch_descriptor(c, EPOLL_CTL_ADD, c->wake, EPOLLIN, &c->wake);
  if (error == 0)
    error = watch_descriptor(c, EPOLL_CTL_ADD, c->timer, EPOLLIN, &c->timer);
  return error;
}

static void close_descriptor(int fd) {
  if (fd >= 0)
    close(fd);
}

/* Both count, and are read to be silent again. */
static void drain(int fd) {
  uint64_t count;

  if (read(fd, &count, sizeof(count)) < 0)
    return;
}

/* --- clients --- */

static void add_client(struct control *c, int fd) {
  struct client *client;

  if (client_create(fd, ++c->last_client, &c->discard, &client) != 0)
    return;
  if (c->n == CLIENTS_MAX) {
    commands_refuse(client, true, "64 clients are connected already");
    client_send(client);
    client_free(client);
    return;
  }
  if (watch_descriptor(c, EPOLL_CTL_ADD, fd, 0, client) != 0) {
    client_free(client);
    return;
  }
  c->clients[c->n++] = client;
}

static void accept_clients(struct control *c) {
  int fd;

  while ((fd = accept4(c->listener.fd, NULL, NULL,
                       SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    add_client(c, fd);
  if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
    return;
  c->paused_until_ns = clock_ns(CLOCK_MONOTONIC) + PAUSE_NS;
  watch_descriptor(c, EPOLL_CTL_MOD, c->listener.fd, 0, &c->listener);
}

static void listen_again(struct control *c, uint64_t now_ns) {
  if (c->paused_until_ns == 0 || now_ns < c->paused_until_ns)
    return;
  c->paused_until_ns = 0;
  watch_descriptor(c, EPOLL_CTL_MOD, c->listener.fd, EPOLLIN, &c->listener);
}

static void drop_client(struct control *c, size_t i) {
  struct client *client = c->clients[i];

  c->clients[i] = c->clients[--c->n];
  keeper_stop_of_client(&c->commander.keeper, client->number);
  client_free(client);
}

static bool has_much_output(const struct client *client) {
  return client->out_len - client->out_sent >= ANSWERS_ENOUGH;
}

/* True of a client that does not read its answers: it gets no more of them. */
static bool is_choked(struct client *client) {
  if (has_much_output(client) && client_send(client) != 0)
    client->is_gone = true;
  return client->is_gone || has_much_output(client);
}

/* Runs what has come, one command after the other. */
static void run_lines(struct control *c, struct client *client) {
  char line[CLIENT_LINE_MAX + 1];

  while (client->state == CLIENT_READY && !is_choked(client)) {
    ssize_t len = client_take_line(client, line);
    if (len == -2)
      commands_refuse(client, true, "found a line of more than 8192 bytes");
    if (len < 0)
      return;
    commands_run(&c->commander, client, line, (size_t)len);
    commands_settle(&c->commander, client, clock_ns(CLOCK_MONOTONIC));
  }
}

/* True as long as there may be something to do for it. */
static bool is_alive(const struct client *client) {
  if (client->is_gone || client->has_hung_up)
    return false;
  if (client_has_output(client) || client->state == CLIENT_STARTS ||
      client->state == CLIENT_STOPS)
    return true;
  return client->state == CLIENT_WATCHES ||
         (client->state == CLIENT_READY &&
          (!client->has_closed || client_has_line(client)));
}

static void serve(struct control *c, struct client *client, uint64_t now_ns) {
  commands_settle(&c->commander, client, now_ns);
  run_lines(c, client);
  if (client->state == CLIENT_WATCHES && client->in_len > 0)
    commands_refuse(client, true, "a connection that watches takes no command");
  commands_show(&c->commander, client);
  if (client_send(client) != 0)
    client->is_gone = true;
}

static uint32_t wanted_events(const struct client *client) {
  bool reads = client->state == CLIENT_READY || client->state == CLIENT_WATCHES;
  /* A line is left where the answers to those before it are not read. */
  bool writes = client_has_output(client) ||
                (client->state == CLIENT_READY && client_has_line(client));
  uint32_t events = writes ? EPOLLOUT : 0;

  if (reads && !client->has_closed && !has_much_output(client))
    events |= EPOLLIN;
  return events;
}

static void serve_all(struct control *c, uint64_t now_ns) {
  for (size_t i = 0; i < c->n;) {
    struct client *client = c->clients[i];
    serve(c, client, now_ns);
    if (is_alive(client)) {
      watch_descriptor(c, EPOLL_CTL_MOD, client->fd, wanted_events(client),
                       client);
      i++;
    } else {
      drop_client(c, i);
    }
  }
}

static void hear(struct client *client, uint32_t events) {
  if ((events & (EPOLLIN | EPOLLHUP)) != 0 && client_receive(client) != 0)
    client->is_gone = true;
  if ((events & EPOLLERR) != 0)
    client->is_gone = true;
  /* What it has said before still counts. */
  client->has_hung_up = client->has_hung_up || (events & EPOLLHUP) != 0;
}

/* --- the loop --- */

static void handle(struct control *c, const struct epoll_event *event) {
  if (event->data.ptr == &c->wake)
    drain(c->wake);
  else if (event->data.ptr == &c->timer)
    drain(c->timer);
  else if (event->data.ptr == &c->listener)
    accept_clients(c);
  else
    hear(event->data.ptr, event->events);
}

/* Has the timer go off at the next instant at which there is something to do;
 * true: somebody is to be told of what others do. */
static bool set_timer(struct control *c) {
  uint64_t due_ns = keeper_due_ns(&c->commander.keeper);
  bool wants = false;

  if (c->paused_until_ns != 0 && c->paused_until_ns < due_ns)
    due_ns = c->paused_until_ns;
  for (size_t i = 0; i < c->n; i++) {
    const struct client *client = c->clients[i];
    bool waits =
        client->state == CLIENT_STARTS || client->state == CLIENT_STOPS;
    if (waits && client->deadline_ns < due_ns)
      due_ns = client->deadline_ns;
    wants = wants || waits || client->state == CLIENT_WATCHES;
  }
  struct itimerspec at = {0};
  if (due_ns != UINT64_MAX) {
    at.it_value.tv_sec = (time_t)(due_ns / 1000000000);
    at.it_value.tv_nsec = (long)(due_ns % 1000000000);
  }
  timerfd_settime(c->timer, TFD_TIMER_ABSTIME, &at, NULL);
  return wants;
}

static void turn(struct control *c) {
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

  keeper_run(&c->commander.keeper, now_ns);
  if (atomic_exchange(&c->is_to_reopen, false))
    keeper_reopen(&c->commander.keeper);
  listen_again(c, now_ns);
  serve_all(c, now_ns);
}

void *control_run(void *control) {
  struct control *c = control;
  struct epoll_event events[EVENTS_MAX];

  while (!atomic_load(&c->is_ending)) {
    turn(c);
    bool wants = set_timer(c);
    /* What was done before this shows in one more turn; what is done from here
     * on is told. */
    if (wants && !atomic_exchange(&c->wants, true))
      continue;
    if (!wants)
      atomic_store(&c->wants, false);
    int n = epoll_wait(c->poll, events, EVENTS_MAX, -1);
    for (int i = 0; i < n; i++)
      handle(c, &events[i]);
  }
  return NULL;
}

/* --- life --- */

int control_create(struct control **out) {
  struct control *c = calloc(1, sizeof(*c));
  if (c == NULL)
    return -ENOMEM;
  c->poll = c->wake = c->timer = c->listener.fd = -1;
  int error = open_descriptors(c);
  if (error != 0) {
    control_free(c, 0);
    return error;
  }
  *out = c;
  return 0;
}

int control_open(struct control *c, const struct config *config,
                 const struct monitor_env *env,
                 struct monitor *const *monitors) {
  c->commander.config = config;
  keeper_init(&c->commander.keeper, env);
  c->writers = env->writers;
  discard_init(&c->discard, env->writers);
  writers_tell(env->writers, control_tell, c);
  int error = 0;
  for (size_t i = 0; i < config->n && error == 0; i++)
    error = keeper_add(&c->commander.keeper, &config->monitors[i], monitors[i]);
  if (error == 0)
    error = control_socket_open(&config->control, &c->listener);
  if (error == 0)
    error = watch_descriptor(c, EPOLL_CTL_ADD, c->listener.fd, EPOLLIN,
                             &c->listener);
  return error;
}

bool control_free(struct control *c, uint64_t deadline_ns) {
  bool is_free = true;

  if (c->listener.fd >= 0)
    control_socket_close(&c->commander.config->control, &c->listener);
  while (c->n > 0)
    drop_client(c, c->n - 1);
  if (c->writers != NULL) {
    is_free = keeper_clear(&c->commander.keeper, deadline_ns);
    writers_tell(c->writers, NULL, NULL);
    is_free = discard_clear(&c->discard, deadline_ns) && is_free;
  }
  if (!is_free)
    return false;
  close_descriptor(c->poll);
  close_descriptor(c->wake);
  close_descriptor(c->timer);
  free(c);
  return true;
}
