#!/usr/bin/env python3
"""The page of procmonctl's report, as a reader meets it: in a real Chromium."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import browser
from browser import wait_for

SAMPLE = browser.BUILDDIR / "tests" / "report_page_sample"
DYGRAPHS = os.environ.get("DYGRAPHS") or "/usr/share/javascript/dygraphs"
PAGE_MAX_BYTES = 3_000_000

# Pixels of a chart's canvas that have a colour, in a rectangle of it: from and
# to are parts of its width. Lines are drawn with soft edges, so what is near
# the colour counts.
COUNT_PIXELS = """
  const [index, color, from, to] = arguments;
  const canvas = document.querySelectorAll(".canvas")[index].querySelector("canvas");
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const probe = copy.getContext("2d", {willReadFrequently: true});
  probe.fillStyle = color;
  probe.fillRect(0, 0, 1, 1);
  const wanted = probe.getImageData(0, 0, 1, 1).data;
  probe.clearRect(0, 0, 1, 1);
  probe.drawImage(canvas, 0, 0);
  const left = Math.floor(from * canvas.width);
  const width = Math.max(1, Math.floor(to * canvas.width) - left);
  const pixels = probe.getImageData(left, 0, width, canvas.height);
  let n = 0;
  for (let i = 0; i < pixels.data.length; i += 4) {
    const [r, g, b, a] = pixels.data.slice(i, i + 4);
    n += a > 100 && Math.abs(r - wanted[0]) + Math.abs(g - wanted[1])
      + Math.abs(b - wanted[2]) < 24;
  }
  return n;
"""

# The least contrast of texts with what is behind them, and where it is.
LEAST_CONTRAST = """
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map((v) => {
      v /= 255;
      return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  let least = [Infinity, "nothing"];
  for (const e of document.querySelectorAll("body *")) {
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!text || !e.checkVisibility() || /SCRIPT|STYLE/.test(e.tagName)) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least[0]) least = [ratio, e.outerHTML.slice(0, 80)];
  }
  return least;
"""


def setUpModule():
    global driver, folder
    folder = pathlib.Path(tempfile.mkdtemp(prefix="procmon-page-"))
    unittest.addModuleCleanup(shutil.rmtree, folder, True)
    driver = browser.Driver()
    unittest.addModuleCleanup(driver.stop)


def write_page(report):
    """The page of a made-up report; what its writing took: s and KBytes."""
    path = folder / f"{report}.html"
    command = [SAMPLE, report, DYGRAPHS, path]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, kb = said.split()
    return path, float(seconds), int(kb)


class TestCase(unittest.TestCase):
    def open(self, report, width=1280, height=900, **options):
        """The window with a report's page, which must say nothing in the console."""
        window = browser.Browser(driver, width, height, **options)
        self.addCleanup(window.close)
        self.path = write_page(report)[0]
        window.open(self.path)
        self.addCleanup(self.check_silence, window)
        return window

    def check_silence(self, window):
        self.assertEqual(window.log("browser"), [])

    def data(self):
        """What the charts are made of."""
        text = self.path.read_text()
        return json.loads(re.search(r'id="data">(.*?)</script>', text, re.S).group(1))

    def scroll_through(self, window):
        """Has every chart drawn."""
        for index in range(len(window.find_all(".chart"))):
            self.scroll_to(window, index)

    def scroll_to(self, window, index):
        script = """
          const chart = document.querySelectorAll(".chart")[arguments[0]];
          chart.scrollIntoView({block: "center", behavior: "instant"});
          return "from" in chart.dataset;
        """
        wait_for(lambda: window.run(script, index), f"chart {index} is drawn")

    def count(self, window, chart, color, begin=0, end=1):
        return window.run(COUNT_PIXELS, chart, color, begin, end)

    def color(self, window, name):
        script = "return getComputedStyle(document.documentElement)"
        return window.run(script + ".getPropertyValue(arguments[0]).trim()", name)

    def ranges(self, window):
        """From and to of the charts that are drawn, in ms."""
        script = """
          return [...document.querySelectorAll(".chart[data-from]")].map(
            (chart) => [Number(chart.dataset.from), Number(chart.dataset.to)]);
        """
        return window.run(script)

    def range_of(self, window, index):
        self.scroll_to(window, index)
        return self.ranges(window)[index]


class Charts(TestCase):
    def setUp(self):
        self.window = self.open("ordinary")
        self.whole = [self.data()["logs"][0]["begin"], self.data()["logs"][1]["end"]]
        # The part of a canvas in which the lines are.
        self.scroll_to(self.window, 0)
        self.left, _, self.width, self.height = self.window.box(".plot")
        self.area = self.plot_area()

    def plot_area(self):
        """Left and right of what is drawn, as parts of the canvas, by its grid."""
        script = """
          const labels = [...document.querySelector(".canvas")
            .querySelectorAll(".dygraph-axis-label-x")];
          const box = document.querySelector(".canvas").getBoundingClientRect();
          return labels.map((label) => {
            const own = label.getBoundingClientRect();
            return [label.textContent, (own.left + own.width / 2 - box.left) / box.width];
          });
        """
        labels = dict(self.window.run(script))
        minute = (labels["12:30"] - labels["12:10"]) / 20
        left = labels["12:10"] - 10 * minute
        return left, left + minute * (self.whole[1] - self.whole[0]) / 60000

    def at(self, ms):
        """Where a time is, as a part of a canvas that shows all."""
        left, right = self.area
        share = (ms - self.whole[0]) / (self.whole[1] - self.whole[0])
        return left + share * (right - left)

    def drag(self, begin, end, chart=".plot"):
        left, top, width, height = self.window.box(chart)
        y = top + height / 2
        start = ("move", left + begin * width, y)
        half = ("move", left + (begin + end) / 2 * width, y)
        self.window.point(start, "down", half, ("move", left + end * width, y), "up")

    def test_every_column_has_a_chart_with_the_lines_of_both_logs(self):
        names = [c["name"] for c in self.data()["charts"]]
        self.assertEqual(names, ["CPU", "Resident", "Virtual", "Threads", "Write"])
        self.assertEqual(len(self.window.find_all(".chart")), 5)
        for index in range(5):
            self.scroll_to(self.window, index)
            for line in ("--line-0", "--line-1"):
                color = self.color(self.window, line)
                self.assertGreater(self.count(self.window, index, color), 100)
        self.window.run("scrollTo(0, 0)")
        self.window.screenshot("report-light.png")

    def test_nothing_is_asked_of_the_network(self):
        self.scroll_through(self.window)
        self.assertEqual(self.window.requests(), [self.path.as_uri()])

    def test_a_gap_of_the_rows_is_a_gap_of_the_line(self):
        self.scroll_to(self.window, 2)
        color = self.color(self.window, "--line-0")
        begin = self.whole[0] + 2000_000
        inside = self.at(begin + 30_000), self.at(begin + 560_000)
        before = self.at(begin - 400_000), self.at(begin - 100_000)
        self.assertEqual(self.count(self.window, 2, color, *inside), 0)
        self.assertGreater(self.count(self.window, 2, color, *before), 20)

    def test_marks_are_vertical_lines(self):
        color = self.color(self.window, "--mark")
        for mark in self.data()["marks"]:
            x = self.at(mark["time"])
            near = 3 / self.width
            found = self.count(self.window, 0, color, x - near, x + near)
            # Dashes of 4 out of 7 pixels.
            self.assertGreater(found, 0.4 * self.height)
        self.window.click("#marks summary")
        self.assertEqual(
            self.window.text("#marks dd"), ["warm-up done", "load doubled"]
        )
        self.assertEqual(self.window.text("#marks dt")[0], "2026-12-01 12:05:00")

    def test_dragging_zooms_all_charts_and_a_double_click_shows_all(self):
        self.assertEqual(self.range_of(self.window, 0), self.whole)
        self.drag(0.4, 0.6)
        zoomed = wait_for(
            lambda: [r for r in self.ranges(self.window)[:1] if r != self.whole],
            "the chart is zoomed",
        )[0]
        step = (self.whole[1] - self.whole[0]) / self.width * 2
        for ms, part in zip(zoomed, (0.4, 0.6)):
            share = (part - self.area[0]) / (self.area[1] - self.area[0])
            expected = self.whole[0] + share * (self.whole[1] - self.whole[0])
            self.assertAlmostEqual(ms, expected, delta=2 * step)
        for index in range(5):
            wait_for(
                lambda: self.range_of(self.window, index) == zoomed,
                f"chart {index} is zoomed, too",
            )
        self.window.run("scrollTo(0, 0)")
        self.window.screenshot("report-zoomed.png")
        self.drag_twice()
        for index in range(5):
            wait_for(
                lambda: self.range_of(self.window, index) == self.whole,
                f"chart {index} shows all",
            )

    def drag_twice(self):
        left, top, width, height = self.window.box(".plot")
        place = ("move", left + width / 2, top + height / 2)
        self.window.point(place, "down", "up", "down", "up")

    def test_a_button_shows_all_again(self):
        self.assertFalse(self.window.run("return !document.all.all.disabled"))
        self.drag(0.5, 0.7)
        wait_for(lambda: self.ranges(self.window)[0] != self.whole, "a zoom")
        self.window.click("#all")
        wait_for(lambda: self.ranges(self.window)[0] == self.whole, "all")
        self.assertTrue(self.window.run("return document.all.all.disabled"))

    def points(self, chart, line):
        """Times in ms and values of a line."""
        chart = self.data()["charts"][chart]
        line = chart["lines"][line]
        time, points = self.data()["logs"][line["log"]]["begin"], {}
        for step, value in zip(line["times"], line["values"]):
            time += step
            points[time] = value
        return points

    def read_out(self, chart=1):
        """Time in ms, and the values of both logs, as they are shown."""
        lines = self.window.text(".readout")[chart - 1].split("\n")
        script = "return Date.parse(arguments[0].replace(' ', 'T') + 'Z')"
        return self.window.run(script, lines[0]), lines[2::2], lines[1::2]

    def test_the_pointer_reads_out_values_of_the_logs(self):
        left, top, width, height = self.window.box(".plot")
        self.window.point(("move", left + self.at(self.whole[0] + 1500_000) * width,
                           top + height / 2))  # fmt: skip
        time, values, names = self.read_out()
        self.assertAlmostEqual(time, self.whole[0] + 1500_000, delta=10_000)
        self.assertEqual(names, ["server-1.4", "server-1.5"])
        for line, shown in enumerate(values):
            expected = self.points(0, line)[time]
            self.assertEqual(shown, f"{expected:g} %")
        # The chart below reads out the same moment.
        time_below, values, _ = self.read_out(2)
        self.assertEqual(time_below, time)
        for line, shown in enumerate(values):
            expected = self.points(1, line)[time] / 1024
            self.assertRegex(shown, r"^[\d.]+ MiB$")
            self.assertAlmostEqual(float(shown.split()[0]), expected, places=3)

    def test_in_a_gap_there_is_no_value_and_beyond_the_charts_no_read_out(self):
        left, top, width, height = self.window.box(".plot")
        y = top + height / 2
        x = left + self.at(self.whole[0] + 2300_000) * width
        self.window.point(("move", x, y))
        values = self.read_out()[1]
        self.assertEqual(values[0], "\u2013")
        self.assertRegex(values[1], r"^[\d.]+ %$")
        self.window.point(("move", 5, 5))
        self.assertEqual("".join(self.window.text(".readout")), "")

    def test_a_log_can_be_hidden(self):
        color = self.color(self.window, "--line-0")
        self.assertGreater(self.count(self.window, 0, color), 100)
        self.window.click(".legend input")
        wait_for(lambda: self.count(self.window, 0, color) == 0, "the log is hidden")
        other = self.color(self.window, "--line-1")
        self.assertGreater(self.count(self.window, 0, other), 100)
        # What is left has all the room.
        log = self.data()["logs"][1]
        self.assertEqual(self.ranges(self.window)[0], [log["begin"], log["end"]])
        self.window.click(".legend input")
        wait_for(lambda: self.count(self.window, 0, color) > 100, "it is there again")
        self.assertEqual(self.ranges(self.window)[0], self.whole)

    def test_logs_can_be_laid_over_each_other_from_their_starts(self):
        self.window.click(".times button:last-child")
        longest = max(log["end"] - log["begin"] for log in self.data()["logs"])
        for index in range(5):
            self.assertEqual(self.range_of(self.window, index), [0, longest])
        left, top, width, height = self.window.box(".plot")
        self.window.point(("move", left + width / 3, top + height / 2))
        self.assertRegex(self.window.text(".readout")[0], r"^00:\d\d:\d\d\n")
        self.window.click(".times button:first-child")
        wait_for(lambda: self.ranges(self.window)[0] == self.whole, "clock times")


class Text(TestCase):
    def test_checks_logs_and_figures_are_told(self):
        window = self.open("ordinary")
        self.assertEqual(window.text("h1"), ["Load test of the server"])
        self.assertRegex(
            window.text(".made")[0], r"^Made \d{4}-\d\d-\d\d .* procmonctl"
        )
        self.assertEqual(window.text(".verdict"), ["1 of 3 checks failed"])
        self.assertEqual(window.text(".result"), ["passed", "failed", "passed"])
        log = window.text(".logs tbody tr")[0]
        for words in ("server-1.4", "3600", "1 h 9 min", "1, in all 10 min 1 s"):
            self.assertIn(words, log)
        heads = window.text(".figures thead tr")[0]
        for words in ("Samples Min Mean Median p95 Max Last", "95 % interval"):
            self.assertIn(words, heads)
        self.assertRegex(window.text(".figures tbody tr")[1],
                         r"^Resident MiB 3599 86\.97 .* \+5\.\d+ MiB")  # fmt: skip

    def test_tables_can_be_understood_without_eyes(self):
        window = self.open("ordinary")
        tables = len(window.find_all("table"))
        self.assertEqual(len(window.find_all("table > caption")), tables)
        self.assertEqual(window.find_all("th:not([scope])"), [])
        self.assertEqual(len(window.find_all("h1")), 1)
        self.assertEqual(window.run("return document.documentElement.lang"), "en")
        self.assertEqual(len(window.find_all(".plot[role=img][aria-label]")), 5)

    def test_without_scripts_the_tables_are_there(self):
        window = browser.Browser(driver)
        self.addCleanup(window.close)
        path = write_page("ordinary")[0]
        window.devtools("Emulation.setScriptExecutionDisabled", value=True)
        window.open(path)
        self.assertIn("need JavaScript", window.text("noscript")[0])
        self.assertIn("server-1.5", window.text(".figures caption"))
        self.assertEqual(len(window.find_all(".figures tbody tr")), 10)

    def test_without_values_the_page_says_so(self):
        window = self.open("empty")
        self.assertEqual(window.text("#plots"), ["The logs have no values to draw."])
        self.assertEqual(window.find_all(".chart"), [])


class Looks(TestCase):
    def check_contrast(self, window):
        self.scroll_through(window)
        ratio, where = window.run(LEAST_CONTRAST)
        self.assertGreaterEqual(ratio, 4.5, where)

    def background(self, window):
        return window.run("return getComputedStyle(document.body).backgroundColor")

    def test_it_is_light_and_legible_where_the_system_is(self):
        window = self.open("ordinary")
        self.assertEqual(self.background(window), "rgb(246, 247, 249)")
        self.check_contrast(window)

    def test_it_is_dark_and_legible_where_the_system_is(self):
        window = self.open("ordinary", dark=True)
        self.assertEqual(self.background(window), "rgb(20, 23, 27)")
        self.check_contrast(window)
        self.assertGreater(self.count(window, 0, self.color(window, "--line-0")), 100)
        window.run("scrollTo(0, 0)")
        window.screenshot("report-dark.png")

    def test_a_button_changes_between_light_and_dark_with_the_charts(self):
        window = self.open("ordinary")
        self.scroll_to(window, 0)
        light = self.color(window, "--line-0")
        window.click("#theme")
        self.assertEqual(self.background(window), "rgb(20, 23, 27)")
        dark = self.color(window, "--line-0")
        self.assertNotEqual(dark, light)
        self.assertGreater(self.count(window, 0, dark), 100)
        self.assertEqual(self.count(window, 0, light), 0)
        window.click("#theme")
        self.assertEqual(self.background(window), "rgb(246, 247, 249)")
        self.assertGreater(self.count(window, 0, light), 100)

    def test_the_colours_of_lines_stand_out(self):
        script = "return getComputedStyle(document.documentElement)"
        for dark in (False, True):
            window = self.open("many", dark=dark)
            for line in range(8):
                for other in range(line):
                    pair = [
                        window.run(f"{script}.getPropertyValue('--line-{n}').trim()")
                        for n in (line, other)
                    ]
                    self.assertNotEqual(*pair)
                color = self.color(window, f"--line-{line}")
                card = self.color(window, "--card")
                self.assertGreaterEqual(contrast(color, card), 3, color)

    def test_a_phone_shows_it_in_its_width(self):
        window = self.open("ordinary")
        window.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=390, height=844, deviceScaleFactor=2, mobile=True,
        )  # fmt: skip
        window.open(self.path)
        self.scroll_through(window)
        self.assertEqual(window.run("return document.documentElement.scrollWidth"), 390)
        self.assertGreater(self.count(window, 4, self.color(window, "--line-1")), 100)
        window.run("scrollTo(0, 0)")
        window.screenshot("report-phone.png")

    def test_two_fingers_zoom_and_one_scrolls_the_page(self):
        window = self.open("ordinary")
        window.devtools("Emulation.setTouchEmulationEnabled", enabled=True)
        self.scroll_to(window, 0)
        whole = self.ranges(window)[0]
        left, top, width, height = window.box(".plot")
        middle = top + height / 2

        def touch(kind, *places):
            points = [
                {"x": left + x * width, "y": middle + y, "id": finger}
                for finger, (x, y) in enumerate(places)
            ]
            window.devtools("Input.dispatchTouchEvent", type=kind, touchPoints=points)

        before = window.run("onscrollend = () => { isStill = true }; return scrollY")
        touch("touchStart", (0.5, 0))
        for y in (-40, -80, -120):
            touch("touchMove", (0.5, y))
        touch("touchEnd")
        wait_for(lambda: window.run("return 'isStill' in window"), "the page is still")
        self.assertGreater(window.run("return scrollY"), before)
        self.assertEqual(self.ranges(window)[0], whole)
        window.box(".plot")

        def pinch():
            touch("touchStart", (0.4, 0), (0.6, 0))
            touch("touchMove", (0.2, 0), (0.8, 0))
            touch("touchEnd")
            return [r for r in self.ranges(window)[:1] if r != whole]

        # The browser may take it that the page still rolls, and a reader would
        # try again.
        begin, end = wait_for(pinch, "a zoom")[0]
        self.assertAlmostEqual((end - begin) / (whole[1] - whole[0]), 1 / 3, places=1)


def contrast(*colors):
    lights = []
    for color in colors:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4
                   for p in parts)  # fmt: skip
        lights.append(0.2126 * r + 0.7152 * g + 0.0722 * b)
    return (max(lights) + 0.05) / (min(lights) + 0.05)


class Paper(TestCase):
    def pixels(self, pdf):
        """The pixels of each page of a PDF, as (width, height, RGB bytes)."""
        with tempfile.TemporaryDirectory() as images:
            subprocess.run(["pdftoppm", "-r", "72", pdf, images + "/page"], check=True)
            for path in sorted(pathlib.Path(images).iterdir()):
                _, size, _, rest = path.read_bytes().split(b"\n", 3)
                width, height = map(int, size.split())
                yield width, height, rest

    def count(self, pages, color):
        """How many pixels have the colour, on all pages."""
        wanted = bytes(int(color[i : i + 2], 16) for i in (1, 3, 5))
        return sum(
            pixels[i : i + 3] == wanted
            for _, _, pixels in pages
            for i in range(0, len(pixels), 3)
        )

    def test_it_prints_in_light_colours_with_all_charts_also_from_dark(self):
        window = self.open("ordinary", dark=True)
        pdf = window.print("report.pdf")
        pages = list(self.pixels(pdf))
        self.assertLessEqual(len(pages), 4)
        for color in ("#0067b1", "#c8500a"):
            self.assertGreater(self.count(pages, color), 2000)
        self.assertEqual(self.count(pages, "#14171b"), 0)
        # Nothing is cut at the right.
        for width, height, pixels in pages:
            margin = [
                pixels[3 * (y * width + x) : 3 * (y * width + x) + 3]
                for y in range(height)
                for x in range(width - 20, width)
            ]
            self.assertEqual(set(margin), {b"\xff\xff\xff"})
        text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True,
                              capture_output=True, text=True).stdout  # fmt: skip
        for words in ("1 of 3 checks failed", "95 % interval", "load doubled"):
            self.assertIn(words, text)
        # On the screen all is as before.
        self.assertEqual(window.run("return document.documentElement.className"), "")


class Hostile(TestCase):
    SCRIPT = "</script><script>alert(1)</script>"
    IMAGE = '"><img src=x onerror=alert(2)>'

    def setUp(self):
        self.window = self.open("hostile")
        self.scroll_through(self.window)

    def test_no_script_of_a_log_runs_and_nothing_of_it_is_an_element(self):
        # An open alert would make every command fail.
        self.assertEqual(len(self.window.find_all("script")), 3)
        self.assertEqual(self.window.find_all("img"), [])
        self.assertEqual(self.window.requests(), [self.path.as_uri()])
        self.window.run("scrollTo(0, 0)")
        self.window.screenshot("report-hostile.png")

    def test_it_is_shown_as_text(self):
        self.assertIn(self.SCRIPT, self.window.text("h1")[0])
        self.assertIn(self.SCRIPT, self.window.run("return document.title"))
        names = self.window.text("figcaption")
        self.assertEqual(
            names, [self.SCRIPT, self.IMAGE, "\ufffd\ufffd[31m\ufffd\ufffd", "huge",
                    "</script x", "__proto__"],
        )  # fmt: skip
        self.assertIn(self.IMAGE, self.window.text(".legend .log"))
        self.assertIn(self.SCRIPT, self.window.text(".figures caption"))

    def test_it_is_read_out_as_text(self):
        left, top, width, height = self.window.box(".plot")
        self.window.point(("move", left + width - 14, top + height / 2))
        self.assertIn(self.IMAGE, self.window.text(".readout")[0])
        self.assertEqual(self.window.find_all("img"), [])

    def test_huge_numbers_are_drawn_and_shown(self):
        row = self.window.text(".figures tbody tr")[3]
        self.assertRegex(row, r"^huge 50 -1e\+308")
        # Times of 270,000 years; beside them a minute is nothing.
        self.scroll_to(self.window, 3)
        color = self.color(self.window, "--line-3")
        self.assertGreater(self.count(self.window, 3, color), 100)
        self.window.click(".legend label:last-child input")
        color = self.color(self.window, "--line-0")
        wait_for(lambda: self.count(self.window, 3, color) > 100, "huge numbers")

    def test_the_policy_lets_no_other_script_style_or_address_in(self):
        self.window.run(
            """
            const script = document.createElement("script");
            script.textContent = "window.hasRun = true";
            document.body.append(script);
            document.body.setAttribute("onclick", "window.hasRun = true");
            document.body.click();
            const style = document.createElement("style");
            style.textContent = "body { background: red }";
            document.body.append(style);
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            document.body.append(image);
            """
        )
        said = []
        wait_for(
            lambda: said.extend(self.window.log("browser")) or len(said) >= 4,
            lambda: f"four violations: {said}",
        )
        for entry in said:
            self.assertIn("Content Security Policy", entry["message"])
        self.assertIs(self.window.run("return 'hasRun' in window"), False)
        background = "return getComputedStyle(document.body).backgroundColor"
        self.assertEqual(self.window.run(background), "rgb(246, 247, 249)")


class Size(TestCase):
    def test_a_million_rows_are_a_small_page_that_opens_at_once(self):
        path, seconds, _ = write_page("large")
        self.assertLess(path.stat().st_size, PAGE_MAX_BYTES)
        self.assertLess(seconds, 3)
        window = browser.Browser(driver)
        self.addCleanup(window.close)
        before = time.monotonic()
        window.open(path)
        self.scroll_to(window, 0)
        self.assertLess(time.monotonic() - before, 10)
        self.assertIn("at most 400 rows each", window.text("#charts > .note")[0])
        self.assertGreater(self.count(window, 0, self.color(window, "--line-0")), 1000)
        self.assertEqual(window.log("browser"), [])

    def test_a_single_peak_of_a_million_rows_stays(self):
        self.open("large")
        cpu = self.data()["charts"][0]["lines"][0]
        self.assertEqual(max(cpu["values"]), 999.5)
        self.assertEqual(
            sum(cpu["times"][: cpu["values"].index(999.5) + 1]), 654_321_000
        )

    def test_20_logs_of_20_columns_are_a_page_that_can_be_used(self):
        window = self.open("many")
        self.assertLess(self.path.stat().st_size, PAGE_MAX_BYTES)
        self.assertEqual(len(window.find_all(".chart")), 20)
        self.scroll_through(window)
        for chart in self.data()["charts"]:
            self.assertEqual(len(chart["lines"]), 20)
        whole = self.range_of(window, 0)
        left, top, width, height = window.box(".plot")
        y = top + height / 2
        before = time.monotonic()
        window.point(("move", left + 0.4 * width, y), "down",
                     ("move", left + 0.6 * width, y), "up")  # fmt: skip
        wait_for(lambda: self.ranges(window)[0] != whole, "a zoom")
        self.assertLess(time.monotonic() - before, 10)


def main():
    browser.skip_without_browser()
    for program, package in (("pdftoppm", "poppler-utils"),):
        if not shutil.which(program):
            print(f"SKIP: no {program} (package {package})")
            sys.exit(77)
    if not pathlib.Path(DYGRAPHS, "dygraph.min.js").exists():
        print(f"SKIP: no dygraph.min.js in {DYGRAPHS} (package libjs-dygraphs)")
        sys.exit(77)
    result = unittest.main(exit=False, verbosity=2).result
    # A test may fail twice, also in what it cleans up.
    bad = len({str(test) for test, _ in result.failures + result.errors})
    passed = result.testsRun - bad - len(result.skipped)
    print(f"{passed} passed, {bad} failed, {len(result.skipped)} skipped")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
