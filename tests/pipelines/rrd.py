"""What RRD makes of readings, and what rrdtool says that it has made."""

import math
import subprocess

import pipeline
from pipeline import harness


def fetch(path, step, start, end, *arguments):
    """{end of a step: {data source: value, None where unknown}}, as rrdtool says."""
    command = [pipeline.program("rrdtool"), "fetch", str(path), "AVERAGE"]
    command += ["-r", str(step), "-s", str(start), "-e", str(end), *arguments]
    result = subprocess.run(
        command, capture_output=True, text=True, env=pipeline.environment()
    )
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    found = {}
    for line in lines[2:]:
        time, _, values = line.partition(":")
        numbers = [float(word) for word in values.split()]
        found[int(time)] = {
            source: None if math.isnan(number) else number
            for source, number in zip(lines[0].split(), numbers)
        }
    return found


def at_seconds(points):
    """The points at whole seconds, as the plugin rrdtool writes them; of two at one
    second RRD takes the first."""
    taken = []
    for time, value in points:
        if not taken or pipeline.second(time) > taken[-1][0]:
            taken.append((pipeline.second(time), value))
    return taken


def gauge_spans(points, heartbeat):
    """(start, end, value): a value counts for all the time since the one before it, if
    that is not longer than the heartbeat. collectd makes a file as of the second before
    the first one."""
    starts = [pipeline.second(points[0][0]) - 1] + [time for time, _ in points]
    return [
        (start, end, value)
        for start, (end, value) in zip(starts, points)
        if end - start <= heartbeat
    ]


def counter_spans(points, heartbeat):
    """The same of a counter's rate, which needs two readings."""
    return [
        (start, end, (value - before) / (end - start))
        for (start, before), (end, value) in zip(points, points[1:])
        if end - start <= heartbeat
    ]


def steps(spans, step, first, last, cut=0):
    """{end of a step: mean} from first to the last that is over; None where more than
    half of it is unknown. The part of a reading in a step can be longer by cut."""
    means = {}
    for end in range(first - first % step, int(last) + 1, step):
        shares = [
            (min(stop, end) - max(start, end - step), value)
            for start, stop, value in spans
            if start < end and stop > end - step
        ]
        known = sum(share for share, _ in shares)
        # RRD takes what is unknown of a step in whole seconds, and the rest for 0.
        unknown = math.floor(step - known)
        values = [value for _, value in shares] or [0]
        if step - known - unknown > 1e-6:
            values.append(0)
        total = sum(share * value for share, value in shares)
        total += cut * (max(values) - min(values))
        means[end] = total / (step - unknown) if unknown <= step / 2 else None
    return means


class TestCase(pipeline.TestCase):
    """With RRD files."""

    # What the times of the log are too early for those that RRD gets.
    cut_from_times = 0

    def setUp(self):
        super().setUp()
        self.data = self.folder / "rrd"
        self.fetch_arguments = ()

    def rrdtool(self, name="rrdtool", changes=None):
        paths = {"/var/lib/collectd/rrd": self.data}
        return pipeline.block(name, {**paths, **(changes or {})})

    def rrd_path(self, metric):
        return self.data / self.host / "procmon-nginx" / f"{metric}.rrd"

    def rrd_fetch(self, key, step, start, end):
        metric, source = key
        if not self.rrd_path(metric).exists():
            return {}
        found = fetch(self.rrd_path(metric), step, start, end, *self.fetch_arguments)
        return {time: values[source] for time, values in found.items()}

    def rrd_fetch_until(self, key, step, start, last):
        """What is there from start to the step that ends last, as soon as it is."""
        end = last - last % step

        def fetched():
            found = self.rrd_fetch(key, step, start - 2 * step, last)
            # Of a step that is not over yet there is nothing.
            return found if found.get(end) is not None else None

        found = harness.wait_for(fetched, lambda: f"{key} at {end}")
        return {time: value for time, value in found.items() if time <= end}

    def rrd_times(self, points):
        """The points at the times that RRD gets them for."""
        return at_seconds(points)

    def rrd_expected(self, rows, key, step, side):
        if key in pipeline.GAUGES:
            points = self.rrd_times(pipeline.gauge_points(rows, key, side))
            spans = gauge_spans(points, 2 * step)
        else:
            points = self.rrd_times(pipeline.counter_points(rows, key, side))
            spans = counter_spans(points, 2 * step)
        first, last = pipeline.second(points[0][0]), int(points[-1][0])
        cut = side * self.cut_from_times
        return steps(spans, step, first - 2 * step, last, cut), first, last

    def assert_rrd_shows(self, daemon, key, step, rows=None):
        """Compares all steps to the last row; gives the ends of those unknown."""
        rows = rows or self.rows_for(key, daemon)
        lowest, first, last = self.rrd_expected(rows, key, step, pipeline.LOWEST)
        highest, _, _ = self.rrd_expected(rows, key, step, pipeline.HIGHEST)
        found = self.rrd_fetch_until(key, step, first, last)
        self.assertGreater(len(found), 3)
        for end, value in found.items():
            what = f"{key} at {end}: {found}, expected {lowest}\n{self.log.text()}"
            self.assertEqual(value is None, lowest[end] is None, what)
            if value is not None:
                # rrdtool prints 11 digits.
                self.assert_between(lowest[end], value, highest[end], 10, what)
        return [end for end, value in found.items() if value is None and end >= first]
