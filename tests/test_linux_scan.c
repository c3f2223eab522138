#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/backend.h"
#include "fixture.h"
#include "reuse_pid.h"
#include "unit.h"

enum { NOBODY = 65534, LINE_MAX_BYTES = 32768, SKIPPED = 77 };

#define STAT(name)                                                             \
  "42 (" name ") S 7 42 42 0 -1 4194560 11 0 12 0 500 250 0 0 20 0 3 0 1000 "  \
  "69644288 16792 18446744073709551615 1 1 1 0 0 0 0 0 0 0 0 0 17 0 0 0 0\n"

static struct fd_budget budget;

/* Where the words of this program stand; a title is written over them. */
static char *title;
static size_t title_max;

static struct backend_ctx *open_linux(const char *proc_root) {
  struct backend_options options = {.proc_root = proc_root, .budget = &budget};
  struct backend_ctx *ctx = NULL;

  ck_assert_int_eq(backend_linux.open(&options, &ctx), 0);
  return ctx;
}

/* What a scan says of one process. */
struct answer {
  pid_t pid; /* who is asked for, 0: everybody */
  uint32_t facts;
  size_t looks, visits;
  uint64_t looked_token;
  struct proc_info info; /* without the texts, which are here */
  char command[64], line[LINE_MAX_BYTES + 1];
};

static uint32_t look_at(void *arg, pid_t pid, uint64_t token) {
  struct answer *a = arg;

  if (a->pid != 0 && pid != a->pid)
    return 0;
  a->looks++;
  a->looked_token = token;
  return a->facts;
}

static int take_facts(void *arg, const struct proc_info *info) {
  struct answer *a = arg;

  a->visits++;
  a->info = *info;
  snprintf(a->command, sizeof(a->command), "%s", info->command);
  if ((info->have & FACT_COMMAND_LINE) != 0) {
    ck_assert_uint_le(strlen(info->command_line), LINE_MAX_BYTES);
    snprintf(a->line, sizeof(a->line), "%s", info->command_line);
  }
  return 0;
}

static int scan(struct backend_ctx *ctx, struct answer *a) {
  struct scan s = {.look = look_at, .visit = take_facts, .arg = a};
  return backend_linux.scan(ctx, &s);
}

/* Asks for facts of one process, which is visited. */
static void ask(struct backend_ctx *ctx, pid_t pid, uint32_t facts,
                struct answer *a) {
  *a = (struct answer){.pid = pid, .facts = facts};
  ck_assert_int_eq(scan(ctx, a), 0);
  ck_assert_uint_eq(a->looks, 1);
  ck_assert_uint_eq(a->visits, 1);
  ck_assert_uint_eq(a->info.have & facts, facts);
  ck_assert_int_eq(a->info.pid, pid);
  ck_assert_uint_eq(a->info.token, a->looked_token);
}

/* Asks anew. */
static struct answer *facts_of(pid_t pid, uint32_t facts) {
  static struct answer a; /* too large for a stack; one test is one process */
  struct backend_ctx *ctx = open_linux("/proc");

  ask(ctx, pid, facts, &a);
  backend_linux.close(ctx);
  return &a;
}

/* A child that sleeps once it has done `prepare`. */
static pid_t prepared_child(void (*prepare)(void)) {
  int fds[2];
  char byte;

  ck_assert_int_eq(pipe(fds), 0);
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) {
    prepare();
    /* A change of the user forgets it. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (write(fds[1], "x", 1) != 1)
      _exit(1);
    for (;;)
      pause();
  }
  close(fds[1]);
  ck_assert_int_eq(read(fds[0], &byte, 1), 1);
  close(fds[0]);
  return child;
}

static pid_t child_of(char *const argv[]) {
  int fds[2];
  char byte;

  ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv("/bin/sleep", argv);
    _exit(1);
  }
  close(fds[1]);
  /* The exec closes it. */
  ck_assert_int_eq(read(fds[0], &byte, 1), 0);
  close(fds[0]);
  return child;
}

/* --- who it is --- */

START_TEST(name_and_parent_are_told) {
  pid_t child = fixture_child();
  struct answer *a = facts_of(child, FACT_COMMAND | FACT_PARENT);

  ck_assert_str_eq(a->command, fixture_command());
  ck_assert_int_eq(a->info.parent, getpid());
  ck_assert_uint_lt(a->info.age_ns, UINT64_C(10000000000));
  ck_assert_int_eq(facts_of(1, FACT_PARENT)->info.parent, 0);
  fixture_end(child);
}
END_TEST

static void be_nobody(void) {
  if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
    _exit(1);
}

static void be_nobody_for_now(void) {
  if (seteuid(NOBODY) != 0)
    _exit(1);
}

static void hide_as_nobody(void) {
  be_nobody();
  prctl(PR_SET_DUMPABLE, 0);
}

static void show_as_nobody(void) {
  be_nobody();
  prctl(PR_SET_DUMPABLE, 1);
}

START_TEST(the_owner_is_whose_rights_it_has) {
  static void (*const become[])(void) = {be_nobody, be_nobody_for_now,
                                         hide_as_nobody, show_as_nobody};

  ck_assert_uint_eq(facts_of(getpid(), FACT_OWNER)->info.owner, geteuid());
  if (geteuid() != 0) {
    puts("SKIP: to become another user takes root");
    return;
  }
  for (size_t i = 0; i < sizeof(become) / sizeof(become[0]); i++) {
    pid_t child = prepared_child(become[i]);
    ck_assert_uint_eq(facts_of(child, FACT_OWNER)->info.owner, NOBODY);
    fixture_end(child);
  }
}
END_TEST

static const char strange_name[] = "a\nb\tc) (\xff\xfe\\n";

static void take_strange_name(void) { prctl(PR_SET_NAME, strange_name); }

/* What stat tells is for old kernels and new ones the same but for this. */
START_TEST(a_name_with_a_back_slash_is_that_of_comm) {
  static struct answer a = {.facts = UINT32_MAX}, b = {.facts = UINT32_MAX};
  struct fixture f;

  fixture_make(&f);
  fixture_write(&f, "42/stat", STAT("a\\nb"));
  struct backend_ctx *ctx = open_linux(f.root);
  ck_assert_int_eq(scan(ctx, &a), 0);
  ck_assert_str_eq(a.command, "a\\nb");
  fixture_write(&f, "42/comm", "a\nb\n");
  ck_assert_int_eq(scan(ctx, &b), 0);
  ck_assert_str_eq(b.command, "a\nb");
  backend_linux.close(ctx);
  fixture_remove(&f);
}
END_TEST

START_TEST(a_name_comes_byte_by_byte) {
  pid_t child = prepared_child(take_strange_name);
  struct answer *a = facts_of(child, backend_linux.tells);

  ck_assert_uint_lt(sizeof(strange_name), 16);
  ck_assert_str_eq(a->command, strange_name);
  ck_assert_int_eq(a->info.parent, getpid());
  fixture_end(child);
}
END_TEST

/* --- command lines --- */

START_TEST(a_command_line_is_its_words) {
  char name[] = "pm words", time[] = "1000", zero[] = "0";
  char *const argv[] = {name, time, zero, NULL};
  pid_t child = child_of(argv);
  struct answer *a = facts_of(child, FACT_COMMAND_LINE);

  ck_assert_str_eq(a->line, "pm words 1000 0");
  ck_assert_str_eq(a->command, "sleep");
  fixture_end(child);
}
END_TEST

static void change_title(void) {
  memset(title, 0, title_max);
  snprintf(title, title_max, "pm: idle");
}

START_TEST(a_changed_title_is_told) {
  pid_t child = prepared_child(change_title);

  ck_assert_uint_gt(title_max, sizeof("pm: idle"));
  ck_assert_str_eq(facts_of(child, FACT_COMMAND_LINE)->line, "pm: idle");
  fixture_end(child);
}
END_TEST

START_TEST(a_long_command_line_is_cut) {
  char name[] = "pm-long", time[] = "1000", zeros[40000];
  char *const argv[] = {name, time, zeros, NULL};

  memset(zeros, '0', sizeof(zeros));
  zeros[sizeof(zeros) - 1] = '\0';
  pid_t child = child_of(argv);
  struct answer *a = facts_of(child, FACT_COMMAND_LINE);
  size_t start_len = strlen("pm-long 1000 ");
  ck_assert_uint_eq(strlen(a->line), LINE_MAX_BYTES);
  ck_assert_int_eq(strncmp(a->line, "pm-long 1000 ", start_len), 0);
  ck_assert_uint_eq(strspn(a->line + start_len, "0"),
                    LINE_MAX_BYTES - start_len);
  fixture_end(child);
}
END_TEST

START_TEST(a_kernel_thread_is_told_by_its_name) {
  char line[16], expected[80];
  FILE *file = fopen("/proc/2/cmdline", "r");

  if (file == NULL || fread(line, 1, sizeof(line), file) > 0) {
    puts("SKIP: pid 2 is no kernel thread here");
    if (file != NULL)
      fclose(file);
    return;
  }
  fclose(file);
  struct answer *a = facts_of(2, FACT_COMMAND_LINE);
  snprintf(expected, sizeof(expected), "[%.64s]", a->command);
  ck_assert_str_eq(a->line, expected);
  ck_assert_uint_gt(strlen(a->line), 2);
}
END_TEST

START_TEST(what_cannot_be_read_is_not_told) {
  static struct answer a = {.pid = 42, .facts = UINT32_MAX};
  struct fixture f;

  fixture_make(&f);
  fixture_write(&f, "42/stat", STAT("x"));
  struct backend_ctx *ctx = open_linux(f.root);
  ck_assert_int_eq(scan(ctx, &a), 0);
  ck_assert_uint_eq(a.visits, 1);
  ck_assert_uint_eq(a.info.have, FACT_COMMAND | FACT_OWNER | FACT_PARENT);
  ck_assert_int_eq(a.info.parent, 7);
  backend_linux.close(ctx);
  fixture_remove(&f);
}
END_TEST

/* --- whom it looks at --- */

START_TEST(who_is_known_already_is_not_opened) {
  static struct answer known, all = {.facts = UINT32_MAX};
  struct rlimit before, none;
  struct backend_ctx *ctx = open_linux("/proc");

  /* The next descriptor would be one too many. */
  int lowest = dup(0);
  close(lowest);
  ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = (struct rlimit){(rlim_t)lowest, before.rlim_max};
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
  int result = scan(ctx, &known), all_result = scan(ctx, &all);
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
  ck_assert_int_eq(result, 0);
  ck_assert_uint_gt(known.looks, 1);
  ck_assert_uint_eq(known.visits, 0);
  ck_assert_int_eq(all_result, -EMFILE);
  ck_assert_uint_eq(all.visits, 0);
  backend_linux.close(ctx);
}
END_TEST

static uint64_t inode_of(pid_t pid) {
  char path[64];
  struct stat st;

  snprintf(path, sizeof(path), "/proc/%d", pid);
  ck_assert_int_eq(stat(path, &st), 0);
  return st.st_ino;
}

START_TEST(the_token_tells_a_reused_pid) {
  static struct answer a, b;
  struct backend_ctx *ctx = open_linux("/proc");
  pid_t first = fixture_child();

  ask(ctx, first, FACT_COMMAND, &a);
  ck_assert_uint_eq(a.info.token, inode_of(first));
  ask(ctx, first, FACT_COMMAND, &b);
  ck_assert_uint_eq(b.info.token, a.info.token);
  ck_assert_uint_eq(b.info.start, a.info.start);
  fixture_end(first);
  pid_t second = child_with_pid(first);
  if (second < 0 && errno == EPERM) {
    puts("SKIP: to reuse a pid takes root");
    backend_linux.close(ctx);
    return;
  }
  ck_assert_int_eq(second, first);
  ask(ctx, second, FACT_COMMAND, &b);
  ck_assert_uint_eq(b.info.token, inode_of(second));
  ck_assert_uint_ne(b.info.token, a.info.token);
  fixture_end(second);
  backend_linux.close(ctx);
}
END_TEST

START_TEST(attach_takes_the_start_that_was_told) {
  struct backend_ctx *ctx = open_linux("/proc");
  pid_t child = fixture_child();
  uint64_t start = facts_of(child, FACT_COMMAND)->info.start, age_ns;
  struct target *t;

  ck_assert_uint_ne(start, 0);
  ck_assert_int_eq(
      backend_linux.attach(ctx, child, start + 1, PROC_CPU, &t, &age_ns),
      -ESRCH);
  ck_assert_int_eq(
      backend_linux.attach(ctx, child, start - 1, PROC_CPU, &t, &age_ns),
      -ESRCH);
  ck_assert_int_eq(
      backend_linux.attach(ctx, child, start, PROC_CPU, &t, &age_ns), 0);
  backend_linux.detach(ctx, t);
  fixture_end(child);
  backend_linux.close(ctx);
}
END_TEST

/* --- a procfs that hides --- */

/* The number of the step that is wrong, 0: none. Its pid 1 is root's. */
static int check_hidden(const char *proc_root) {
  static struct answer others = {.facts = UINT32_MAX};
  struct backend_options options = {.proc_root = proc_root, .budget = &budget};
  struct backend_ctx *ctx;
  struct target *t;
  uint64_t age_ns;

  if (backend_linux.open(&options, &ctx) != 0)
    return 1;
  int error = backend_linux.attach(ctx, 1, 0, PROC_CPU, &t, &age_ns);
  if (error != -EPERM)
    return 2;
  const char *words = backend_linux.explain(error);
  if (words == NULL || strstr(words, "hidepid") == NULL)
    return 3;
  if (!backend_linux.hides(ctx))
    return 4;
  if (scan(ctx, &others) != 0 || others.visits != 1 ||
      others.info.pid != getpid() || others.info.owner != NOBODY)
    return 5;
  /* Nobody has this one. */
  if (backend_linux.attach(ctx, 3000, 0, PROC_CPU, &t, &age_ns) != -ESRCH)
    return 6;
  backend_linux.close(ctx);
  return 0;
}

static int status_of(pid_t child) {
  int status;

  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
    return -1;
  return WEXITSTATUS(status);
}

/* The pid 1 of a pid namespace of its own: older kernels have one hidepid for
 * all procfs of a namespace, and it must not be that of the machine. */
static int hide_and_check(const char *proc_root) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("proc", proc_root, "proc", 0, "hidepid=2") != 0)
    return SKIPPED;
  struct backend_ctx *ctx = open_linux(proc_root);
  bool hides_from_root = backend_linux.hides(ctx);
  backend_linux.close(ctx);
  if (hides_from_root)
    return 10;
  pid_t child = fork();
  if (child == 0) {
    if (setgroups(0, NULL) != 0)
      _exit(SKIPPED);
    be_nobody();
    _exit(check_hidden(proc_root));
  }
  return status_of(child);
}

START_TEST(a_hidden_process_is_not_one_that_has_ended) {
  struct fixture f;

  fixture_make(&f);
  pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS | CLONE_NEWPID) != 0)
      _exit(SKIPPED);
    pid_t init = fork();
    if (init == 0)
      _exit(hide_and_check(f.root));
    _exit(status_of(init));
  }
  /* The folder has to be open to nobody. */
  ck_assert_int_eq(chmod(f.root, 0755), 0);
  int status = status_of(child);
  fixture_remove(&f);
  if (status == SKIPPED)
    puts("SKIP: to mount a procfs with hidepid takes root");
  else
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_procfs_that_hides_nothing_says_so) {
  struct backend_ctx *ctx = open_linux("/proc");

  if (access("/proc/1/stat", R_OK) == 0)
    ck_assert(!backend_linux.hides(ctx));
  backend_linux.close(ctx);
}
END_TEST

int main(int argc, char **argv) {
  const TTest *const tests[] = {
      name_and_parent_are_told,
      the_owner_is_whose_rights_it_has,
      a_name_with_a_back_slash_is_that_of_comm,
      a_name_comes_byte_by_byte,
      a_command_line_is_its_words,
      a_changed_title_is_told,
      a_long_command_line_is_cut,
      a_kernel_thread_is_told_by_its_name,
      what_cannot_be_read_is_not_told,
      who_is_known_already_is_not_opened,
      the_token_tells_a_reused_pid,
      attach_takes_the_start_that_was_told,
      a_hidden_process_is_not_one_that_has_ended,
      a_procfs_that_hides_nothing_says_so,
  };

  title = argv[0];
  title_max = strlen(argv[argc - 1]) + 1 + (size_t)(argv[argc - 1] - argv[0]);
  return UNIT_RUN("linux_scan", tests);
}
