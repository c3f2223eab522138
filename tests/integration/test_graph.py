"""contrib/rrd/procmon-graph: pictures of what collectd's rrdtool plugin has written."""

import importlib.machinery
import importlib.util
import math
import os
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree
import zlib

import harness
import png

GRAPH = harness.SRCDIR / "contrib" / "rrd" / "procmon-graph"
COLOURS = (
    "3f90da ffa90e bd1f01 94a4a2 832db6 a96b59 e76300 b9ac70 717581 92dadd"
).split()
# Of the area of lines: rrdtool draws legends from the very left, in boxes.
LEFT = 90
HOSTILE = [
    "two words", "a:b", "100%", "%s%lf%n", "back\\slash", "end\\", "a\\:b", "-dash",
    "--start", "quote\"'", "<b>&amp;", "$(id)", "ünïcode", "日本語", "[*?]", "#ff0000",
    "..", "a\\\\:c\\l", "x" * 127,
]  # fmt: skip
# What the plugin would refuse, and a folder may still be called.
STRANGE = ["tab\there", "bell\a", "new\nline", os.fsdecode(b"latin-\xe4")]
PLAIN = [f"worker-{i}" for i in range(10)]


def quoted(name):
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Recording:
    """A few seconds of real processes, in RRD files of collectd's rrdtool plugin."""

    def __init__(self):
        self.processes = []
        self.daemon = harness.Daemon("", writer=False)
        self.folder = self.daemon.folder
        self.rrd = self.folder / "rrd"
        self.pid_file = self.folder / "restarted.pid"

    def record(self):
        self.begin = int(time.time()) - 2
        self.start_restarted()
        steady = self.burner("--duty", "0.3", "--wave", "30", "--wave-period", "6",
                             "--threads", "2", "--files", "5")  # fmt: skip
        sleeper = harness.Sleeper()
        self.processes += [sleeper]
        blocks = [("steady", f"Pid {steady.pid}"), ("restarted", f'PidFile "{self.pid_file}"'),
                  ("reduced", f"Pid {sleeper.pid}\nMetrics cpu resident")]  # fmt: skip
        blocks += [(name, f"Pid {steady.pid}") for name in PLAIN]
        blocks += [(name, f"Pid {sleeper.pid}") for name in HOSTILE]
        text = "".join(f"<Process {quoted(n)}>\n{b}\n</Process>\n" for n, b in blocks)
        self.daemon.config.write_text(
            self.daemon.config.read_text() + f"<Plugin procmon>\n{text}</Plugin>\n"
            f'LoadPlugin rrdtool\n<Plugin rrdtool>\nDataDir "{self.rrd}"\n</Plugin>\n'
        )
        self.daemon.start()
        self.wait_for_values(5)
        self.processes[0].kill()
        self.wait_for_values(5, processes=0)
        self.start_restarted()
        self.wait_for_values(10)
        # What is still in its queue is written then.
        assert self.daemon.stop() == 0, self.daemon.log()
        self.end = int(time.time()) + 1
        self.kill()
        host = self.rrd / "testhost"
        for name in STRANGE:
            shutil.copytree(host / "procmon-steady", host / f"procmon-{name}")

    def burner(self, *arguments):
        self.processes.append(harness.Burner(self.folder, *arguments))
        return self.processes[-1]

    def start_restarted(self):
        burner = self.burner("--duty", "0.1", "--memory", "8", "--threads", "3")
        self.pid_file.write_text(str(burner.pid))

    def wait_for_values(self, n, processes=1):
        """Until `restarted` has so many steps with so many processes."""
        error = ""

        def has_values():
            nonlocal error
            try:
                return self.steps("restarted", "ps_count").count(processes) >= n
            except subprocess.CalledProcessError as e:
                # collectd may just be making the file.
                error = e.stderr
                return False

        harness.wait_for(
            has_values, lambda: f"{n} values\n{error}\n{self.daemon.log()}"
        )

    def steps(self, name, metric, source=0, consolidation="AVERAGE"):
        """The value of each second, not a number where there is none."""
        return list(self.values(name, metric, source, consolidation).values())

    def values(self, name, metric, source=0, consolidation="AVERAGE"):
        path = self.rrd / "testhost" / f"procmon-{name}" / f"{metric}.rrd"
        if not path.exists():
            return {}
        text = subprocess.run(
            ["rrdtool", "fetch", path, consolidation, "--resolution", "1",
             "--start", str(self.begin), "--end", "now"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        rows = re.findall(r"^(\d+): (.*)$", text, re.MULTILINE)
        return {int(at): float(words.split()[source]) for at, words in rows}

    def kill(self):
        for process in self.processes:
            process.kill()


def load_graph():
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("procmon_graph", str(GRAPH))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("procmon_graph", loader)
    )
    loader.exec_module(module)
    return module


recording = Recording()
graph_module = load_graph()


def setUpModule():
    recording.record()


def tearDownModule():
    recording.daemon.stop()
    recording.kill()


def rrdtool(*arguments):
    subprocess.run(
        ["rrdtool", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL
    )


def number(text):
    """The least and the greatest number that this figure can stand for."""
    digits, prefix = re.fullmatch(r"([\d.]+)(?: ([kKM]i?)?[B%]?)?", text).groups()
    unit = {None: 1, "k": 1e3, "M": 1e6, "Ki": 1024, "Mi": 1024**2}[prefix]
    half = 0.5 * 10 ** -len(digits.partition(".")[2])
    return (float(digits) - half) * unit - 1e-6, (float(digits) + half) * unit + 1e-6


class TestCase(harness.TestCase):
    def run_graph(self, *arguments, rrd=None, **options):
        """Runs it in a folder of the test; for the seconds of the recording."""
        times = ["--start", str(recording.begin), "--end", str(recording.end)]
        return subprocess.run(
            [sys.executable, GRAPH, "--rrd", rrd or recording.rrd, *times, *arguments],
            capture_output=True, text=True, cwd=self.folder, timeout=60, **options,
        )  # fmt: skip

    def graph(self, *arguments, name="procmon.png", said=""):
        """The file that it writes."""
        result = self.run_graph(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, said))
        self.assertEqual(result.stdout, f"{name}\n")
        return (self.folder / name).read_bytes()

    def picture(self, *arguments):
        return png.Picture(self.graph(*arguments))

    def make(self, path, sources, step=1, rras=((1, 3600),)):
        """An RRD file as collectd's plugin makes it, as of the recording's begin."""
        rrdtool("create", path, "--step", step, "--start", recording.begin,
                *[f"DS:{source}:GAUGE:{2 * step}:0:U" for source in sources],
                *[f"RRA:{cf}:0.1:{steps}:{rows}" for steps, rows in rras
                  for cf in ("AVERAGE", "MIN", "MAX")])  # fmt: skip
        return path

    def data_dir(self):
        """A DataDir with a folder for the block `one`, and that folder."""
        rrd = self.folder.parent / f"{self.folder.name}-rrd"
        self.addCleanup(shutil.rmtree, rrd)
        folder = rrd / "testhost" / "procmon-one"
        folder.mkdir(parents=True)
        return rrd, folder

    def compact(self, values):
        """A DataDir with a block in the compact layout: {second: values}."""
        rrd, folder = self.data_dir()
        sources = "cpu_percent resident private virtual threads handles processes".split()
        path = self.make(folder / "procmon.rrd", sources)
        updates = [f"{recording.begin + at}:{text}" for at, text in values.items()]
        rrdtool("update", path, *updates)
        return rrd

    def last_figures(self):
        picture = png.Picture((self.folder / "procmon.png").read_bytes())
        return re.findall("last (.*)", picture.description)

    def assert_problem(self, words, *arguments, status=1, **options):
        result = self.run_graph(*arguments, **options)
        self.assertEqual(result.returncode, status, result)
        self.assertIn(words, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])


class Pictures(TestCase):
    def test_four_panels_of_one_process(self):
        picture = self.picture("steady")
        self.assertGreater(picture.width, 700)
        panel = picture.height // 4
        for top in range(0, 4 * panel, panel):
            columns = picture.columns_of(COLOURS[0], LEFT, top, top + panel)
            self.assertGreater(len(columns), 100, f"panel from line {top}")

    def test_each_of_ten_processes_has_its_colour(self):
        names = ["steady", *PLAIN[:7], "restarted", "reduced"]
        picture = self.picture("--panels", "resident", *names)
        # steady and the seven are one process: the last is drawn over the others.
        for colour in COLOURS[7:10]:
            self.assertGreater(len(picture.columns_of(colour, LEFT)), 50, colour)
        for colour in COLOURS:
            boxes = set(picture.columns_of(colour)) - set(
                picture.columns_of(colour, LEFT)
            )
            self.assertGreater(len(boxes), 4, colour)
        self.assertEqual(picture.description.count("\nresident of "), 10)

    def test_more_than_ten_have_the_colours_again_dashed(self):
        picture = self.picture("--panels", "threads", *PLAIN, "restarted")
        dashes = picture.columns_of(COLOURS[0], LEFT)
        holes = [b - a for a, b in zip(dashes, dashes[1:]) if b - a > 1]
        self.assertGreater(len(holes), 20, dashes)

    def test_a_gap_is_a_gap(self):
        # Memory is known at each reading of a process, and there is none in between.
        for panel in ("cpu", "resident", "threads", "handles"):
            picture = self.picture("--panels", panel, "restarted")
            columns = picture.columns_of(COLOURS[0], LEFT)
            (gap,) = [(a, b) for a, b in zip(columns, columns[1:]) if b - a > 30]
            known = [
                at for at, rss in recording.values("restarted", "ps_rss").items()
                if not math.isnan(rss)
            ]  # fmt: skip
            (hole,) = [(a, b) for a, b in zip(known, known[1:]) if b - a > 2]
            pixels = 700 / (recording.end - recording.begin)
            # A value is of the second until it; two of them may be known in part.
            self.assertAlmostEqual((gap[1] - gap[0]) / pixels, hole[1] - hole[0] - 1,
                                   delta=1.2, msg=panel)  # fmt: skip

    def test_a_gap_of_svg_is_a_gap(self):
        text = self.graph(
            "-o", "x.svg", "--panels", "resident", "restarted", name="x.svg"
        )
        root = xml.etree.ElementTree.fromstring(text)
        paths = root.iter("{http://www.w3.org/2000/svg}path")
        lines = [p.get("d") for p in paths if "stroke-width:1.5;" in p.get("style", "")]
        runs = sum(line.count("M") for line in lines)
        self.assertEqual(runs, 2)

    def test_an_svg_has_what_the_png_has(self):
        text = self.graph(
            "steady", "restarted", "--format", "svg", name="procmon.svg"
        ).decode()
        root = xml.etree.ElementTree.fromstring(text)
        description = root.find("{http://www.w3.org/2000/svg}desc").text
        self.assertEqual(description, self.picture("steady", "restarted").description)
        names = re.findall(r'\bid="([^"]*)"', text)
        self.assertEqual(len(names), len(set(names)))
        for used in re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', text):
            self.assertIn("".join(used), names)

    def test_sizes_can_be_chosen(self):
        small = self.picture("--title", "x", "--width", "300", "--height", "60", "steady")
        large = self.picture("--title", "x", "--width", "900", "--height", "90", "steady")
        self.assertEqual(large.width - small.width, 600)
        self.assertEqual(large.height - small.height, 4 * 30)

    def test_a_time_at_the_right_edge_is_whole(self):
        # A label is there at each tenth second.
        end = recording.end - recording.end % 10
        picture = self.picture("--start", str(end - 50), "--end", str(end),
                               "--panels", "resident", "steady")  # fmt: skip
        white = bytes([255] * 3 * picture.bytes_per_pixel)
        right = [line[-len(white) :] for line in picture.lines]
        self.assertEqual(set(right), {white})

    def test_the_unit_of_the_axis_has_room_in_the_least_height(self):
        for panel in ("resident", "processes"):
            picture = self.picture("--title", "", "--height", "60", "--panels", panel,
                                   "steady")  # fmt: skip
            self.assertEqual(set(picture.lines[0]), {255}, panel)

    def test_the_file_of_the_compact_layout(self):
        values = "25:10485760:2097152:1073741824:3:40:1"
        rrd = self.compact({at: values for at in range(1, 6)})
        result = self.run_graph("--panels", "cpu,resident,private,virtual,threads,handles,processes",
                                "one", rrd=rrd)  # fmt: skip
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(self.last_figures(), ["25 %", "10 MiB", "2 MiB", "1 GiB", "3", "40", "1"])

    def test_of_both_layouts_the_one_that_goes_on(self):
        rrd = self.compact({at: "25:10485760:U:U:3:40:1" for at in range(1, 6)})
        folder = rrd / "testhost" / "procmon-one"
        path = self.make(folder / "gauge-cpu_percent.rrd", ["value"])
        for last, expected in ((3, "25 %"), (5, "25 %"), (7, "50 %")):
            times = range(last - 1, last + 1)
            # The layout of the other file is the one that was left.
            value = 50 if last == 7 else 75
            rrdtool("update", path, *[f"{recording.begin + at}:{value}" for at in times])
            if last == 5:
                later = f"{recording.begin + 6}:25:U:U:U:3:40:1"
                rrdtool("update", folder / "procmon.rrd", later)
            result = self.run_graph("--panels", "cpu", "one", rrd=rrd)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(self.last_figures(), [expected], f"until {last}")

    def test_standard_output(self):
        result = subprocess.run(
            [GRAPH, "--rrd", recording.rrd, "--start", str(recording.begin), "-o", "-", "steady"],
            capture_output=True, check=True,
        )  # fmt: skip
        self.assertIn("CPU of steady", png.Picture(result.stdout).description)


def encoded(lines, kind):
    """A PNG of these lines of red, green and blue, each with a filter of this kind."""
    size = len(lines[0])
    data, above = b"", bytes(3 + size)
    for line in lines:
        line, guess = bytes(3) + line, []
        for i in range(3, 3 + size):
            # What a filter makes of a zero is its guess from the pixels before.
            window = bytearray(line[i - 3 : i] + b"\0")
            png.unfilter(kind, window, above[i - 3 : i + 1], 3)
            guess.append(window[3])
        data += bytes([kind]) + bytes((a - b) % 256 for a, b in zip(line[3:], guess))
        above = line
    head = struct.pack(">IIBBBBB", size // 3, len(lines), 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(graph_module.chunk(*c) for c in chunks)


class Stack(unittest.TestCase):
    def test_pictures_of_all_filters_can_lie_on_each_other(self):
        noise = random.Random(1)
        parts = [
            [bytes(noise.choices(range(256), k=30)) for _ in range(4)] for _ in range(5)
        ]
        pictures = [encoded(lines, kind) for kind, lines in enumerate(parts)]
        for kind, (lines, picture) in enumerate(zip(parts, pictures)):
            self.assertEqual(png.Picture(picture).lines, lines, f"filter {kind}")
        stacked = png.Picture(graph_module.stack_png(pictures, "five"))
        self.assertEqual((stacked.width, stacked.height), (10, 20))
        self.assertEqual(stacked.lines, sum(parts, []))
        self.assertEqual(stacked.description, "five")


class Documents(TestCase):
    def test_the_readme_opens_with_a_picture(self):
        text = (harness.SRCDIR / "README.md").read_text()
        _, first = text.split("\n\n")[:2]
        path = harness.SRCDIR / re.fullmatch(r"!\[.*\]\((.*)\)", first).group(1)
        picture = path.read_bytes()
        self.assertLess(len(picture), 100_000)
        self.assertIn("CPU of ", png.Picture(picture).description)

    def test_the_commands_of_the_readme_are_understood(self):
        text = (harness.SRCDIR / "README.md").read_text()
        commands = re.findall(r"^`?procmon-graph ([^`\n]*)", text, re.MULTILINE)
        self.assertEqual(len(commands), 4)
        for command in commands:
            result = self.run_graph(*shlex.split(command, comments=True), rrd="/nowhere")
            self.assertEqual(result.returncode, 1, result.stderr)


class Legends(TestCase):
    METRICS = {
        "CPU": ("gauge-cpu_percent", 0),
        "resident": ("ps_rss", 0),
        "private": ("ps_data", 0),
        "virtual": ("ps_vm", 0),
        "handles": ("file_handles", 0),
        "processes": ("ps_count", 0),
    }

    def expected(self, name, label):
        """min, mean, max, last: what rrdtool fetch gives."""
        known = {
            consolidation: [
                value
                for value in recording.steps(name, *self.METRICS[label], consolidation)
                if not math.isnan(value)
            ]
            for consolidation in ("MIN", "AVERAGE", "MAX")
        }
        average = known["AVERAGE"]
        mean = sum(average) / len(average)
        return {"min": min(known["MIN"]), "mean": mean, "max": max(known["MAX"]),
                "last": average[-1]}  # fmt: skip

    def check(self, description, name, label):
        pattern = rf"^{label} of {name}: min (.*), mean (.*), max (.*), last (.*)$"
        figures = re.search(pattern, description, re.MULTILINE).groups()
        for text, (what, value) in zip(figures, self.expected(name, label).items()):
            least, greatest = number(text)
            self.assertTrue(least <= value <= greatest, (name, label, what, text, value))

    def test_figures_are_those_of_rrdtool_fetch(self):
        panels = ",".join(self.METRICS).lower()
        description = self.picture("--panels", panels, "steady", "restarted").description
        for name in ("steady", "restarted"):
            for label in self.METRICS:
                self.check(description, name, label)

    def test_units_are_of_si_and_iec(self):
        description = self.picture(
            "--panels", "cpu,resident,handles", "steady"
        ).description
        cpu, resident, handles = description.splitlines()[1:]
        self.assertRegex(cpu, r"mean \d+(\.\d)? %,")
        self.assertRegex(resident, r"max [\d.]+ MiB,")
        self.assertRegex(handles, r"last 8$")

    def test_threads_are_those_of_the_time_with_a_process(self):
        description = self.picture("--panels", "threads", "restarted").description
        self.assertIn("threads of restarted: min 4, mean 4, max 4, last 4", description)

    def drawn(self, *arguments):
        """The lines of text below each panel, as rrdtool says, and the description."""
        # A program in front of rrdtool keeps what it is asked to draw.
        tools = self.folder / "tools"
        tools.mkdir()
        real = shutil.which("rrdtool")
        (tools / "rrdtool").write_text(
            f"""#!/bin/sh
            [ "$1" != graph ] || printf '%s\\0' "$@" >{tools}/$(date +%s.%N)
            exec {real} "$@"
            """
        )
        (tools / "rrdtool").chmod(0o755)
        path = f"{tools}:{os.environ['PATH']}"
        result = self.run_graph(*arguments, env={**os.environ, "PATH": path})
        self.assertEqual(result.returncode, 0, result.stderr)
        panels = []
        for asked in sorted(tools.glob("[0-9]*")):
            words = asked.read_bytes().split(b"\0")[1:-1]
            said = subprocess.run(
                [real, "graphv", *words], capture_output=True, check=True
            )
            text = said.stdout.split(b"image = ")[0].decode()
            panels.append(re.findall(r'^legend\[\d+\] = "(.*)"$', text, re.MULTILINE))
        picture = png.Picture((self.folder / "procmon.png").read_bytes())
        return panels, picture.description

    def test_the_legend_has_the_figures_of_the_description(self):
        panels, description = self.drawn("steady")
        self.assertEqual({len(panel) for panel in panels}, {2})
        for head, _ in panels:
            self.assertEqual(head.split(), ["min", "mean", "max", "last"])
        drawn = [re.split(" {2,}", line.strip()) for _, line in panels]
        pattern = "of (steady): min (.*), mean (.*), max (.*), last (.*)"
        self.assertEqual(drawn, [list(f) for f in re.findall(pattern, description)])

    def test_the_legend_has_the_names_as_they_are(self):
        names = [name for name in HOSTILE if len(name) < 40]
        ((_, *lines),), _ = self.drawn("--panels", "resident", "--", *names)
        drawn = [re.split(" {2,}", line.strip())[0] for line in lines]
        self.assertEqual(drawn, names)

    def test_a_long_name_is_cut_in_its_middle(self):
        ((_, line),), _ = self.drawn("--panels", "resident", "x" * 127)
        self.assertRegex(line, f"^ *{'x' * 20}…{'x' * 19}  ")

    def test_the_title_tells_names_host_and_time(self):
        begin = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(recording.begin))
        title = self.picture("steady").description.split("\n")[0]
        self.assertRegex(title, f"^steady on testhost, {begin} to .*[0-9:]{{8}} [A-Z]")
        title = self.picture("steady", "reduced", "--panels", "cpu").description.split(
            "\n"
        )[0]
        self.assertTrue(title.startswith("2 processes on testhost, "), title)
        title = self.picture("--title", "a: b \\l 5%", "steady").description.split("\n")[
            0
        ]
        self.assertEqual(title, "a: b \\l 5%")


class Names(TestCase):
    def test_a_name_may_have_any_characters(self):
        for name in HOSTILE + STRANGE:
            with self.subTest(name):
                picture = self.picture("--panels", "resident", "--", name)
                shown = re.sub("[\t\a\n\udce4]", "\ufffd", name)
                self.assertIn(f"resident of {shown}: min ", picture.description)
                self.assertGreater(len(picture.columns_of(COLOURS[0], LEFT)), 50)

    def test_all_of_them_at_once(self):
        picture = self.picture("--panels", "handles", "--", *HOSTILE, *STRANGE)
        count = picture.description.count("\nhandles of ")
        self.assertEqual(count, len(HOSTILE + STRANGE))

    def test_a_pattern_names_many(self):
        picture = self.picture("--panels", "cpu", "worker-[1-3]", "worker-2", "steady")
        names = re.findall("CPU of (.*): ", picture.description)
        self.assertEqual(names, ["worker-1", "worker-2", "worker-3", "steady"])

    def test_an_unknown_name_lists_those_that_there_are(self):
        self.assert_problem("found no process strady; there are:\n  ", "strady")
        self.assert_problem("\n  restarted\n  steady\n", "strady")
        self.assert_problem("\n  tab\ufffdhere\n", "strady")
        self.assert_problem("found no process worker-x*;", "worker-x*")


class Problems(TestCase):
    def test_metrics_that_are_off_are_said(self):
        said = (
            "procmon-graph: threads of reduced: found no ps_count.rrd; Metrics in collectd's "
            "configuration says what there is\n"
            "procmon-graph: handles of reduced: found no file_handles.rrd; Metrics in "
            "collectd's configuration says what there is\n"
        )
        alone = png.Picture(self.graph("reduced", said=said))
        self.assertEqual(len(alone.description.split("\n")), 1 + 2)
        both = png.Picture(self.graph("reduced", "steady", said=said))
        self.assertEqual(len(both.description.split("\n")), 1 + 4 + 2)

    def test_no_metric_at_all(self):
        self.assert_problem(
            "found none of the values to draw", "--panels", "handles", "reduced"
        )

    def test_metrics_that_are_off_in_the_compact_layout(self):
        rrd = self.compact({at: "25:10485760:U:U:3:U:1" for at in range(1, 6)})
        result = self.run_graph("one", rrd=rrd)
        self.assertEqual(
            (result.returncode, result.stderr),
            (0, "procmon-graph: handles of one: found no values in procmon.rrd; Metrics in "
             "collectd's configuration says what there is\n"),
        )  # fmt: skip
        self.assertEqual(self.last_figures(), ["25 %", "10 MiB", "3"])

    def test_a_process_that_was_not_there(self):
        begin, end = (
            time.strftime("%H:%M:%S", time.localtime(t))
            for t in (recording.begin, recording.end)
        )
        words = rf"^procmon-graph: there was no process from .*{begin} to .*{end} \w+\n$"
        rrd = self.compact({at: "U:U:U:U:0:U:0" for at in range(1, 6)})
        result = self.run_graph("one", rrd=rrd)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, words)
        folder = rrd / "testhost" / "procmon-one"
        (folder / "procmon.rrd").unlink()
        path = self.make(folder / "ps_count.rrd", ["processes", "threads"])
        rrdtool("update", path, *[f"{recording.begin + at}:0:0" for at in range(1, 6)])
        result = self.run_graph("one", rrd=rrd)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, words)
        # Beside another one that was there it has a place in the picture, or a reason.
        steady = recording.rrd / "testhost" / "procmon-steady"
        shutil.copytree(steady, folder.parent / "procmon-steady")
        result = self.run_graph("--panels", "cpu,threads", "one", "steady", rrd=rrd)
        self.assertEqual(
            (result.returncode, result.stderr),
            (0, "procmon-graph: cpu of one: there was no process in that time\n"),
        )
        # Its count is as good as any other figure.
        result = self.run_graph("--panels", "processes", "one", rrd=rrd)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_too_few_values_for_so_long_a_time(self):
        rrd, folder = self.data_dir()
        path = self.make(folder / "ps_rss.rrd", ["value"], rras=((1, 60), (600, 100)))
        rrdtool("update", path, *[f"{recording.begin + at}:1" for at in range(1, 4)])
        early = str(recording.begin - 7200)
        arguments = ("--panels", "resident", "--start", early, "one")
        self.assert_problem(", too few for so long a time: try a later --start",
                            *arguments, rrd=rrd)  # fmt: skip
        # In steps as they are there is no such advice.
        path = self.make(path, ["value"])
        rrdtool("update", path, *[f"{recording.begin + at}:U" for at in range(1, 4)])
        result = self.run_graph("--panels", "resident", "one", rrd=rrd)
        self.assertRegex(
            result.stderr, "there was no process, or Metrics in collectd's configuration "
            "does not have them\n$",
        )  # fmt: skip

    def test_no_values_in_that_time(self):
        self.assert_problem(
            "found no values from 2001-09-09 ", "--start", "999999999", "--end",
            "1000000099", "steady",
        )  # fmt: skip
        self.assert_problem("; the last are of 20", "--start", "999999999", "--end",
                            "1000000099", "steady")  # fmt: skip

    def test_a_time_that_is_none(self):
        self.assert_problem(
            "rrdtool graphv: start time: ", "--start", "yesterdy", "steady"
        )

    def test_a_time_with_a_dash(self):
        picture = self.picture("--end", "now", "--start", "-2min", "steady")
        self.assertIn("CPU of steady", picture.description)

    def test_mistakes_of_the_command_line(self):
        self.assert_problem("required: NAME", status=2)
        self.assert_problem(
            "found 'memry', expected names", "--panels", "cpu,memry", "x", status=2
        )
        self.assert_problem("found '10', expected pixels", "--width", "10", "x", status=2)
        self.assert_problem("x.jpg does not end in .png", "-o", "x.jpg", "x", status=2)
        self.assert_problem(
            "does not end in .svg", "-o", "x.png", "--format", "svg", "x", status=2
        )

    def test_a_file_that_cannot_be_written(self):
        self.assert_problem(
            "no/x.png: No such file or directory", "-o", "no/x.png", "steady"
        )

    def test_folders_without_values(self):
        self.assert_problem(
            "/nowhere: No such file or directory; --rrd must name", "x", rrd="/nowhere"
        )
        self.assert_problem("found no host with values of procmon", "x", rrd="/proc/self")

    def test_the_host_must_be_clear(self):
        rrd = recording.folder / "two"
        for host in ("one", "other"):
            (rrd / host / "procmon-x").mkdir(parents=True, exist_ok=True)
        self.assert_problem("name one with --host:\n  one\n  other\n", "x", rrd=rrd)
        self.assert_problem("from host else;", "--host", "else", "x", rrd=rrd)
        self.picture("--host", "testhost", "steady")

    def test_a_damaged_file(self):
        folder = recording.folder / "damaged" / "host" / "procmon-x"
        folder.mkdir(parents=True)
        (folder / "ps_rss.rrd").write_text("no RRD")
        self.assert_problem(
            "procmon-x/ps_rss.rrd: found no RRD",
            "--panels",
            "resident",
            "x",
            rrd=folder.parents[1],
        )

    def test_without_rrdtool(self):
        self.assert_problem(
            "install the package rrdtool", "steady", env={"PATH": "/nowhere"}
        )


if __name__ == "__main__":
    if not shutil.which("rrdtool"):
        print("SKIP: no rrdtool program (package rrdtool)")
        sys.exit(77)
    harness.main()
