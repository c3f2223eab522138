"""collectd's plugin write_prometheus and Prometheus: what its HTTP API gives is what the
log says."""

import json
import subprocess
import urllib.parse
import urllib.request

import pipeline
from pipeline import harness


class Server:
    """A Prometheus that scrapes one collectd, as docs/graphing.md has it."""

    def __init__(self, test, target):
        folder = test.folder / "prometheus"
        folder.mkdir()
        port = pipeline.free_port()
        self.url = f"http://127.0.0.1:{port}/api/v1/"
        self.output = folder / "output"
        config = folder / "prometheus.yml"
        config.write_text(pipeline.block("scrape", {"127.0.0.1:9103": target}))
        command = [pipeline.program("prometheus"), f"--config.file={config}",
                   f"--storage.tsdb.path={folder}/data",
                   f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
        with open(self.output, "w") as output:
            self.process = harness.Process(command, stdout=output, stderr=output)
        test.addCleanup(self.process.kill)
        harness.wait_for(self.scrapes, self.output.read_text)

    def get(self, call, **arguments):
        url = self.url + call + "?" + urllib.parse.urlencode(arguments)
        with urllib.request.urlopen(url, timeout=30) as answer:
            found = json.load(answer)
        assert found["status"] == "success", found
        return found["data"]

    def scrapes(self):
        """Whether it has begun to, which takes it some seconds."""
        if "ready to receive web requests" not in self.output.read_text():
            return False
        targets = self.get("targets")["activeTargets"]
        return any(not t["lastScrape"].startswith("0001") for t in targets)

    def result(self, query):
        return self.get("query", query=query)["result"]

    def samples(self, query):
        """(time, value) of all samples of the only series."""
        result = self.result(f"{query}[10m]")
        assert len(result) <= 1, result
        return [(t, float(v)) for series in result for t, v in series["values"]]


SCRAPE_INTERVAL = 0.5
# The log cuts times to ms, collectd rounds them.
ROUNDED = 0.0011

# The names that Prometheus knows the values by.
NAMES = {
    ("gauge-cpu_percent", "value"): 'gauge{procmon="nginx",type="cpu_percent"}',
    ("ps_rss", "value"): 'ps_rss{procmon="nginx"}',
    ("ps_vm", "value"): 'ps_vm{procmon="nginx"}',
    ("ps_data", "value"): 'ps_data{procmon="nginx"}',
    ("file_handles", "value"): 'file_handles{procmon="nginx"}',
    ("ps_count", "processes"): 'ps_count_processes{procmon="nginx"}',
    ("ps_count", "threads"): 'ps_count_threads{procmon="nginx"}',
    ("ps_cputime", "user"): 'ps_cputime_user_total{procmon="nginx"}',
    ("ps_cputime", "syst"): 'ps_cputime_syst_total{procmon="nginx"}',
}


class Prometheus(pipeline.TestCase):
    def setUp(self):
        super().setUp()
        self.port = pipeline.free_port()
        self.prometheus = Server(self, f"127.0.0.1:{self.port}")

    def start(self):
        listen = pipeline.block("prometheus", {"Port 9103": f"Port {self.port}"})
        return self.daemon(listen + self.watched())

    def samples_until(self, key, last):
        """All samples of a value, as soon as there is one of the last row."""

        def scraped():
            found = self.prometheus.samples("collectd_procmon_" + NAMES[key])
            found = [sample for sample in found if sample[0] < last + ROUNDED]
            return found if found and found[-1][0] > last - ROUNDED else None

        return harness.wait_for(scraped, self.prometheus.output.read_text)

    def assert_shows(self, daemon, key):
        rows = self.rows_for(key, daemon)
        points = (
            pipeline.gauge_points if key in pipeline.GAUGES else pipeline.counter_points
        )
        lowest = points(rows, key, pipeline.LOWEST)
        highest = points(rows, key, pipeline.HIGHEST)
        found = self.samples_until(key, lowest[-1][0])
        what = f"{NAMES[key]}: {found}, expected {lowest}\n{self.log.text()}"
        seen = [self.index_at(time, lowest, what) for time, _ in found]
        for i, (time, _) in enumerate(lowest[:-1]):
            # What is replaced before the next scrape is not seen.
            if lowest[i + 1][0] - time > SCRAPE_INTERVAL * 1.2:
                self.assertIn(i, seen, what)
        if key in pipeline.GAUGES:
            for i, (_, value) in zip(seen, found):
                self.assert_between(lowest[i][1], value, highest[i][1], 14, what)
            return
        # A counter has begun anywhere; the log tells what is added, but not in a gap.
        for i, (_, before), j, (_, after) in zip(seen, found, seen[1:], found[1:]):
            if lowest[j][0] - lowest[i][0] < 1.5:
                low, high = (points[j][1] - points[i][1] for points in (lowest, highest))
                self.assert_between(low, after - before, high, 14, what)

    def index_at(self, time, points, what):
        near = [i for i, point in enumerate(points) if abs(point[0] - time) < ROUNDED]
        self.assertEqual(len(near), 1, what)
        return near[0]

    def test_each_reading_is_a_sample(self):
        self.start_process()
        daemon = self.start()
        self.log.wait_for_rows(8)
        for key in NAMES:
            with self.subTest(key):
                self.assert_shows(daemon, key)
        (series,) = self.prometheus.result("collectd_procmon_ps_rss")
        self.assertEqual(series["metric"]["instance"], "testhost")
        self.assert_only_loopback(self.prometheus.process.pid, daemon.process.pid)

    def test_a_gap_has_samples_of_the_count_alone(self):
        daemon = self.start()
        self.begin_end_begin(daemon, 4)
        for key in NAMES:
            with self.subTest(key):
                self.assert_shows(daemon, key)

    def test_the_count_tells_that_a_process_has_ended_and_nothing_else(self):
        process = self.start_process()
        daemon = self.start()
        self.log.wait_for_rows(3)
        self.end_process(process)
        self.wait_for_zeros(daemon, 4)
        harness.wait_for(
            lambda: self.prometheus.result("collectd_procmon_ps_count_processes == 0"),
            self.prometheus.output.read_text,
        )
        (series,) = self.prometheus.result('collectd_procmon_ps_rss{procmon="nginx"}')
        last = [row["Resident"] for row in self.log.rows() if row["Resident"] >= 0][-1]
        self.assertEqual(float(series["value"][1]), last * 1024)


if __name__ == "__main__":
    pipeline.main(programs=["prometheus"], plugins=["write_prometheus"])
