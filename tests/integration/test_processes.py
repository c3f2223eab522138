"""Which process a monitor watches, and what happens when it ends."""

import ctypes
import os
import shutil

import harness

EPOCH = 'TimeFormat "%s.%3N"'


class Pid(harness.TestCase):
    def test_the_end_of_the_process_is_said_once(self):
        sleeper = self.sleeper()
        log = harness.Log(self.folder / "log")
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process {sleeper.pid}>
                Interval 0.1
                File "{log.path}"
                {EPOCH}
              </Process>
            </Plugin>"""
        )
        name = str(sleeper.pid)
        log.wait_for_rows(3)
        sleeper.kill()
        harness.wait_for(lambda: daemon.log_lines("notice"), "the notice")
        rows = log.rows()
        ended = len(daemon.csv(name, "ps_rss"))
        harness.wait_for(
            lambda: [v for v in daemon.csv(name, "ps_count") if v[1:] == (0, 0)][4:],
            "counts of 0",
        )
        self.assertEqual(
            daemon.log_lines("notice"),
            [
                f'<Process "{name}">: process {name} has ended, and so has this '
                "monitor"
            ],
        )
        self.assertNotIn("failed", daemon.log())
        # The log is closed, and nothing else is dispatched any more.
        links = [
            os.readlink(f"/proc/{daemon.process.pid}/fd/{fd}")
            for fd in os.listdir(f"/proc/{daemon.process.pid}/fd")
        ]
        self.assertNotIn(str(log.path), links)
        self.assertEqual(log.rows(), rows)
        self.assertLessEqual(len(daemon.csv(name, "ps_rss")), ended + 1)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(log.rows(), rows)

    def test_a_process_that_does_not_exist_yet_is_waited_for(self):
        gone = self.sleeper()
        gone.kill()
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process {gone.pid}>
                Interval 0.1
              </Process>
            </Plugin>"""
        )
        harness.wait_for(
            lambda: daemon.csv(str(gone.pid), "ps_count"), "a count of 0"
        )
        self.assertEqual(daemon.csv(str(gone.pid), "ps_count")[0][1:], (0, 0))
        self.assertEqual(
            daemon.log_lines("notice"),
            [
                f'<Process "{gone.pid}">: no process now with Pid {gone.pid}, '
                "waiting for it"
            ],
        )


class PidFile(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.pid_file = self.folder / "pid"
        self.log = harness.Log(self.folder / "log")
        self.block = f"""<Plugin procmon>
          <Process "server">
            PidFile "{self.pid_file}"
            Interval 0.1
            File "{self.log.path}"
            Columns Time Pid CPU
            {EPOCH}
          </Process>
        </Plugin>"""

    def write(self, text):
        """Replaces the file as a daemon should, whole."""
        new = self.folder / "pid.new"
        new.write_text(text)
        new.rename(self.pid_file)

    def wait_for_pid(self, pid):
        harness.wait_for(
            lambda: len(self.log.lines()) > 1 and self.log.rows()[-1]["Pid"] == pid,
            f"rows of {pid}",
        )

    def test_the_monitor_follows_the_file(self):
        first, second = self.sleeper(), self.sleeper()
        self.write(f"{first.pid}\n")
        daemon = self.daemon(self.block)
        self.wait_for_pid(first.pid)
        self.write(f"{second.pid}\n")
        self.wait_for_pid(second.pid)
        pids = [row["Pid"] for row in self.log.rows()]
        self.assertEqual(pids, sorted(pids, key=[first.pid, second.pid].index))
        self.assertEqual(daemon.log_lines("notice"), [])
        self.assertEqual(daemon.log_lines("error"), [])

    def test_bad_files_are_waited_out(self):
        gone = self.sleeper()
        gone.kill()
        daemon = self.daemon(self.block)
        counts = 0
        for text in ("", "garbage\n", "-1\n", "0\n", "99999999999\n", f"{gone.pid}\n"):
            self.write(text)
            counts = len(daemon.csv("server", "ps_count"))
            harness.wait_for(
                lambda: len(daemon.csv("server", "ps_count")) >= counts + 2,
                "more counts",
            )
        self.assertEqual({v[1] for v in daemon.csv("server", "ps_count")}, {0})
        self.assertEqual(len(self.log.lines()), 1)
        sleeper = self.sleeper()
        self.write(f"{sleeper.pid}\n")
        self.wait_for_pid(sleeper.pid)
        self.assertEqual(daemon.log_lines("error"), [])
        self.assertEqual(len(daemon.log_lines("notice")), 1)

    def test_the_next_process_goes_on_in_the_same_log(self):
        first = self.sleeper()
        self.write(f"{first.pid}\n")
        daemon = self.daemon(self.block)
        self.wait_for_pid(first.pid)
        first.kill()
        harness.wait_for(lambda: daemon.log_lines("notice"), "the end of the first")
        second = self.sleeper()
        self.write(f"{second.pid}\n")
        self.wait_for_pid(second.pid)
        headers = [line for line in self.log.lines() if line[0] == "Time"]
        self.assertEqual(len(headers), 1)


class Command(harness.TestCase):
    def copy_of_sleep(self, name):
        path = self.folder / name
        shutil.copy(shutil.which("sleep"), path)
        return str(path)

    def test_all_processes_of_a_name_are_summed(self):
        command = self.copy_of_sleep(f"nap{os.getpid()}")
        several = [self.sleeper(command) for _ in range(3)]
        self.sleeper(self.copy_of_sleep(f"nap{os.getpid()}x"))
        log = harness.Log(self.folder / "log")
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process "naps">
                Command "{os.path.basename(command)}"
                Interval 0.1
                File "{log.path}"
                Columns Time Processes Threads Resident Pid
                {EPOCH}
              </Process>
            </Plugin>"""
        )
        log.wait_for_rows(2)
        self.assertEqual(log.rows()[-1]["Processes"], 3)
        if harness.BACKEND != "ps":
            self.assertEqual(log.rows()[-1]["Threads"], 3)
        several.append(self.sleeper(command))
        harness.wait_for(lambda: log.rows()[-1]["Processes"] == 4, "the fourth")
        for process in several:
            process.kill()
        harness.wait_for(
            lambda: daemon.csv("naps", "ps_count")[-1][1] == 0, "a count of 0"
        )

    def test_names_with_odd_characters_are_found(self):
        # A name of blanks, brackets and a newline, as prctl(2) can set it.
        name = "a) R\n(b c"
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)
            while True:
                os.read(os.pipe()[0], 1)
        try:
            log = harness.Log(self.folder / "log")
            self.daemon(
                f"""<Plugin procmon>
                  <Process "odd">
                    Command "{name}"
                    Interval 0.1
                    File "{log.path}"
                    Columns Pid CPU User System
                  </Process>
                </Plugin>"""
            )
            rows = log.wait_for_rows(2)
            self.assertEqual(rows[-1]["Pid"], pid)
        finally:
            os.kill(pid, 9)
            os.waitpid(pid, 0)


class Alarm(harness.TestCase):
    """collectd's own threshold plugin sees a process end and come back."""

    def start(self, command):
        process = harness.Process([command, "600"])
        self.addCleanup(process.kill)
        return process

    def alarms(self, daemon):
        """The severities of the alarms about this process, in order."""
        return [
            line.split("severity = ")[1].split(",")[0]
            for line in daemon.log().splitlines()
            if "Notification: " in line and "plugin_instance = nap," in line
        ]

    def test_its_end_is_an_alarm_and_its_return_ends_it(self):
        command = self.folder / f"nap{os.getpid()}"
        shutil.copy(shutil.which("sleep"), command)
        first = self.start(str(command))
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process "nap">
                Command "{command.name}"
                Interval 0.2
                Notify false
              </Process>
            </Plugin>
            LoadPlugin threshold
            <Plugin threshold>
              <Plugin "procmon">
                Instance "nap"
                <Type "ps_count">
                  DataSource "processes"
                  FailureMin 1
                </Type>
              </Plugin>
            </Plugin>"""
        )
        # collectd tells the first state, too.
        harness.wait_for(lambda: self.alarms(daemon) == ["OKAY"], daemon.log)
        harness.wait_for(lambda: len(daemon.csv("nap", "ps_count")) > 3, "counts")
        first.kill()
        harness.wait_for(lambda: len(self.alarms(daemon)) > 1, daemon.log)
        self.start(str(command))
        harness.wait_for(lambda: len(self.alarms(daemon)) > 2, daemon.log)
        self.assertEqual(self.alarms(daemon), ["OKAY", "FAILURE", "OKAY"])


if __name__ == "__main__":
    harness.main()
