"""A pid is not a process: what takes the pid of one that has ended is another.

The pids are reused on purpose, by clone3 with set_tid, which needs root."""

import ctypes
import os
import pathlib
import shutil
import signal
import sys
import time

import harness

CLONE3 = 435  # the same on every processor


class CloneArguments(ctypes.Structure):
    """struct clone_args of linux/sched.h"""

    _fields_ = [
        (name, ctypes.c_uint64)
        for name in (
            "flags",
            "pidfd",
            "child_tid",
            "parent_tid",
            "exit_signal",
            "stack",
            "stack_size",
            "tls",
            "set_tid",
            "set_tid_size",
        )
    ]


class Reborn:
    """A process of a pid that is free."""

    def __init__(self, pid, arguments):
        ids = (ctypes.c_int * 1)(pid)
        clone = CloneArguments(
            exit_signal=signal.SIGCHLD, set_tid=ctypes.addressof(ids), set_tid_size=1
        )
        libc = ctypes.CDLL(None, use_errno=True)
        result = libc.syscall(CLONE3, ctypes.byref(clone), ctypes.sizeof(clone))
        if result == 0:
            try:
                os.execv(arguments[0], arguments)
            finally:
                os._exit(127)
        if result < 0:
            raise OSError(ctypes.get_errno(), "clone3")
        self.pid = result

    def kill(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.pid = None


class Reuse(harness.TestCase):
    def program(self, name):
        """The burner under another name."""
        path = self.folder / name
        shutil.copy(harness.BURNER, path)
        return str(path)

    def first(self, name):
        """One that has used a second of CPU, and holds 64 MB."""
        process = harness.Process(
            [self.program(name), "--duty", "0.9", "--memory", "64"]
        )
        self.addCleanup(process.kill)
        stat = pathlib.Path(f"/proc/{process.pid}/stat")
        harness.wait_for(
            lambda: sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
            > 100,
            "a second of CPU",
        )
        return process

    def swap(self, first, name, *arguments):
        """Another process in the place of the first, within a moment."""
        program = self.program(name) if name else first.popen.args[0]
        first.kill()
        second = Reborn(first.pid, [program, *arguments])
        self.addCleanup(second.kill)
        self.assertEqual(second.pid, first.pid)
        return second

    def watch(self, selector):
        log = harness.Log(self.folder / "log")
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process "it">
                {selector}
                Interval 0.4
                File "{log.path}"
                TimeFormat "%s.%3N"
                Columns Time CPU Resident Uptime Pid Processes
              </Process>
            </Plugin>"""
        )
        return daemon, log

    def assert_not_mixed(self, rows):
        for row in rows:
            self.assertGreaterEqual(row["CPU"], 0)
            self.assertLess(row["CPU"], 120)

    def assert_of_first(self, rows):
        # Of the end itself there may be a row, of CPU alone.
        for row in rows[:-1] if rows[-1]["Resident"] == -1 else rows:
            self.assertGreater(row["Resident"], 64 * 1024)

    def test_a_pid_block_does_not_go_over_to_it(self):
        first = self.first("first")
        daemon, log = self.watch(f"Pid {first.pid}")
        before = len(log.wait_for_rows(3))
        self.swap(first, None, "--duty", "0.2", "--memory", "8")
        harness.wait_for(lambda: daemon.log_lines("notice"), "the notice")
        self.assertIn("has ended, and so has this monitor", daemon.log())
        values = len(daemon.csv("it", "ps_count"))
        harness.wait_for(
            lambda: len(daemon.csv("it", "ps_count")) > values + 3, "counts"
        )
        self.assertEqual(daemon.csv("it", "ps_count")[-1][1:], (0, 0))
        rows = log.rows()
        self.assertLessEqual(len(rows), before + 1)
        self.assert_not_mixed(rows)
        self.assert_of_first(rows)

    def test_one_of_the_same_name_is_matched_afresh(self):
        first = self.first("same")
        _, log = self.watch('Command "same"')
        before = len(log.wait_for_rows(3))
        swapped = time.time()
        self.swap(first, None, "--duty", "0.2", "--memory", "8")
        rows = log.wait_for_rows(before + 5)
        self.assert_not_mixed(rows)
        self.assertEqual({row["Pid"] for row in rows}, {first.pid})
        new = [row for row in rows if row["Time"] > swapped + 0.4]
        old = [row for row in rows if row["Time"] < swapped]
        self.assertGreater(len(new), 2)
        self.assert_of_first(old)
        for row in old[:-1]:
            self.assertGreaterEqual(row["Uptime"], 1)
        for row in new:
            self.assertLess(row["Resident"], 32 * 1024)
            self.assertLess(row["CPU"], 40)
            self.assertLessEqual(row["Uptime"], row["Time"] - swapped + 0.1)

    def test_one_of_another_name_is_none(self):
        first = self.first("first")
        daemon, log = self.watch('Command "first"')
        before = len(log.wait_for_rows(3))
        self.swap(first, "second", "--duty", "0.2", "--memory", "8")
        harness.wait_for(
            lambda: daemon.csv("it", "ps_count")[-1][1:] == (0, 0), "a count of 0"
        )
        self.assertIn("no process now with Command", daemon.log())
        rows = log.rows()
        self.assertLessEqual(len(rows), before + 1)
        self.assert_not_mixed(rows)
        self.assert_of_first(rows)

    def test_a_stranger_with_the_pid_of_a_child_is_no_child(self):
        program = self.program("child")
        root = harness.Process(["sh", "-c", f"{program} --duty 0.9 & wait; exec sleep 600"])
        self.addCleanup(root.kill)
        children = pathlib.Path(f"/proc/{root.pid}/task/{root.pid}/children")
        child = int(harness.wait_for(children.read_text, "a child"))
        _, log = self.watch(f"Pid {root.pid}\nChildren true")
        self.assertGreater(log.wait_for_rows(3)[-1]["CPU"], 50)
        os.kill(child, signal.SIGKILL)
        harness.wait_for(
            lambda: not pathlib.Path(f"/proc/{child}").exists(), "the shell reaps it"
        )
        stranger = Reborn(child, [program, "--duty", "0.9"])
        self.addCleanup(stranger.kill)
        swapped = time.time()
        rows = harness.wait_for(
            lambda: (rows := log.rows())[-1]["Time"] > swapped + 2 and rows, log.text
        )
        self.assert_not_mixed(rows)
        new = [row for row in rows if row["Time"] > swapped + 0.8]
        self.assertEqual({row["Processes"] for row in new}, {1})
        for row in new:
            self.assertLess(row["CPU"], 10)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: only root can give a process its pid")
        sys.exit(77)
    harness.main()
