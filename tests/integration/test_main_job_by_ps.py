"""The main job once more, with the ps utility, and what is ps's own."""

import os
import shutil
import time

import harness
import test_log
import test_main_job
import test_processes

harness.BACKEND = "ps"


class Figures(test_main_job.Figures):
    def cpu_of(self, burner, start, end):
        # Linux's ps tells the average of the whole life, start included.
        return 100 * burner.cpu_at(end) / (end - burner.started_at())

    # There is no such value with ps; `every column and metric` checks that.
    test_cputime_adds_up_to_the_cpu = None


class Intervals(test_main_job.Intervals):
    pass


class Files(test_log.Files):
    pass


class Pid(test_processes.Pid):
    pass


class PidFile(test_processes.PidFile):
    pass


class Command(test_processes.Command):
    # ps prints a `?` for what would break its lines.
    test_names_with_odd_characters_are_found = None


class Utility(harness.TestCase):
    """A ps that misbehaves: a script before the real one."""

    def script(self, text):
        path = self.folder / "ps"
        path.write_text(f'#!/bin/sh\n{text}\nexec {shutil.which("ps")} "$@"\n')
        path.chmod(0o755)
        return path

    def block(self, path, log):
        return f"""<Plugin procmon>
          PsCommand "{path}"
          <Process "me">
            Pid {os.getpid()}
            Interval 0.2
            File "{log.path}"
          </Process>
        </Plugin>"""

    def test_one_that_hangs_is_killed_and_tried_again(self):
        hang, hung = self.folder / "hang", self.folder / "hung"
        log = harness.Log(self.folder / "log")
        path = self.script(
            f"if [ -e {hang} ]; then echo $$ >{hung}; exec sleep 600; fi"
        )
        daemon = self.daemon(self.block(path, log))
        harness.wait_for(lambda: len(log.lines()) > 3, "rows")
        hang.touch()
        harness.wait_for(lambda: daemon.log_lines("error"), "the error")
        hang.unlink()
        rows = len(log.lines())
        harness.wait_for(lambda: len(log.lines()) > rows + 2, "more rows")
        self.assertEqual(
            daemon.log_lines("error"),
            [
                '<Process "me">: a process cannot be read: ps did not end within 5 '
                "seconds and was killed"
            ],
        )
        self.assertEqual(
            daemon.log_lines("notice"),
            ['<Process "me">: a process cannot be read: works again'],
        )
        self.assertFalse(os.path.exists(f"/proc/{hung.read_text().strip()}"))

    def test_one_that_fails_ends_no_process(self):
        broken = self.folder / "broken"
        log = harness.Log(self.folder / "log")
        daemon = self.daemon(
            self.block(self.script(f"if [ -e {broken} ]; then exit 1; fi"), log)
        )
        harness.wait_for(lambda: len(log.lines()) > 3, "rows")
        broken.touch()
        harness.wait_for(lambda: daemon.log_lines("error"), "the error")
        broken.unlink()
        rows = len(log.lines())
        harness.wait_for(lambda: len(log.lines()) > rows + 2, "more rows")
        self.assertNotIn("has ended", daemon.log())

    def test_one_that_fails_loses_no_process_of_a_name(self):
        broken = self.folder / "broken"
        name = f"nap{os.getpid()}"
        shutil.copy(shutil.which("sleep"), self.folder / name)
        for _ in range(2):
            self.sleeper(str(self.folder / name))
        path = self.script(f"if [ -e {broken} ]; then exit 1; fi")
        daemon = self.daemon(
            f"""<Plugin procmon>
              PsCommand "{path}"
              <Process "naps">
                Command "{name}"
                Interval 0.2
              </Process>
            </Plugin>"""
        )
        harness.wait_for(lambda: len(daemon.csv("naps", "ps_count")) > 3, "counts")
        broken.touch()
        harness.wait_for(lambda: daemon.log_lines("error"), "the error")
        broken.unlink()
        counts = len(daemon.csv("naps", "ps_count"))
        harness.wait_for(
            lambda: len(daemon.csv("naps", "ps_count")) > counts + 2, "more counts"
        )
        self.assertEqual({v[1] for v in daemon.csv("naps", "ps_count")}, {2})
        self.assertNotIn("no process now", daemon.log())

    def test_one_that_hangs_does_not_hold_up_the_end(self):
        hang = self.folder / "hang"
        log = harness.Log(self.folder / "log")
        path = self.script(f"if [ -e {hang} ]; then exec sleep 600; fi")
        daemon = self.daemon(self.block(path, log))
        harness.wait_for(lambda: len(log.lines()) > 3, "rows")
        hang.touch()
        harness.wait_for(lambda: daemon.log_lines("error"), "the error")
        start = time.monotonic()
        daemon.stop()
        # One run that hangs already, and no more.
        self.assertLess(time.monotonic() - start, 8)

    def test_that_of_busybox_is_refused_with_a_reason(self):
        busybox = shutil.which("busybox")
        self.assertIsNotNone(busybox, "busybox (package busybox)")
        path = self.folder / "ps"
        path.symlink_to(busybox)
        log = harness.Log(self.folder / "log")
        daemon = harness.Daemon(self.block(path, log), arguments=("-T",))
        self.assertEqual(daemon.run(), 1)
        (line,) = daemon.log_lines("error")
        self.assertIn('Backend "ps": this ps prints nothing that is understood; it needs a', line)
        self.assertIn("BusyBox", line)

    def test_one_ps_serves_all_processes_of_a_monitor(self):
        calls = self.folder / "calls"
        name = f"nap{os.getpid()}"
        shutil.copy(shutil.which("sleep"), self.folder / name)
        several = [self.sleeper(str(self.folder / name)) for _ in range(20)]
        path = self.script(f'echo "$*" >>{calls}')
        log = harness.Log(self.folder / "log")
        self.daemon(
            f"""<Plugin procmon>
              PsCommand "{path}"
              <Process "naps">
                Command "{name}"
                Interval 0.2
                File "{log.path}"
                Columns Processes CPU
              </Process>
            </Plugin>"""
        )
        log.wait_for_rows(3)
        self.assertEqual({row["Processes"] for row in log.rows()}, {len(several)})
        samples = [line for line in calls.read_text().splitlines() if "etime=" in line]
        lists = [line for line in samples if len(line.split(",")) == 1 + len(several)]
        self.assertGreaterEqual(len(lists), 3)
        # One more asked at the start what this ps can do.
        self.assertEqual(len(samples), len(lists) + 1)


if __name__ == "__main__":
    harness.main()
