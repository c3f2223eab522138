"""A log survives what befalls it: each fault is made to happen."""

import glob
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import harness

HEADER = "Time\tProcesses"
WAITS = "; rows wait in memory until it works"


def run(*command):
    subprocess.run(command, check=True, capture_output=True, timeout=60)


class Faults(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.logs = self.folder / "logs"
        self.logs.mkdir()
        self.log = harness.Log(self.logs / "log")
        self.name = str(os.getpid())

    def block(self, *options, interval=0.02, path=None, name=None):
        return f"""
          <Process "{name or self.name}">
            Pid {os.getpid()}
            Interval {interval}
            File "{path or self.log.path}"
            TimeFormat "%s.%3N"
            Columns Time Processes
            Metrics count
            {chr(10).join(options)}
          </Process>"""

    def start(self, *blocks, **options):
        text = "\n".join(blocks or (self.block(),))
        return self.daemon(f"<Plugin procmon>{text}\n</Plugin>", **options)

    def values(self, daemon):
        """The time of each reading, as collectd got it."""
        return [value[0] for value in daemon.csv(self.name, "ps_count")]

    def times(self, paths):
        """The times of all rows, once each file is seen to be whole."""
        times = []
        for path in paths:
            text = pathlib.Path(path).read_text()
            self.assertTrue(text.endswith("\n"), (path, text[-80:]))
            lines = text.split("\n")[:-1]
            self.assertEqual(lines[0], HEADER, path)
            for line in lines[1:]:
                self.assertRegex(line, r"^\d+\.\d{3}\t1$")
                times.append(float(line.split("\t")[0]))
        return sorted(times)

    def missing(self, times, values):
        """The values without a row; a row has the ms cut, csv rounds them."""
        ms = {round(1000 * t) for t in times}
        return [v for v in values if not {round(1000 * v), round(1000 * v) - 1} & ms]

    def assert_all_there(self, times, values):
        """A row for each reading, but for the last row, which is no value."""
        self.assertEqual(self.missing(times, values), [])
        self.assertEqual(len(times), len(set(times)))
        self.assertIn(len(times) - len(values), (0, 1))

    def more_rows(self, n=5):
        rows = len(self.log.lines())
        harness.wait_for(lambda: len(self.log.lines()) >= rows + n, self.log.text)


class FullDisk(Faults):
    def setUp(self):
        super().setUp()
        run("mount", "-t", "tmpfs", "-o", "size=64k", "procmon-test", self.logs)
        self.addCleanup(run, "umount", "--lazy", self.logs)

    def fill(self):
        """Takes all space that is left, with a page of its own for the end."""
        with open(self.logs / "filler", "ab", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(1024))
            except OSError:
                pass

    def errors(self, daemon):
        return [line.split(": ", 2)[2] for line in daemon.log_lines("error")]

    def test_rows_wait_in_order_until_there_is_space(self):
        daemon = self.start()
        self.more_rows()
        self.fill()
        harness.wait_for(lambda: daemon.log_lines("error"), self.log.text)
        full = len(self.values(daemon))
        harness.wait_for(
            # No torn line at any moment: lines() looks.
            lambda: self.log.lines() and len(self.values(daemon)) > full + 100,
            daemon.log,
        )
        self.assertEqual(self.errors(daemon), ["No space left on device" + WAITS])
        (self.logs / "filler").unlink()
        said = harness.wait_for(lambda: daemon.log_lines("notice"), daemon.log)
        waited = int(re.search(r"works again; (\d+) rows that waited", said[0])[1])
        self.assertGreaterEqual(waited, 100)
        self.more_rows()
        self.assertEqual(daemon.stop(), 0)
        self.assert_all_there(self.times([self.log.path]), self.values(daemon))
        self.assertEqual(len(self.errors(daemon)), 1)
        self.assertEqual(len(daemon.log_lines("notice")), 1)

    def test_what_overflows_is_counted_and_said(self):
        daemon = self.start(self.block(interval=0.01))
        self.more_rows()
        self.fill()
        harness.wait_for(lambda: daemon.log_lines("error"), self.log.text)
        full = len(self.values(daemon))
        harness.wait_for(
            lambda: len(self.values(daemon)) > full + 1100, daemon.log, 90
        )
        (self.logs / "filler").unlink()
        harness.wait_for(lambda: daemon.log_lines("notice"), daemon.log)
        # The thousandth is that of the reading with which it works again.
        self.assertIn("; 999 rows that waited are written", daemon.log())
        self.assertEqual(daemon.stop(), 0)
        lost = int(re.search(r"(\d+) rows are lost, for no more than 1000", daemon.log())[1])
        times, values = self.times([self.log.path]), self.values(daemon)
        self.assertGreater(lost, 50)
        self.assertIn(len(times) + lost - len(values), (0, 1))

    def test_what_waits_at_the_end_is_lost_and_said(self):
        daemon = self.start()
        self.more_rows()
        self.fill()
        harness.wait_for(lambda: daemon.log_lines("error"), self.log.text)
        self.assertEqual(daemon.stop(), 0)
        self.assertRegex(
            self.errors(daemon)[-1],
            r"^\d+ rows are lost, for they could not be written until the end$",
        )


class Crashes(Faults):
    def test_a_torn_last_line_is_cut_off_and_said(self):
        self.log.path.write_text(f"{HEADER}\n1.000\t1\n2.000")
        daemon = self.start()
        self.more_rows()
        self.assertEqual(
            daemon.log_lines("warning"),
            [
                f'<Process "{self.name}">: File {self.log.path}: its last line was '
                'torn, and is cut off: "2.000"'
            ],
        )
        self.assertEqual(self.times([self.log.path])[0], 1)

    def test_a_killed_daemon_leaves_whole_rows(self):
        blocks = [
            self.block(
                'TimeFormat "%s.%9N"', "Dispatch false", interval=0.01,
                name=f"m{i}", path=self.logs / f"log{i}",
            ).replace('TimeFormat "%s.%3N"', "").replace("Metrics count", "")
            for i in range(20)
        ]  # fmt: skip
        daemon = harness.Daemon(
            f"<Plugin procmon>{''.join(blocks)}\n</Plugin>"
        )
        self.addCleanup(daemon.stop)
        for round_ in range(200):
            daemon.start()
            # Some 30 readings, in different places of the 10 ms.
            time.sleep(0.02 + 0.0013 * (round_ % 61))
            daemon.process.kill()
            daemon.process.popen.stderr.close()
            daemon.log_path.unlink()
            for path in self.logs.iterdir():
                self.assertEqual(path.read_bytes()[-1:], b"\n", path)
        rows = 0
        for path in self.logs.iterdir():
            lines = path.read_text().split("\n")[:-1]
            self.assertEqual(lines[0], HEADER)
            for line in lines[1:]:
                self.assertRegex(line, r"^\d+\.\d{9}\t1$")
            times = [line.split("\t")[0] for line in lines[1:]]
            self.assertEqual(times, sorted(times), path)
            rows += len(times)
        self.assertGreater(rows, 20 * 200)


class Rotation(Faults):
    def rotate(self, *options):
        """One run of logrotate, whether it is time or not."""
        config = self.folder / "logrotate.conf"
        config.write_text(
            f"{self.log.path} {{\n su root root\n rotate 99\n {chr(10).join(options)}\n}}\n"
        )
        began = time.time()
        run("logrotate", "--force", "--state", self.folder / "state", config)
        return began, time.time()

    def all_logs(self):
        return glob.glob(f"{self.log.path}*")

    def test_logrotate_create(self):
        daemon = self.start()
        for _ in range(5):
            self.more_rows(8)
            self.rotate("create 0640 root root")
        self.more_rows()
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(self.all_logs()), 6)
        self.assert_all_there(self.times(self.all_logs()), self.values(daemon))
        self.assertEqual(daemon.log_lines("error"), [])

    def test_moved_by_hand(self):
        daemon = self.start()
        for i in range(20):
            self.more_rows(3)
            self.log.path.rename(f"{self.log.path}.{i}")
        self.more_rows()
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(self.all_logs()), 21)
        self.assert_all_there(self.times(self.all_logs()), self.values(daemon))

    def test_logrotate_copytruncate(self):
        daemon = self.start(self.block(interval=0.01))
        windows = []
        for _ in range(5):
            self.more_rows(8)
            windows.append(self.rotate("copytruncate"))
        self.more_rows()
        self.assertEqual(daemon.stop(), 0)
        times = self.times(self.all_logs())
        for value in self.missing(times, self.values(daemon)):
            self.assertTrue(any(a <= value <= b for a, b in windows), value)
        self.assertEqual(len(times), len(set(times)))

    def test_a_signal_opens_all_logs_anew(self):
        paths = [self.logs / f"log{i}" for i in range(3)]
        daemon = self.start(
            *(self.block(interval=3600, path=p, name=p.name) for p in paths)
        )
        for path in paths:
            self.assertEqual(path.read_text(), HEADER + "\n")
            path.rename(f"{path}.1")
        os.kill(daemon.process.pid, signal.SIGUSR1)
        for path in paths:
            harness.wait_for(
                lambda: path.exists() and path.read_text() == HEADER + "\n", path
            )

    def test_a_removed_folder_comes_back(self):
        daemon = self.start()
        self.more_rows()
        shutil.rmtree(self.logs)
        harness.wait_for(self.log.path.exists, daemon.log)
        self.more_rows()
        self.assertEqual(daemon.log_lines("error"), [])


class Hangs(Faults):
    def setUp(self):
        super().setUp()
        self.disk = harness.FreezingFolder(self, self.logs)

    def ended(self, daemon, process):
        return f"process {process.pid} ended" in daemon.log()

    def wait_for_values(self, daemon, names, n):
        """Until there are n more values of each of these monitors."""
        def counts():
            return [len(daemon.csv(name, "ps_count")) for name in names]

        before = counts()
        harness.wait_for(
            lambda: all(a >= b + n for a, b in zip(counts(), before)), daemon.log
        )

    def test_logs_that_hang_hold_up_nothing_but_themselves(self):
        """More of them than collectd has threads to read."""
        other, slow = (harness.Log(self.folder / name) for name in ("other", "slow"))
        own, nap = self.sleeper(), self.sleeper()
        names = [f"hangs{i}" for i in range(8)]
        logs = [harness.Log(self.logs / name) for name in names]
        daemon = self.start(
            *(self.block(path=log.path, name=log.path.name) for log in logs),
            self.block(path=self.logs / "own", name="own").replace(
                f"Pid {os.getpid()}", f"Pid {own.pid}"
            ),
            self.block(path=other.path, name="other"),
            self.block(path=slow.path, name="slow", interval=3600),
            f'<Process "nap">\nPid {nap.pid}\nInterval 3600\n</Process>',
        )
        for log in logs:
            log.wait_for_rows(3)
        self.disk.freeze()
        hung = [log.text() for log in logs]
        rows = len(other.lines())
        self.wait_for_values(daemon, names, 50)
        harness.wait_for(lambda: len(other.lines()) > rows + 50, other.text)
        slow.path.rename(self.folder / "moved")
        os.kill(daemon.process.pid, signal.SIGUSR1)
        harness.wait_for(slow.path.exists, "the other log is opened anew")
        own.kill()
        nap.kill()
        harness.wait_for(lambda: self.ended(daemon, nap), daemon.log)
        harness.wait_for(lambda: self.ended(daemon, own), daemon.log)
        over = f'<Process "own">: process {own.pid} has ended, and so has this monitor'
        self.assertNotIn(over, daemon.log())
        harness.wait_for(
            lambda: len(daemon.log_lines("error")) == len(names), daemon.log
        )
        for line in daemon.log_lines("error"):
            self.assertRegex(
                line, r"hangs\d: writing hangs; rows wait in memory until it goes on"
            )
        self.assertEqual([log.text() for log in logs], hung)
        self.disk.thaw()
        harness.wait_for(lambda: over in daemon.log(), daemon.log)
        harness.wait_for(
            lambda: daemon.log().count(": works again") == len(names), daemon.log
        )
        self.assertEqual(daemon.stop(), 0)
        for log in logs:
            values = [v[0] for v in daemon.csv(log.path.name, "ps_count")]
            self.assert_all_there(self.times([log.path]), values)
        self.assertNotIn("lost", daemon.log())

    def test_the_daemon_starts_and_ends_though_a_log_hangs(self):
        self.disk.freeze()
        other = harness.Log(self.folder / "other")
        daemon = self.start(self.block(), self.block(path=other.path, name="other"))
        self.addCleanup(self.disk.thaw)
        other.wait_for_rows(5)
        self.wait_for_values(daemon, [self.name, "other"], 5)
        self.assertFalse(self.log.path.exists())
        os.kill(daemon.process.pid, signal.SIGTERM)
        # Its process cannot end as long as the kernel holds a thread of it.
        harness.wait_for(lambda: "rows are lost" in daemon.log(), daemon.log)
        self.assertRegex(
            daemon.log_lines("error")[-1],
            rf'^<Process "{self.name}">: File {self.log.path}: \d+ rows are lost, '
            r"for writing hangs and the end is not to wait for it$",
        )
        rows = other.lines()
        self.disk.thaw()
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(other.lines(), rows)

    def test_what_is_no_file_is_refused_by_name(self):
        os.mkfifo(self.folder / "fifo")
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(str(self.folder / "socket"))
            daemon = self.start(
                self.block(path=self.folder / "fifo", name="a"),
                self.block(path=self.folder / "socket", name="b"),
                self.block(path="/dev/null", name="c"),
                self.block(path=self.folder / "other", name="d"),
            )
            harness.wait_for((self.folder / "other").exists, daemon.log)
        refused = "\n".join(daemon.log_lines("error"))
        for kind in ("FIFO", "socket", "device"):
            self.assertIn(f"it is a {kind}; a log must be a regular file", refused)


class Intruders(Faults):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        os.chmod(self.logs, 0o1777)
        self.secret = self.folder / "secret"
        self.secret.write_text("secret\n")

    def test_a_planted_link_is_not_followed(self):
        for plant in (os.symlink, os.link):
            with self.subTest(plant=plant):
                plant(self.secret, self.log.path)
                daemon = self.start()
                harness.wait_for(
                    lambda: len(self.values(daemon)) > 5, daemon.log
                )
                self.assertEqual(len(daemon.log_lines("error")), 1)
                self.assertIn("link", daemon.log_lines("error")[0])
                self.assertEqual(self.secret.read_text(), "secret\n")
                self.log.path.unlink()
                self.more_rows()
                self.assertEqual(daemon.stop(), 0)
                self.log.path.unlink()

    def test_a_file_of_another_in_a_folder_of_all_is_not_written(self):
        self.log.path.write_text("")
        os.chown(self.log.path, 65534, 65534)
        daemon = self.start()
        harness.wait_for(lambda: len(self.values(daemon)) > 5, daemon.log)
        self.assertIn("it belongs to another user", daemon.log_lines("error")[0])
        self.assertEqual(self.log.path.read_text(), "")

    def test_a_link_that_comes_between_check_and_use_is_not_followed(self):
        daemon = self.start(self.block(interval=0.01))
        self.more_rows()
        done = threading.Event()

        def swap():
            link = self.logs / "link"
            while not done.is_set():
                link.symlink_to(self.secret)
                link.replace(self.log.path)
                self.log.path.unlink(missing_ok=True)

        swapper = threading.Thread(target=swap)
        swapper.start()
        try:
            seen = len(self.values(daemon))
            harness.wait_for(lambda: len(self.values(daemon)) > seen + 200, daemon.log)
        finally:
            done.set()
            swapper.join()
        self.assertEqual(self.secret.read_text(), "secret\n")
        self.more_rows()
        self.assertLessEqual(len(daemon.log_lines("error")), 20)

    def test_control_characters_forge_no_line(self):
        path = self.folder / "part.conf"
        path.write_bytes(
            b'<Plugin procmon>\n<Process "x">\nCommand "no\n[error] forged\x1b[31m"\n'
            b"Interval 0.1\n</Process>\n</Plugin>\n"
        )
        daemon = self.daemon(f'Include "{path}"')
        harness.wait_for(lambda: daemon.log_lines("notice"), daemon.log)
        self.assertIn(r'Command "no\n[error] forged\x1b[31m"', daemon.log())
        self.assertNotIn("\n[error] forged", daemon.log())


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: only root mounts, and gives files away")
        sys.exit(77)
    for program in ("logrotate", "mkfs.ext4", "fsfreeze"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None:
            print(f"SKIP: there is no {program}")
            sys.exit(77)
    harness.main()
