"""procmonctl as a user meets it, with a real collectd behind the socket."""

import json
import os
import pathlib
import pty
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import harness

PROCMONCTL = harness.BUILDDIR / "procmonctl"
NOBODY = pwd.getpwnam("nobody").pw_uid
# Uses a twentieth of a second of CPU, and says how much it has used.
BURN = """
import time
while time.process_time() < 0.05: pass
print(time.process_time())
"""
# Says when it can take the signal of this name, and ends with status 9 by it.
TAKE_SIGNAL = """
import signal, sys
taken = {getattr(signal, "SIG" + sys.argv[1])}
signal.pthread_sigmask(signal.SIG_BLOCK, taken)
print("ready", flush=True)
signal.sigwait(taken)
sys.exit(9)
"""
needs_root = unittest.skipUnless(os.geteuid() == 0, "needs root")


def processes_with(word):
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


class Client(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.socket = self.folder / "socket"
        self.environment = {**os.environ, "PROCMON_SOCKET": str(self.socket)}
        self.program = PROCMONCTL

    def collectd(self, blocks="", options=""):
        self.daemon_ = self.daemon(
            f"""<Plugin procmon>
              ControlSocket "{self.socket}"
              {options}
              {blocks}
            </Plugin>""",
            interval=10,
        )
        return self.daemon_

    def ctl(self, *arguments, status=0, **options):
        """Runs procmonctl; checks its exit status, and that errors are lines."""
        options = {"stdout": subprocess.PIPE, "env": self.environment, **options}
        result = subprocess.run(
            [self.program, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
            timeout=60,
            **options,
        )
        self.assertEqual(result.returncode, status, result)
        return result

    def error(self, *arguments, status, **options):
        """The one line that procmonctl says, and nothing else."""
        result = self.ctl(*arguments, status=status, **options)
        self.assertIn(result.stdout, ("", None))
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertTrue(lines[0].startswith("procmonctl: "), lines)
        return lines[0][len("procmonctl: ") :]

    def start(self, *arguments):
        out = self.ctl("start", *arguments).stdout
        self.assertRegex(out, r"^\d+\n$")
        return out.strip()

    def begin(self, *arguments, **options):
        """A procmonctl that goes on, with its output to be read."""
        process = harness.Process(
            [str(self.program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            env=self.environment,
            **options,
        )
        self.addCleanup(process.kill)
        return process

    def monitors(self):
        return json.loads(self.ctl("list", "--json").stdout)

    def monitor(self, id_):
        return {str(m["id"]): m for m in self.monitors()}[str(id_)]

    def running(self):
        return [m for m in self.monitors() if m["running"]]


class StartAndStop(Client):
    def test_a_monitor_from_start_to_stop(self):
        self.collectd()
        process = self.sleeper()
        log = harness.Log(self.folder / "log")
        id_ = self.start(process.pid, "--interval", "0.1", "--file", log.path)
        self.assertEqual(self.ctl("running", id_).stdout, "true\n")
        harness.wait_for(lambda: len(log.lines()) > 2, log.text)
        self.assertEqual(self.ctl("stop", id_).stdout, "")
        rows = len(log.lines()) - 1
        self.assertEqual(log.header(), ["Time", "CPU", "Resident", "Virtual"])
        self.assertEqual(self.ctl("running", id_, status=1).stdout, "false\n")
        # Stopped, it tells again what it saw.
        out = self.ctl("stop", "-v", id_).stdout
        self.assertRegex(
            out,
            rf'^monitor {id_} "{process.pid}": \d+\.\d+ s, {rows} rows\n'
            r"  CPU %     0\.\d+ mean, 0\.\d+ max\n"
            r"  resident  \d+ KiB mean, \d+ KiB max, \d+ KiB last\n$",
        )

    def test_options_of_start(self):
        self.collectd()
        process = self.burner("--duty", "0.5")
        path = self.folder / "log"
        path.write_text("old\n")
        id_ = self.start(
            *("--name", "mine", "--num-processors", "10", process.pid),
            *("--columns", "Time Pid CPU", "--header", "hash", "--append", "false"),
            *("--time-format", "%z/%s", "--set", "timezone=utc", "--interval=0.2"),
            *("--set", "metrics=cpu resident", "--children", "--file", path),
        )
        log = harness.Log(path)
        harness.wait_for(lambda: len(log.lines()) > 3, log.text)
        self.ctl("stop", id_)
        self.assertEqual(log.header(), ["#Time", "Pid", "CPU"])
        for at, pid, cpu in log.lines()[1:]:
            self.assertRegex(at, r"^\+0000/\d+$")
            self.assertEqual(pid, str(process.pid))
            self.assertLess(float(cpu), 10)
        monitor = self.monitor(id_)
        self.assertEqual(monitor["name"], "mine")
        self.assertEqual(monitor["interval"], 0.2)

    def test_what_collectd_refuses(self):
        self.collectd()
        process = self.sleeper()
        for arguments in (
            ["start", process.pid, "--interval", "-1"],
            ["start", process.pid, "--header", "nonsense"],
            ["start", process.pid, "--set", "nonsense=1"],
            ["start", "no number"],
            ["start", "0"],
            ["stop", "77"],
            ["stop", "x"],
            ["running", "77"],
            ["watch", "77"],
        ):
            self.error(*arguments, status=1)
        self.assertEqual(self.running(), [])
        self.assertIn("interval", self.error(
            "start", process.pid, "--interval", "-1", status=1).lower())

    def test_one_that_cannot_be_stopped_does_not_keep_the_others(self):
        self.collectd()
        process = self.sleeper()
        ids = [self.start(process.pid) for _ in range(2)]
        self.error("stop", ids[0], "77", ids[1], status=1)
        self.assertEqual(self.running(), [])

    def test_other_ways_to_choose_processes(self):
        self.collectd()
        process = self.sleeper()
        pid_file = self.folder / "pid file"
        pid_file.write_text(f"{process.pid}\n")
        id_ = self.start("--name", "it", "--set", f"pidfile={pid_file}",
                         "--interval", "0.1")
        harness.wait_for(
            lambda: self.monitor(id_).get("pids") == [process.pid], self.monitors
        )

    def test_odd_names_and_paths(self):
        self.collectd()
        process = self.sleeper()
        name = 'a "b" \\c é; $(d)'
        folder = self.folder / "x \"y\" 'z' \\"
        folder.mkdir()
        path = "log %p %% é\\.tsv"
        id_ = self.ctl(
            *("start", process.pid, "--name", name, "--file", path),
            *("--interval", "0.1"),
            cwd=folder,
        ).stdout.strip()
        log = harness.Log(folder / path)
        harness.wait_for(lambda: len(log.lines()) > 1, log.text)
        monitor = self.monitor(id_)
        self.assertEqual(monitor["name"], name)
        self.assertEqual(monitor["file"], str(folder / path))
        self.assertIn(f"  {name}  running", self.ctl("list").stdout)
        for option in ("--name", "--file"):
            error = self.error("start", process.pid, option, "a\nb", status=2)
            self.assertIn("control character", error)
        error = self.error("start", process.pid, "--name", "x" * 9000, status=2)
        self.assertIn("too long", error)

    def test_names_that_are_no_utf8(self):
        self.collectd()
        process = self.sleeper()
        path = os.fsencode(self.folder) + b"/log-\xff"
        id_ = self.start("--file", os.fsdecode(path), process.pid)
        self.assertEqual(self.monitor(id_)["file"], f"{self.folder}/log-\ufffd")
        self.assertTrue(os.path.exists(path))


class Show(Client):
    def test_list(self):
        process = self.sleeper()
        self.collectd(
            f"""<Process "nginx one">
              Pid {process.pid}
              Interval 0.5
              File "{self.folder}/log"
            </Process>
            <Process "later">
              PidFile "{self.folder}/later.pid"
            </Process>"""
        )
        harness.wait_for(lambda: "last" in self.monitors()[0], self.monitors)
        id_ = self.start(process.pid, "--interval", "0.25")
        table = self.ctl("list").stdout.splitlines()
        self.assertEqual(
            table[0].split(),
            "ID NAME STATE PIDS INTERVAL ROWS LAST OWNER FILE".split(),
        )
        cells = [re.split(r"  +", line) for line in table]
        one, later, started = cells[1:]
        self.assertEqual(one[1:5], ["nginx one", "running", str(process.pid), "0.500"])
        self.assertRegex(one[6], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
        self.assertEqual(one[8], f"{self.folder}/log")
        self.assertEqual(later[1:4], ["later", "waiting", "-"])
        self.assertEqual(started[0], id_)
        # Columns stand below their names.
        at = table[0].index("STATE")
        for line in table[1:]:
            self.assertRegex(line[at - 1 :], r"^ (running|waiting)")

        monitors = self.monitors()
        self.assertEqual([m["origin"] for m in monitors],
                         ["config", "config", "socket"])
        self.assertEqual(monitors[0]["pids"], [process.pid])
        self.assertEqual(monitors[2]["interval"], 0.25)
        self.assertAlmostEqual(monitors[0]["last"], time.time(), delta=30)

    def test_a_list_of_nothing(self):
        self.collectd()
        self.assertEqual(self.monitors(), [])
        self.assertEqual(len(self.ctl("list").stdout.splitlines()), 1)

    def test_many_processes_are_shortened(self):
        self.collectd()
        word = f"procmonctl-{os.getpid()}"
        sleep = shutil.which("sleep")
        for _ in range(5):
            process = harness.Process([word, "600"], executable=sleep)
            self.addCleanup(process.kill)
        id_ = self.start("--name", "many", "--interval", "0.1",
                         "--set", f"commandline=^{word} 600")
        harness.wait_for(
            lambda: self.monitor(id_)["processes"] == 5, self.monitors
        )
        self.assertEqual(len(self.monitor(id_)["pids"]), 5)
        self.assertRegex(self.ctl("list").stdout, r" (\d+,){3}\+2  0.100 ")

    def watch(self, *arguments):
        output = self.folder / "watched"
        with open(output, "w") as out:
            # Whoever runs the tests in the background may ignore it.
            process = self.begin(
                "watch", *arguments, stdout=out, stderr=subprocess.PIPE,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        self.addCleanup(process.popen.stderr.close)
        return process, output

    def test_watch_one_until_it_ends(self):
        self.collectd()
        process = self.burner("--memory", "20")
        id_ = self.start(process.pid, "--interval", "0.1", "--name", "a b")
        watch, output = self.watch(id_)
        harness.wait_for(lambda: output.read_text().count("\n") > 3,
                         output.read_text)
        process.kill()
        self.assertEqual(watch.popen.wait(30), 0)
        self.assertIn(f'monitor {id_} "a b" has ended',
                      watch.popen.stderr.read().decode())
        lines = output.read_text().splitlines()
        self.assertEqual(
            lines[0].split(),
            "TIME ID PROCS CPU RESIDENT VIRTUAL PRIVATE THREADS HANDLES NAME".split(),
        )
        first = lines[1].split(None, 9)
        self.assertRegex(first[0], r"^\d\d:\d\d:\d\d\.\d{3}$")
        self.assertEqual(first[1:3], [id_, "1"])
        self.assertAlmostEqual(int(first[4]), 20 * 1024, delta=10 * 1024)
        self.assertEqual(first[9], "a b")
        # Names below their column.
        at = lines[0].index("NAME")
        for line in lines[1:]:
            self.assertEqual(line[at:], "a b", lines)

    def test_watch_all_until_ctrl_c(self):
        self.collectd()
        process = self.sleeper()
        for name in ("first", "second"):
            self.start(process.pid, "--interval", "0.1", "--name", name)
        watch, output = self.watch()
        for name in ("first", "second"):
            harness.wait_for(lambda: name in output.read_text(), output.read_text)
        os.kill(watch.pid, signal.SIGINT)
        self.assertEqual(watch.popen.wait(30), -signal.SIGINT)

    def test_watch_until_collectd_ends(self):
        daemon = self.collectd()
        watch, output = self.watch()
        harness.wait_for(output.read_text, "the header")
        daemon.stop()
        self.assertEqual(watch.popen.wait(30), 3)
        self.assertIn("has it ended?", watch.popen.stderr.read().decode())


class Run(Client):
    def test_exit_statuses(self):
        self.collectd()
        script = self.folder / "script"
        script.write_text("exit 5\n")
        for command, status in (
            (["true"], 0),
            (["sh", "-c", "exit 3"], 3),
            (["sh", "-c", "kill -KILL $$"], 128 + signal.SIGKILL),
            (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM),
        ):
            self.ctl("run", "--", *command, status=status)
            self.ctl("run", *command, status=status)
        missing = self.folder / "missing"
        error = self.error("run", missing, status=127)
        self.assertEqual(error, f"{missing} cannot be run: No such file or directory")
        error = self.error("run", script, status=126)
        self.assertEqual(error, f"{script} cannot be run: Permission denied")
        script.chmod(0o755)
        self.ctl("run", script, status=5)
        self.assertEqual(self.running(), [])

    def test_the_shortest_command_has_a_row(self):
        self.collectd()
        log = harness.Log(self.folder / "short.tsv")
        for n in range(10):
            self.ctl("run", "--interval", "3600", "--file", log.path, "true")
            (*_, row) = log.rows_of_text()
            self.assertEqual(len(log.rows_of_text()), n + 1)
            self.assertGreater(float(row[1]), 0)

    def test_the_command_gets_its_arguments_and_output(self):
        self.collectd()
        arguments = ["--interval", "a b", "", "$x", "-v"]
        result = self.ctl("run", "--interval", "1", "--", "printf", "<%s>", *arguments)
        self.assertEqual(result.stdout, "".join(f"<{a}>" for a in arguments))

    def test_the_command_gets_nothing_of_procmonctl(self):
        self.collectd()
        show = "grep Sig[^Q] /proc/self/status; ls /proc/self/fd | wc -l"
        for before in ("", "trap '' HUP CHLD INT; "):
            direct = subprocess.run(
                ["sh", "-c", f'{before}exec sh -c "{show}"'],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
            ).stdout
            script = f'{before}exec "{PROCMONCTL}" run sh -c "{show}"'
            result = subprocess.run(
                ["sh", "-c", script], stdin=subprocess.DEVNULL,
                capture_output=True, text=True, env=self.environment,
            )
            self.assertEqual(result.stdout, direct, result.stderr)

    def test_from_the_first_instruction(self):
        self.collectd()
        log = harness.Log(self.folder / "log")
        # So long that the only row is the last one.
        result = self.ctl("run", "--interval", "0.4", "--file", log.path,
                          "--time-format", "%s.%3N", "--", sys.executable, "-S", "-E", "-c", BURN)
        used = float(result.stdout)
        rows = log.rows()
        duration = float(re.search(r": (\S+) s\b", result.stderr)[1])
        mean = float(re.search(r"CPU %\s+(\S+) mean", result.stderr)[1])
        self.assertGreater(mean * duration / 100, used * 0.95, result.stderr)
        self.assertLess(mean * duration / 100, used + 0.05, result.stderr)
        if duration < 0.4:
            self.assertEqual(len(rows), 1)
            self.assertAlmostEqual(rows[0]["CPU"], mean, delta=0.2 + mean / 100)

    def test_the_summary(self):
        self.collectd()
        hold = (
            "import time\n"
            "held = bytearray(64 << 20)\n"
            "time.sleep(0.5)\n"
            "del held\n"
            "time.sleep(0.5)\n"
        )
        result = self.ctl("run", "--interval", "0.1", sys.executable, "-c", hold)
        found = re.fullmatch(
            rf"procmonctl: {re.escape(sys.executable)}: (\S+) s\n"
            r"  CPU %     (\S+) mean, (\S+) max\n"
            r"  resident  (\d+) KiB mean, (\d+) KiB max, (\d+) KiB last\n",
            result.stderr,
        )
        self.assertTrue(found, result.stderr)
        duration, cpu, most_cpu, mean, most, last = map(float, found.groups())
        self.assertGreater(duration, 1)
        self.assertLessEqual(cpu, most_cpu)
        self.assertGreater(most, 64 * 1024)
        self.assertLess(last, 64 * 1024)
        self.assertTrue(last < mean < most)

    def test_children(self):
        self.collectd()
        # The shell itself uses next to nothing.
        command = ["sh", "-c", '"$0" -c "$1"; true', sys.executable, BURN]
        for option, counts in (([], False), (["--children"], True)):
            result = self.ctl("run", "--interval", "0.2", *option, "--", *command)
            duration = float(re.search(r": (\S+) s\b", result.stderr)[1])
            mean = float(re.search(r"CPU %\s+(\S+) mean", result.stderr)[1])
            used = float(result.stdout)
            seen = mean * duration / 100
            # The kernel counts reaped children in ticks.
            self.assertEqual(seen > used - 0.03, counts, (seen, used, result.stderr))

    def test_nothing_is_run_without_collectd(self):
        mark = self.folder / "mark"
        error = self.error("run", "touch", mark, status=125)
        self.assertIn(f"there is no socket {self.socket}", error)
        self.collectd()
        self.error("run", "--interval", "-1", "touch", mark, status=125)
        self.error("run", "--file", "/", "touch", mark, status=125)
        self.error("run", "--nonsense", "touch", mark, status=125)
        self.error("run", status=125)
        self.assertFalse(mark.exists())

    def test_collectd_ends_while_the_command_runs(self):
        daemon = self.collectd()
        go = self.folder / "go"
        os.mkfifo(go)
        run = self.begin("run", "sh", "-c", f'read x <"{go}"; exit 6',
                         stderr=subprocess.PIPE)
        self.addCleanup(run.popen.stderr.close)
        with open(go, "w") as out:
            daemon.stop()
            out.write("go\n")
        self.assertEqual(run.popen.wait(30), 6)
        self.assertIn("has it ended?", run.popen.stderr.read().decode())

    def test_a_killed_procmonctl_leaves_no_monitor(self):
        self.collectd()
        word = f"6{os.getpid()}"
        run = self.begin("run", "--interval", "0.1", "sleep", word)
        pid = harness.wait_for(
            lambda: [p for p in processes_with(word) if p != run.pid],
            "the command",
        )[0]
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        self.assertEqual([m["pids"] for m in self.running()], [[pid]])
        os.kill(run.pid, signal.SIGKILL)
        run.popen.wait()
        harness.wait_for(lambda: self.running() == [], self.monitors)
        os.kill(pid, 0)

    def test_signals_to_procmonctl_are_forwarded(self):
        self.collectd()
        for name, number in (("TERM", signal.SIGTERM), ("HUP", signal.SIGHUP)):
            run = self.begin(
                *("run", "--interval", "0.1", "--"),
                *(sys.executable, "-c", TAKE_SIGNAL, name),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            self.addCleanup(run.popen.stdout.close)
            self.addCleanup(run.popen.stderr.close)
            run.popen.stdout.readline()
            harness.wait_for(lambda: "last" in self.running()[0], self.monitors)
            os.kill(run.pid, number)
            self.assertEqual(run.popen.wait(30), 9)
            self.assertIn(" KiB last", run.popen.stderr.read().decode())

    def on_a_terminal(self, *arguments):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(self.program, [str(self.program), *arguments],
                      self.environment)
        self.addCleanup(os.close, terminal)
        return pid, terminal

    def read_until(self, terminal, word):
        text = b""
        while word not in text:
            try:
                part = os.read(terminal, 1000)
            except OSError:
                part = b""
            self.assertTrue(part, text)
            text += part
        return text

    def test_ctrl_c_ends_the_command_and_the_summary_comes(self):
        self.collectd()
        for key, name in ((b"\x03", "INT"), (b"\x1c", "QUIT")):
            pid, terminal = self.on_a_terminal(
                *("run", "--interval", "0.1", "--", sys.executable, "-c"),
                *(TAKE_SIGNAL, name),
            )
            self.read_until(terminal, b"ready")
            harness.wait_for(lambda: "last" in self.running()[0], self.monitors)
            os.write(terminal, key)
            self.read_until(terminal, b" KiB last")
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 9)
        self.assertEqual(self.running(), [])

    def test_ctrl_z_stops_and_continues(self):
        self.collectd()
        run = self.begin("run", sys.executable, "-c", TAKE_SIGNAL, "USR1",
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         start_new_session=True)
        self.addCleanup(run.popen.stdout.close)
        run.popen.stdout.readline()
        os.killpg(run.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, run.pid, os.WSTOPPED)
        os.killpg(run.pid, signal.SIGCONT)
        os.kill(self.running()[0]["pids"][0], signal.SIGUSR1)
        self.assertEqual(run.popen.wait(30), 9)


class Logs(Client):
    def test_the_log_is_a_file_of_the_users(self):
        self.collectd()
        path = self.folder / "log"
        self.ctl("run", "--file", "log", "true", cwd=self.folder, umask=0o027)
        self.assertEqual(path.stat().st_mode & 0o7777, 0o640)
        self.assertEqual(path.stat().st_uid, os.getuid())

    def test_a_log_goes_on(self):
        self.collectd()
        log = harness.Log(self.folder / "log")
        for n in (1, 2):
            self.ctl("run", "--interval", "0.1", "--file", log.path, "sleep", "0.05")
            self.assertEqual(len(log.lines()), 1 + n)

    def test_a_log_that_is_renamed_is_written_to_all_the_same(self):
        self.collectd()
        process = self.sleeper()
        log = harness.Log(self.folder / "log")
        id_ = self.start(process.pid, "--interval", "0.1", "--file", log.path)
        harness.wait_for(lambda: len(log.lines()) > 1, log.text)
        renamed = harness.Log(self.folder / "renamed")
        os.rename(log.path, renamed.path)
        rows = len(renamed.lines())
        harness.wait_for(lambda: len(renamed.lines()) > rows + 1, renamed.text)
        self.ctl("stop", id_)
        self.assertFalse(log.path.exists())

    def test_what_is_no_log(self):
        self.collectd()
        process = self.sleeper()
        for path, words in (
            (self.folder / "no" / "log", "No such file or directory"),
            (self.folder, "Is a directory"),
            ("/dev/null", "a log must be a regular file"),
        ):
            error = self.error("start", process.pid, "--file", path, status=1)
            self.assertEqual(error, f"--file {path}: {words}")

    def test_a_refused_start_leaves_no_log(self):
        self.collectd()
        process = self.sleeper()
        path = self.folder / "log"
        for command, what, status in (
            ("start", [process.pid], 1),
            ("run", ["--", "true"], 125),
        ):
            refused = [command, "--columns", "Time CPU Foo", "--file", path, *what]
            self.error(*refused, status=status)
            self.assertFalse(path.exists())
            # What was there before is the user's.
            path.write_text("")
            self.error(*refused, status=status)
            self.assertEqual(path.read_text(), "")
            path.unlink()

    @needs_root
    def test_another_user_uses_own_rights_alone(self):
        self.collectd(options='SocketPerms "0666"')
        self.folder.chmod(0o755)
        self.program = self.folder / "procmonctl"
        shutil.copy(PROCMONCTL, self.program)
        mine = self.folder / "mine"
        mine.write_text("")
        mine.chmod(0o644)
        theirs = self.folder / "theirs"
        theirs.mkdir(0o700)
        os.chown(theirs, NOBODY, -1)
        user = {"user": NOBODY, "cwd": "/"}
        error = self.error("run", "--file", mine, "true", status=125, **user)
        self.assertEqual(error, f"--file {mine}: Permission denied")
        log = theirs / "log"
        self.ctl("run", "--interval", "0.1", "--file", log, "sleep", "0.05", **user)
        self.assertEqual(len(harness.Log(log).lines()), 2)
        self.assertEqual(log.stat().st_uid, NOBODY)
        # Own processes only, own monitors only.
        process = self.sleeper()
        self.error("start", process.pid, status=1, **user)
        id_ = self.start(process.pid)
        self.error("stop", id_, status=1, **user)
        self.assertIn(f"\n{id_} ", self.ctl("list", **user).stdout)


class Messages(Client):
    def test_no_socket(self):
        error = self.error("list", status=3)
        self.assertEqual(
            error,
            f"there is no socket {self.socket}: is collectd running, and is "
            "ControlSocket set to this path in its <Plugin procmon>?",
        )

    def test_nobody_listens(self):
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(self.socket))
        error = self.error("list", status=3)
        self.assertIn(f"nobody listens at {self.socket}: collectd has ended", error)

    def test_no_socket_at_all(self):
        self.socket.write_text("")
        self.assertIn("is not a socket", self.error("list", status=3))
        error = self.error("--socket", "/x" * 100, "list", status=3)
        self.assertIn("at most 107 are possible", error)

    @needs_root
    def test_no_right(self):
        group = pwd.getpwnam("daemon").pw_gid
        self.program = self.folder / "procmonctl"
        shutil.copy(PROCMONCTL, self.program)
        self.folder.chmod(0o755)
        self.collectd()
        os.chown(self.socket, -1, group)
        user = {"user": NOBODY, "cwd": "/"}
        error = self.error("list", status=3, **user)
        self.assertIn(f'{self.socket}: it is for the group "daemon"', error)
        # Nobody is told to become a member of root's group.
        os.chown(self.socket, -1, 0)
        no_group = {"group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        error = self.error("list", status=3, **user, **no_group)
        self.assertIn("set SocketGroup in collectd's configuration, or use", error)
        self.assertNotIn("usermod", error)
        self.socket.chmod(0o600)
        error = self.error("list", status=3, **user)
        self.assertIn("it is for its owner alone (mode 600)", error)
        folder = self.folder / "closed"
        folder.mkdir(0o700)
        error = self.error("--socket", folder / "s", "list", status=3, **user)
        self.assertIn("one of its folders may not be entered", error)

    def answer(self, text):
        """A socket where this is the answer to the first request."""
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(str(self.socket))
        server.listen()

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(10000)
                connection.sendall(text)

        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)

    def test_answers_that_are_none(self):
        for text, words in (
            (b"HTTP/1.1 400 Bad Request\r\n", "is not collectd's procmon"),
            (b"", "has it ended?"),
            (b"2 monitors\nid=1\n", "has it ended?"),
        ):
            self.answer(text)
            self.assertIn(words, self.error("list", status=3))
            self.socket.unlink()

    def test_unknown_keys_and_control_characters_in_an_answer(self):
        self.answer(b'1 monitors\nid=1 new="x \\" y" name="a\x1b[31m" more=2 pids=7\n')
        (monitor,) = self.monitors()
        self.assertEqual(
            monitor,
            {"id": 1, "new": 'x " y', "name": "a?[31m", "more": 2, "pids": [7]},
        )

    def test_wrong_command_lines(self):
        for arguments, words in (
            ([], "a command is missing"),
            (["nonsense"], 'no command "nonsense"'),
            (["--nonsense"], "no option --nonsense"),
            (["list", "--nonsense"], "no option --nonsense"),
            (["list", "-x"], "no option -x"),
            (["list", "--json=1"], "takes no value"),
            (["list", "--interval", "1"], "no option --interval"),
            (["start", "1", "--interval"], "--interval wants a value"),
            (["start"], "start wants the pid"),
            (["start", "1", "2"], "found 2 arguments"),
            (["start", "1", "--set", "x"], "KEY=VALUE"),
            (["start", "1", "--set", "a b=1"], "KEY=VALUE"),
            (["stop"], "found 0 arguments"),
            (["running", "1", "2"], "found 2 arguments"),
            (["list", "1"], "found 1 argument;"),
        ):
            self.assertIn(words, self.error(*arguments, status=2))

    def test_run_takes_no_other_process(self):
        for setting in ("command=foo", "PidFile=/x", "user=root"):
            self.assertIn(
                "run takes no other process than that of its command",
                self.error("run", "--set", setting, "--", "true", status=125),
            )

    def test_options_of_all_commands_stand_anywhere(self):
        self.collectd()
        del self.environment["PROCMON_SOCKET"]
        self.ctl("--socket", self.socket, "list")
        self.ctl("list", f"--socket={self.socket}")
        self.environment["PROCMON_SOCKET"] = "/nonsense"
        self.ctl("list", "--socket", self.socket)

    def test_help_fits_on_a_screen(self):
        help_ = self.ctl("--help").stdout
        self.assertEqual(self.ctl("list", "-h").stdout, help_)
        self.assertEqual(self.ctl("run", "--help").stdout, help_)
        self.assertLess(len(help_.splitlines()), 24)
        self.assertLessEqual(max(map(len, help_.splitlines())), 80)
        for version in ("--version", "-V"):
            self.assertRegex(self.ctl(version).stdout, r"^procmonctl \d+\.\d+\.\d+\n$")

    def test_an_output_that_cannot_be_written(self):
        self.collectd()
        process = self.sleeper()
        with open("/dev/full", "w") as full:
            for arguments in (["list"], ["list", "--json"], ["--help"],
                              ["--version"], ["watch"]):
                error = self.error(*arguments, status=1, stdout=full)
                self.assertEqual(
                    error,
                    "standard output cannot be written: No space left on device",
                )
            error = self.ctl("start", process.pid, status=1, stdout=full).stderr
        (monitor,) = self.running()
        self.assertIn(f"monitor {monitor['id']} has started all the same", error)
        # Without a standard output nothing else takes its place.
        script = f'exec "{PROCMONCTL}" list >&-'
        result = subprocess.run(["sh", "-c", script], env=self.environment,
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("Bad file descriptor", result.stderr)


class Completion(Client):
    def complete(self, *words):
        """What bash offers behind these words."""
        script = f"""
          PATH="{harness.BUILDDIR}:$PATH"
          compopt() {{ :; }}
          . "{harness.SRCDIR}/contrib/bash-completion/procmonctl"
          COMP_WORDS=(procmonctl "$@")
          COMP_CWORD=$#
          _procmonctl
          printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        result = subprocess.run(
            ["bash", "--norc", "-c", script, "bash", *words],
            env=self.environment, capture_output=True, text=True, cwd=self.folder,
        )
        self.assertEqual(result.stderr, "")
        return result.stdout.split()

    def test_words(self):
        self.assertEqual(self.complete("st"), ["start", "stop"])
        self.assertIn("watch", self.complete(""))
        self.assertIn("--socket", self.complete("--"))
        self.assertEqual(self.complete("start", "--num"), ["--num-processors"])
        self.assertEqual(self.complete("start", "--header", "h"), ["hash"])
        self.assertEqual(self.complete("run", "--columns", "=", "w"), ["windows"])
        self.assertEqual(self.complete("run", "--append", "="), ["true", "false"])
        self.assertEqual(self.complete("list", "--j"), ["--json"])
        self.assertEqual(self.complete("run", "--set", "u"), ["unit=", "user="])
        (self.folder / "file").write_text("")
        self.assertEqual(self.complete("run", "--file", "f"), ["file"])
        self.assertIn("sleep", self.complete("run", "--interval", "1", "--", "slee"))
        self.assertIn("sleep", self.complete("run", "slee"))
        words = ("run", "--header", "=", "none", "--set", "sync", "=", "true")
        self.assertIn("sleep", self.complete(*words, "slee"))
        self.assertEqual(self.complete("run", "ls", "f"), ["file"])
        self.assertIn(str(os.getpid()), self.complete("start", ""))
        self.assertEqual(self.complete("report", "--ma"), ["--mark"])
        self.assertEqual(self.complete("report", "--fail-if", "sl"), ["slope("])
        self.assertEqual(self.complete("report", "-o", "f"), ["file"])
        self.assertEqual(self.complete("report", "--mark", "x", "f"), ["file"])

    def test_ids(self):
        self.collectd()
        process = self.sleeper()
        ids = [self.start(process.pid) for _ in range(2)]
        self.assertEqual(self.complete("stop", ""), ids)
        self.environment["PROCMON_SOCKET"] = "/nonsense"
        self.assertEqual(self.complete("stop", ""), [])
        words = ("--socket", str(self.socket), "watch", "")
        self.assertEqual(self.complete(*words), ids)
        words = ("--socket", "=", str(self.socket), "watch", "")
        self.assertEqual(self.complete(*words), ids)


if __name__ == "__main__":
    harness.main()
