"""Monitors that are started and stopped while collectd runs."""

import grp
import json
import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

import control
import harness

NOBODY = 65534
QUIET = "\nDispatch false\nNotify false"


class Case(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.socket = self.folder / "socket"
        self.log = harness.Log(self.folder / "log")

    def start(self, options="", blocks="", **more):
        daemon = self.daemon(
            f'<Plugin procmon>\nControlSocket "{self.socket}"\n'
            f"{options}\n{blocks}</Plugin>",
            **more,
        )
        return daemon

    def client(self):
        client = control.Control(self.socket)
        self.addCleanup(client.close)
        return client

    def refused(self, client, line, *fds):
        """The words with which a line is refused."""
        with self.assertRaises(control.Refused) as caught:
            client.ask(line, *fds)
        return str(caught.exception)

    def open(self, path=None, flags=os.O_RDWR | os.O_APPEND | os.O_CREAT):
        fd = os.open(path or self.log.path, flags, 0o644)
        self.addCleanup(os.close, fd)
        return fd


class Life(Case):
    def test_a_monitor_is_started_and_stopped(self):
        self.start()
        sleeper, client = self.sleeper(), self.client()
        id = client.start(f"pid={sleeper.pid} interval=0.1", self.open())
        self.log.wait_for_rows_of_text(3)
        self.assertTrue(client.running(id))
        line = client.list()[id]
        self.assertEqual(
            [line[key] for key in ("name", "origin", "running", "pids", "owner")],
            [str(sleeper.pid), "socket", "true", str(sleeper.pid), "root"],
        )
        reading = client.one(f"READ id={id}")
        self.assertEqual(reading["pid"], str(sleeper.pid))
        self.assertGreater(int(reading["resident"]), 100000)
        summary = client.stop(id)
        rows = self.log.rows_of_text()
        self.assertEqual(int(summary["rows"]), len(rows))
        self.assertFalse(client.running(id))
        self.assertEqual(client.stop(id), summary)
        self.assertEqual(client.list()[id]["running"], "false")

    def test_the_answer_to_stop_comes_behind_the_final_row(self):
        self.start()
        burner, client = self.burner(), self.client()
        for n in range(20):
            path = self.folder / f"log{n}"
            id = client.start(
                f'pid={burner.pid} interval=3600 timeformat="%s.%3N"', self.open(path)
            )
            self.assertEqual(path.read_text(), "Time\tCPU\tResident\tVirtual\n")
            # A tenth of the interval has not passed: no row, but a whole log.
            self.assertEqual(client.stop(id)["rows"], "0")
        id = client.start(f"pid={burner.pid} interval=0.5", self.open())
        self.log.wait_for_rows_of_text(1)
        harness.wait_for(
            lambda: time.time() - self.log.path.stat().st_mtime > 0.1, "a part"
        )
        before = len(self.log.lines())
        client.stop(id)
        self.assertEqual(len(self.log.lines()), before + 1)

    def test_other_read_callbacks_do_not_delay_the_readings(self):
        blocks = "".join(
            f'<Process "x{n}">\nCommand "none"\nInterval 10\n</Process>\n'
            for n in range(5)
        )
        self.start(blocks=blocks, interval=10)
        client = self.client()
        words = f'pid={os.getpid()} interval=0.2 timeformat="%s.%9N"'
        before = time.time()
        id = client.start(words, self.open())
        started = time.time()
        self.log.wait_for_rows_of_text(5, seconds=3)
        client.stop(id)
        times = [row["Time"] for row in self.log.rows()][:5]
        for n, at in enumerate(times):
            self.assertGreater(at, before + 0.2 * (n + 1) - 0.01)
            self.assertLess(at, started + 0.2 * (n + 1) + 0.1)

    def test_when_the_process_ends_so_does_the_monitor(self):
        self.start()
        burner, client = self.burner(), self.client()
        id = client.start(f"pid={burner.pid} interval=60", self.open())
        # Its parent, which is here, takes note of it later.
        os.kill(burner.pid, signal.SIGKILL)
        harness.wait_for(lambda: not client.running(id), "it is over")
        # At once, and with the CPU until the end.
        (row,) = self.log.rows_of_text()
        self.assertGreater(float(row[1]), 0)
        line = client.list()[id]
        self.assertEqual((line["running"], line["processes"]), ("false", "0"))
        self.assertEqual(client.stop(id)["rows"], "1")

    def test_ids_are_not_used_again_and_names_are(self):
        self.start(blocks='<Process "conf">\nCommand "none"\n</Process>\n')
        client = self.client()
        words = f'name="x" pid={os.getpid()}'
        ids = []
        for _ in range(5):
            ids.append(int(client.start(words)))
            self.assertIn("a running monitor", self.refused(client, f"START {words}"))
            client.stop(ids[-1])
        self.assertEqual(ids, [2, 3, 4, 5, 6])
        self.assertIn(
            "a running monitor",
            self.refused(client, f'START name="conf" pid={os.getpid()}'),
        )
        first = client.start(f"pid={os.getpid()}")
        second = client.start(f"pid={os.getpid()}")
        names = [client.list()[id]["name"] for id in (first, second)]
        self.assertEqual(names, [str(os.getpid()), f"{os.getpid()}-{second}"])

    def test_options_are_those_of_a_block(self):
        daemon = self.start('Interval 0.1\nColumns Time Pid\nTimeZone utc')
        client = self.client()
        id = client.start(f'pid={os.getpid()} name="mine"', self.open())
        self.log.wait_for_rows_of_text(2)
        harness.wait_for(lambda: daemon.csv("mine", "ps_count"), "values in collectd")
        client.stop(id)
        self.assertEqual(self.log.header(), ["Time", "Pid"])
        other = harness.Log(self.folder / "other")
        id = client.start(
            f'command="{pathlib.Path(sys.executable).name}" report=sum interval=0.1 '
            'columns="Time CPU Processes" header=hash dispatch=false '
            f'numprocessors=online append=false file="{other.path}"'
        )
        other.wait_for_rows_of_text(2)
        client.stop(id)
        self.assertEqual(other.header(), ["#Time", "CPU", "Processes"])
        self.assertIn(
            "Interval: found 0.001, expected seconds from 0.01",
            self.refused(client, f"START pid={os.getpid()} interval=0.001"),
        )

    def test_what_there_is_not_is_refused_in_words(self):
        self.start()
        client = self.client()
        gone = self.sleeper()
        gone.kill()
        for line, words in (
            ("HELLO", "expected START, STOP, RUNNING, LIST, READ or WATCH"),
            ("", "found an empty line"),
            ("START", "found no selector"),
            (f"START pid={gone.pid}", f"there is no process {gone.pid}"),
            ("START pid=1 nice=2", "nice: unknown option"),
            ("START pid=1 pid=2", "found a key twice"),
            ('START command="x', "quoted value that does not end"),
            ("STOP", "expected id="),
            ("STOP id=77", "there is no monitor 77"),
            ("STOP id=-1", "there is no monitor -1"),
            ("READ id=x", "there is no monitor x"),
            ("LIST id=1", "LIST: found id="),
        ):
            with self.subTest(line):
                self.assertIn(words, self.refused(client, line))
        self.assertEqual(client.list(), {})

    def test_the_end_of_collectd_writes_the_final_rows(self):
        daemon = self.start()
        burner, client = self.burner(), self.client()
        client.start(f"pid={burner.pid} interval=1", self.open())
        self.log.wait_for_rows_of_text(1)
        harness.wait_for(
            lambda: time.time() - self.log.path.stat().st_mtime > 0.3, "a part"
        )
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(self.log.rows_of_text()), 2)
        self.assertFalse(self.socket.exists())


class Watching(Case):
    def test_readings_come_as_they_are_taken(self):
        self.start(blocks=f"<Process {os.getpid()}>\nInterval 0.1\n</Process>\n")
        sleeper, client, all_ = self.sleeper(), self.client(), self.client()
        id = client.start(f"pid={sleeper.pid} interval=0.05")
        watcher = self.client()
        watcher.ask(f"WATCH id={id}")
        all_.ask("WATCH")
        times = [float(control.pairs(watcher.line())["time"]) for _ in range(10)]
        for before, after in zip(times, times[1:]):
            self.assertAlmostEqual(after - before, 0.05, delta=0.04)
        seen = set()
        while seen != {"1", id}:
            seen.add(control.pairs(all_.line())["id"])
        sleeper.kill()
        lines = [control.pairs(line) for line in iter(watcher.line, None)]
        self.assertEqual(lines[-1]["running"], "false")
        self.assertNotIn("running", lines[-2])

    def test_a_final_reading_is_seen(self):
        self.start()
        client, watcher = self.client(), self.client()
        burner = self.burner()
        id = client.start(f"pid={burner.pid} interval=0.5")
        watcher.ask(f"WATCH id={id}")
        control.pairs(watcher.line())
        harness.wait_for(
            lambda: float(client.one(f"READ id={id}")["time"]) < time.time() - 0.1,
            "a part of an interval",
        )
        client.stop(id)
        lines = [control.pairs(line) for line in iter(watcher.line, None)]
        self.assertEqual([line.get("running") for line in lines], [None, "false"])

    def test_who_reads_slowly_is_told_what_was_left_out(self):
        self.start()
        client, slow = self.client(), self.client()
        slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        ids = [
            client.start(f'name="m{n}" pid={os.getpid()} interval=0.01 dispatch=false')
            for n in range(20)
        ]
        slow.ask("WATCH")
        harness.wait_for(
            lambda: int(client.list()[ids[0]].get("last", "0").split(".")[0]) > 0, "one"
        )
        deadline = time.monotonic() + 60
        left_out = 0
        begin = time.monotonic()
        while time.monotonic() < begin + 4:
            client.ask("LIST")
        while left_out == 0 and time.monotonic() < deadline:
            left_out += int(control.pairs(slow.line()).get("missed", "0"))
        self.assertGreater(left_out, 0)


class Rights(Case):
    SCRIPT = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import control
client = control.Control(sys.argv[2])
fds = [os.open(path, os.O_RDWR | os.O_APPEND) for path in sys.argv[4:]]
for line in json.loads(sys.argv[3]):
    line = line.replace("OWN", str(os.getpid()))
    try:
        print(json.dumps(client.ask(line, *fds)), flush=True)
    except control.Refused as e:
        print(json.dumps(str(e)), flush=True)
"""

    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)

    def as_nobody(self, *lines, files=(), stderr=None):
        tools = self.folder / "tools"
        if not tools.exists():
            tools.mkdir(mode=0o755)
            shutil.copy(pathlib.Path(control.__file__), tools)
        return harness.Process(
            ["/usr/bin/python3", "-c", self.SCRIPT, tools, self.socket, json.dumps(lines), *files],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )

    def answers(self, *lines, files=()):
        process = self.as_nobody(*lines, files=files)
        out = process.popen.communicate(timeout=60)[0]
        return [json.loads(line) for line in out.decode().splitlines()]

    def test_another_user_may_watch_own_processes_and_stop_own_monitors(self):
        self.start('SocketPerms "0666"')
        root = self.client()
        id = root.start(f"pid={os.getpid()} interval=0.1")
        self.log.path.touch()
        os.chown(self.log.path, NOBODY, NOBODY)
        own = "START pid=OWN interval=0.05"
        answers = self.answers(own, "STOP id=2", files=[self.log.path])
        self.assertEqual(answers[0][0], "started")
        self.assertEqual(answers[1][0], "stopped", answers)
        self.assertEqual(root.list()["2"]["owner"], str(NOBODY))
        for line, words in (
            (f"START pid={os.getpid()}", "is not yours; only root"),
            ("START pid=1", "is not yours; only root"),
            ('START command="python3"', "only root may choose processes by anything"),
            ('START pid=OWN user="root"', "only root may choose processes by anything"),
            ('START pidfile="/etc/shadow"', "only root may choose processes by"),
            ('START pid=OWN file="/tmp/x"', "only root may have collectd open a file"),
            (f"STOP id={id}", "belongs to another user; only that user or root may do that"),
            (f"READ id={id}", "belongs to another user; only that user or root may do that"),
            (f"WATCH id={id}", "belongs to another user; only that user or root may do that"),
        ):
            with self.subTest(line):
                (answer,) = self.answers(line)
                self.assertIn(words, answer)
        self.assertTrue(root.running(id))
        self.assertEqual(self.answers(f"RUNNING id={id}")[0][0], "true")

    def test_only_descendants_of_the_same_user_are_watched(self):
        """As where a program of the user's is run by sudo."""
        self.start('SocketPerms "0666"\nColumns Time Processes')
        self.log.path.touch()
        os.chown(self.log.path, NOBODY, NOBODY)
        # Only its effective user is nobody, so it can have a child of root's.
        script = (
            "import os, time\n"
            "if os.fork() == 0:\n"
            f"  os.seteuid({NOBODY})\n"
            "  if os.fork() == 0:\n"
            "    os.seteuid(0)\n"
            "  elif os.fork() == 0:\n"
            "    pass\n"
            "time.sleep(600)\n"
        )
        parent = harness.Process(
            ["/usr/bin/python3", "-c", script],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.addCleanup(os.killpg, parent.pid, signal.SIGKILL)
        (child,) = harness.wait_for(lambda: self.children(parent.pid, [NOBODY]), "a child")
        harness.wait_for(lambda: self.children(child, [0, NOBODY]), "its children")
        words = "children=true interval=0.1"
        self.assertIn("not yours", self.answers(f"START pid={parent.pid} {words}")[0])
        answers = self.answers(f"START pid={child} {words}", files=[self.log.path])
        self.assertEqual(answers[0][0], "started", answers)
        self.log.wait_for_rows_of_text(2)
        self.assertEqual(self.log.rows_of_text()[-1][1], "2")

    def children(self, pid, owners):
        """The children, once they are of these users."""
        path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        pids = [int(word) for word in path.read_text().split()]
        found = []
        for pid in pids:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            found.append(int(status.split("Uid:")[1].split()[1]))
        return pids if sorted(found) == owners else None

    def test_who_may_connect_is_said_by_the_file(self):
        group = grp.getgrgid(NOBODY).gr_name
        self.start(f'SocketGroup "{group}"\nSocketPerms "0620"')
        st = self.socket.stat()
        self.assertEqual(stat.S_IMODE(st.st_mode), 0o620)
        self.assertEqual((st.st_uid, st.st_gid), (0, NOBODY))
        self.assertEqual(self.answers("LIST"), [["monitors", []]])

    def test_without_the_right_nobody_connects(self):
        self.start()
        self.assertEqual(stat.S_IMODE(self.socket.stat().st_mode), 0o660)
        process = self.as_nobody("LIST", stderr=subprocess.DEVNULL)
        self.assertNotEqual(process.popen.wait(60), 0)
        process.popen.stdout.close()


class Logs(Case):
    def test_a_descriptor_must_be_a_file_for_appending(self):
        daemon = self.start()
        client = self.client()
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        self.addCleanup(os.close, write)
        words = f"START pid={os.getpid()}"
        not_appending = self.open(flags=os.O_RDWR | os.O_CREAT)
        only_writing = self.open(flags=os.O_WRONLY | os.O_APPEND)
        for fd in (read, write, not_appending, only_writing):
            self.assertIn(
                "not open for reading and appending", self.refused(client, words, fd)
            )
        null = self.open("/dev/null", os.O_RDWR | os.O_APPEND)
        self.assertIn("it is no regular file", self.refused(client, words, null))
        good = self.open()
        self.assertIn("several descriptors", self.refused(client, words, good, good))
        self.assertIn(
            "cannot have one descriptor",
            self.refused(client, words + " report=each", good),
        )
        client.ask("LIST", good)
        # It belonged to LIST, not to what comes later.
        id = client.start(f"pid={os.getpid()}")
        self.assertNotIn("file", client.list()[id])
        client.stop(id)
        harness.wait_for(
            lambda: not [
                link
                for link in pathlib.Path(f"/proc/{daemon.process.pid}/fd").iterdir()
                if os.path.islink(link) and os.readlink(link) == str(self.log.path)
            ],
            "all descriptors are closed",
        )

    def test_a_log_that_cannot_be_written_is_no_start(self):
        taken = self.folder / "taken"
        self.start(
            blocks=f'<Process {os.getpid()}>\nInterval 1\nFile "{taken}"\n</Process>\n'
        )
        client = self.client()
        (self.folder / "file").touch()
        words = f'START pid={os.getpid()} name="x"'
        self.assertIn(
            "Not a directory",
            self.refused(client, f'{words} file="{self.folder}/file/log"'),
        )
        self.assertIn(
            "another block, or another collectd, writes to it",
            self.refused(client, f'{words} file="{taken}"'),
        )
        self.assertIn(
            "writes to it", self.refused(client, words, self.open(taken))
        )
        self.assertEqual(list(client.list()), ["1"])

    def test_a_file_goes_on_or_begins_anew(self):
        self.start()
        client = self.client()
        words = f"pid={os.getpid()} interval=0.05"
        self.log.path.write_text("Time\tCPU\tResident\tVirtual\nold row\nto")
        id = client.start(words, self.open())
        self.log.wait_for_rows_of_text(3)
        client.stop(id)
        text = self.log.text()
        self.assertTrue(text.startswith("Time\tCPU\tResident\tVirtual\nold row\n"))
        self.assertEqual(text.count("Time"), 1)
        self.assertNotIn("to\n", text)
        id = client.start(words + " append=false", self.open())
        client.stop(id)
        self.assertEqual(self.log.text().count("\n"), 1)

    def test_rows_that_are_lost_are_said_by_stop(self):
        full = self.folder / "full"
        full.mkdir()
        mount = ("mount", "-t", "tmpfs", "-o", "size=16k", "procmon-test", full)
        subprocess.run(mount, check=True)
        self.addCleanup(subprocess.run, ("umount", "--lazy", full), check=True)
        self.start()
        client = self.client()
        id = client.start(
            f"pid={os.getpid()} interval=0.02", self.open(full / "log")
        )
        with open(full / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass
        log = harness.Log(full / "log")
        harness.wait_for(
            lambda: int(client.list()[id]["rows"]) == len(log.lines()) - 1
            and self.lags(client, id),
            "rows wait",
        )
        self.assertRegex(
            self.refused(client, f"STOP id={id}"),
            rf"^monitor {id} is stopped, but \d+ rows could not be written to "
            "descriptor: No space left on device$",
        )
        self.assertFalse(client.running(id))

    def lags(self, client, id):
        """Readings come, and rows do not."""
        before = harness.wait_for(
            lambda: "last" in client.list()[id] and client.list()[id], "a reading"
        )
        harness.wait_for(
            lambda: float(client.list()[id]["last"]) > float(before["last"]) + 0.2,
            "readings",
        )
        return client.list()[id]["rows"] == before["rows"]

    def test_sigusr1_opens_a_log_of_a_path_anew(self):
        daemon = self.start()
        client = self.client()
        client.start(f'pid={os.getpid()} interval=3600 file="{self.log.path}"')
        self.log.path.rename(self.folder / "old")
        os.kill(daemon.process.pid, signal.SIGUSR1)
        harness.wait_for(self.log.path.exists, daemon.log)


class Hanging(Case):
    def test_a_log_that_hangs_holds_up_its_stop_alone(self):
        slow = self.folder / "slow"
        slow.mkdir()
        disk = harness.FreezingFolder(self, slow)
        daemon = self.start()
        client, other = self.client(), self.client()
        words = f"pid={os.getpid()} interval=0.05"
        hangs = client.start(f'{words} file="{slow}/log"', self.open(slow / "log"))
        goes_on = client.start(f'{words} file="{self.log.path}"', self.open())
        late = self.open(slow / "late")
        harness.Log(slow / "log").wait_for_rows_of_text(2)
        disk.freeze()
        # It is not known whether the log can be written: that is no refusal.
        starts = client.start(f'{words} file="{slow}/late"', late)
        rows = len(self.log.lines())
        harness.wait_for(lambda: len(self.log.lines()) > rows + 20, self.log.text)
        client.send(f"STOP id={hangs}")
        self.assertEqual(int(other.stop(goes_on)["rows"]), len(self.log.lines()) - 1)
        self.assertTrue(other.running(starts))
        # Its log is not complete yet.
        self.assertTrue(other.running(hangs))
        disk.thaw()
        summary = client.answer()[1][0]
        self.assertEqual(
            int(summary["rows"]), len(harness.Log(slow / "log").lines()) - 1
        )
        self.assertFalse(other.running(hangs))
        client.stop(starts)
        self.assertNotIn("lost", daemon.log())


class Lifetimes(Case):
    SCRIPT = """
import os, sys
sys.path.insert(0, sys.argv[1])
import control
client = control.Control(sys.argv[2])
print(client.start(sys.argv[3]), flush=True)
sys.stdin.read()
"""

    def last(self, client, id):
        return float(client.list()[id].get("last", "0"))

    def start_by_another(self, words):
        process = harness.Process(
            [
                sys.executable,
                "-c",
                self.SCRIPT,
                pathlib.Path(control.__file__).parent,
                self.socket,
                words,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        id = process.popen.stdout.readline().decode().strip()
        process.popen.stdout.close()
        self.addCleanup(process.popen.stdin.close)
        return process, id

    def test_a_monitor_outlives_its_client_unless_it_said_not_to(self):
        self.start()
        client = self.client()
        words = f"pid={os.getpid()} interval=0.1"
        first, stays = self.start_by_another(words)
        second, ends = self.start_by_another(words + " lifetime=client")
        self.assertTrue(client.running(stays) and client.running(ends))
        first.kill()
        second.kill()
        harness.wait_for(lambda: not client.running(ends), "it ends with its client")
        last = self.last(client, stays)
        harness.wait_for(lambda: self.last(client, stays) > last, "it goes on")
        self.assertTrue(client.running(stays))


class Clients(Case):
    def memory_kb(self, daemon):
        text = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0])

    def test_nonsense_harms_nobody(self):
        daemon = self.start()
        client = self.client()
        id = client.start(f"pid={os.getpid()} interval=0.05", self.open())
        for bytes_ in (
            b"\0" * 100 + b"\n",
            bytes(range(256)) + b"\n",
            b"START pid=",
            b"LIST\nLIST\nLIST\nSTA",
            b"\n" * 1000,
            b'START name="\xff\xfe" pid=1\n',
        ):
            other = self.client()
            other.socket.sendall(bytes_)
            other.socket.shutdown(socket.SHUT_WR)
            while other.line() is not None:
                pass
        for length in (8191, 8192, 8193, 100000):
            other = self.client()
            other.socket.sendall(b"L" * (length - 1) + b"\n")
            answer = other.line()
            if length > 8192:
                self.assertIn("a line of more than 8192 bytes", answer)
                self.assertIsNone(self.end_of(other))
            else:
                self.assertIn("expected START", answer)
        rows = len(self.log.lines())
        harness.wait_for(lambda: len(self.log.lines()) > rows + 3, daemon.log)
        client.stop(id)

    def end_of(self, client):
        try:
            return client.line()
        except ConnectionResetError:
            return None

    def test_a_client_that_does_not_read_gets_no_more_and_stops_nobody(self):
        daemon = self.start()
        client = self.client()
        for n in range(100):
            client.start(f'name="m{n}" pid={os.getpid()} interval=3600 dispatch=false')
        client.ask("LIST")
        before = self.memory_kb(daemon)
        flood = self.client()
        flood.socket.settimeout(0.2)
        sent = 0
        try:
            while sent < 1 << 22:
                sent += flood.socket.send(b"LIST\n" * 1000)
        except TimeoutError:
            pass
        self.assertLess(sent, 1 << 22)
        self.assertEqual(len(client.list()), 100)
        self.assertLess(self.memory_kb(daemon) - before, 8192)
        # When it reads again it gets every answer.
        flood.socket.settimeout(60)
        for _ in range(100):
            self.assertEqual(len(flood.answer()[1]), 100)

    def test_a_client_too_many_is_told_so(self):
        self.start()
        clients = [self.client() for _ in range(64)]
        for client in clients:
            client.ask("LIST")
        extra = self.client()
        self.assertEqual(extra.line(), "-1 64 clients are connected already")
        self.assertIsNone(self.end_of(extra))
        clients[7].close()
        def connects():
            client = self.client()
            client.send("LIST")
            return client.line() == "0 monitors"
        harness.wait_for(connects, "there is room again")

    def test_what_is_stopped_holds_no_descriptor(self):
        daemon = self.start()
        client = self.client()
        client.stop(client.start(f"pid={os.getpid()}", self.open()))
        before = daemon.descriptors()
        for n in range(30):
            client.stop(client.start(f"pid={os.getpid()}", self.open()))
        self.assertEqual(daemon.descriptors(), before)
        line = client.list()["1"]
        self.assertEqual((line["processes"], line.get("pids")), ("0", None))

    def test_a_user_has_a_bound_of_monitors(self):
        daemon = self.start()
        client = self.client()
        words = f"pid={os.getpid()} interval=3600 dispatch=false"
        ids = [client.start(f'{words} name="m{n}"') for n in range(256)]
        self.assertIn("256 monitors of yours run", self.refused(client, f"START {words}"))
        self.assertLess(daemon.descriptors(), 400)
        client.stop(ids[100])
        client.start(words)

    def test_descriptors_are_bounded(self):
        daemon = self.start()
        client = self.client()
        words = f"pid={os.getpid()} interval=3600 dispatch=false"
        n = 0
        with self.assertRaises(control.Refused) as caught:
            while n < 256:
                fd = os.open(self.folder / f"log{n}", os.O_RDWR | os.O_APPEND | os.O_CREAT)
                try:
                    client.start(f'{words} name="m{n}"', fd)
                finally:
                    os.close(fd)
                n += 1
        self.assertIn("no descriptor left", str(caught.exception))
        self.assertLess(daemon.descriptors(), 300)
        self.assertGreater(n, 60)

    def test_twenty_clients_at_once_have_twenty_logs(self):
        self.start()
        clients = [self.client() for _ in range(20)]
        logs = [harness.Log(self.folder / f"log{n}") for n in range(20)]
        for client, log in zip(clients, logs):
            client.send(f"START pid={os.getpid()} interval=0.05", self.open(log.path))
        ids = [client.answer()[1][0]["id"] for client in clients]
        for log in logs:
            log.wait_for_rows_of_text(5)
        for client, id in zip(clients, ids):
            client.send(f"STOP id={id}")
        for client, log in zip(clients, logs):
            self.assertEqual(
                int(client.answer()[1][0]["rows"]), len(log.rows_of_text())
            )


class Socket(Case):
    def test_what_lies_there_is_said_and_the_daemon_runs_on(self):
        with socket.socket(socket.AF_UNIX) as old:
            old.bind(str(self.socket))
        daemon = self.start(blocks=f"<Process {os.getpid()}>\nInterval 0.1\n</Process>\n")
        self.assertRegex(
            daemon.log_lines("error")[0],
            r'^ControlSocket ".*": Address already in use.*DeleteSocket true',
        )
        harness.wait_for(lambda: daemon.csv(str(os.getpid()), "ps_count"), daemon.log)
        self.assertEqual(daemon.stop(), 0)
        self.assertTrue(self.socket.exists())
        self.start("DeleteSocket true")
        self.assertEqual(self.client().list(), {})

    def test_a_socket_of_a_running_collectd_stays(self):
        daemon = self.start("DeleteSocket true")
        other = harness.Daemon(
            f'<Plugin procmon>\nControlSocket "{self.socket}"\n'
            "DeleteSocket true\n</Plugin>",
            arguments=["-T"],
        )
        other.run()
        self.assertIn("another collectd has it", other.log())
        self.assertEqual(self.client().list(), {})
        # One that is not ours any more is not removed at the end.
        self.socket.unlink()
        with socket.socket(socket.AF_UNIX) as another:
            another.bind(str(self.socket))
        self.assertEqual(daemon.stop(), 0)
        self.assertTrue(self.socket.exists())

    def test_only_a_socket_is_removed(self):
        self.socket.write_text("precious")
        daemon = self.start("DeleteSocket true")
        self.assertIn("Address already in use", daemon.log())
        self.assertEqual(self.socket.read_text(), "precious")


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: only root becomes another user, and mounts")
        sys.exit(77)
    for program in ("mkfs.ext4", "fsfreeze"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None:
            print(f"SKIP: there is no {program}")
            sys.exit(77)
    harness.main()
