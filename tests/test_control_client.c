#include "plugin/control_client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

static struct discard discard;
static struct client *client;
static int peer; /* the other end */
static char line[CLIENT_LINE_MAX + 1];

static void begin(void) {
  int fds[2];

  ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  discard_init(&discard, NULL);
  peer = fds[0];
  ck_assert_int_eq(client_create(fds[1], 7, &discard, &client), 0);
}

/* Every place that was set aside is used or given back. */
static void end(void) {
  client_free(client);
  close(peer);
  ck_assert_uint_eq(discard.reserved, 0);
  ck_assert(discard_clear(&discard, 0));
}

static void say_bytes(const char *text, size_t len) {
  ck_assert_int_eq(send(peer, text, len, 0), (ssize_t)len);
}

static void say(const char *text) { say_bytes(text, strlen(text)); }

static void receive(void) { ck_assert_int_eq(client_receive(client), 0); }

static void hears(const char *expected) {
  ssize_t len = client_take_line(client, line);

  ck_assert_int_eq(len, (ssize_t)strlen(expected));
  ck_assert_str_eq(line, expected);
}

static void hears_nothing(void) {
  ck_assert_int_eq(client_take_line(client, line), -1);
}

/* --- lines --- */

START_TEST(who_it_is_is_known) {
  begin();
  ck_assert_uint_eq(client->uid, getuid());
  ck_assert_uint_eq(client->number, 7);
  ck_assert(client->state == CLIENT_READY);
  end();
}
END_TEST

START_TEST(what_is_no_socket_is_closed_and_refused) {
  struct client *none = NULL;

  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  ck_assert_int_eq(client_create(fd, 1, &discard, &none), -EIO);
  ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
}
END_TEST

START_TEST(a_line_may_come_in_pieces) {
  const char *text = "START pid=1\n";

  begin();
  hears_nothing();
  for (size_t i = 0; text[i] != '\0'; i++) {
    hears_nothing();
    say_bytes(text + i, 1);
    receive();
  }
  hears("START pid=1");
  hears_nothing();
  end();
}
END_TEST

START_TEST(several_lines_may_come_at_once) {
  begin();
  say("LIST\n\nSTOP id=1\nREAD");
  receive();
  hears("LIST");
  hears("");
  hears("STOP id=1");
  hears_nothing();
  say(" id=2\n");
  receive();
  hears("READ id=2");
  end();
}
END_TEST

START_TEST(a_line_may_hold_a_nul) {
  begin();
  say_bytes("LI\0ST\n", 6);
  receive();
  ck_assert_int_eq(client_take_line(client, line), 5);
  ck_assert_mem_eq(line, "LI\0ST", 6);
  end();
}
END_TEST

START_TEST(without_input_nothing_happens) {
  begin();
  receive();
  hears_nothing();
  ck_assert(!client->has_closed);
  end();
}
END_TEST

START_TEST(a_line_of_the_greatest_length_is_one) {
  char text[CLIENT_LINE_MAX];

  begin();
  memset(text, 'x', sizeof(text));
  text[CLIENT_LINE_MAX - 1] = '\n';
  say_bytes(text, sizeof(text));
  say("LIST\n");
  receive();
  ck_assert_int_eq(client_take_line(client, line), CLIENT_LINE_MAX - 1);
  ck_assert_uint_eq(strlen(line), CLIENT_LINE_MAX - 1);
  receive();
  hears("LIST");
  end();
}
END_TEST

START_TEST(a_longer_line_is_too_long) {
  char text[CLIENT_LINE_MAX];

  begin();
  say("LIST\n");
  memset(text, 'x', sizeof(text));
  say_bytes(text, sizeof(text));
  receive();
  hears("LIST");
  hears_nothing();
  receive();
  ck_assert_int_eq(client_take_line(client, line), -2);
  /* No more is read of it. */
  say("LIST\n");
  receive();
  ck_assert_int_eq(client_take_line(client, line), -2);
  ck_assert_uint_eq(client->in_len, CLIENT_LINE_MAX);
  end();
}
END_TEST

START_TEST(what_was_said_before_the_end_counts) {
  begin();
  say("LIST\nREAD id=1\nST");
  shutdown(peer, SHUT_WR);
  receive();
  ck_assert(client->has_closed);
  hears("LIST");
  hears("READ id=1");
  hears_nothing();
  receive();
  ck_assert(client->has_closed);
  end();
}
END_TEST

/* --- descriptors --- */

enum { MANY = 20 };

/* Says it with so many descriptors, each a pipe's end of which the other one
 * tells whether it is open. */
static int readers[MANY];
static size_t n_readers;

static void say_with(const char *text, size_t n) {
  union {
    char bytes[CMSG_SPACE(MANY * sizeof(int))];
    struct cmsghdr aligned;
  } control = {{0}};
  struct iovec part = {(char *)text, strlen(text)};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = CMSG_SPACE(n * sizeof(int))};
  int fds[MANY][2], given[MANY] = {0};

  for (size_t i = 0; i < n; i++) {
    ck_assert_int_eq(pipe2(fds[i], O_CLOEXEC), 0);
    ck_assert_int_eq(fcntl(fds[i][0], F_SETFL, O_NONBLOCK), 0);
    readers[n_readers++] = fds[i][0];
    given[i] = fds[i][1];
  }
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(n * sizeof(int));
  memcpy(CMSG_DATA(header), given, n * sizeof(int));
  ck_assert_int_eq(sendmsg(peer, &message, 0), (ssize_t)strlen(text));
  for (size_t i = 0; i < n; i++)
    close(given[i]);
}

/* True when nobody has what the i-th reader is the other end of. */
static bool is_closed(size_t i) {
  char byte;

  return read(readers[i], &byte, 1) == 0;
}

/* What was taken is what the i-th reader is the other end of. */
static void takes(size_t i) {
  char byte = ' ';
  int given = client_take_given(client);

  ck_assert_int_ge(given, 0);
  ck_assert_int_ne(fcntl(given, F_GETFD) & FD_CLOEXEC, 0);
  ck_assert_int_eq(write(given, "x", 1), 1);
  ck_assert_int_eq(read(readers[i], &byte, 1), 1);
  ck_assert_int_eq(byte, 'x');
  discard_close(&discard, given);
  ck_assert(is_closed(i));
}

static void takes_none(enum client_given expected) {
  ck_assert_int_eq(client_take_given(client), (int)expected);
}

START_TEST(a_descriptor_comes_with_its_line) {
  begin();
  takes_none(CLIENT_GIVEN_NONE);
  say_with("START\n", 1);
  receive();
  hears("START");
  takes(0);
  takes_none(CLIENT_GIVEN_NONE);
  end();
}
END_TEST

START_TEST(a_descriptor_is_kept_until_its_line_is_whole) {
  begin();
  say_with("STA", 1);
  receive();
  hears_nothing();
  takes_none(CLIENT_GIVEN_NONE);
  say("RT\nLIST\n");
  receive();
  hears("START");
  takes(0);
  receive();
  hears("LIST");
  takes_none(CLIENT_GIVEN_NONE);
  end();
}
END_TEST

START_TEST(lines_that_are_sent_ahead_take_no_descriptor_of_others) {
  begin();
  say("LIST\n");
  say("START a\n");
  say_with("START b\n", 1);
  say_with("START c\nSTART d\n", 1);
  say("READ");
  receive();
  hears("LIST");
  takes_none(CLIENT_GIVEN_NONE);
  hears("START a");
  takes_none(CLIENT_GIVEN_NONE);
  hears("START b");
  takes(0);
  receive();
  hears("START c");
  takes(1);
  receive();
  hears("START d");
  takes_none(CLIENT_GIVEN_NONE);
  hears_nothing();
  end();
}
END_TEST

START_TEST(of_several_descriptors_none_is_kept) {
  begin();
  say_with("START\n", 3);
  say_with("START\n", 1);
  receive();
  hears("START");
  takes_none(CLIENT_GIVEN_SEVERAL);
  for (size_t i = 0; i < 3; i++)
    ck_assert(is_closed(i));
  receive();
  hears("START");
  takes(3);
  end();
}
END_TEST

START_TEST(several_descriptors_may_come_one_by_one) {
  begin();
  for (int i = 0; i < MANY; i++) {
    say_with("x", 1);
    receive();
  }
  say("\n");
  receive();
  ck_assert_int_eq(client_take_line(client, line), MANY);
  takes_none(CLIENT_GIVEN_SEVERAL);
  for (size_t i = 0; i < MANY; i++)
    ck_assert(is_closed(i));
  end();
}
END_TEST

START_TEST(more_descriptors_than_there_is_room_for_are_several) {
  begin();
  say_with("START\n", MANY);
  receive();
  hears("START");
  takes_none(CLIENT_GIVEN_SEVERAL);
  for (size_t i = 0; i < MANY; i++)
    ck_assert(is_closed(i));
  takes_none(CLIENT_GIVEN_NONE);
  end();
}
END_TEST

START_TEST(a_descriptor_that_finds_no_room_is_lost_and_told) {
  struct rlimit limit, none;

  begin();
  say_with("START\n", 1);
  ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
  none = (struct rlimit){0, limit.rlim_max};
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
  receive();
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
  hears("START");
  takes_none(CLIENT_GIVEN_LOST);
  ck_assert(is_closed(0));
  takes_none(CLIENT_GIVEN_NONE);
  end();
}
END_TEST

START_TEST(while_too_many_hang_descriptors_are_lost_and_told) {
  begin();
  ck_assert(discard_reserve(&discard, DISCARD_MAX));
  say_with("START\n", 2);
  receive();
  hears("START");
  takes_none(CLIENT_GIVEN_LOST);
  ck_assert(is_closed(0) && is_closed(1));
  discard_release(&discard, DISCARD_MAX);
  say_with("START\n", 1);
  receive();
  hears("START");
  takes(2);
  end();
}
END_TEST

START_TEST(what_nobody_took_is_closed_with_the_client) {
  begin();
  say_with("START", 1);
  receive();
  ck_assert(!is_closed(0));
  end();
  ck_assert(is_closed(0));
}
END_TEST

/* --- output --- */

static size_t read_all(char *out, size_t size) {
  size_t used = 0;
  ssize_t n;

  while (used < size &&
         (n = recv(peer, out + used, size - used, MSG_DONTWAIT)) > 0)
    used += (size_t)n;
  return used;
}

START_TEST(answers_go_out_in_order) {
  char text[16] = "";

  begin();
  ck_assert(!client_has_output(client));
  ck_assert_int_eq(client_put(client, "a\n", 2), 0);
  ck_assert_int_eq(client_put(client, "b\n", 2), 0);
  ck_assert(client_has_output(client));
  ck_assert_int_eq(client_send(client), 0);
  ck_assert(!client_has_output(client));
  ck_assert_int_eq(client_put(client, "c\n", 2), 0);
  ck_assert_int_eq(client_send(client), 0);
  ck_assert_uint_eq(read_all(text, sizeof(text)), 6);
  ck_assert_str_eq(text, "a\nb\nc\n");
  end();
}
END_TEST

START_TEST(what_the_peer_does_not_read_is_bounded) {
  enum { PIECE = 1000 };
  static char piece[PIECE], all[2 * CLIENT_ANSWERS_MAX];
  size_t put = 0;
  int error = 0;

  begin();
  for (int i = 0; error == 0; i++) {
    memset(piece, 'a' + i % 26, PIECE);
    error = client_put(client, piece, PIECE);
    put += error == 0 ? PIECE : 0;
    ck_assert_int_eq(client_send(client), 0);
    ck_assert_uint_le(client->out_size, 2 * CLIENT_ANSWERS_MAX);
    ck_assert_int_lt(i, 100000);
  }
  ck_assert_int_eq(error, -ENOBUFS);
  ck_assert(client_has_output(client));
  /* All that was taken comes, whole and in order. */
  size_t got = 0;
  while (got < put) {
    got += read_all(all + got, sizeof(all) - got);
    ck_assert_int_eq(client_send(client), 0);
  }
  for (size_t i = 0; i < got; i++)
    ck_assert_int_eq(all[i], 'a' + (int)(i / PIECE) % 26);
  ck_assert_int_eq(client_put(client, "x", 1), 0);
  end();
}
END_TEST

START_TEST(a_peer_that_has_gone_is_an_error) {
  begin();
  close(peer);
  ck_assert_int_eq(client_put(client, "x", 1), 0);
  ck_assert_int_eq(client_send(client), -EPIPE);
  end();
}
END_TEST

/* --- what it has seen --- */

START_TEST(of_each_monitor_it_is_known_what_was_seen) {
  begin();
  for (uint32_t id = 1; id <= 100; id++) {
    struct seen *seen = client_seen(client, id);
    ck_assert_uint_eq(seen->id, id);
    ck_assert_uint_eq(seen->readings, 0);
    ck_assert(!seen->end);
    seen->readings = 1000 + id;
  }
  for (uint32_t id = 1; id <= 100; id++)
    ck_assert_uint_eq(client_seen(client, id)->readings, 1000 + id);
  ck_assert_uint_eq(client->n_seen, 100);
  end();
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      who_it_is_is_known,
      what_is_no_socket_is_closed_and_refused,
      a_line_may_come_in_pieces,
      several_lines_may_come_at_once,
      a_line_may_hold_a_nul,
      without_input_nothing_happens,
      a_line_of_the_greatest_length_is_one,
      a_longer_line_is_too_long,
      what_was_said_before_the_end_counts,
      a_descriptor_comes_with_its_line,
      a_descriptor_is_kept_until_its_line_is_whole,
      lines_that_are_sent_ahead_take_no_descriptor_of_others,
      of_several_descriptors_none_is_kept,
      several_descriptors_may_come_one_by_one,
      more_descriptors_than_there_is_room_for_are_several,
      a_descriptor_that_finds_no_room_is_lost_and_told,
      while_too_many_hang_descriptors_are_lost_and_told,
      what_nobody_took_is_closed_with_the_client,
      answers_go_out_in_order,
      what_the_peer_does_not_read_is_bounded,
      a_peer_that_has_gone_is_an_error,
      of_each_monitor_it_is_known_what_was_seen,
  };
  return UNIT_RUN("control_client", tests);
}
