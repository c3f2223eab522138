/* A folder of files that a test makes, and takes away again, and processes that
 * it starts, and ends again. */
#ifndef PROCMON_TESTS_FIXTURE_H
#define PROCMON_TESTS_FIXTURE_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct fixture {
  char root[64];
  char path[512]; /* of fixture_path */
};

void fixture_make(struct fixture *f);
void fixture_remove(struct fixture *f);

/* The path of a file below the root; valid until the next call. */
const char *fixture_path(struct fixture *f, const char *name);

/* Writes a file, with the folders above it. */
void fixture_write(struct fixture *f, const char *name, const char *text);
void fixture_write_bytes(struct fixture *f, const char *name, const void *data,
                         size_t len);

/* The whole text of a file; the caller frees it. NULL: it is not there. */
char *fixture_read(struct fixture *f, const char *name);

/* Sets the time at which a file was written. */
void fixture_set_time(struct fixture *f, const char *name, time_t modified);

/* Makes a file one that was written long ago. */
void fixture_age(struct fixture *f, const char *name);

/* Starts a child that sleeps until it is killed; ends it and reaps it. It ends
 * with the test at the latest. */
pid_t fixture_child(void);
void fixture_end(pid_t child);

/* The same once it has used that much CPU. */
pid_t fixture_busy_child(unsigned cpu_ms);

/* The name of these children, for Command; no other process has it. */
const char *fixture_command(void);

/* Sets the time zone of the process, in POSIX's form. */
void fixture_set_zone(const char *zone);

#endif
