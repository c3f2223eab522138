"""collectd's plugins rrdtool and rrdcached: what rrdtool fetches is what the log says."""

import signal
import subprocess
import unittest

import pipeline
from pipeline import harness
import rrd


class Plugin(rrd.TestCase):
    def test_each_reading_is_a_step(self):
        self.start_process()
        daemon = self.daemon(self.rrdtool() + self.watched())
        self.log.wait_for_rows(8)
        for key in pipeline.GAUGES:
            with self.subTest(key):
                self.assertEqual(self.assert_rrd_shows(daemon, key, 1), [])
        for key in pipeline.COUNTERS:
            with self.subTest(key):
                # A rate needs two readings.
                first = pipeline.second(self.log.rows()[0]["Time"])
                self.assertEqual(self.assert_rrd_shows(daemon, key, 1), [first])
        self.assertGreater(len({row["Resident"] for row in self.log.rows()}), 3)
        self.assertEqual(daemon.log_lines("error"), [])

    def test_a_gap_is_unknown_but_for_the_count(self):
        daemon = self.daemon(self.rrdtool() + self.watched())
        self.begin_end_begin(daemon, 4)
        for key in pipeline.FIGURES:
            with self.subTest(key):
                unknown = self.assert_rrd_shows(daemon, key, 1)
                if key[0] == "ps_count":
                    self.assertEqual(unknown, [])
                else:
                    self.assertGreaterEqual(len(unknown), 4)
        self.assertEqual(self.fetch_count_of_the_gap(daemon), {0})

    def fetch_count_of_the_gap(self, daemon):
        # The first one can be of the second in which the process ended.
        times = [pipeline.second(t) for t in self.zeros(daemon)][1:]
        found = self.rrd_fetch(("ps_count", "processes"), 1, times[0] - 1, times[-1])
        return {found[t] for t in times}

    def test_a_longer_interval_is_shared_out_to_the_steps(self):
        self.start_process()
        daemon = self.daemon(self.rrdtool() + self.watched({"Interval 1": "Interval 2"}))
        self.log.wait_for_rows(5)
        for key in pipeline.GAUGES:
            with self.subTest(key):
                self.assertEqual(self.assert_rrd_shows(daemon, key, 2), [])

    def test_a_step_of_several_readings_is_their_mean(self):
        self.start_process()
        step = {"StepSize 1": "StepSize 3"}
        daemon = self.daemon(self.rrdtool("rrdtool-step", step) + self.watched())
        self.log.wait_for_rows(12)
        for key in pipeline.GAUGES:
            with self.subTest(key):
                self.assert_rrd_shows(daemon, key, 3)


class ShortInterval(rrd.TestCase):
    QUARTER = {"Interval 1": "Interval 0.25"}

    def test_it_makes_no_files_without_a_step(self):
        self.start_process()
        daemon = self.daemon(self.rrdtool() + self.watched(self.QUARTER))
        self.log.wait_for_rows(4)
        harness.wait_for(lambda: "Could not calculate RRAs" in daemon.log(), daemon.log)
        self.assertFalse(self.rrd_path("ps_rss").exists())

    def test_with_a_step_one_reading_a_second_counts(self):
        self.start_process()
        daemon = self.daemon(self.rrdtool("rrdtool-step") + self.watched(self.QUARTER))
        self.log.wait_for_rows(20)
        for key in pipeline.GAUGES:
            with self.subTest(key):
                self.assertEqual(self.assert_rrd_shows(daemon, key, 1), [])


@unittest.skipUnless(
    pipeline.program("rrdcached"), "no rrdcached: ./quickstart check-all"
)
class Rrdcached(rrd.TestCase):
    # The log cuts them to ms; the plugin rrdcached does not.
    cut_from_times = 0.001

    def setUp(self):
        super().setUp()
        self.socket = self.folder / "rrdcached.sock"
        base = self.folder / "db"
        base.mkdir()
        self.data = base / "collectd"
        self.rrdcached = harness.Process(
            # Without a flush it would write after an hour.
            [pipeline.program("rrdcached"), "-g", "-w", "3600", "-f", "7200",
             "-l", f"unix:{self.socket}", "-p", f"{self.folder}/rrdcached.pid",
             "-B", "-b", str(base)],
            env=pipeline.environment(), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.addCleanup(self.rrdcached.kill)
        harness.wait_for(self.socket.exists, "rrdcached's socket")
        self.address = f"unix:{self.socket}"
        self.fetch_arguments = ("--daemon", self.address)

    def rrd_times(self, points):
        return points

    def configuration(self):
        changes = {
            "unix:/run/rrdcached.sock": self.address,
            "/var/lib/rrdcached/db/collectd": self.data,
        }
        return pipeline.block("rrdcached", changes) + self.watched()

    def test_each_reading_is_a_step(self):
        self.start_process()
        daemon = self.daemon(self.configuration())
        self.log.wait_for_rows(8)
        for key in pipeline.GAUGES:
            with self.subTest(key):
                self.assertEqual(self.assert_rrd_shows(daemon, key, 1), [])
        for key in pipeline.COUNTERS:
            with self.subTest(key):
                self.assert_rrd_shows(daemon, key, 1)
        self.assertEqual(daemon.log_lines("error"), [])

    def test_what_waits_in_it_is_written_when_it_ends(self):
        self.start_process()
        daemon = self.daemon(self.configuration())
        # A reading that is taken at the end of collectd can be lost.
        rows = self.log.wait_for_rows(6)[:5]
        self.fetch_arguments = ()
        start, last = (pipeline.second(rows[i]["Time"]) for i in (0, 4))
        on_disk = self.rrd_fetch(("ps_rss", "value"), 1, start - 1, last)
        self.assertLessEqual(set(on_disk.values()), {None})
        daemon.stop()
        self.rrdcached.popen.send_signal(signal.SIGTERM)
        self.assertEqual(self.rrdcached.popen.wait(30), 0)
        for key in pipeline.GAUGES:
            with self.subTest(key):
                self.assertEqual(self.assert_rrd_shows(daemon, key, 1, rows), [])


if __name__ == "__main__":
    pipeline.main(programs=["rrdtool"], plugins=["rrdtool", "rrdcached"])
