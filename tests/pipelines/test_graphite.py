"""collectd's plugin write_graphite and carbon: what whisper-fetch gives is what the log
says."""

import carbon
import pipeline
from pipeline import harness


def quoted(text):
    """A text as it stands between quotes in collectd.conf."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


class Graphite(carbon.TestCase):
    def test_each_reading_is_a_value(self):
        self.start_process()
        daemon = self.daemon(self.graphite() + self.watched())
        self.log.wait_for_rows(10)
        for key in pipeline.GAUGES:
            with self.subTest(key):
                self.assertEqual(self.assert_graphite_shows(daemon, key), [])
        for key in pipeline.COUNTERS:
            with self.subTest(key):
                # A rate needs two readings.
                first = pipeline.second(self.log.rows()[0]["Time"])
                self.assertEqual(self.assert_graphite_shows(daemon, key), [first])
        self.assertEqual(daemon.log_lines("error"), [])
        self.assert_only_loopback(self.carbon.process.pid)

    def test_a_gap_is_none_but_for_the_count(self):
        daemon = self.daemon(self.graphite() + self.watched())
        self.begin_end_begin(daemon, 4)
        for key in pipeline.FIGURES:
            with self.subTest(key):
                missing = self.assert_graphite_shows(daemon, key)
                if key[0] == "ps_count":
                    self.assertEqual(missing, [])
                else:
                    self.assertGreaterEqual(len(missing), 3)

    def test_names_are_plain_and_one_element_each(self):
        self.start_process()
        names = {
            "nginx": "nginx",
            "my server.example": "my_server_example",
            'an "a", a:b!\\c (d)': "an__a___a_b__c__d_",
            "Größe-2": "Größe-2",
        }
        blocks = "".join(
            f'<Process "{quoted(name)}">\nPidFile "{self.pid_file}"\nInterval 0.5\n</Process>\n'
            for name in names
        )
        daemon = self.daemon(
            f"{self.graphite()}<Plugin procmon>\n{blocks}</Plugin>",
            hostname="www.example.org",
        )
        expected = {
            carbon.metric("www_example_org", name, key)
            for name in names.values()
            for key in pipeline.FIGURES
        }
        harness.wait_for(
            lambda: len(self.procmon_metrics()) >= len(expected),
            lambda: f"{self.procmon_metrics()}\n{daemon.log()}",
        )
        self.assertEqual(self.procmon_metrics(), expected)

    def procmon_metrics(self):
        # carbon counts what it does itself, in metrics of its own.
        return {m for m in self.carbon.metrics() if not m.startswith("carbon.")}


if __name__ == "__main__":
    pipeline.main(programs=carbon.PROGRAMS, plugins=["write_graphite"])
