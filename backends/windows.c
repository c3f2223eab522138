/* Windows: one call tells of all processes.
 *
 * The table costs the same for one process as for all, so targets that are due
 * at the same moment share it: monitors of one interval, and the selection and
 * the samples of one reading. No target is sampled twice from one table. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <winternl.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "backend.h"
#include "clock.h"
#include "windows_table.h"

enum {
  NS_PER_STEP = 100, /* of a Windows time */
  COMMAND_MAX = 1023,
  FIRST_CAPACITY = 4 << 10,
};

static const size_t CAPACITY_MAX = (size_t)1 << 30;

/* A third of the tick of Windows's clock, in which CPU time is counted. */
static const uint64_t FRESH_NS = 5000000;

static const NTSTATUS LENGTH_MISMATCH = (NTSTATUS)0xC0000004;
static const NTSTATUS ACCESS_DENIED = (NTSTATUS)0xC0000022;
static const NTSTATUS NO_MEMORY = (NTSTATUS)0xC0000017;

struct by_pid {
  uint32_t pid;
  size_t i;
};

struct backend_ctx {
  SRWLOCK lock; /* guards what follows */
  void *table;
  size_t len, capacity;
  uint64_t table_ns; /* CLOCK_MONOTONIC at which the table was taken */
  uint64_t taken;    /* the same as a Windows time, in UTC */
  struct by_pid *order;
  size_t order_capacity;

  uint64_t tick_ns; /* the step of CPU times */
};

struct target {
  uint32_t pid;
  uint64_t created;
  uint64_t sampled_ns; /* the table_ns of its last sample */
  bool is_asked;       /* it was tried to open the process */
  HANDLE process;      /* NULL: not open */
  /* Windows counts these in 32 bits, which go round in days. */
  uint32_t last_faults, last_hard_faults;
  uint64_t faults, hard_faults;
};

/* --- the table --- */

static int to_error(NTSTATUS status) {
  if (status >= 0)
    return 0;
  if (status == ACCESS_DENIED)
    return -EACCES;
  return status == NO_MEMORY ? -ENOMEM : -EIO;
}

static int grow_table(struct backend_ctx *ctx, size_t needed) {
  size_t capacity = ctx->capacity > 0 ? 2 * ctx->capacity : FIRST_CAPACITY;

  while (capacity < needed && capacity < CAPACITY_MAX)
    capacity *= 2;
  if (capacity > CAPACITY_MAX)
    return -ENOMEM;
  /* What is in it need not be kept. */
  free(ctx->table);
  ctx->table = malloc(capacity);
  ctx->capacity = ctx->table != NULL ? capacity : 0;
  return ctx->table != NULL ? 0 : -ENOMEM;
}

static uint64_t to_number(FILETIME time) {
  return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static uint64_t windows_now(void) {
  FILETIME now;

  GetSystemTimeAsFileTime(&now);
  return to_number(now);
}

static int take_table(struct backend_ctx *ctx) {
  NTSTATUS status;
  uint64_t before_ns;
  ULONG len;

  ctx->len = 0;
  do {
    len = 0;
    before_ns = clock_ns(CLOCK_MONOTONIC);
    status = NtQuerySystemInformation(SystemProcessInformation, ctx->table,
                                      (ULONG)ctx->capacity, &len);
    if (status == LENGTH_MISMATCH) {
      int error = grow_table(ctx, len);
      if (error != 0)
        return error;
    }
  } while (status == LENGTH_MISMATCH);
  if (status < 0)
    return to_error(status);
  ctx->len = len < ctx->capacity ? len : ctx->capacity;
  ctx->table_ns = before_ns + (clock_ns(CLOCK_MONOTONIC) - before_ns) / 2;
  ctx->taken = windows_now();
  return 0;
}

/* Takes a new table, unless the last one is of this very moment. */
static int need_table(struct backend_ctx *ctx) {
  bool is_fresh =
      ctx->len > 0 && clock_ns(CLOCK_MONOTONIC) - ctx->table_ns < FRESH_NS;
  return is_fresh ? 0 : take_table(ctx);
}

/* --- the context --- */

static void windows_close(struct backend_ctx *ctx) {
  free(ctx->table);
  free(ctx->order);
  free(ctx);
}

static uint64_t tick_ns(void) {
  DWORD adjustment, increment;
  BOOL disabled;

  if (!GetSystemTimeAdjustment(&adjustment, &increment, &disabled))
    return 0;
  return (uint64_t)increment * NS_PER_STEP;
}

static int windows_open(const struct backend_options *options,
                        struct backend_ctx **out) {
  (void)options;
  struct backend_ctx *ctx = calloc(1, sizeof(*ctx));
  if (ctx == NULL)
    return -ENOMEM;
  InitializeSRWLock(&ctx->lock);
  ctx->tick_ns = tick_ns();
  int error = take_table(ctx);
  if (error != 0) {
    windows_close(ctx);
    return error;
  }
  *out = ctx;
  return 0;
}

static pid_t windows_max_pid(const struct backend_options *options) {
  (void)options;
  return INT_MAX;
}

/* --- targets --- */

/* -ESRCH: there is no such process. */
static int find_process(struct backend_ctx *ctx, uint32_t pid,
                        struct windows_process *out) {
  struct windows_table t = windows_table_begin(ctx->table, ctx->len);
  int result;

  while ((result = windows_table_next(&t, out)) > 0)
    if (out->pid == pid && !windows_process_has_ended(out))
      return 0;
  return result == 0 ? -ESRCH : result;
}

static uint64_t age_ns(const struct backend_ctx *ctx,
                       const struct windows_process *p) {
  return ctx->taken > p->created ? (ctx->taken - p->created) * NS_PER_STEP : 0;
}

/* One that starts in the future has seen the clock set back. */
static uint64_t shortest_age_ns(const struct backend_ctx *ctx,
                                const struct windows_process *p) {
  return p->created <= ctx->taken ? age_ns(ctx, p) : UINT64_MAX;
}

static int windows_attach(struct backend_ctx *ctx, pid_t pid, uint64_t start,
                          uint32_t want, struct target **out, uint64_t *age) {
  struct windows_process process;

  (void)want;
  struct target *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return -ENOMEM;
  AcquireSRWLockExclusive(&ctx->lock);
  int error = need_table(ctx);
  if (error == 0)
    error = find_process(ctx, (uint32_t)pid, &process);
  if (error == 0 && start != 0 && start != process.created)
    error = -ESRCH;
  if (error == 0)
    *age = shortest_age_ns(ctx, &process);
  ReleaseSRWLockExclusive(&ctx->lock);
  if (error != 0) {
    free(t);
    return error;
  }
  t->pid = process.pid;
  t->created = process.created;
  *out = t;
  return 0;
}

static void windows_detach(struct backend_ctx *ctx, struct target *t) {
  (void)ctx;
  if (t->process != NULL)
    CloseHandle(t->process);
  free(t);
}

/* --- samples --- */

static bool is_process_of(HANDLE process, const struct target *t) {
  FILETIME created, exited, kernel, user;

  return GetProcessTimes(process, &created, &exited, &kernel, &user) &&
         to_number(created) == t->created;
}

static void open_process(struct target *t) {
  t->is_asked = true;
  HANDLE process =
      OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, t->pid);
  if (process != NULL && !is_process_of(process, t)) {
    CloseHandle(process);
    return;
  }
  t->process = process;
}

/* The private bytes where the table does not tell them; 0: not known. */
static uint64_t ask_private_bytes(struct target *t) {
  struct {
    SIZE_T peak_virtual_size, virtual_size;
    ULONG page_fault_count;
    SIZE_T peak_working_set_size, working_set_size, quotas[4];
    SIZE_T pagefile_usage, peak_pagefile_usage, private_usage;
  } counters = {0}; /* VM_COUNTERS_EX */
  const PROCESSINFOCLASS vm_counters = 3;

  if (!t->is_asked)
    open_process(t);
  if (t->process == NULL ||
      NtQueryInformationProcess(t->process, vm_counters, &counters,
                                sizeof(counters), NULL) < 0)
    return 0;
  return counters.private_usage > 0 ? counters.private_usage
                                    : counters.pagefile_usage;
}

static void set_sizes(struct target *t, uint32_t want,
                      const struct windows_process *p,
                      struct proc_sample *out) {
  out->resident_bytes = p->working_set;
  out->virtual_bytes = p->virtual_size;
  out->private_bytes = p->private_size;
  out->anonymous_bytes = p->private_working_set;
  out->threads = p->threads;
  out->handles = p->handles;
  out->have |= PROC_RESIDENT | PROC_VIRTUAL | PROC_THREADS | PROC_HANDLES;
  if (out->private_bytes == 0 && (want & PROC_PRIVATE) != 0)
    out->private_bytes = ask_private_bytes(t);
  if (out->private_bytes > 0)
    out->have |= PROC_PRIVATE;
  if (out->anonymous_bytes > 0)
    out->have |= PROC_ANONYMOUS;
}

static void set_counters(struct target *t, const struct windows_process *p,
                         struct proc_sample *out) {
  windows_count_on(&t->faults, &t->last_faults, p->faults);
  windows_count_on(&t->hard_faults, &t->last_hard_faults, p->hard_faults);
  out->minor_faults =
      t->faults > t->hard_faults ? t->faults - t->hard_faults : 0;
  out->major_faults = t->hard_faults;
  out->read_calls = p->read_calls;
  out->write_calls = p->write_calls;
  out->read_bytes = p->read_bytes;
  out->write_bytes = p->write_bytes;
  out->have |= PROC_IO;
  /* No process runs without having brought in its pages. */
  if (t->faults > 0)
    out->have |= PROC_FAULTS;
}

static void set_sample(const struct backend_ctx *ctx, struct target *t,
                       uint32_t want, const struct windows_process *p,
                       struct proc_sample *out) {
  *out = (struct proc_sample){
      .have = PROC_CPU | PROC_USER_SYSTEM | PROC_UPTIME,
      .time_ns = ctx->table_ns,
      .cpu_ns = (p->user + p->kernel) * NS_PER_STEP,
      .cpu_resolution_ns = ctx->tick_ns,
      .cpu_percent = -1,
      .user_ns = p->user * NS_PER_STEP,
      .system_ns = p->kernel * NS_PER_STEP,
      .uptime_ns = age_ns(ctx, p),
  };
  set_sizes(t, want, p, out);
  set_counters(t, p, out);
}

static int compare_pids(const void *a, const void *b) {
  const struct by_pid *x = a, *y = b;
  return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Puts the targets in the order of their pids. */
static int sort_targets(struct backend_ctx *ctx, struct target *const *targets,
                        size_t n) {
  if (n > ctx->order_capacity) {
    struct by_pid *order = realloc(ctx->order, n * sizeof(*order));
    if (order == NULL)
      return -ENOMEM;
    ctx->order = order;
    ctx->order_capacity = n;
  }
  for (size_t i = 0; i < n; i++)
    ctx->order[i] = (struct by_pid){targets[i]->pid, i};
  qsort(ctx->order, n, sizeof(*ctx->order), compare_pids);
  return 0;
}

/* A table that is of this very moment and that no target has been sampled
 * from. */
static int need_new_samples(struct backend_ctx *ctx,
                            struct target *const *targets, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (targets[i]->sampled_ns == ctx->table_ns)
      return take_table(ctx);
  return need_table(ctx);
}

static int sample_table(struct backend_ctx *ctx, struct target *const *targets,
                        size_t n, uint32_t want, struct proc_sample *out) {
  struct windows_table t = windows_table_begin(ctx->table, ctx->len);
  struct windows_process process;
  int result;

  for (size_t i = 0; i < n; i++) {
    out[i] = (struct proc_sample){.status = -ESRCH};
    targets[i]->sampled_ns = ctx->table_ns;
  }
  while ((result = windows_table_next(&t, &process)) > 0) {
    struct by_pid key = {.pid = process.pid};
    const struct by_pid *found =
        bsearch(&key, ctx->order, n, sizeof(key), compare_pids);
    if (found == NULL || windows_process_has_ended(&process))
      continue;
    struct target *target = targets[found->i];
    if (target->created == process.created)
      set_sample(ctx, target, want, &process, &out[found->i]);
  }
  return result;
}

static int windows_sample(struct backend_ctx *ctx,
                          struct target *const *targets, size_t n,
                          uint32_t want, struct proc_sample *out) {
  AcquireSRWLockExclusive(&ctx->lock);
  int error = need_new_samples(ctx, targets, n);
  if (error == 0)
    error = sort_targets(ctx, targets, n);
  if (error == 0)
    error = sample_table(ctx, targets, n, want, out);
  ReleaseSRWLockExclusive(&ctx->lock);
  return error;
}

/* --- selection --- */

/* 0: it has none, or has outlived it. */
static pid_t find_parent(const struct backend_ctx *ctx,
                         const struct windows_process *child) {
  struct windows_table t = windows_table_begin(ctx->table, ctx->len);
  struct windows_process p;

  while (windows_table_next(&t, &p) > 0)
    if (windows_is_parent(&p, child))
      return (pid_t)p.pid;
  return 0;
}

static int look_at_process(const struct backend_ctx *ctx,
                           const struct windows_process *p,
                           const struct scan *scan) {
  char command[COMMAND_MAX + 1];

  uint32_t facts = scan->look(scan->arg, (pid_t)p->pid, p->created);
  if (facts == 0)
    return 0;
  int len = WideCharToMultiByte(CP_UTF8, 0, p->image,
                                (int)(p->image_bytes / sizeof(WCHAR)), command,
                                COMMAND_MAX, NULL, NULL);
  if (len <= 0)
    return 0;
  command[len] = '\0';
  struct proc_info info = {.have = FACT_COMMAND,
                           .pid = (pid_t)p->pid,
                           .token = p->created,
                           .start = p->created,
                           .age_ns = shortest_age_ns(ctx, p),
                           .command = command};
  if ((facts & FACT_PARENT) != 0) {
    info.parent = find_parent(ctx, p);
    info.have |= FACT_PARENT;
  }
  return scan->visit(scan->arg, &info);
}

static int windows_scan(struct backend_ctx *ctx, const struct scan *scan) {
  struct windows_process process;

  AcquireSRWLockExclusive(&ctx->lock);
  int result = need_table(ctx);
  if (result == 0) {
    struct windows_table t = windows_table_begin(ctx->table, ctx->len);
    while ((result = windows_table_next(&t, &process)) > 0) {
      /* The idle process has neither a name nor an end. */
      if (process.image_bytes == 0 || windows_process_has_ended(&process))
        continue;
      result = look_at_process(ctx, &process, scan);
      if (result != 0)
        break;
    }
  }
  ReleaseSRWLockExclusive(&ctx->lock);
  return result;
}

static const char *windows_explain(int error) {
  return error == -EPROTO ? "the process table is not as Windows 7 and later "
                            "write it"
                          : NULL;
}

const struct backend backend_windows = {
    .name = "windows",
    .requires = "Windows 7 or later",
    .measures = PROC_CPU | PROC_USER_SYSTEM | PROC_RESIDENT | PROC_VIRTUAL |
                PROC_PRIVATE | PROC_ANONYMOUS | PROC_THREADS | PROC_HANDLES |
                PROC_FAULTS | PROC_IO | PROC_UPTIME,
    .tells = FACT_COMMAND | FACT_PARENT,
    .open = windows_open,
    .attach = windows_attach,
    .sample = windows_sample,
    .detach = windows_detach,
    .scan = windows_scan,
    .max_pid = windows_max_pid,
    .command_max = COMMAND_MAX,
    .command_ignores_case = true,
    .explain = windows_explain,
    .close = windows_close,
};
