#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <check.h>
#include <io.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixture.h"
#include "fixture_windows.h"

/* The children that run, by their handles: a pid of one that has been closed
 * may be another's. */
static struct {
  pid_t pid;
  HANDLE process;
} children[16];

void fixture_make(struct fixture *f) {
  static int n;
  const char *tmp = getenv("TEMP");

  ck_assert_msg(tmp != NULL && strlen(tmp) < 40, "TEMP is not set, or long");
  /* A run before this one may have had the same pid. */
  do
    snprintf(f->root, sizeof(f->root), "%s\\pm-%d-%d", tmp,
             (int)GetCurrentProcessId(), n++);
  while (!CreateDirectoryA(f->root, NULL) &&
         GetLastError() == ERROR_ALREADY_EXISTS);
}

const char *fixture_command(void) {
  static char name[32];
  snprintf(name, sizeof(name), "pm-%d.exe", (int)GetCurrentProcessId());
  return name;
}

/* The burner under a name that only this test's children have. */
static const char *own_burner(void) {
  static char path[PATH_MAX];
  char source[PATH_MAX];

  if (path[0] != '\0')
    return path;
  DWORD len = GetModuleFileNameA(NULL, source, sizeof(source));
  ck_assert_uint_gt(len, 0);
  snprintf(strrchr(source, '\\'), 16, "\\burner.exe");
  snprintf(path, sizeof(path), "%s\\%s", getenv("TEMP"), fixture_command());
  ck_assert_msg(CopyFileA(source, path, FALSE), "%s to %s: error %lu", source,
                path, GetLastError());
  return path;
}

/* All children end with the last handle of this, which is this process's. */
static HANDLE own_job(void) {
  static HANDLE job;
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
      .BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};

  if (job != NULL)
    return job;
  job = CreateJobObjectA(NULL, NULL);
  ck_assert(SetInformationJobObject(job, JobObjectExtendedLimitInformation,
                                    &limits, sizeof(limits)));
  return job;
}

static void remember(pid_t pid, HANDLE process) {
  size_t i = 0;

  while (i < 16 && children[i].process != NULL)
    i++;
  ck_assert_uint_lt(i, 16);
  children[i].pid = pid;
  children[i].process = process;
}

/* Wine 8 now and then loses a process at its start, on a busy machine, and says
 * this. */
static bool start_process(char *line, STARTUPINFOA *start,
                          PROCESS_INFORMATION *child) {
  bool is_started = false;

  for (int tries = 0; tries < 3 && !is_started; tries++) {
    is_started = CreateProcessA(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED,
                                NULL, NULL, start, child);
    if (!is_started && GetLastError() != ERROR_INTERNAL_ERROR)
      break;
  }
  return is_started;
}

pid_t fixture_burner(const char *arguments, FILE **reports) {
  char line[2 * PATH_MAX];
  SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
  HANDLE read_end, write_end;
  STARTUPINFOA start = {.cb = sizeof(start), .dwFlags = STARTF_USESTDHANDLES};
  PROCESS_INFORMATION child;

  snprintf(line, sizeof(line), "\"%s\" %s", own_burner(), arguments);
  ck_assert(CreatePipe(&read_end, &write_end, &inherited, 0));
  SetHandleInformation(read_end, HANDLE_FLAG_INHERIT, 0);
  start.hStdOutput = write_end;
  ck_assert_msg(start_process(line, &start, &child), "%s: error %lu", line,
                GetLastError());
  ck_assert(AssignProcessToJobObject(own_job(), child.hProcess));
  ResumeThread(child.hThread);
  CloseHandle(child.hThread);
  CloseHandle(write_end);
  remember((pid_t)child.dwProcessId, child.hProcess);
  *reports = _fdopen(_open_osfhandle((intptr_t)read_end, 0), "r");
  ck_assert_ptr_nonnull(*reports);
  return (pid_t)child.dwProcessId;
}

pid_t fixture_busy_child(unsigned cpu_ms) {
  char arguments[64], line[256];
  FILE *reports;

  snprintf(arguments, sizeof(arguments), "--first-ms %u --report 3600", cpu_ms);
  pid_t pid = fixture_burner(arguments, &reports);
  ck_assert_ptr_nonnull(fgets(line, sizeof(line), reports));
  fclose(reports);
  return pid;
}

pid_t fixture_child(void) { return fixture_busy_child(0); }

void fixture_end(pid_t child) {
  size_t i = 0;

  while (i < 16 && (children[i].process == NULL || children[i].pid != child))
    i++;
  ck_assert_uint_lt(i, 16);
  TerminateProcess(children[i].process, 0);
  ck_assert_uint_eq(WaitForSingleObject(children[i].process, 10000),
                    WAIT_OBJECT_0);
  CloseHandle(children[i].process);
  children[i].process = NULL;
}

void fixture_set_zone(const char *zone) {
  char text[64];
  snprintf(text, sizeof(text), "TZ=%s", zone);
  _putenv(text);
  _tzset();
}
