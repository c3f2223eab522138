"""The system's clock is set while collectd runs: tests/clock_shim.c between
collectd and the C library tells another time of day, and no other clock."""

import struct
import time

import harness

SHIM = harness.BUILDDIR / "tests" / ".libs" / "clock_shim.so"
HOUR = 3600


class Steps(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.offset = self.folder / "offset"
        self.set_clock(0)
        self.log = harness.Log(self.folder / "log")
        burner = self.burner("--duty", "0.5", "--report", "0.05")
        daemon = harness.Daemon(
            f"""<Plugin procmon>
              <Process "it">
                Pid {burner.pid}
                Interval 0.5
                File "{self.log.path}"
                TimeFormat "%s.%3N"
              </Process>
            </Plugin>"""
        )
        daemon.environment = {
            "LD_PRELOAD": str(SHIM),
            "CLOCK_SHIM": str(self.offset),
        }
        self.addCleanup(daemon.stop)
        daemon.start()
        self.collectd = daemon

    def set_clock(self, seconds):
        with open(self.offset, "r+b" if self.offset.exists() else "wb") as f:
            f.write(struct.pack("=q", seconds * 10**9))

    def more_rows(self, n, seconds=30):
        rows = self.log.wait_for_rows(len(self.log.rows()) + n, seconds)
        for row in rows:
            self.assertGreater(row["CPU"], 30)
            self.assertLess(row["CPU"], 70)
        return rows

    def test_an_hour_forward_changes_no_figure(self):
        self.log.wait_for_rows(1)
        self.more_rows(2)
        self.set_clock(HOUR)
        rows = self.more_rows(4)
        self.assertGreater(rows[-1]["Time"], time.time() + HOUR - 60)
        self.assertEqual(self.collectd.log_lines("warning"), [])
        self.assertEqual(self.collectd.stop(), 0)

    def test_a_step_back_is_a_gap_that_is_said_once_and_counted(self):
        self.log.wait_for_rows(1)
        self.more_rows(2)
        self.set_clock(-6)
        before = self.more_rows(2, 60)
        self.assertLess(before[-1]["Time"], time.time() - 4)
        (warning,) = self.collectd.log_lines("warning")
        self.assertRegex(
            warning,
            r'^<Process "it">: [5-8]\.\d s between two readings, of an interval of 0.5 s',
        )
        self.set_clock(-12)
        self.more_rows(2, 60)
        self.assertEqual(len(self.collectd.log_lines("warning")), 1)

    def test_an_hour_back_is_an_hour_without_readings_and_a_right_last_row(self):
        self.log.wait_for_rows(1)
        self.more_rows(2)
        self.set_clock(-HOUR)
        rows = len(self.log.rows())
        began = time.monotonic()
        harness.wait_for(lambda: time.monotonic() > began + 3, "six intervals")
        self.assertEqual(len(self.log.rows()), rows)
        self.assertEqual(self.collectd.stop(), 0)
        last = self.log.rows()[-1]
        self.assertEqual(len(self.log.rows()), rows + 1)
        self.assertGreater(last["CPU"], 30)
        self.assertLess(last["CPU"], 70)


if __name__ == "__main__":
    harness.main()
