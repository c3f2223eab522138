/* The burner for Windows: a process that uses a given share of a processor,
 * holds a given amount of memory and threads, and reports on standard output
 * what Windows says that it uses, as GetProcessTimes and GetProcessMemoryInfo
 * tell. It ends when its standard output goes away. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <psapi.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct habits {
  double duty;       /* of one processor, 0 to 1 */
  unsigned first_ms; /* of CPU time before the first report */
  size_t memory_mb;  /* held all the time */
  unsigned threads;  /* more than the first, asleep */
  double report_s;   /* between two lines of report */
};

static uint64_t to_number(FILETIME time) {
  return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

/* In steps of 100 ns. */
static uint64_t cpu_time(uint64_t *created) {
  FILETIME start, end, kernel, user;

  GetProcessTimes(GetCurrentProcess(), &start, &end, &kernel, &user);
  *created = to_number(start);
  return to_number(kernel) + to_number(user);
}

static uint64_t now(void) {
  FILETIME time;
  GetSystemTimeAsFileTime(&time);
  return to_number(time);
}

/* One line: the time, the creation time and the CPU time in steps of 100 ns,
 * working set, address space and private memory in bytes. */
static void write_report(void) {
  PROCESS_MEMORY_COUNTERS_EX memory = {.PrivateUsage = 0};
  uint64_t created, cpu = cpu_time(&created);

  GetProcessMemoryInfo(GetCurrentProcess(), (PROCESS_MEMORY_COUNTERS *)&memory,
                       sizeof(memory));
  MEMORYSTATUSEX status = {.dwLength = sizeof(status)};
  GlobalMemoryStatusEx(&status);
  if (printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
             " %" PRIu64 "\n",
             now(), created, cpu, (uint64_t)memory.WorkingSetSize,
             status.ullTotalVirtual - status.ullAvailVirtual,
             /* Wine leaves it out. */
             (uint64_t)(memory.PrivateUsage > 0 ? memory.PrivateUsage
                                                : memory.PagefileUsage)) < 0 ||
      fflush(stdout) != 0)
    exit(0);
}

static DWORD WINAPI sleep_on(void *unused) {
  (void)unused;
  Sleep(INFINITE);
  return 0;
}

static void take_what_it_holds(const struct habits *h) {
  if (h->memory_mb > 0) {
    void *memory = VirtualAlloc(NULL, h->memory_mb << 20,
                                MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (memory == NULL)
      exit(1);
    memset(memory, 1, h->memory_mb << 20);
  }
  for (unsigned i = 0; i < h->threads; i++)
    if (CreateThread(NULL, 0, sleep_on, NULL, 0, NULL) == NULL)
      exit(1);
}

static void burn_until(uint64_t time) {
  while (now() < time)
    ;
}

static void live(const struct habits *h) {
  const uint64_t period = 500000; /* 50 ms; the clock's own step is 15 ms */
  uint64_t created, start = now(), report = 0;

  while (cpu_time(&created) < h->first_ms * UINT64_C(10000))
    ;
  for (uint64_t due = start;; due += period) {
    if (due - start >= report) {
      write_report();
      report += (uint64_t)(h->report_s * 1e7);
    }
    burn_until(due + (uint64_t)(h->duty * (double)period));
    uint64_t at = now();
    if (at < due + period)
      Sleep((DWORD)((due + period - at) / 10000));
  }
}

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"duty", required_argument, NULL, 'd'},
      {"first-ms", required_argument, NULL, 'f'},
      {"memory", required_argument, NULL, 'm'},
      {"threads", required_argument, NULL, 't'},
      {"report", required_argument, NULL, 'r'},
      {NULL, 0, NULL, 0}};
  struct habits h = {.report_s = 1};
  int c;

  while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
    switch (c) {
    case 'd':
      h.duty = atof(optarg);
      break;
    case 'f':
      h.first_ms = (unsigned)atol(optarg);
      break;
    case 'm':
      h.memory_mb = (size_t)atol(optarg);
      break;
    case 't':
      h.threads = (unsigned)atol(optarg);
      break;
    case 'r':
      h.report_s = atof(optarg);
      break;
    default:
      return 2;
    }
  take_what_it_holds(&h);
  live(&h);
}
