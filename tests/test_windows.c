/* Windows's own suite. Under Wine the figures are compared with those of
 * Linux's procfs too, which lies on drive Z:. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/backend.h"
#include "backends/procfs_parse.h"
#include "fixture.h"
#include "fixture_windows.h"
#include "scan_all.h"
#include "unit.h"

static const uint32_t all = PROC_CPU | PROC_USER_SYSTEM | PROC_RESIDENT |
                            PROC_VIRTUAL | PROC_PRIVATE | PROC_THREADS |
                            PROC_HANDLES | PROC_IO | PROC_UPTIME;

static struct fd_budget budget;

static struct backend_ctx *open_backend(void) {
  struct backend_options options = {.budget = &budget};
  struct backend_ctx *ctx;

  atomic_init(&budget.left, 0);
  ck_assert_int_eq(backend_windows.open(&options, &ctx), 0);
  return ctx;
}

static struct target *attach(struct backend_ctx *ctx, pid_t pid) {
  struct target *t;
  uint64_t age_ns;

  ck_assert_int_eq(backend_windows.attach(ctx, pid, 0, all, &t, &age_ns), 0);
  return t;
}

static struct proc_sample sample(struct backend_ctx *ctx, struct target *t) {
  struct proc_sample out;

  ck_assert_int_eq(backend_windows.sample(ctx, &t, 1, all, &out), 0);
  return out;
}

static int attach_error(struct backend_ctx *ctx, pid_t pid) {
  struct target *t;
  uint64_t age_ns;
  int error = backend_windows.attach(ctx, pid, 0, all, &t, &age_ns);

  if (error == 0)
    backend_windows.detach(ctx, t);
  return error;
}

/* --- what a burner says of itself --- */

struct report {
  uint64_t at, created, cpu; /* steps of 100 ns */
  uint64_t working_set, address_space, private_bytes;
};

static struct report next_report(FILE *reports) {
  struct report r;

  ck_assert_int_eq(fscanf(reports,
                          "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                          " %" SCNu64 " %" SCNu64,
                          &r.at, &r.created, &r.cpu, &r.working_set,
                          &r.address_space, &r.private_bytes),
                   6);
  return r;
}

/* --- what Linux says of it --- */

static size_t read_text(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return 0;
  size_t len = fread(text, 1, size - 1, file);
  fclose(file);
  text[len] = '\0';
  return len;
}

static bool is_wine(void) {
  return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") !=
         NULL;
}

/* False of one that has ended and that nobody has asked for yet. */
static bool has_memory(int linux_pid) {
  char path[64], text[4096];
  struct procfs_statm statm;

  snprintf(path, sizeof(path), "Z:/proc/%d/statm", linux_pid);
  size_t len = read_text(path, text, sizeof(text));
  return procfs_parse_statm(text, len, &statm) == 0 && statm.size > 0;
}

/* The number by which Linux knows the only process of this command. */
static int find_linux_pid(const char *command) {
  DIR *dir = opendir("Z:/proc");
  int found = 0;

  ck_assert_ptr_nonnull(dir);
  for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
    char path[512], text[64];
    int pid = atoi(e->d_name);
    snprintf(path, sizeof(path), "Z:/proc/%d/comm", pid);
    if (pid > 0 && read_text(path, text, sizeof(text)) > 0 &&
        strncmp(text, command, strcspn(text, "\n")) == 0 && has_memory(pid))
      found = pid;
  }
  closedir(dir);
  ck_assert_msg(found > 0, "Linux knows no process %s", command);
  return found;
}

struct linux_figures {
  uint64_t cpu_ns, resident_bytes, virtual_bytes, threads;
  double uptime_s;
};

static struct linux_figures look_with_linux(int pid) {
  char path[64], text[4096];
  double since_boot_s;
  struct procfs_stat stat;
  struct procfs_statm statm;

  snprintf(path, sizeof(path), "Z:/proc/%d/stat", pid);
  size_t len = read_text(path, text, sizeof(text));
  ck_assert_int_eq(procfs_parse_stat(text, len, &stat), 0);
  snprintf(path, sizeof(path), "Z:/proc/%d/statm", pid);
  len = read_text(path, text, sizeof(text));
  ck_assert_int_eq(procfs_parse_statm(text, len, &statm), 0);
  read_text("Z:/proc/uptime", text, sizeof(text));
  ck_assert_int_eq(sscanf(text, "%lf", &since_boot_s), 1);
  return (struct linux_figures){
      .cpu_ns = (stat.user_ticks + stat.system_ticks) * 10000000,
      .resident_bytes = statm.resident * 4096,
      .virtual_bytes = statm.size * 4096,
      .threads = stat.threads,
      .uptime_s = since_boot_s - (double)stat.start_ticks / 100,
  };
}

/* --- tests --- */

START_TEST(cpu_is_what_the_process_and_linux_say) {
  struct backend_ctx *ctx = open_backend();
  FILE *reports;
  pid_t pid = fixture_burner("--duty 0.6 --report 0.1", &reports);

  struct report first = next_report(reports);
  int linux_pid = is_wine() ? find_linux_pid(fixture_command()) : 0;
  struct target *t = attach(ctx, pid);
  struct linux_figures linux_before = {0}, linux_after = {0};
  if (is_wine())
    linux_before = look_with_linux(linux_pid);
  struct proc_sample before = sample(ctx, t);
  struct report last;
  do
    last = next_report(reports);
  while (last.at - first.at < 30000000);
  struct proc_sample after = sample(ctx, t);
  if (is_wine())
    linux_after = look_with_linux(linux_pid);

  ck_assert_int_eq(before.status, 0);
  ck_assert_int_eq(after.status, 0);
  double seconds = (double)(after.time_ns - before.time_ns) / 1e9;
  double cpu = (double)(after.cpu_ns - before.cpu_ns) / 1e7 / seconds;
  double own =
      100 * (double)(last.cpu - first.cpu) / (double)(last.at - first.at);
  /* As much as a busy machine lets it have. */
  ck_assert_double_gt(own, 1);
  ck_assert_double_eq_tol(cpu, own, 5);
  if (is_wine()) {
    double of_linux = (double)(linux_after.cpu_ns - linux_before.cpu_ns) / 1e7;
    ck_assert_double_eq_tol(cpu, of_linux / seconds, 3);
  }
  ck_assert_uint_eq(after.cpu_ns, after.user_ns + after.system_ns);
  ck_assert_uint_gt(after.cpu_resolution_ns, 0);
  backend_windows.detach(ctx, t);
  fclose(reports);
  fixture_end(pid);
  backend_windows.close(ctx);
}
END_TEST

static void check_near(const char *what, uint64_t found, uint64_t expected) {
  double share = (double)found / (double)expected;
  ck_assert_msg(share > 0.95 && share < 1.05, "%s: found %.0f, expected %.0f",
                what, (double)found, (double)expected);
}

START_TEST(memory_and_threads_are_what_the_process_and_linux_say) {
  struct backend_ctx *ctx = open_backend();
  FILE *reports;
  pid_t pid = fixture_burner("--memory 200 --threads 8 --report 0.1", &reports);

  next_report(reports);
  struct report report = next_report(reports);
  struct target *t = attach(ctx, pid);
  struct proc_sample s = sample(ctx, t);
  ck_assert_int_eq(s.status, 0);
  ck_assert_uint_eq(s.have & all, all);
  ck_assert_uint_gt(s.resident_bytes, UINT64_C(200) << 20);
  check_near("Working", s.resident_bytes, report.working_set);
  ck_assert_uint_gt(s.private_bytes, UINT64_C(200) << 20);
  check_near("Private", s.private_bytes, report.private_bytes);
  ck_assert_uint_gt(s.virtual_bytes, s.private_bytes);
  ck_assert_uint_eq(s.threads, 9);
  if (is_wine()) {
    struct linux_figures l = look_with_linux(find_linux_pid(fixture_command()));
    check_near("Working", s.resident_bytes, l.resident_bytes);
    check_near("Virtual", s.virtual_bytes, l.virtual_bytes);
    ck_assert_uint_eq(s.threads, l.threads);
  } else
    check_near("Virtual", s.virtual_bytes, report.address_space);
  backend_windows.detach(ctx, t);
  fclose(reports);
  fixture_end(pid);
  backend_windows.close(ctx);
}
END_TEST

/* Both clocks tick every 16 ms or so. */
static const double tick_s = 0.02;

static double age_at(const struct report *report, uint64_t at) {
  return (double)(at - report->created) / 1e7;
}

/* In steps of 100 ns. */
static uint64_t now(void) {
  FILETIME time;

  GetSystemTimeAsFileTime(&time);
  return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

START_TEST(uptime_and_age_count_from_the_creation) {
  struct backend_ctx *ctx = open_backend();
  struct target *t;
  uint64_t age_ns;
  FILE *reports;
  pid_t pid = fixture_burner("--report 0.3", &reports);

  next_report(reports);
  struct report r = next_report(reports);
  double before = age_at(&r, r.at);
  ck_assert_double_ge(before, 0.3);
  ck_assert_int_eq(backend_windows.attach(ctx, pid, 0, all, &t, &age_ns), 0);
  struct proc_sample s = sample(ctx, t);
  double uptime = (double)s.uptime_ns / 1e9, age = (double)age_ns / 1e9;
  ck_assert_double_ge(age, before - tick_s);
  ck_assert_double_ge(uptime, age - tick_s);
  ck_assert_double_le(uptime, age_at(&r, now()) + tick_s);
  if (is_wine()) {
    int linux_pid = find_linux_pid(fixture_command());
    double earlier = (double)sample(ctx, t).uptime_ns / 1e9;
    struct linux_figures l = look_with_linux(linux_pid);
    double later = (double)sample(ctx, t).uptime_ns / 1e9;
    /* The two systems do not create it in the same moment. */
    ck_assert_double_ge(l.uptime_s, earlier - 0.2);
    ck_assert_double_le(l.uptime_s, later + 0.2);
  }
  backend_windows.detach(ctx, t);
  fclose(reports);
  fixture_end(pid);
  backend_windows.close(ctx);
}
END_TEST

START_TEST(a_process_that_ended_is_said_so_and_not_the_next_of_its_name) {
  struct backend_ctx *ctx = open_backend();
  pid_t first = fixture_child();
  struct target *t = attach(ctx, first);

  ck_assert_int_eq(sample(ctx, t).status, 0);
  fixture_end(first);
  pid_t second = fixture_child();
  struct target *u = attach(ctx, second);
  ck_assert_int_eq(sample(ctx, t).status, -ESRCH);
  ck_assert_int_eq(sample(ctx, u).status, 0);
  if (second != first)
    ck_assert_int_eq(attach_error(ctx, first), -ESRCH);
  ck_assert_int_eq(sample(ctx, t).status, -ESRCH);
  backend_windows.detach(ctx, t);
  backend_windows.detach(ctx, u);
  fixture_end(second);
  backend_windows.close(ctx);
}
END_TEST

static DWORD WINAPI end_at_once(void *unused) {
  (void)unused;
  return 0;
}

/* Takes the next free id of the system, for a thread, and gives it back. */
static DWORD churn(void) {
  DWORD id;
  HANDLE thread = CreateThread(NULL, 0, end_at_once, NULL, 0, &id);

  ck_assert_ptr_nonnull(thread);
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
  return id;
}

/* Gives a child the pid of one that has ended. Wine gives ids out anew in the
 * order in which they became free; so what came before `pid` the last time
 * comes before it the next time. */
static pid_t reuse(pid_t pid) {
  DWORD before = 0, last = 0;

  for (int i = 0; i < 5000; i++) {
    if (before != 0 && last == before) {
      pid_t child = fixture_child();
      if (child == pid)
        return child;
      fixture_end(child);
    }
    DWORD id = churn();
    if (id == (DWORD)pid)
      before = last;
    last = id;
  }
  ck_abort_msg("pid %d was not given out again", (int)pid);
  return 0;
}

START_TEST(a_pid_that_is_taken_again_is_another_process) {
  struct backend_ctx *ctx = open_backend();
  pid_t first = fixture_busy_child(100);
  struct target *t = attach(ctx, first);
  struct proc_sample s;

  /* Without private bytes, for which the process may have to be held open: its
   * pid is taken by nobody then. */
  ck_assert_int_eq(backend_windows.sample(ctx, &t, 1, PROC_CPU, &s), 0);
  ck_assert_uint_ge(s.cpu_ns, 80000000);
  fixture_end(first);
  pid_t second = reuse(first);
  ck_assert_int_eq(second, first);
  ck_assert_int_eq(sample(ctx, t).status, -ESRCH);
  struct target *u = attach(ctx, second);
  ck_assert_int_eq(sample(ctx, u).status, 0);
  ck_assert_int_eq(sample(ctx, t).status, -ESRCH);
  backend_windows.detach(ctx, t);
  backend_windows.detach(ctx, u);
  fixture_end(second);
  backend_windows.close(ctx);
}
END_TEST

START_TEST(an_ended_process_that_somebody_holds_has_ended) {
  struct backend_ctx *ctx = open_backend();
  pid_t pid = fixture_child();
  struct target *t = attach(ctx, pid);
  HANDLE held = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)pid);

  ck_assert_ptr_nonnull(held);
  ck_assert_int_eq(sample(ctx, t).status, 0);
  fixture_end(pid);
  ck_assert_int_eq(sample(ctx, t).status, -ESRCH);
  ck_assert_int_eq(attach_error(ctx, pid), -ESRCH);
  backend_windows.detach(ctx, t);
  CloseHandle(held);
  backend_windows.close(ctx);
}
END_TEST

START_TEST(there_is_no_process_of_such_a_pid) {
  struct backend_ctx *ctx = open_backend();

  ck_assert_int_eq(attach_error(ctx, backend_windows.max_pid(NULL)), -ESRCH);
  backend_windows.close(ctx);
}
END_TEST

START_TEST(one_table_serves_many_and_no_one_twice) {
  struct backend_ctx *ctx = open_backend();
  struct proc_sample out[2], next[2];
  pid_t child = fixture_child();
  /* Not in the order of the pids. */
  int of_child = child > getpid() ? 0 : 1;
  struct target *targets[2];

  targets[of_child] = attach(ctx, child);
  targets[1 - of_child] = attach(ctx, getpid());
  ck_assert_int_eq(backend_windows.sample(ctx, targets, 2, all, out), 0);
  ck_assert_int_eq(backend_windows.sample(ctx, targets, 2, all, next), 0);
  for (int i = 0; i < 2; i++) {
    ck_assert_int_eq(out[i].status, 0);
    ck_assert_int_eq(next[i].status, 0);
    ck_assert_uint_gt(next[i].time_ns, out[i].time_ns);
  }
  ck_assert_uint_eq(out[0].time_ns, out[1].time_ns);
  /* Another monitor, at the same moment. */
  struct target *other = attach(ctx, child);
  ck_assert_uint_eq(sample(ctx, other).time_ns, next[1].time_ns);
  ck_assert_uint_gt(next[of_child].uptime_ns, 0);
  ck_assert_uint_gt(next[1 - of_child].uptime_ns, next[of_child].uptime_ns);
  backend_windows.detach(ctx, other);
  backend_windows.detach(ctx, targets[0]);
  backend_windows.detach(ctx, targets[1]);
  fixture_end(child);
  backend_windows.close(ctx);
}
END_TEST

struct sampler {
  struct backend_ctx *ctx;
  struct target *target;
  int failed;
};

static DWORD WINAPI sample_on(void *arg) {
  struct sampler *s = arg;
  struct proc_sample out;

  for (int i = 0; i < 500; i++)
    if (backend_windows.sample(s->ctx, &s->target, 1, all, &out) != 0 ||
        out.status != 0)
      s->failed++;
  return 0;
}

START_TEST(several_threads_share_the_table) {
  enum { N = 4 };
  struct backend_ctx *ctx = open_backend();
  struct sampler samplers[N];
  HANDLE threads[N];

  for (int i = 0; i < N; i++) {
    samplers[i] = (struct sampler){ctx, attach(ctx, getpid()), 0};
    threads[i] = CreateThread(NULL, 0, sample_on, &samplers[i], 0, NULL);
    ck_assert_ptr_nonnull(threads[i]);
  }
  for (int i = 0; i < N; i++) {
    ck_assert_uint_eq(WaitForSingleObject(threads[i], 60000), WAIT_OBJECT_0);
    CloseHandle(threads[i]);
    ck_assert_int_eq(samplers[i].failed, 0);
    backend_windows.detach(ctx, samplers[i].target);
  }
  backend_windows.close(ctx);
}
END_TEST

struct search {
  pid_t pid;
  char command[256];
  size_t n;
};

static int look(void *arg, const struct proc_info *info) {
  struct search *s = arg;

  s->n++;
  if (info->pid == s->pid)
    snprintf(s->command, sizeof(s->command), "%s", info->command);
  return 0;
}

START_TEST(a_scan_names_the_image_of_every_process) {
  struct backend_ctx *ctx = open_backend();
  struct search s = {.pid = fixture_child()};

  ck_assert_int_eq(scan_all(&backend_windows, ctx, look, &s), 0);
  ck_assert_str_eq(s.command, fixture_command());
  ck_assert_uint_ge(s.n, 2);
  fixture_end(s.pid);
  backend_windows.close(ctx);
}
END_TEST

static int stop_at_once(void *arg, const struct proc_info *info) {
  (void)info;
  ++*(int *)arg;
  return -ECANCELED;
}

START_TEST(a_visit_can_end_a_scan) {
  struct backend_ctx *ctx = open_backend();
  int n = 0;

  ck_assert_int_eq(scan_all(&backend_windows, ctx, stop_at_once, &n),
                   -ECANCELED);
  ck_assert_int_eq(n, 1);
  backend_windows.close(ctx);
}
END_TEST

/* --- facts --- */

struct question {
  pid_t pid;
  uint32_t facts;
  size_t looks, visits;
  uint64_t looked_token;
  struct proc_info info;
};

static uint32_t look_at(void *arg, pid_t pid, uint64_t token) {
  struct question *q = arg;

  if (pid != q->pid)
    return 0;
  q->looks++;
  q->looked_token = token;
  return q->facts;
}

static int take_facts(void *arg, const struct proc_info *info) {
  struct question *q = arg;

  q->visits++;
  q->info = *info;
  return 0;
}

static struct question ask(struct backend_ctx *ctx, pid_t pid, uint32_t facts) {
  struct question q = {.pid = pid, .facts = facts};
  struct scan scan = {.look = look_at, .visit = take_facts, .arg = &q};

  ck_assert_int_eq(backend_windows.scan(ctx, &scan), 0);
  ck_assert_uint_eq(q.looks, 1);
  return q;
}

START_TEST(a_scan_tells_the_parent_and_the_age) {
  struct backend_ctx *ctx = open_backend();
  FILE *reports;
  pid_t child = fixture_burner("--report 0.3", &reports);

  next_report(reports);
  struct report report = next_report(reports);
  struct question q = ask(ctx, child, backend_windows.tells);
  ck_assert_uint_eq(q.visits, 1);
  ck_assert_uint_eq(q.info.have, FACT_COMMAND | FACT_PARENT);
  ck_assert_int_eq(q.info.parent, getpid());
  ck_assert_uint_eq(q.info.token, q.looked_token);
  ck_assert_uint_eq(q.info.start, report.created);
  ck_assert_double_eq_tol((double)q.info.age_ns / 1e9,
                          (double)(report.at - report.created) / 1e7, 0.1);
  fclose(reports);
  fixture_end(child);
  backend_windows.close(ctx);
}
END_TEST

START_TEST(what_a_scan_is_not_asked_for_is_not_visited) {
  struct backend_ctx *ctx = open_backend();

  ck_assert_uint_eq(ask(ctx, getpid(), 0).visits, 0);
  ck_assert_uint_eq(ask(ctx, getpid(), FACT_COMMAND).info.have, FACT_COMMAND);
  backend_windows.close(ctx);
}
END_TEST

START_TEST(the_start_that_a_scan_tells_is_that_of_attach) {
  struct backend_ctx *ctx = open_backend();
  pid_t child = fixture_child();
  uint64_t start = ask(ctx, child, FACT_COMMAND).info.start, age_ns;
  struct target *t;

  ck_assert_int_eq(
      backend_windows.attach(ctx, child, start + 1, all, &t, &age_ns), -ESRCH);
  ck_assert_int_eq(backend_windows.attach(ctx, child, start, all, &t, &age_ns),
                   0);
  backend_windows.detach(ctx, t);
  fixture_end(child);
  backend_windows.close(ctx);
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      cpu_is_what_the_process_and_linux_say,
      memory_and_threads_are_what_the_process_and_linux_say,
      uptime_and_age_count_from_the_creation,
      a_process_that_ended_is_said_so_and_not_the_next_of_its_name,
      a_pid_that_is_taken_again_is_another_process,
      an_ended_process_that_somebody_holds_has_ended,
      there_is_no_process_of_such_a_pid,
      one_table_serves_many_and_no_one_twice,
      several_threads_share_the_table,
      a_scan_names_the_image_of_every_process,
      a_visit_can_end_a_scan,
      a_scan_tells_the_parent_and_the_age,
      what_a_scan_is_not_asked_for_is_not_visited,
      the_start_that_a_scan_tells_is_that_of_attach,
  };
  return UNIT_RUN("windows", tests);
}
