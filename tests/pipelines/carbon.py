"""carbon as Debian ships it, at ports of 127.0.0.1, and what it has kept."""

import pathlib
import re
import subprocess

import pipeline
from pipeline import harness

PROGRAMS = ("carbon-cache", "whisper-fetch")


def debian_file(path):
    """A file that graphite-carbon brings, installed or unpacked."""
    for root in (pathlib.Path("/"), pipeline.UNPACKED):
        if (root / path).exists():
            return (root / path).read_text()
    raise AssertionError(f"no /{path}, though there is carbon-cache")


class Carbon:
    """A carbon-cache with Debian's configuration and ours of docs/graphing.md."""

    def __init__(self, test):
        self.folder = test.folder / "carbon"
        self.folder.mkdir()
        self.port = pipeline.free_port()
        self.configure()
        self.output = self.folder / "output"
        command = [pipeline.program("carbon-cache"), "--nodaemon",
                   "--config", f"{self.folder}/carbon.conf", "start"]  # fmt: skip
        with open(self.output, "w") as output:
            self.process = harness.Process(
                command, stdout=output, stderr=output, env=pipeline.environment()
            )
        test.addCleanup(self.process.kill)
        harness.wait_for(lambda: pipeline.is_listening(self.port), self.output.read_text)

    def configure(self):
        settings = {
            "USER": "",
            "STORAGE_DIR": self.folder,
            "LOCAL_DATA_DIR": self.folder / "whisper",
            "CONF_DIR": self.folder,
            "LOG_DIR": self.folder,
            "PID_DIR": self.folder,
            "LINE_RECEIVER_INTERFACE": "127.0.0.1",
            "LINE_RECEIVER_PORT": self.port,
            # Nobody asks at these, at whatever ports they are.
            "PICKLE_RECEIVER_INTERFACE": "127.0.0.1",
            "PICKLE_RECEIVER_PORT": 0,
            "CACHE_QUERY_INTERFACE": "127.0.0.1",
            "CACHE_QUERY_PORT": 0,
            # They would be sent to whatever answers at 127.0.0.1:80.
            "ENABLE_TAGS": False,
        }
        text = debian_file("etc/carbon/carbon.conf")
        text, relay, rest = text.partition("[relay]")
        for name, value in settings.items():
            text, n = re.subn(rf"(?m)^(# )?{name} *=.*$", f"{name} = {value}", text)
            assert n == 1, name
        (self.folder / "carbon.conf").write_text(text + relay + rest)
        schemas = pipeline.block("storage-schemas")
        schemas += debian_file("etc/carbon/storage-schemas.conf")
        (self.folder / "storage-schemas.conf").write_text(schemas)

    def metrics(self):
        root = self.folder / "whisper"
        return {
            str(path.relative_to(root).with_suffix("")).replace("/", ".")
            for path in root.glob("**/*.wsp")
        }

    def path(self, metric):
        return self.folder / "whisper" / (metric.replace(".", "/") + ".wsp")

    def fetch(self, metric, start, end):
        """{second: value, None where there is none}, as whisper-fetch says."""
        command = [pipeline.program("whisper-fetch"), f"--from={start}", f"--until={end}"]
        result = subprocess.run(
            [*command, str(self.path(metric))],
            capture_output=True,
            text=True,
            env=pipeline.environment(),
        )
        assert result.returncode == 0, result.stderr
        found = {}
        for line in result.stdout.splitlines():
            time, value = line.split("\t")
            found[int(time)] = None if value == "None" else float(value)
        return found

    def fetch_until(self, metric, first, last):
        """What is there from first to last, as soon as there is a last one."""

        def fetched():
            if not self.path(metric).exists():
                return None
            found = self.fetch(metric, first - 1, last)
            return found if found.get(last) is not None else None

        return harness.wait_for(
            fetched, lambda: f"{metric} at {last}\n{self.output.read_text()}"
        )


def metric(host, instance, key):
    """The name in Graphite: the data source is a part of it where there are two."""
    name, source = key
    return f"{host}.procmon-{instance}.{name}" + (
        f".{source}" if source != "value" else ""
    )


class TestCase(pipeline.TestCase):
    """With a carbon that takes the values."""

    def setUp(self):
        super().setUp()
        self.carbon = Carbon(self)

    def graphite(self):
        return pipeline.block("graphite", {'Port "2003"': f'Port "{self.carbon.port}"'})

    def graphite_expected(self, rows, key, side):
        """{second: value}; of two at one second the last one counts. None: a rate over a
        gap, or from before the first row, of which the log does not tell."""
        if key in pipeline.GAUGES:
            points = pipeline.gauge_points(rows, key, side)
            return {pipeline.second(time): value for time, value in points}
        rates = {}
        for before, row in zip(rows, rows[1:]):
            seconds = row["Time"] - before["Time"]
            gained = pipeline.increase(row, before, key, side)
            rates[pipeline.second(row["Time"])] = (
                gained / seconds if seconds < 1.5 else None
            )
        return rates

    def assert_graphite_shows(self, daemon, key):
        """Compares all seconds from the first row to the last; gives those without a
        value."""
        rows = self.rows_for(key, daemon)
        lowest = self.graphite_expected(rows, key, pipeline.LOWEST)
        highest = self.graphite_expected(rows, key, pipeline.HIGHEST)
        first, last = pipeline.second(rows[0]["Time"]), max(lowest)
        name = metric(self.host.replace(".", "_"), "nginx", key)
        found = self.carbon.fetch_until(name, first, last)
        self.assertEqual(sorted(found), list(range(first, last + 1)))
        for second, value in found.items():
            what = f"{name} at {second}: {found}\n{self.log.text()}"
            if second not in lowest:
                self.assertIsNone(value, what)
            elif lowest[second] is not None:
                self.assertIsNotNone(value, what)
                # collectd prints 15 digits of a gauge, and 6 decimals of a rate.
                self.assert_between(lowest[second], value, highest[second], 10, what)
        return [second for second, value in found.items() if value is None]
