#include "backends/ps_parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

static const struct ps_layout rich = {
    {PS_PID, PS_STATE, PS_PCPU, PS_RSS, PS_VSZ, PS_TIME, PS_ETIME, PS_LSTART},
    8};
static const struct ps_layout solaris = {
    {PS_PID, PS_PCPU, PS_RSS, PS_VSZ, PS_TIME, PS_ETIME}, 6};
static const struct ps_layout posix = {
    {PS_PID, PS_PCPU, PS_VSZ, PS_TIME, PS_ETIME}, 5};

static const uint64_t s = 1000000000; /* nanoseconds */

static struct ps_line parse(const char *text, const struct ps_layout *layout) {
  struct ps_line line;

  ck_assert_msg(ps_parse_line(text, strlen(text), layout, &line) == 0, "%s",
                text);
  return line;
}

static void check(const struct ps_line *line, pid_t pid, double percent,
                  uint64_t rss_kb, uint64_t vsz_kb, uint64_t cpu_ns,
                  uint64_t resolution_ns, uint64_t elapsed_s) {
  ck_assert_int_eq(line->pid, pid);
  ck_assert_double_eq_tol(line->percent, percent, 1e-9);
  ck_assert_uint_eq(line->rss_kb, rss_kb);
  ck_assert_uint_eq(line->vsz_kb, vsz_kb);
  ck_assert_uint_eq(line->cpu_ns, cpu_ns);
  ck_assert_uint_eq(line->cpu_resolution_ns, resolution_ns);
  ck_assert_uint_eq(line->elapsed_s, elapsed_s);
}

/* procps-ng 4.0.2, printed on Debian 12. time and etime: [DD-]hh:mm:ss, as
 * its ps(1) says under STANDARD FORMAT SPECIFIERS. */
START_TEST(procps) {
  struct ps_line l =
      parse("      1 Ss    0.2 10588  39032 00:00:10    01:22:24 Mon "
            "Nov 23 20:01:03 2026",
            &rich);
  check(&l, 1, 0.2, 10588, 39032, 10 * s, s, 4944);
  ck_assert_int_eq(l.start_s, 1795464063); /* date -u -d '… 2026' +%s */
  ck_assert_uint_eq(l.have, 0xff);
  l = parse(
      "4242 R<l+ 250.5 1 2 1-02:03:04 100-00:00:01 Thu Jan  1 00:00:00 1970",
      &rich);
  check(&l, 4242, 250.5, 1, 2, 93784 * s, s, 8640001);
  ck_assert_int_eq(l.start_s, 0);
}
END_TEST

/* procps-ng 4.0.2 of a process that it met in the first moment of its life. */
START_TEST(a_start_that_seems_to_come_is_now) {
  struct ps_line l = parse("4242 S 0.0 1 2 00:00:00 441077234-00:18:40 Mon Nov "
                           "23 20:01:03 2026",
                           &rich);
  ck_assert_uint_eq(l.elapsed_s, 0);
  l = parse("4242 0.0 2 00:00:00 213503982334601-07:00:15", &posix);
  ck_assert_uint_eq(l.elapsed_s, 0);
}
END_TEST

/* FreeBSD's bin/ps/print.c: cputime is minutes:seconds.hundredths, elapsed
 * [[days-]hours:]minutes:seconds, lstart strftime's %c. */
START_TEST(freebsd) {
  struct ps_line l =
      parse("  731 Is     0.0   2488  13272   0:00.04 12:01 Tue Feb "
            "29 23:59:59 2028",
            &rich);
  check(&l, 731, 0, 2488, 13272, 40000000, 10000000, 721);
  ck_assert_int_eq(l.start_s, 1835481599);
  l = parse("1 ILs 3.5 9 9 1234:05.67 1-00:00:00 Mon Nov 23 20:01:03 2026",
            &rich);
  check(&l, 1, 3.5, 9, 9, 74045670000000, 10000000, 86400);
}
END_TEST

/* OpenBSD's bin/ps/print.c: the same forms; its ps(1): time is
 * minutes:seconds.hundredths. */
START_TEST(openbsd) {
  struct ps_line l = parse(
      "54321 Ssp    0.0  1080   792  0:00.63 03-04:05:06 Sat Aug  1 09:08:07 "
      "2026",
      &rich);
  check(&l, 54321, 0, 1080, 792, 630000000, 10000000, 273906);
}
END_TEST

/* NetBSD's bin/ps/print.c: minutes:seconds.hundredths, and hours of it as
 * minutes; ETIME [[dd-]hh:]mm:ss. */
START_TEST(netbsd) {
  struct ps_line l = parse(
      "  405 Is   0.0  1500  20496 0:00.01       01:07 Fri Dec 31 23:00:00 "
      "1999",
      &rich);
  check(&l, 405, 0, 1500, 20496, 10000000, 10000000, 67);
  ck_assert_int_eq(l.start_s, 946681200);
}
END_TEST

/* macOS's ps (adv_cmds, a FreeBSD ps): a process of two hours shows 123:03.05,
 * as in the `ps aux` of many public reports. */
START_TEST(macos) {
  struct ps_line l =
      parse("  412 Ss     0.2 217636  4490356 123:03.05 22-10:11:12 Tue Aug  5 "
            "10:00:00 2014",
            &rich);
  check(&l, 412, 0.2, 217636, 4490356, 7383050000000, 10000000, 1937472);
}
END_TEST

/* Solaris and illumos: usr/src/cmd/ps/ps.c prints time and etime as
 * [[dd-]hh:]mm:ss; there is no lstart. */
START_TEST(illumos) {
  struct ps_line l =
      parse("   103  0.0  5432   8120       00:03 10-03:25:11", &solaris);
  check(&l, 103, 0, 5432, 8120, 3 * s, s, 876311);
  l = parse("   103 12.5  5432   8120    01:02:03       00:09", &solaris);
  check(&l, 103, 12.5, 5432, 8120, 3723 * s, s, 9);
}
END_TEST

/* AIX's ps documentation: TIME and ELAPSED [dd-]hh:mm:ss and [[dd-]hh:]mm:ss;
 * `-` stands for what a process does not have. */
START_TEST(aix) {
  struct ps_line l =
      parse("  5439492   0.0  1636    00:00:01 12-01:02:03", &posix);
  check(&l, 5439492, 0, 0, 1636, s, s, 1040523);
  l = parse("  5439492   -     -    00:00:00 00:05", &posix);
  ck_assert_uint_eq(l.have, 1u << PS_PID | 1u << PS_TIME | 1u << PS_ETIME);
}
END_TEST

static void refuse(const char *text, const struct ps_layout *layout) {
  struct ps_line line;

  ck_assert_msg(ps_parse_line(text, strlen(text), layout, &line) == -EINVAL,
                "%s", text);
}

START_TEST(hostile_lines_are_refused) {
  static const char good[] = "1 S 0.2 3 4 00:00:05 00:06 Mon Nov 23 "
                             "20:01:03 2026";
  struct ps_line line;
  char text[4096];

  ck_assert_int_eq(ps_parse_line(good, strlen(good), &rich, &line), 0);
  /* cut off anywhere but within the year, which stays a year */
  for (size_t len = 0; len < strlen(good) - 4; len++)
    ck_assert_int_eq(ps_parse_line(good, len, &rich, &line), -EINVAL);
  refuse("1 S 0.2 3 4 00:00:05 00:06 Mon Nov 23 20:01:03 2026 more", &rich);
  refuse("0 0.2 4 00:00:05 00:06", &posix);
  refuse("-1 0.2 4 00:00:05 00:06", &posix);
  refuse("- 0.2 4 00:00:05 00:06", &posix);
  refuse("2147483648 0.2 4 00:00:05 00:06", &posix);
  refuse("1 -0.2 4 00:00:05 00:06", &posix);
  refuse("1 0,2 4 00:00:05 00:06", &posix);
  refuse("1 nan 4 00:00:05 00:06", &posix);
  refuse("1 0.2 -4 00:00:05 00:06", &posix);
  refuse("1 0.2 4k 00:00:05 00:06", &posix);
  refuse("1 0.2 99999999999999999999999999 00:00:05 00:06", &posix);
  refuse("1 0.2 4 5 00:06", &posix);
  refuse("1 0.2 4 00:00:00:05 00:06", &posix);
  refuse("1 0.2 4 1-00:05 00:06", &posix);
  refuse("1 0.2 4 99999999999999999:05 00:06", &posix);
  refuse("1 0.2 4 9999999999-00:00:05 00:06", &posix);
  refuse("1 0.2 4 00:00:05 00:06.", &posix);
  refuse("1 0.2 4 00:\xff\xfe:05 00:06", &posix);
  refuse("1 S 0.2 3 4 00:00:05 00:06 Mon Foo 23 20:01:03 2026", &rich);
  refuse("1 S 0.2 3 4 00:00:05 00:06 Mon Nov 32 20:01:03 2026", &rich);
  refuse("1 S 0.2 3 4 00:00:05 00:06 Mon Nov 23 20:01:03 99999", &rich);
  refuse("PID %CPU VSZ TIME ELAPSED", &posix);
  refuse("ps: illegal option -- p", &posix);
  memset(text, '1', sizeof(text));
  text[sizeof(text) - 1] = '\0';
  refuse(text, &posix);
  memset(text, '\0', sizeof(text));
  ck_assert_int_eq(ps_parse_line(text, sizeof(text), &posix, &line), -EINVAL);
}
END_TEST

START_TEST(large_figures_are_taken) {
  /* A browser's address space, and one under the address sanitizer. */
  struct ps_line l = parse("1 6400.0 1480252964 00:00:05 00:06", &posix);
  ck_assert_uint_eq(l.vsz_kb, 1480252964);
  ck_assert_double_eq_tol(l.percent, 6400, 1e-9);
  l = parse("1 0 21474877520 00:00:05 00:06", &posix);
  ck_assert_uint_eq(l.vsz_kb, UINT64_C(21474877520));
  l = parse("1 0 1 5000-00:00:00 9999-23:59:59", &posix);
  ck_assert_uint_eq(l.cpu_ns, 432000000 * s);
}
END_TEST

static bool is_zombie(const char *state) {
  char text[128];

  snprintf(text, sizeof(text),
           "1 %s 0 0 0 00:00:05 00:06 Mon Nov 23 20:01:03 2026", state);
  return parse(text, &rich).is_zombie;
}

START_TEST(zombies_are_told_by_their_state) {
  ck_assert(is_zombie("Z"));
  ck_assert(is_zombie("Z+"));
  ck_assert(is_zombie("ZNs"));
  ck_assert(!is_zombie("Zl"));
  ck_assert(!is_zombie("Zsl+"));
  ck_assert(!is_zombie("S"));
  refuse("1 7 0 0 0 00:00:05 00:06 Mon Nov 23 20:01:03 2026", &rich);
}
END_TEST

START_TEST(a_refused_line_still_names_its_process) {
  struct ps_line line;

  ck_assert_int_eq(ps_parse_line("42 garbage", 10, &posix, &line), -EINVAL);
  ck_assert_int_eq(line.pid, 42);
  ck_assert_int_eq(ps_parse_line("garbage", 7, &posix, &line), -EINVAL);
  ck_assert_int_eq(line.pid, 0);
}
END_TEST

/* pid, parent, owner and name of a line, `?` for one that is refused. */
static const char *process_of(const char *text, bool has_owner, char out[128]) {
  struct ps_process p;

  if (ps_parse_process(text, strlen(text), has_owner, &p) != 0)
    return "?";
  ck_assert(p.has_owner == has_owner);
  snprintf(out, 128, "%d,%d,%u,%.*s", (int)p.pid, (int)p.parent,
           (unsigned)p.owner, (int)p.command_len, p.command);
  return out;
}

static void check_process(const char *text, const char *expected) {
  char out[128];

  ck_assert_str_eq(process_of(text, true, out), expected);
}

START_TEST(processes_of_every_ps) {
  char out[128];

  /* procps-ng 4.0.2 */
  check_process("      1       0     0 systemd", "1,0,0,systemd");
  check_process("      3       2     0 pool_workqueue_release",
                "3,2,0,pool_workqueue_release");
  check_process("   4242       1 65534 tmux: server",
                "4242,1,65534,tmux: server");
  check_process("     42       2     0 kworker/0:1-events",
                "42,2,0,kworker/0:1-events");
  check_process("     42       1     0 (sd-pam)", "42,1,0,(sd-pam)");
  check_process("     42       1  1000 sleep <defunct>",
                "42,1,1000,sleep <defunct>");
  /* FreeBSD's bin/ps: UIDFMT "u", the columns flush right */
  check_process("  731     1    0 syslogd", "731,1,0,syslogd");
  check_process("    0     0    0 kernel", "?");
  /* macOS's adv_cmds/ps: UIDFMT "d", comm is a path */
  check_process("  163     1    -2 /usr/sbin/distnoted",
                "163,1,4294967294,distnoted");
  check_process("  501     1   501 /Applications/Google Chrome.app/Contents/"
                "MacOS/Google Chrome",
                "501,1,501,Google Chrome");
  /* illumos: usr/src/cmd/ps/ps.c, comm is the path of exec */
  check_process("  103     1     0 /usr/lib/nfs/nfsmapid", "103,1,0,nfsmapid");
  /* AIX */
  check_process("  5439492        1      0 srcmstr", "5439492,1,0,srcmstr");
  /* BusyBox knows no uid, and is asked without. */
  ck_assert_str_eq(process_of("    1     0 init", false, out), "1,0,0,init");
}
END_TEST

START_TEST(names_hold_anything) {
  check_process("42 1 0 two words  ", "42,1,0,two words");
  check_process("42 1 0 a) S 1 (b", "42,1,0,a) S 1 (b");
  check_process("42 1 0 7", "42,1,0,7");
  check_process("42 1 0 tab\there", "42,1,0,tab\there");
  check_process("42 1 0 /usr/bin/a b/c d", "42,1,0,c d");
  check_process("42 1 0 /", "42,1,0,/");
  check_process("42 1 0 /usr/bin/", "42,1,0,bin/");
  check_process("42 1 0 \xff\xfe", "42,1,0,\xff\xfe");
}
END_TEST

START_TEST(hostile_processes_are_refused) {
  char text[4096];
  struct ps_process p;

  check_process("", "?");
  check_process("   ", "?");
  check_process("PID PPID UID COMMAND", "?");
  check_process("ps: uid: keyword not found", "?");
  check_process("42", "?");
  check_process("42 1", "?");
  check_process("42 1 0", "?");
  check_process("42 1 0   ", "?");
  check_process("42 1 name", "?");
  check_process("0 1 0 x", "?");
  check_process("-42 1 0 x", "?");
  check_process("42 -1 0 x", "?");
  check_process("42 - 0 x", "?");
  check_process("42 1 - x", "?");
  check_process("42 1 -- x", "?");
  check_process("42 1 1-2 x", "?");
  check_process("4x 1 0 x", "?");
  check_process("2147483647 2147483647 4294967295 x",
                "2147483647,2147483647,4294967295,x");
  check_process("2147483648 1 0 x", "?");
  check_process("42 2147483648 0 x", "?");
  check_process("42 1 4294967296 x", "?");
  check_process("42 1 -2147483648 x", "?");
  check_process("42 1 99999999999999999999999999 x", "?");
  check_process("99999999999999999999999999 1 0 x", "?");
  memset(text, '1', sizeof(text));
  ck_assert_int_eq(ps_parse_process(text, sizeof(text), true, &p), -EINVAL);
  memset(text, '\0', sizeof(text));
  ck_assert_int_eq(ps_parse_process(text, sizeof(text), true, &p), -EINVAL);
  /* What stands behind the end is not looked at. */
  ck_assert_int_eq(ps_parse_process("42 1 0 x", 7, true, &p), -EINVAL);
}
END_TEST

static void check_arguments(const char *text, const char *expected) {
  char out[128] = "?";
  const char *line;
  size_t len;
  pid_t pid;

  if (ps_parse_arguments(text, strlen(text), &pid, &line, &len) == 0)
    snprintf(out, sizeof(out), "%d=%.*s", (int)pid, (int)len, line);
  ck_assert_str_eq(out, expected);
}

START_TEST(command_lines_are_whole) {
  check_arguments("      2 [kthreadd]", "2=[kthreadd]");
  check_arguments("   4242 /usr/sbin/nginx -g daemon off;",
                  "4242=/usr/sbin/nginx -g daemon off;");
  check_arguments("   4242 [sleep] <defunct>", "4242=[sleep] <defunct>");
  check_arguments("42 a  b   c  ", "42=a  b   c");
  check_arguments("42 7 8 9", "42=7 8 9");
  check_arguments("42", "42=");
  check_arguments("42   ", "42=");
  check_arguments("", "?");
  check_arguments("PID COMMAND", "?");
  check_arguments("-1 x", "?");
  check_arguments("0 x", "?");
  check_arguments("99999999999999999999 x", "?");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      procps,
      a_start_that_seems_to_come_is_now,
      freebsd,
      openbsd,
      netbsd,
      macos,
      illumos,
      aix,
      hostile_lines_are_refused,
      large_figures_are_taken,
      zombies_are_told_by_their_state,
      a_refused_line_still_names_its_process,
      processes_of_every_ps,
      names_hold_anything,
      hostile_processes_are_refused,
      command_lines_are_whole,
  };
  return UNIT_RUN("ps_parse", tests);
}
