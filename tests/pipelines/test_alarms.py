"""collectd's plugin threshold: an alarm arrives when a process has ended, or has grown."""

import itertools
import os
import re
import unittest

import pipeline
from pipeline import harness

# What the plugin logfile writes of a notification that is not ours.
NOTIFICATION = re.compile(
    r"Notification: severity = (\w+), host = testhost, plugin = procmon, "
    r"plugin_instance = nginx, type = (\w+), message = "
    r"(?!nginx: process)(.*)"
)


class Alarms(pipeline.TestCase):
    def alarms(self, daemon, kind):
        """(severity, message) of each that arrived."""
        found = NOTIFICATION.findall(daemon.log())
        return [(severity, text) for severity, type_, text in found if type_ == kind]

    def wait_for_alarms(self, daemon, kind, severities):
        def arrived():
            return [severity for severity, _ in self.alarms(daemon, kind)] == severities

        harness.wait_for(arrived, lambda: f"{severities} in\n{daemon.log()}", 60)
        return self.alarms(daemon, kind)[-1][1]

    def test_one_when_the_process_has_ended_and_one_when_it_is_back(self):
        process = self.start_process()
        daemon = self.daemon(pipeline.block("threshold") + self.watched())
        self.wait_for_alarms(daemon, "ps_count", ["OKAY"])
        process.kill()
        message = self.wait_for_alarms(daemon, "ps_count", ["OKAY", "FAILURE"])
        self.assertIn('"processes" is currently 0.0', message)
        self.assertIn(f"nginx: process {process.pid} ended", daemon.log())
        # Long enough for all else to be missing, of which nothing is said.
        self.wait_for_zeros(daemon, 5)
        next_process = self.start_process()
        message = self.wait_for_alarms(daemon, "ps_count", ["OKAY", "FAILURE", "OKAY"])
        self.assertIn('"processes" is 1.0', message)
        self.assertIn(f"nginx: process {next_process.pid} started", daemon.log())
        severities = {severity for severity, _ in self.alarms(daemon, "ps_rss")}
        self.assertEqual(severities, {"OKAY"})

    def severities_of_the_log(self):
        """What its rows should have told, each change once."""
        severities = [
            "FAILURE" if size > 100e6 else "WARNING" if size > 50e6 else "OKAY"
            for size in (row["Resident"] * 1024 for row in self.log.rows())
        ]
        return [severity for severity, _ in itertools.groupby(severities)]

    def test_one_when_memory_passes_a_limit_and_one_when_it_is_below_again(self):
        self.start_process("--wave", "120", "--wave-period", "16")
        daemon = self.daemon(pipeline.block("threshold") + self.watched())
        harness.wait_for(
            lambda: self.severities_of_the_log()[-2:] == ["WARNING", "OKAY"],
            self.log.text,
            60,
        )
        expected = self.severities_of_the_log()
        self.assertIn("FAILURE", expected)
        self.wait_for_alarms(daemon, "ps_rss", expected)
        sizes = {row["Resident"] * 1024 for row in self.log.rows()}
        for severity, message in self.alarms(daemon, "ps_rss"):
            size = float(re.search(r'"value" is (?:currently )?(\d+)', message).group(1))
            self.assertIn(size, sizes, message)

    @unittest.skipUnless(os.geteuid() == 0, "collectd's plugin exec needs root")
    def test_a_program_gets_them(self):
        program, arrived = self.folder / "alarm", self.folder / "alarms"
        program.write_text(pipeline.block("alarm", {"/var/tmp/alarms": arrived}))
        program.chmod(0o755)
        # For the user that the program runs as.
        self.folder.chmod(0o777)
        run = pipeline.block("exec", {"/usr/local/bin/alarm": program})
        process = self.start_process()
        daemon = self.daemon(run + pipeline.block("threshold") + self.watched())
        self.wait_for_alarms(daemon, "ps_count", ["OKAY"])
        process.kill()
        self.wait_for_alarms(daemon, "ps_count", ["OKAY", "FAILURE"])
        expected = (
            "Severity: FAILURE\n(.+\n)*Plugin: procmon\nPluginInstance: nginx\n"
            'Type: ps_count\n(.+\n)*\nHost testhost, .*"processes" is currently 0.0'
        )
        harness.wait_for(
            lambda: arrived.exists() and re.search(expected, arrived.read_text()),
            lambda: arrived.read_text() if arrived.exists() else daemon.log(),
        )


if __name__ == "__main__":
    pipeline.main(plugins=["threshold", "exec"])
