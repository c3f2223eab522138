"""From collectd.conf to values in collectd and rows in a log."""

import os
import re
import subprocess

import harness

# A time that can be compared with the csv files and with the burner's reports.
EPOCH = 'TimeFormat "%s.%3N"'

# What a backend cannot measure: columns that are -1, metrics that do not come.
MISSING = {
    "ps": (
        {"Private", "Threads", "Handles", "User", "System", "Anonymous", "MinorFaults",
         "MajorFaults", "Read", "Write", "VoluntarySwitches", "InvoluntarySwitches"},
        {"ps_data", "file_handles", "ps_cputime", "ps_pagefaults", "ps_disk_octets",
         "ps_disk_ops", "contextswitch-voluntary", "contextswitch-involuntary"},
    ),
    None: (set(), set()),
}  # fmt: skip


class Figures(harness.TestCase):
    def cpu_of(self, burner, start, end):
        """What a reading from start to end should say, in percent."""
        return 100 * (burner.cpu_at(end) - burner.cpu_at(start)) / (end - start)

    def compare(self, burner, rows):
        """Mean CPU % that the rows tell, and that the process says it used."""
        first, last = rows[0]["Time"], rows[-1]["Time"]
        harness.wait_for(lambda: burner.reports()[-1][0] > last, "a later report")
        logged = used = 0
        for before, row in zip(rows, rows[1:]):
            share = (row["Time"] - before["Time"]) / (last - first)
            logged += share * row["CPU"]
            used += share * self.cpu_of(burner, before["Time"], row["Time"])
        self.assertGreater(used, 20)
        return logged, used

    def test_cpu_and_resident_are_those_of_the_process(self):
        burner = self.burner("--duty", "0.37", "--memory", "64", "--report", "0.02")
        harness.wait_for(burner.reports, "the first report")
        log = harness.Log(self.folder / "log")
        self.daemon(
            f"""<Plugin procmon>
              <Process {burner.pid}>
                Interval 0.5
                File "{log.path}"
                {EPOCH}
              </Process>
            </Plugin>"""
        )
        rows = log.wait_for_rows(9)[:9]
        logged, used = self.compare(burner, rows)
        self.assertAlmostEqual(logged, used, delta=2)
        resident = burner.reports()[-1][2]
        self.assertGreater(resident, 64 * 1024)
        for row in rows:
            self.assertAlmostEqual(row["Resident"], resident, delta=resident * 0.02)
            self.assertGreater(row["Virtual"], row["Resident"] * 0.98)

    def test_num_processors_divides(self):
        burner = self.burner("--duty", "0.8", "--report", "0.02")
        harness.wait_for(burner.reports, "the first report")
        log = harness.Log(self.folder / "log")
        self.daemon(
            f"""<Plugin procmon>
              <Process {burner.pid}>
                Interval 0.5
                NumProcessors 4
                File "{log.path}"
                {EPOCH}
              </Process>
            </Plugin>"""
        )
        logged, used = self.compare(burner, log.wait_for_rows(7)[:7])
        self.assertAlmostEqual(4 * logged, used, delta=2)

    def test_csv_files_hold_the_figures_of_the_log(self):
        burner = self.burner(
            "--duty", "0.3", "--wave", "8", "--wave-period", "3",
            "--threads", "3", "--files", "4",
        )
        log = harness.Log(self.folder / "log")
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process "burner">
                Pid {burner.pid}
                Interval 0.25
                File "{log.path}"
                Columns Time CPU Resident Virtual Private Threads Handles Processes
                {EPOCH}
              </Process>
            </Plugin>"""
        )
        log.wait_for_rows(8)
        harness.wait_for(lambda: len(daemon.csv("burner", "ps_vm")) >= 8, "csv values")
        daemon.stop()
        rows = log.rows()

        def logged(instant):
            near = min(rows, key=lambda row: abs(row["Time"] - instant))
            self.assertAlmostEqual(near["Time"], instant, delta=0.002)
            return near

        columns = {
            "ps_rss": [("Resident", 1024)],
            "ps_vm": [("Virtual", 1024)],
            "ps_data": [("Private", 1024)],
            "file_handles": [("Handles", 1)],
            "ps_count": [("Processes", 1), ("Threads", 1)],
        }
        no_columns, no_metrics = MISSING[harness.BACKEND]
        for metric in no_metrics:
            self.assertEqual(daemon.csv("burner", metric), [])
            columns.pop(metric, None)
        for metric, parts in columns.items():
            values = daemon.csv("burner", metric)
            self.assertGreaterEqual(len(values), 7, metric)
            for time, *numbers in values:
                row = logged(time)
                for (column, unit), number in zip(parts, numbers):
                    if column in no_columns:
                        self.assertEqual((row[column], str(number)), (-1, "nan"))
                        continue
                    self.assertEqual(number / unit, row[column], (metric, column))
        for time, percent in daemon.csv("burner", "gauge-cpu_percent"):
            self.assertAlmostEqual(percent, logged(time)["CPU"], delta=0.0501)
        if not no_columns:
            self.assertEqual({row["Threads"] for row in rows}, {4})
            self.assertEqual({row["Handles"] for row in rows}, {3 + 4})
        self.assertGreater(len({row["Resident"] for row in rows}), 3)

    def test_cputime_adds_up_to_the_cpu(self):
        burner = self.burner("--duty", "0.5", "--report", "0.02")
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process "burner">
                Pid {burner.pid}
                Interval 0.5
              </Process>
            </Plugin>"""
        )
        values = harness.wait_for(
            lambda: len(daemon.csv("burner", "ps_cputime")) >= 6
            and daemon.csv("burner", "ps_cputime"),
            "csv values",
        )
        (start, *first), (end, *last) = values[0], values[-1]
        harness.wait_for(lambda: burner.reports()[-1][0] > end, "a later report")
        used = burner.cpu_at(end) - burner.cpu_at(start)
        # The kernel counts user and system in ticks of 10 ms each.
        self.assertAlmostEqual((sum(last) - sum(first)) / 1e6, used, delta=0.05)

    def test_every_column_and_metric_can_be_had(self):
        burner = self.burner("--duty", "0.2")
        log = harness.Log(self.folder / "log")
        columns = (
            "Time CPU Resident Working Virtual Private Threads Handles Pid Processes "
            "User System Anonymous MinorFaults MajorFaults Read Write "
            "VoluntarySwitches InvoluntarySwitches Uptime"
        )
        daemon = self.daemon(
            f"""<Plugin procmon>
              <Process "all">
                Pid {burner.pid}
                Interval 0.2
                File "{log.path}"
                {EPOCH}
                Columns {columns}
                Metrics cpu cputime resident virtual private count handles faults io \\
                        switches uptime
              </Process>
            </Plugin>"""
        )
        rows = log.wait_for_rows(3)
        self.assertEqual(" ".join(log.header()), columns)
        for row in rows:
            missing = {column for column, value in row.items() if value < 0}
            self.assertEqual(missing, MISSING[harness.BACKEND][0])
            self.assertEqual(row["Pid"], burner.pid)
            self.assertEqual(row["Resident"], row["Working"])
            if not missing:
                # 10 ms periods: a hundred voluntary switches a second.
                self.assertAlmostEqual(row["VoluntarySwitches"], 100, delta=40)
        expected = [
            "contextswitch-involuntary", "contextswitch-voluntary", "file_handles",
            "gauge-cpu_percent", "ps_count", "ps_cputime", "ps_data", "ps_disk_octets",
            "ps_disk_ops", "ps_pagefaults", "ps_rss", "ps_vm", "uptime",
        ]  # fmt: skip
        expected = [m for m in expected if m not in MISSING[harness.BACKEND][1]]
        harness.wait_for(
            lambda: daemon.csv_metrics("all") == expected,
            lambda: f"{expected}, there are {daemon.csv_metrics('all')}",
        )


class Intervals(harness.TestCase):
    def test_ten_rows_in_a_second_without_drift(self):
        sleeper = self.sleeper()
        log = harness.Log(self.folder / "log")
        self.daemon(
            f"""<Plugin procmon>
              <Process {sleeper.pid}>
                Interval 0.1
                File "{log.path}"
                {EPOCH}
              </Process>
            </Plugin>""",
            interval=10,
        )
        times = [row["Time"] for row in log.wait_for_rows(41)][:41]
        for start in range(3):
            begin = times[0] + start
            within = [t for t in times if begin <= t < begin + 1]
            self.assertIn(len(within), (9, 10, 11), times)
        self.assertAlmostEqual(times[40] - times[0], 4, delta=0.1)

    def test_two_intervals_at_once(self):
        sleeper = self.sleeper()
        logs = [harness.Log(self.folder / name) for name in ("fast", "slow")]
        self.daemon(
            f"""<Plugin procmon>
              {EPOCH}
              <Process "fast">
                Pid {sleeper.pid}
                Interval 0.2
                File "{logs[0].path}"
              </Process>
              <Process "slow">
                Pid {sleeper.pid}
                Interval 1
                File "{logs[1].path}"
              </Process>
            </Plugin>"""
        )
        slow = [row["Time"] for row in logs[1].wait_for_rows(4)][:4]
        fast = [row["Time"] for row in logs[0].rows() if slow[0] <= row["Time"] < slow[3]]
        self.assertAlmostEqual(slow[3] - slow[0], 3, delta=0.2)
        self.assertIn(len(fast), (14, 15, 16), fast)

    def test_the_interval_of_loadplugin_is_the_default(self):
        sleeper = self.sleeper()
        log = harness.Log(self.folder / "log")
        self.daemon(
            f"""<Plugin procmon>
              <Process {sleeper.pid}>
                File "{log.path}"
                {EPOCH}
              </Process>
            </Plugin>""",
            interval=3600,
            load="<LoadPlugin procmon>\n  Interval 0.2\n</LoadPlugin>",
        )
        times = [row["Time"] for row in log.wait_for_rows(6)]
        self.assertAlmostEqual(times[5] - times[0], 1, delta=0.15)

    def test_200_monitors_at_once(self):
        sleepers = [self.sleeper() for _ in range(200)]
        folder = self.folder / "logs"
        # 200 ps a round want a longer one.
        interval, rows = (10, 2) if harness.BACKEND == "ps" else (0.5, 5)
        blocks = "".join(f"<Process {s.pid}>\n</Process>\n" for s in sleepers)
        daemon = self.daemon(
            f"""<Plugin procmon>
              Interval {interval}
              File "{folder}/%p.tsv"
              {EPOCH}
              {blocks}
            </Plugin>"""
        )
        logs = [harness.Log(folder / f"{s.pid}.tsv") for s in sleepers]
        for log in logs:
            log.wait_for_rows(rows, seconds=60)
        # collectd's own are few; the plugin keeps 256 at the most.
        self.assertLess(daemon.descriptors(), 300)
        self.assertEqual(daemon.stop(), 0)
        for log in logs:
            times = [row["Time"] for row in log.rows()]
            gaps = [b - a for a, b in zip(times, times[1:-1])]
            self.assertLess(max(gaps, default=0), 3 * interval, log.path)
        self.assertEqual(daemon.log_lines("error"), [])


class Documents(harness.TestCase):
    def test_the_example_is_accepted(self):
        text = (harness.SRCDIR / "collectd.conf.example").read_text()
        block = text[text.index("<Plugin procmon>") :]
        # The example means a server's own folders; here it gets others.
        block = re.sub(r'"/(var/log|run)/', rf'"{self.folder}/\1/', block)
        daemon = harness.Daemon(block, arguments=("-T",))
        self.assertEqual(daemon.run(), 0, daemon.log() + daemon.stderr)
        self.assertEqual(daemon.log_lines("error"), [])
        self.assertIn("watching process", daemon.log())

    def test_the_example_shows_every_option(self):
        text = (harness.SRCDIR / "collectd.conf.example").read_text()
        once = (
            "Backend ProcRoot CgroupRoot PsCommand Interval NumProcessors Columns Header "
            "TimeFormat TimeZone Append Sync Dispatch Layout Metrics Notify Pid PidFile Command "
            "CommandLine User Unit Cgroup"
        )
        for option in once.split():
            uses = re.findall(rf"^ *#? ?{option} ", text, re.MULTILINE)
            self.assertEqual(len(uses), 1, option)
        # With their defaults, and where they are of use.
        for option in ("Children", "Report", "MaxProcesses", "File"):
            uses = re.findall(rf"^ *{option} ", text, re.MULTILINE)
            self.assertEqual(len(uses), 2, option)

    def test_the_configuration_of_the_readme_works(self):
        text = (harness.SRCDIR / "README.md").read_text()
        block = re.search(r"```apache\n(.*?)```", text, re.DOTALL).group(1)
        self.assertLessEqual(len(block.splitlines()), 15)
        block = block.replace("LoadPlugin procmon\n", "")
        block = block.replace("/var/log/", f"{self.folder}/")
        block = block.replace("Interval 10", "Interval 0.2")
        daemon = self.daemon(block)
        log = harness.Log(self.folder / "procmon" / "collectd.tsv")
        harness.wait_for(lambda: len(log.lines()) > 3, "rows")
        self.assertEqual(log.header(), ["Time", "CPU", "Resident", "Virtual"])
        harness.wait_for(lambda: daemon.csv("collectd", "ps_rss"), "values")
        # There is no nginx; that is counted, and no error.
        harness.wait_for(lambda: daemon.csv("nginx", "ps_count"), "a count")
        self.assertEqual(daemon.log_lines("error"), [])


class Arguments(harness.TestCase):
    def test_test_mode_reads_once_and_ends(self):
        daemon = harness.Daemon(
            f"""<Plugin procmon>
              <Process {os.getpid()}>
              </Process>
            </Plugin>""",
            arguments=("-T",),
        )
        self.assertEqual(daemon.run(), 0, daemon.log())

    def test_the_plugin_exports_its_entry_only(self):
        text = subprocess.run(
            ["nm", "-D", "--defined-only", harness.BUILDDIR / ".libs" / "procmon.so"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.assertEqual([line.split()[-1] for line in text.splitlines()],
                         ["module_register"])  # fmt: skip


if __name__ == "__main__":
    harness.main()
