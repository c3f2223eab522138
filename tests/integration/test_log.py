"""The log file as a user meets it."""

import os
import re
import time

import harness


class Files(harness.TestCase):
    def block(self, *options, interval=0.1):
        return f"""<Plugin procmon>
          <Process {os.getpid()}>
            Interval {interval}
            {chr(10).join(options)}
          </Process>
        </Plugin>"""

    def test_the_default_log_is_that_of_the_original(self):
        log = harness.Log(self.folder / "log")
        self.daemon(self.block(f'File "{log.path}"'))
        harness.wait_for(lambda: len(log.lines()) > 2, "rows")
        lines = log.text().splitlines()
        self.assertEqual(lines[0], "Time\tCPU\tResident\tVirtual")
        self.assertRegex(
            lines[1], r"^\d\d/\d\d/\d\d \d\d:\d\d:\d\d\t\d+\.\d\t\d+\t\d+$"
        )
        written = time.mktime(time.strptime(lines[1][:17], "%m/%d/%y %H:%M:%S"))
        self.assertAlmostEqual(written, time.time(), delta=30)

    def test_the_windows_columns_are_those_of_the_original(self):
        log = harness.Log(self.folder / "log")
        self.daemon(self.block(f'File "{log.path}"', "Columns windows"))
        harness.wait_for(lambda: len(log.lines()) > 2, "rows")
        lines = log.text().splitlines()
        self.assertEqual(
            lines[0], "Time\tCPU\tWorking\tVirtual\tPrivate\tThreads\tHandles"
        )
        self.assertRegex(
            lines[1], r"^\d\d/\d\d/\d\d \d\d:\d\d:\d\d(\t(\d+|-1)){6}$"
        )

    def test_headers(self):
        forms = {
            "names": r"Time\tCPU\tResident\tVirtual\n\d",
            "ruled": r"Time\tCPU\tResident\tVirtual\n-+\n\d",
            "hash": r"#Time\tCPU\tResident\tVirtual\n\d",
            "none": r"\d",
        }
        for form, pattern in forms.items():
            log = harness.Log(self.folder / form)
            with harness.Daemon(self.block(f'File "{log.path}"', f"Header {form}")):
                harness.wait_for(lambda: len(log.lines()) > 2, "rows")
            self.assertTrue(re.match(pattern, log.text()), (form, log.text()))

    def test_time_zone(self):
        os.environ["TZ"] = "XYZ-5:30"
        self.addCleanup(os.environ.pop, "TZ")
        for zone, offset in (("local", "+0530"), ("utc", "+0000")):
            log = harness.Log(self.folder / zone)
            block = self.block(
                f'File "{log.path}"', f"TimeZone {zone}", 'TimeFormat "%z"'
            )
            with harness.Daemon(block):
                harness.wait_for(lambda: len(log.lines()) > 2, "rows")
            self.assertEqual(log.lines()[1][0], offset)

    def test_append_goes_on_and_append_false_starts_anew(self):
        log = harness.Log(self.folder / "log")
        options = [f'File "{log.path}"', 'TimeFormat "%s.%3N"']
        with harness.Daemon(self.block(*options)):
            log.wait_for_rows(3)
        first = log.text()
        with harness.Daemon(self.block(*options)):
            log.wait_for_rows(len(first.splitlines()) + 2)
        second = log.text()
        self.assertTrue(second.startswith(first))
        self.assertEqual(second.count("Resident"), 1)
        with harness.Daemon(self.block(*options, "Append false")):
            log.wait_for_rows(2)
        self.assertNotIn(first.splitlines()[1], log.text())
        self.assertEqual(log.text().count("Resident"), 1)

    def test_missing_folders_are_made_and_pid_and_percent_are_filled_in(self):
        self.daemon(self.block(f'File "{self.folder}/a/b/%p-100%%.tsv"'))
        log = harness.Log(self.folder / "a" / "b" / f"{os.getpid()}-100%.tsv")
        harness.wait_for(lambda: len(log.lines()) > 1, "rows")

    def test_shutdown_writes_the_final_row(self):
        log = harness.Log(self.folder / "log")
        block = self.block(
            f'File "{log.path}"', 'TimeFormat "%s.%3N"', interval=2
        )
        daemon = self.daemon(block)
        log.wait_for_rows(1)
        # More than the tenth of the interval that makes a row.
        harness.wait_for(lambda: time.time() > log.rows()[-1]["Time"] + 0.4, "time")
        rows = len(log.rows())
        self.assertEqual(daemon.stop(), 0)
        times = [row["Time"] for row in log.rows()]
        self.assertEqual(len(times), rows + 1)
        self.assertGreater(times[-1] - times[-2], 0.2)
        self.assertLess(times[-1] - times[-2], 2)

    def test_a_log_that_cannot_be_opened_does_not_stop_the_daemon(self):
        (self.folder / "file").write_text("")
        daemon = self.daemon(self.block(f'File "{self.folder}/file/log"'))
        name = str(os.getpid())
        harness.wait_for(lambda: len(daemon.csv(name, "ps_rss")) > 3, "values")
        self.assertEqual(
            daemon.log_lines("error"),
            [
                f'<Process "{name}">: File {self.folder}/file/log: Not a directory; '
                "rows wait in memory until it works"
            ],
        )
        (self.folder / "file").unlink()
        log = harness.Log(self.folder / "file" / "log")
        harness.wait_for(lambda: len(log.lines()) > 2, "rows")
        self.assertEqual(len(daemon.log_lines("notice")), 1)

    def test_dispatch_false_feeds_the_log_alone(self):
        log = harness.Log(self.folder / "log")
        daemon = self.daemon(self.block(f'File "{log.path}"', "Dispatch false"))
        harness.wait_for(lambda: len(log.lines()) > 4, "rows")
        self.assertEqual(daemon.csv_metrics(str(os.getpid())), [])

    def test_metrics_choose_the_values(self):
        daemon = self.daemon(self.block("Metrics resident count"))
        name = str(os.getpid())
        harness.wait_for(lambda: len(daemon.csv(name, "ps_rss")) > 3, "values")
        self.assertEqual(daemon.csv_metrics(name), ["ps_count", "ps_rss"])


if __name__ == "__main__":
    harness.main()
