"""The starts and ends of processes, by collectd's own notifications."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import harness

# What the logfile plugin writes of a notification.
NOTIFICATION = re.compile(
    r"Notification: severity = (\w+), host = testhost, plugin = procmon, "
    r"plugin_instance = (\S+), type = ps_count, message = (.*)"
)


class Notifications(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.command = self.folder / f"nap{os.getpid()}"
        shutil.copy(shutil.which("sleep"), self.command)

    def nap(self, seconds=600):
        nap = harness.Process([str(self.command), str(seconds)])
        self.addCleanup(nap.kill)
        return nap

    def watch(self, options="", interval=0.2):
        return self.daemon(
            f"""<Plugin procmon>
              <Process "nap">
                Command "{self.command.name}"
                Interval {interval}
                {options}
              </Process>
            </Plugin>"""
        )

    def told(self, daemon):
        return NOTIFICATION.findall(daemon.log())

    def wait_for(self, daemon, n):
        harness.wait_for(lambda: len(self.told(daemon)) >= n, daemon.log)
        return self.told(daemon)

    def test_a_start_and_an_end_are_told(self):
        daemon = self.watch()
        nap = self.nap()
        self.assertEqual(
            self.wait_for(daemon, 1),
            [("OKAY", "nap", f"nap: process {nap.pid} started")],
        )
        nap.popen.send_signal(signal.SIGKILL)
        severity, instance, message = self.wait_for(daemon, 2)[1]
        self.assertEqual((severity, instance), ("WARNING", "nap"))
        self.assertRegex(
            message, rf"^nap: process {nap.pid} ended after \d+\.\ds, killed by signal 9$"
        )

    def test_an_exit_status_is_told(self):
        nap = self.nap(1)
        daemon = self.watch()
        message = self.wait_for(daemon, 1)[0][2]
        self.assertRegex(
            message, rf"^nap: process {nap.pid} ended after \d\.\ds, exited with status 0$"
        )

    def test_an_end_is_told_long_before_the_next_reading(self):
        nap = self.nap()
        log = harness.Log(self.folder / "log")
        daemon = self.watch(
            f'File "{log.path}"\nTimeFormat "%s.%3N"\nColumns Time CPU Resident',
            interval=3600,
        )
        harness.wait_for(lambda: "watching process" in daemon.log(), daemon.log)
        began = time.monotonic()
        nap.popen.send_signal(signal.SIGTERM)
        self.wait_for(daemon, 1)
        self.assertLess(time.monotonic() - began, 5)
        self.assertIn("killed by signal 15", self.told(daemon)[0][2])
        # Nobody has taken note of the end yet: the kernel still gives its CPU.
        row = log.wait_for_rows(1)[-1]
        self.assertEqual(row["Resident"], -1)
        self.assertGreaterEqual(row["CPU"], 0)

    def test_the_last_row_has_the_cpu_until_the_end(self):
        burner = self.burner("--duty", "1")
        log = harness.Log(self.folder / "log")
        began = time.time()
        self.daemon(
            f"""<Plugin procmon>
              <Process {burner.pid}>
                Interval 3600
                File "{log.path}"
                TimeFormat "%s.%3N"
              </Process>
            </Plugin>"""
        )
        stat = pathlib.Path(f"/proc/{burner.pid}/stat")
        harness.wait_for(
            lambda: sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
            > 100,
            "a second of CPU",
        )
        burner.popen.send_signal(signal.SIGKILL)
        (row,) = log.wait_for_rows(1)
        self.assertLess(row["Time"] - began, 60)
        self.assertGreater(row["CPU"], 30)
        self.assertLess(row["CPU"], 105)

    def test_nothing_is_told_that_nobody_wants_to_know(self):
        daemon = self.watch("Notify false")
        nap = self.nap()
        harness.wait_for(lambda: "watching process" in daemon.log(), daemon.log)
        nap.kill()
        harness.wait_for(lambda: "no process now" in daemon.log().split("watching")[-1],
                         daemon.log)
        self.assertEqual(self.told(daemon), [])

    def test_the_processes_found_at_the_start_have_not_started(self):
        self.nap()
        daemon = self.watch()
        harness.wait_for(lambda: len(daemon.csv("nap", "ps_count")) > 2, daemon.log)
        self.assertEqual(self.told(daemon), [])
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.told(daemon), [])

    def test_a_storm_is_told_in_a_few(self):
        daemon = self.watch()
        script = f'i=0; while [ $i -lt 60 ]; do {self.command} 0.3 & i=$((i+1)); done; wait'
        subprocess.run(["sh", "-c", script], check=True, timeout=60)
        harness.wait_for(
            lambda: any(" more " in m for _, _, m in self.told(daemon)), daemon.log
        )
        self.assertLessEqual(len(self.told(daemon)), 22)

    def test_the_exec_plugin_is_told(self):
        script = self.folder / "notified"
        out = self.folder / "out"
        script.write_text(f'#!/bin/sh\ncat > {out}.new\nmv {out}.new {out}\n')
        script.chmod(0o755)
        for path in (self.folder, script):
            os.chmod(path, 0o777)
        daemon = self.daemon(
            f"""LoadPlugin exec
            <Plugin exec>
              NotificationExec "nobody" "{script}"
            </Plugin>
            <Plugin procmon>
              <Process "nap">
                Command "{self.command.name}"
                Interval 0.2
              </Process>
            </Plugin>"""
        )
        nap = self.nap()
        harness.wait_for(out.exists, daemon.log)
        text = out.read_text()
        self.assertIn("Severity: OKAY", text)
        self.assertIn("PluginInstance: nap", text)
        self.assertIn(f"nap: process {nap.pid} started", text)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: collectd's exec plugin needs root")
        sys.exit(77)
    harness.main()
