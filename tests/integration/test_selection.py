"""What to watch: by command line, user, unit, cgroup and descent, each alone and
together, as a sum and one by one."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import time

import harness

NOBODY = pwd.getpwnam("nobody").pw_uid
PR_SET_NAME = 15


class Selection(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.word = f"pm{os.getpid()}x{id(self) % 9999}"
        self.log = harness.Log(self.folder / "log")
        # Other users start it, too.
        os.chmod(self.folder, 0o755)
        self.program = self.folder / "program"
        shutil.copy(harness.BURNER, self.program)

    def start(self, arguments, **options):
        process = harness.Process(arguments, stdin=subprocess.DEVNULL, **options)
        self.addCleanup(process.kill)
        return process

    def sleep(self, *words, **options):
        """A process with these words behind the time that it sleeps."""
        return self.start([self.program, "--duty", "0", "--", *words], **options)

    def watch(self, selectors, interval=0.2, options="", plugin=""):
        return self.daemon(
            f"""<Plugin procmon>
              {plugin}
              <Process "it">
                {selectors}
                Interval {interval}
                File "{self.log.path}"
                TimeFormat "%s.%3N"
                Columns Time Pid Processes CPU Resident
                {options}
              </Process>
            </Plugin>"""
        )

    def wait_for_processes(self, n):
        harness.wait_for(
            lambda: len(self.log.lines()) > 1
            and self.log.rows()[-1]["Processes"] == n,
            self.log.text,
        )


class CommandLine(Selection):
    def test_an_expression_finds_the_words(self):
        several = [self.sleep(self.word, "-role", role) for role in ("a", "b", "c")]
        self.watch(f'CommandLine "{self.word} -role [ab]$"')
        self.wait_for_processes(2)
        self.assertIn(self.log.rows()[-1]["Pid"], {p.pid for p in several[:2]})
        self.sleep(self.word, "-role", "b")
        self.wait_for_processes(3)

    def test_a_program_that_comes_by_exec_is_found(self):
        go = self.folder / "go"
        os.mkfifo(go)
        daemon = self.watch(f'CommandLine "^{self.program} --duty 0 -- {self.word}"')
        shell = self.start(
            ["sh", "-c", f"read x < {go}; exec {self.program} --duty 0 -- {self.word}"]
        )
        counts = len(daemon.csv("it", "ps_count"))
        harness.wait_for(
            lambda: len(daemon.csv("it", "ps_count")) > counts + 3, daemon.log
        )
        self.assertEqual(daemon.csv("it", "ps_count")[-1][1], 0)
        go.write_text("x\n")
        self.wait_for_processes(1)
        self.assertEqual(self.log.rows()[-1]["Pid"], shell.pid)

    def test_a_kernel_thread_is_found_by_its_name_in_brackets(self):
        if pathlib.Path("/proc/2/cmdline").read_bytes() != b"" or (
            pathlib.Path("/proc/2/comm").read_text() != "kthreadd\n"
        ):
            # Without one to see, one that has erased its words is as good.
            name = self.word[:15]
            script = (
                "import ctypes, time; libc = ctypes.CDLL(None);"
                f"libc.prctl(15, b'{name}');"
                "base = [int(l.split('-')[0], 16) for l in open('/proc/self/maps')];"
                "f = open('/proc/self/stat').read().rpartition(')')[2].split();"
                "a, e = int(f[45]), int(f[46]);"
                "ctypes.memset(a, 0, e - a); time.sleep(600)"
            )
            process = self.start([sys.executable, "-c", script])
            pattern = rf"^\\[{name}\\]$"
            pid = process.pid
        else:
            pattern, pid = r"^\\[kthreadd\\]$", 2
        self.watch(f'CommandLine "{pattern}"')
        harness.wait_for(
            lambda: len(self.log.lines()) > 1 and self.log.rows()[-1]["Pid"] == pid,
            self.log.text,
        )

    def test_odd_names_are_watched_and_break_no_row(self):
        name = b"a b)\n\t\\\xff\xc3("
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)
            ctypes.CDLL(None).prctl(PR_SET_NAME, name)
            while True:
                time.sleep(600)
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        path = self.folder / "collectd.conf.part"
        path.write_bytes(
            b'<Plugin procmon>\n<Process "odd\xff name">\nCommand "a b)\n\t\\\\\xff\xc3("\n'
            b'Interval 0.2\nFile "' + os.fsencode(self.log.path) + b'"\n'
            b"Columns Time Pid Processes\n</Process>\n</Plugin>\n"
        )
        daemon = self.daemon(f'Include "{path}"')
        rows = harness.wait_for(
            lambda: self.log.lines()[1:] if len(self.log.lines()) > 3 else None,
            daemon.log_path.read_bytes,
        )
        self.assertEqual({tuple(row[1:]) for row in rows}, {(str(pid), "1")})
        folder = os.fsencode(daemon.folder) + b"/csv/testhost"
        self.assertIn(b"procmon-odd\xff name", os.listdir(folder))


class User(Selection):
    def test_the_owner_is_the_effective_user(self):
        self.sleep(self.word)
        daemon = self.watch(f'User "nobody"\nCommandLine "{self.word}"')
        harness.wait_for(lambda: "no process now with" in daemon.log(), daemon.log)
        mine = self.sleep(self.word, user=NOBODY, cwd="/")
        self.wait_for_processes(1)
        self.assertEqual(self.log.rows()[-1]["Pid"], mine.pid)

    def test_a_number_is_a_user_too(self):
        self.sleep(self.word, user=54321, cwd="/")
        self.watch("User 54321")
        self.wait_for_processes(1)

    def test_an_unknown_user_is_said_and_waited_for(self):
        daemon = self.watch('User "nosuchuser"')
        harness.wait_for(lambda: daemon.log_lines("warning"), daemon.log)
        harness.wait_for(lambda: len(daemon.csv("it", "ps_count")) > 3, daemon.log)
        self.assertEqual(
            daemon.log_lines("warning"),
            ['<Process "it">: this system knows no such user'],
        )
        self.assertEqual(
            daemon.log_lines("notice"),
            ['<Process "it">: no process now with User "nosuchuser", waiting for it'],
        )


class Each(Selection):
    def test_each_process_has_a_series_and_a_log(self):
        several = [self.sleep(self.word) for _ in range(3)]
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process "it">
                CommandLine "{self.word}"
                Report "each"
                Interval 0.2
                File "{self.folder}/log-%p"
                TimeFormat "%s.%3N"
              </Process>
            </Plugin>"""
        )
        for process in several:
            log = harness.Log(self.folder / f"log-{process.pid}")
            log.wait_for_rows(2)
            harness.wait_for(
                lambda: len(daemon.csv(f"it-{process.pid}", "ps_rss")) > 1, daemon.log
            )
            self.assertEqual(daemon.csv(f"it-{process.pid}", "ps_count")[-1][1], 1)
        harness.wait_for(lambda: daemon.csv("it", "ps_count"), daemon.log)
        self.assertEqual(daemon.csv("it", "ps_count")[-1][1], 3)
        self.assertEqual(daemon.csv_metrics("it"), ["ps_count"])
        several[0].kill()
        harness.wait_for(lambda: daemon.csv("it", "ps_count")[-1][1] == 2, daemon.log)

    def test_a_wide_pattern_is_limited_and_said_once(self):
        for _ in range(5):
            self.sleep(self.word)
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process "it">
                CommandLine "{self.word}"
                Report "each"
                MaxProcesses 2
                Interval 0.2
              </Process>
            </Plugin>"""
        )
        harness.wait_for(lambda: len(daemon.csv("it", "ps_count")) > 3, daemon.log)
        self.assertEqual(daemon.csv("it", "ps_count")[-1][1], 2)
        self.assertEqual(
            daemon.log_lines("warning"),
            [
                '<Process "it">: 5 processes match; only 2 of them are reported, for '
                "MaxProcesses says so"
            ],
        )


class Groups(Selection):
    """Real cgroups: of v2 and, where it is mounted, of v1."""

    def hierarchies(self):
        root = pathlib.Path("/sys/fs/cgroup")
        v2 = root if (root / "cgroup.controllers").exists() else root / "unified"
        return [p for p in (v2, root / "systemd") if (p / "cgroup.procs").exists()]

    def make(self, hierarchy, name):
        path = hierarchy / name
        try:
            path.mkdir()
        except OSError as error:
            self.skipTest(f"no cgroup can be made in {hierarchy}: {error}")
        self.addCleanup(self.remove, path)
        return path

    def remove(self, path):
        def is_gone():
            try:
                path.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                return False
            return True

        harness.wait_for(is_gone, f"{path} is empty")

    def enter(self, path, process):
        (path / "cgroup.procs").write_text(f"{process.pid}\n")

    def test_a_cgroup_and_those_below_it(self):
        self.assertTrue(self.hierarchies(), "no cgroup is mounted")
        for hierarchy in self.hierarchies():
            with self.subTest(hierarchy=str(hierarchy)):
                self.log = harness.Log(self.folder / f"log-{hierarchy.name}")
                group = self.make(hierarchy, f"{self.word}.test")
                inner = self.make(group, "inner")
                first, second = self.sleep("1"), self.sleep("2")
                self.enter(group, first)
                daemon = self.watch(f'Cgroup "/{group.name}"')
                self.wait_for_processes(1)
                self.enter(inner, second)
                self.wait_for_processes(2)
                first.kill()
                self.wait_for_processes(1)
                self.assertEqual(self.log.rows()[-1]["Pid"], second.pid)
                daemon.stop()
                second.kill()
                self.remove(inner)
                self.remove(group)

    def test_a_unit_is_waited_for_and_found_again(self):
        hierarchy = self.hierarchies()[0]
        unit = f"{self.word}.service"
        daemon = self.watch(f'Unit "{self.word}"')
        harness.wait_for(lambda: "waiting for it" in daemon.log(), daemon.log)
        slice_ = hierarchy / "system.slice"
        if not slice_.exists():
            slice_ = self.make(hierarchy, "system.slice")
        for _ in range(2):
            group = self.make(slice_, unit)
            process = self.sleep("x")
            self.enter(group, process)
            harness.wait_for(
                lambda: len(self.log.lines()) > 1
                and self.log.rows()[-1]["Pid"] == process.pid,
                lambda: daemon.log() + self.log.text(),
            )
            process.kill()
            self.remove(group)
        self.assertEqual([l for l in self.log.lines() if l[0] == "Time"][1:], [])

    def test_the_cpu_of_a_v2_group_counts_who_came_and_went(self):
        hierarchy = self.hierarchies()[0]
        if not (hierarchy / "cgroup.controllers").exists():
            self.skipTest("no cgroup v2 is mounted")
        group = self.make(hierarchy, f"{self.word}.test")
        resting = self.sleep("x")
        self.enter(group, resting)
        self.watch(f'Cgroup "{group.name}"', interval=0.5)
        self.log.wait_for_rows(2)

        def group_s():
            text = (group / "cpu.stat").read_text()
            return int(text.split("usage_usec ")[1].split()[0]) / 1e6

        before = group_s()
        script = (
            "import os, resource, sys, time\n"
            f"open('{group}/cgroup.procs', 'w').write(str(os.getpid()))\n"
            "def used():\n"
            "  both = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN\n"
            "  return sum(sum(resource.getrusage(who)[:2]) for who in both)\n"
            "before = used()\n"
            "for i in range(40):\n"
            "  if os.fork() == 0:\n"
            "    while time.process_time() < 0.02: pass\n"
            "    os._exit(0)\n"
            "  os.wait()\n"
            "print(used() - before)\n"
        )
        used = float(
            subprocess.run(
                [sys.executable, "-c", script], check=True, capture_output=True
            ).stdout
        )
        rows = self.log.wait_for_rows(len(self.log.rows()) + 2)
        pairs = list(zip(rows, rows[1:]))
        told = sum(b["CPU"] / 100 * (b["Time"] - a["Time"]) for a, b in pairs)
        # The kernel counts the end of a process for its group, and no more for
        # the process.
        counted = group_s() - before
        self.assertGreater(used, 0.8)
        self.assertGreater(counted, used * 0.98)
        self.assertAlmostEqual(told, counted, delta=counted * 0.03)


class Rights(Selection):
    """A collectd that is not root."""

    def as_nobody(self, block, wrap=()):
        """A collectd of nobody's, with the plugin where nobody may read it."""
        plugins = self.folder / "plugins"
        plugins.mkdir()
        shutil.copy(harness.BUILDDIR / ".libs" / "procmon.so", plugins)
        daemon = harness.Daemon(block)
        config = daemon.config.read_text()
        daemon.config.write_text(
            config.replace(f"{harness.BUILDDIR}/.libs", str(plugins))
        )
        for path in (daemon.folder, *daemon.folder.iterdir()):
            os.chown(path, NOBODY, -1)
        os.chmod(daemon.folder, 0o755)
        daemon.arguments = [
            *wrap,
            *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
            *daemon.arguments,
        ]
        self.addCleanup(daemon.stop)
        daemon.start()
        return daemon

    def test_what_may_not_be_read_is_missing_and_said_once(self):
        process = self.sleep(self.word)
        daemon = self.as_nobody(
            f"""<Plugin procmon>
              <Process "it">
                CommandLine "{self.word}"
                Interval 0.2
                Metrics cpu resident count io
              </Process>
            </Plugin>"""
        )
        harness.wait_for(lambda: len(daemon.csv("it", "ps_rss")) > 3, daemon.log)
        self.assertNotIn("ps_disk_octets", daemon.csv_metrics("it"))
        self.assertIn("gauge-cpu_percent", daemon.csv_metrics("it"))
        self.assertEqual(
            daemon.log_lines("warning"),
            [
                f'<Process "it">: of process {process.pid} cannot be read, and so is '
                "missing: I/O; collectd has not the rights for it"
            ],
        )

    def test_what_procfs_hides_is_said_once(self):
        process = self.sleep(self.word)
        own = self.sleep(self.word, user=NOBODY, group=NOBODY, cwd="/")
        proc = self.folder / "proc"
        proc.mkdir()
        mount = "mount -t proc -o hidepid=2 proc /proc && exec \"$@\""
        daemon = self.as_nobody(
            f"""<Plugin procmon>
              <Process "it">
                CommandLine "{self.word}"
                Interval 0.2
              </Process>
              <Process "hidden">
                Pid {process.pid}
                Interval 0.2
              </Process>
            </Plugin>""",
            wrap=("unshare", "-m", "sh", "-c", mount, "sh"),
        )
        harness.wait_for(lambda: len(daemon.csv("it", "ps_rss")) > 3, daemon.log)
        self.assertEqual({v[1] for v in daemon.csv("it", "ps_count")}, {1})
        self.assertEqual(
            daemon.log_lines("warning"),
            [
                '<Process "it">: the processes of other users are hidden from '
                "collectd (hidepid)"
            ],
        )
        self.assertEqual(
            daemon.log_lines("error"),
            [
                '<Process "hidden">: a process cannot be watched: the procfs hides '
                "the processes of other users (hidepid)"
            ],
        )
        self.assertIsNone(own.popen.poll())


class Storm(Selection):
    def test_a_fork_storm_leaves_nothing_behind(self):
        daemon = self.watch(f'CommandLine "{self.word}"', interval=0.5)
        harness.wait_for(lambda: daemon.csv("it", "ps_count"), daemon.log)
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status")
        stat = pathlib.Path(f"/proc/{daemon.process.pid}/stat")

        def resident_kb():
            return int(status.read_text().split("VmRSS:")[1].split()[0])

        def cpu_s():
            fields = stat.read_text().rpartition(")")[2].split()
            return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

        def forks():
            """How many processes were ever made."""
            text = pathlib.Path("/proc/stat").read_text()
            return int(text.split("\nprocesses ")[1].split()[0])

        def storm(n):
            """So many processes, 2,000 a second; gives what collectd used of it."""
            begin, cpu, first = time.monotonic(), cpu_s(), forks()
            command = [harness.BURNER, "--duty", "0", "--forks", "1000"]
            processes = [self.start(command) for _ in range(2)]
            harness.wait_for(lambda: forks() - first > n, "the storm", 120)
            for process in processes:
                process.kill()
            seconds = time.monotonic() - begin
            print(
                f"{n / seconds:.0f} processes a second for {seconds:.1f} s: collectd "
                f"used {100 * (cpu_s() - cpu) / seconds:.1f} % of a processor"
            )

        storm(4000)
        self.wait_for_counts(daemon)
        descriptors, resident = daemon.descriptors(), resident_kb()
        storm(20000)
        self.wait_for_counts(daemon)
        self.assertEqual(daemon.descriptors(), descriptors)
        self.assertLess(resident_kb(), resident + 1024)
        self.assertEqual(daemon.log_lines("error"), [])

    def wait_for_counts(self, daemon):
        before = len(daemon.csv("it", "ps_count"))
        harness.wait_for(
            lambda: len(daemon.csv("it", "ps_count")) > before + 3, daemon.log
        )


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: only root can make cgroups and other users' processes")
        sys.exit(77)
    harness.main()
