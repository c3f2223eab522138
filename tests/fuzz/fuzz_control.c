/* The control socket, from the bytes of a client to the answers. The parts of
 * an input are events; the first letter of each says which:
 *
 *   s   the rest is sent; d, D: with one descriptor, with several
 *   t   time passes, as many tenths of a second as the next byte squared
 *   e   the process of the next digit ends, or comes back
 *   u   the next digit is who the client is: 0 is root
 *   n   the client does not read from here on; r: it reads */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"
#include "plugin/commands.h"
#include "plugin/dispatch.h"
#include "plugin/report.h"

enum { N_PLAYED = 4, UID = 1000, MONITORS_MAX = 40, BUDGET = 16 };

/* --- time, which passes when an input says so --- */

static bool is_played_time;
static uint64_t played_ns;

int clock_gettime(clockid_t clock, struct timespec *out) {
  if (!is_played_time || clock != CLOCK_MONOTONIC)
    return (int)syscall(SYS_clock_gettime, clock, out);
  out->tv_sec = (time_t)(played_ns / 1000000000);
  out->tv_nsec = (long)(played_ns % 1000000000);
  return 0;
}

/* --- what the plugin would tell collectd --- */

void report(enum report_level level, const char *format, ...) {
  (void)level, (void)format;
}

void dispatch_reading(const char *instance, uint64_t interval_ns,
                      enum layout layout, uint32_t metrics,
                      const struct reading *r) {
  (void)instance, (void)interval_ns, (void)layout, (void)metrics, (void)r;
}

void dispatch_notification(const char *instance,
                           enum dispatch_severity severity, uint64_t wall_ns,
                           const char *message) {
  (void)instance, (void)severity, (void)wall_ns, (void)message;
}

/* --- a backend of processes 1 to N_PLAYED --- */

static bool has_ended[N_PLAYED];
static char played[N_PLAYED];

static int play_attach(struct backend_ctx *ctx, pid_t pid, uint64_t start,
                       uint32_t want, struct target **out, uint64_t *age_ns) {
  (void)ctx, (void)start, (void)want;
  if (pid < 1 || pid > N_PLAYED || has_ended[pid - 1])
    return -ESRCH;
  *out = (struct target *)&played[pid - 1];
  *age_ns = UINT64_C(1000000000);
  return 0;
}

static int play_sample(struct backend_ctx *ctx, struct target *const *targets,
                       size_t n, uint32_t want, struct proc_sample *out) {
  (void)ctx;
  for (size_t i = 0; i < n; i++) {
    size_t at = (size_t)((char *)targets[i] - played);
    out[i] = (struct proc_sample){.status = has_ended[at] ? -ESRCH : 0,
                                  .time_ns = played_ns,
                                  .cpu_ns = played_ns / 4 * at,
                                  .cpu_percent = -1,
                                  .resident_bytes = played_ns};
    out[i].have = has_ended[at] ? 0 : want;
  }
  return 0;
}

static void play_detach(struct backend_ctx *ctx, struct target *t) {
  (void)ctx, (void)t;
}

static int play_scan(struct backend_ctx *ctx, const struct scan *scan) {
  int result = 0;

  (void)ctx;
  for (pid_t pid = 1; pid <= N_PLAYED && result == 0; pid++) {
    struct proc_info info = {.have = FACT_COMMAND | FACT_COMMAND_LINE |
                                     FACT_OWNER | FACT_PARENT,
                             .pid = pid,
                             .command = "x",
                             .command_line = "x y",
                             .owner = UID,
                             .parent = pid - 1};
    if (!has_ended[pid - 1] && scan->look(scan->arg, pid, 0) != 0)
      result = scan->visit(scan->arg, &info);
  }
  return result;
}

static pid_t play_max_pid(const struct backend_options *options) {
  (void)options;
  return 99999;
}

static const struct backend play = {
    .name = "play",
    .measures = UINT32_MAX,
    .tells = FACT_COMMAND | FACT_COMMAND_LINE | FACT_PARENT,
    .attach = play_attach,
    .sample = play_sample,
    .detach = play_detach,
    .scan = play_scan,
    .max_pid = play_max_pid,
};

/* --- one client --- */

static char root[] = "/dev/shm/procmon-fuzz-XXXXXX";
static struct config config;
static struct fd_budget budget;
static struct discard discard;
static struct commander commander;
static struct client *client;
static int peer;
static bool reads;

static void told(void *arg) { (void)arg; }

static void remove_root(void) {
  for (int pid = 1; pid <= N_PLAYED; pid++) {
    char path[64];
    snprintf(path, sizeof(path), "%s/%d", root, pid);
    rmdir(path);
  }
  rmdir(root);
}

/* Processes 1 and 2 are the client's, where the fuzzer may say so. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  char path[64];

  (void)argc, (void)argv;
  assert(mkdtemp(root) != NULL);
  for (int pid = 1; pid <= N_PLAYED; pid++) {
    snprintf(path, sizeof(path), "%s/%d", root, pid);
    assert(mkdir(path, 0700) == 0);
    if (pid <= 2 && chown(path, UID, (gid_t)-1) != 0)
      continue;
  }
  atexit(remove_root);
  config.backend = &play;
  config.proc_root = root;
  assert(monitor_config_init(&config.defaults, 1000000000) == 0);
  return 0;
}

static void begin(struct census **census) {
  int fds[2];

  assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
  memset(has_ended, 0, sizeof(has_ended));
  played_ns = UINT64_C(1000000000000);
  is_played_time = reads = true;
  peer = fds[0];
  atomic_init(&budget.left, BUDGET);
  discard_init(&discard, NULL);
  assert(census_create(&play, NULL, census) == 0);
  struct monitor_env env = {
      .backend = &play, .budget = &budget, .census = *census, .told = told};
  keeper_init(&commander.keeper, &env);
  commander.config = &config;
  assert(client_create(fds[1], 1, &discard, &client) == 0);
  client->uid = 0;
}

static void end(struct census *census) {
  keeper_stop_of_client(&commander.keeper, client->number);
  client_free(client);
  close(peer);
  assert(keeper_clear(&commander.keeper, 0));
  assert(discard.reserved == 0 && discard.n == 0);
  assert(discard_clear(&discard, 0));
  census_free(census);
  assert(atomic_load(&budget.left) == BUDGET);
  is_played_time = false;
}

/* --- answers --- */

/* The end of a line that is text and nothing else. */
static const char *end_of_line(const char *at, const char *end) {
  for (; at < end && *at != '\n'; at++)
    assert(!is_control(*at));
  assert(at < end);
  return at;
}

static const char *skip_value(const char *at) {
  bool is_quoted = *at == '"';

  for (at += is_quoted; is_quoted ? *at != '"' : *at != ' ' && *at != '\n';
       at++) {
    assert(*at != '\n' && (is_quoted || *at != '"'));
    at += is_quoted && *at == '\\';
    assert(*at != '\n');
  }
  return at + is_quoted;
}

/* key=value key="value" */
static void check_pairs(const char *at) {
  assert(strncmp(at, "id=", 3) == 0);
  for (;; at++) {
    const char *key = at;
    while ((*at >= 'a' && *at <= 'z') || *at == '_')
      at++;
    assert(at > key && *at == '=');
    at = skip_value(at + 1);
    if (*at == '\n')
      return;
    assert(*at == ' ');
  }
}

static const char *check_line(const char *at, const char *end) {
  const char *next = end_of_line(at, end) + 1;

  check_pairs(at);
  return next;
}

/* An answer is as many lines as it says, and no more. */
static void check_answer(const char *at, size_t len) {
  const char *end = at + len;
  char *text;

  const char *next = end_of_line(at, end) + 1;
  long n = strtol(at, &text, 10);
  assert(text > at && *text == ' ' && text[1] != '\n' && n >= -1);
  for (at = next; n > 0; n--)
    at = check_line(at, end);
  assert(at == end);
}

static void check_watched(const char *at, size_t len) {
  for (const char *end = at + len; at < end;)
    at = check_line(at, end);
}

/* --- what a control does with its client --- */

/* Opens what others could not: the fuzzer may be root. */
static bool is_harmless(const char *line) {
  if (client->uid == 0 && client->n_given == 0 &&
      strcasestr(line, "file") != NULL)
    return false;
  return strcasestr(line, "commandline") == NULL || is_affordable(line);
}

static void run_line(char *line, size_t len) {
  size_t before = client->out_len - client->out_sent;
  bool is_first = client->out_sent == client->out_len;

  if (!is_harmless(line) || commander.keeper.n >= MONITORS_MAX) {
    int given = client_take_given(client);
    if (given >= 0)
      discard_close(&discard, given);
    return;
  }
  commands_run(&commander, client, line, len);
  commands_settle(&commander, client, played_ns);
  assert(client->state != CLIENT_STARTS && client->state != CLIENT_STOPS);
  assert(client->n_given == 0 && client->given == -1);
  if (client->state == CLIENT_ENDS)
    return;
  assert(is_first || client->out_len > 0);
  check_answer(client->out + client->out_sent + before,
               client->out_len - client->out_sent - before);
}

static void run_lines(void) {
  char line[CLIENT_LINE_MAX + 1];

  while (client->state == CLIENT_READY) {
    ssize_t len = client_take_line(client, line);
    if (len == -2)
      client->state = CLIENT_ENDS;
    if (len < 0)
      return;
    run_line(line, (size_t)len);
  }
}

static void read_answers(void) {
  static char sink[65536];

  do
    assert(client_send(client) == 0);
  while (reads && recv(peer, sink, sizeof(sink), MSG_DONTWAIT) > 0);
}

static void show(void) {
  size_t before = client->out_len - client->out_sent;

  if (client->state != CLIENT_WATCHES)
    return;
  commands_show(&commander, client);
  check_watched(client->out + client->out_sent + before,
                client->out_len - client->out_sent - before);
  if (client->state == CLIENT_WATCHES && client->in_len > 0)
    client->state = CLIENT_ENDS;
}

static void turn(void) {
  size_t n;

  do {
    n = client->in_len;
    assert(client_receive(client) == 0);
    n = client->in_len - n;
    keeper_run(&commander.keeper, played_ns);
    assert(keeper_due_ns(&commander.keeper) > played_ns);
    run_lines();
    show();
    read_answers();
  } while (n > 0 && client->state == CLIENT_READY);
}

/* --- events --- */

static int open_log(void) {
  int fd = memfd_create("log", MFD_CLOEXEC);

  assert(fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) == 0);
  return fd;
}

static void send_text(const char *text, size_t len, size_t n_given) {
  union {
    char bytes[CMSG_SPACE(2 * sizeof(int))];
    struct cmsghdr aligned;
  } control = {{0}};
  struct iovec part = {(char *)text, len};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  int fds[2] = {-1, -1};

  if (n_given > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(n_given * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(n_given * sizeof(int));
    for (size_t i = 0; i < n_given; i++)
      fds[i] = open_log();
    memcpy(CMSG_DATA(header), fds, n_given * sizeof(int));
  }
  if (len > 0)
    (void)!sendmsg(peer, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  for (size_t i = 0; i < n_given; i++)
    close(fds[i]);
}

static void pass_time(unsigned char tenths) {
  played_ns += (uint64_t)tenths * tenths * 100000000;
}

static void play_event(const char *part, size_t len) {
  char digit = len > 1 ? part[1] : '0';

  switch (len > 0 ? part[0] : '\0') {
  case 's':
    send_text(part + 1, len - 1, 0);
    break;
  case 'd':
    send_text(part + 1, len - 1, 1);
    break;
  case 'D':
    send_text(part + 1, len - 1, 2);
    break;
  case 't':
    pass_time((unsigned char)digit);
    break;
  case 'e':
    has_ended[(unsigned char)digit % N_PLAYED] ^= true;
    break;
  case 'u':
    client->uid = digit == '0' ? 0 : UID + (uid_t)(digit == '2');
    break;
  case 'n':
  case 'r':
    reads = part[0] == 'r';
    break;
  default:
    break;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input in = {data, size};
  struct census *census;
  size_t len;

  begin(&census);
  while (in.left > 0 && client->state != CLIENT_ENDS) {
    char *part = next_part(&in, &len);
    play_event(part, len);
    turn();
    free(part);
  }
  end(census);
  return 0;
}
