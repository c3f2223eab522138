#include "child.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"

/* Those of the terminal are for the child, which gets them by itself; a stderr
 * that nobody reads must not cost the child's exit status. */
static void choose_signals(sigset_t *set) {
  static const int signals[] = {SIGINT, SIGQUIT, SIGTERM,
                                SIGHUP, SIGCHLD, SIGPIPE};

  sigemptyset(set);
  for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
    sigaddset(set, signals[i]);
}

/* In the child: waits for a word, and tells what keeps it from the command. */
static _Noreturn void become(char **argv, int fd) {
  char word;
  ssize_t n;

  while ((n = read(fd, &word, 1)) < 0 && errno == EINTR)
    ;
  if (n <= 0)
    _exit(STATUS_RUN_FAILED);
  execvp(argv[0], argv);
  int err = errno;
  (void)send(fd, &err, sizeof(err), MSG_NOSIGNAL);
  _exit(STATUS_NO_COMMAND);
}

int child_fork(struct child *c, char **argv) {
  const struct sigaction keep_zombies = {.sa_handler = SIG_DFL};
  struct sigaction old_action;
  sigset_t ours;
  sigset_t old;
  int fds[2];

  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    return -errno;
  choose_signals(&ours);
  pthread_sigmask(SIG_BLOCK, &ours, &old);
  sigaction(SIGCHLD, &keep_zombies, &old_action);
  c->pid = fork();
  int err = errno;
  if (c->pid == 0) {
    close(fds[0]);
    sigaction(SIGCHLD, &old_action, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    become(argv, fds[1]);
  }
  c->fd = fds[0];
  close(fds[1]);
  if (c->pid > 0)
    return 0;
  close(fds[0]);
  return -err;
}

int child_go(struct child *c) {
  int err = 0;
  ssize_t n;

  /* A child that was killed meanwhile is found out by waiting. */
  (void)send(c->fd, "!", 1, MSG_NOSIGNAL);
  while ((n = recv(c->fd, &err, sizeof(err), MSG_WAITALL)) < 0 &&
         errno == EINTR)
    ;
  return n == (ssize_t)sizeof(err) ? -err : 0;
}

int child_wait(const struct child *c) {
  siginfo_t end = {.si_pid = 0};
  siginfo_t signal;
  sigset_t ours;

  choose_signals(&ours);
  sigdelset(&ours, SIGINT);
  sigdelset(&ours, SIGQUIT);
  for (;;) {
    if (waitid(P_PID, (id_t)c->pid, &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        end.si_pid != 0)
      break;
    int number = sigwaitinfo(&ours, &signal);
    /* What the terminal sends, its processes get from it. */
    if ((number == SIGTERM || number == SIGHUP) && signal.si_code != SI_KERNEL)
      kill(c->pid, number);
  }
  return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}

void child_reap(struct child *c) {
  close(c->fd);
  while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
    ;
}
