/* Lines of the POSIX `ps` utility to fields. No I/O, no allocation, compiles
 * on every system. All functions return 0, or -EINVAL when the text is not of
 * the expected form; then `out` is undefined. */
#ifndef PROCMON_PS_PARSE_H
#define PROCMON_PS_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A column that ps is asked for. */
enum ps_column {
  PS_PID,
  PS_STATE,  /* a word; `Z…` is a zombie, `Z…l` one whose threads live on */
  PS_PCPU,   /* percent, or `-` */
  PS_RSS,    /* KBytes, or `-` */
  PS_VSZ,    /* KBytes, or `-` */
  PS_TIME,   /* CPU time: [[D-]H:]M:S, with or without a fraction */
  PS_ETIME,  /* time since the start: [[D-]H:]M:S */
  PS_LSTART, /* start: `Mon Nov 23 20:01:03 2026`, five words */
};

enum { PS_COLUMNS_MAX = 8 };

/* The columns of a line, in order; the first is PS_PID. */
struct ps_layout {
  enum ps_column columns[PS_COLUMNS_MAX];
  size_t n;
};

struct ps_line {
  uint32_t have; /* 1u << enum ps_column for each that has a value */
  pid_t pid;
  bool is_zombie; /* it has ended, and no thread of it lives on */
  double percent;
  uint64_t rss_kb, vsz_kb;
  uint64_t cpu_ns, cpu_resolution_ns;
  uint64_t elapsed_s;
  int64_t start_s; /* a local time as if it were UTC: to compare, not to show */
};

/* One line without its newline, that holds exactly these columns. Also of a
 * line that is refused the pid is set, when it could be read, and else 0. */
int ps_parse_line(const char *text, size_t len, const struct ps_layout *layout,
                  struct ps_line *out);

/* A process of the table. */
struct ps_process {
  pid_t pid, parent; /* parent 0: none */
  bool has_owner;
  uint32_t owner;
  const char *command; /* in the text */
  size_t command_len;
};

/* A line of pid, parent's pid, owner's number where `has_owner`, and command
 * name. Of the name only what stands behind the last `/` counts when it is an
 * absolute path, as macOS and Solaris print it; blanks around it do not. */
int ps_parse_process(const char *text, size_t len, bool has_owner,
                     struct ps_process *out);

/* A line of pid and command line, which is in the text; blanks around it do not
 * count, and it may be empty. */
int ps_parse_arguments(const char *text, size_t len, pid_t *pid,
                       const char **line, size_t *line_len);

#endif
