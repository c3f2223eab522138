"""contrib/grafana/procmon.json: its variables and panels, asked of a real Graphite as
Grafana asks. Grafana itself is not in Debian: what it draws is not tested."""

import json
import re
import socket
import time

import carbon
import graphite_web
import pipeline
from pipeline import harness

DASHBOARD = json.loads((harness.SRCDIR / "contrib/grafana/procmon.json").read_text())
PANELS = DASHBOARD["panels"]
VARIABLES = {v["name"]: v for v in DASHBOARD["templating"]["list"]}
# The panel's title: what it shows.
METRICS = {
    "Up and down": ("ps_count", "processes"),
    "CPU": ("gauge-cpu_percent", "value"),
    "Resident memory": ("ps_rss", "value"),
    "Threads": ("ps_count", "threads"),
    "Handles": ("file_handles", "value"),
    "Private memory": ("ps_data", "value"),
    "Virtual memory": ("ps_vm", "value"),
}


def glob(values):
    """Chosen values as Grafana writes them into a query of Graphite."""
    return values[0] if len(values) == 1 else f"{{{','.join(values)}}}"


def interpolate(text, values):
    """The text with the values of variables, as Grafana replaces them."""
    pattern = r"\$(\w+)|\$\{(\w+)\}"
    return re.sub(pattern, lambda match: values[match.group(1) or match.group(2)], text)


def choices(name, web, values):
    """What Grafana offers for a variable: of what Graphite gives, what the regex takes."""
    query = interpolate(VARIABLES[name]["query"], values)
    expand = re.fullmatch(r"expand\((.*)\)", query)
    found = web.expand(expand.group(1)) if expand else web.find(query)
    regex = re.compile(VARIABLES[name]["regex"].strip("/"))
    return sorted({match.group(1) for match in map(regex.search, found) if match})


class Dashboard(pipeline.TestCase):
    def start(self, prefix=""):
        """A process `nginx`, one that has ended, and Graphite with what is known of them,
        and of a host without procmon."""
        self.begin = int(time.time())
        self.carbon = carbon.Carbon(self)
        with socket.create_connection(("127.0.0.1", self.carbon.port)) as other:
            other.sendall(f"{prefix}otherhost.load.shortterm 1 {self.begin}\n".encode())
        changes = {'Port "2003"': f'Port "{self.carbon.port}"'}
        if prefix:
            changes["</Node>"] = f'Prefix "{prefix}"\n</Node>'
        ended = self.sleeper()
        ended_file = self.folder / "ended.pid"
        ended_file.write_text(str(ended.pid))
        self.start_process()
        daemon = self.daemon(
            pipeline.block("graphite", changes)
            + self.watched()
            + f"""<Plugin procmon>
              Interval 1
              <Process "has ended">
                PidFile "{ended_file}"
              </Process>
            </Plugin>"""
        )
        self.log.wait_for_rows(4)
        ended.kill()
        harness.wait_for(lambda: self.ended_values(daemon)[-3:] == [0, 0, 0], daemon.log)
        # What it still has it sends at its end.
        self.assertEqual(daemon.stop(), 0)
        self.wait_for_carbon(prefix)
        self.web = graphite_web.GraphiteWeb(self, self.carbon)

    def ended_values(self, daemon):
        return [n for _, n, _ in daemon.csv("has ended", "ps_count")]

    def wait_for_carbon(self, prefix):
        name = f"{prefix}testhost.procmon-has_ended.ps_count.processes"
        now = int(time.time()) + 1
        harness.wait_for(
            lambda: self.carbon.path(name).exists()
            and 0 in self.carbon.fetch(name, self.begin, now).values(),
            lambda: f"{name}\n{self.carbon.output.read_text()}",
        )

    def series(self, panel, values):
        """{name: values} of what a panel shows."""
        (target,) = panel["targets"]
        return self.web.render(interpolate(target["target"], values), self.begin)

    def check_panels(self, values, names):
        """Each panel has a line, with values, for each of the processes."""
        for panel in PANELS:
            with self.subTest(panel["title"], **values):
                found = self.series(panel, values)
                self.assertEqual(sorted(found), sorted(names))
                for name, known in found.items():
                    self.assertGreater(len(known), 2, name)

    def test_each_panel_shows_each_process(self):
        self.start()
        self.check_variables("")
        both = ["has_ended on testhost", "nginx on testhost"]
        every = {"prefix": "", "host": "*", "process": "*"}
        self.check_panels(every, both)
        self.check_panels({**every, "host": "testhost"}, both)
        self.check_panels({**every, "process": glob(["has_ended", "nginx"])}, both)
        self.check_panels({**every, "process": glob(["nginx"])}, both[1:])
        self.check_figures()
        self.check_up_and_down()

    def test_with_a_prefix(self):
        self.start("a.collectd.")
        self.check_variables("a.collectd.")
        both = ["has_ended on testhost", "nginx on testhost"]
        self.check_panels({"prefix": "a.collectd.", "host": "*", "process": "*"}, both)

    def check_variables(self, prefix):
        values = {"prefix": prefix}
        self.assertIn(f"{prefix}otherhost.load.shortterm", self.carbon.metrics())
        self.assertEqual(choices("host", self.web, values), ["testhost"])
        values["host"] = "testhost"
        expected = ["has_ended", "nginx"]
        self.assertEqual(choices("process", self.web, values), expected)
        values["host"] = VARIABLES["host"]["allValue"]
        self.assertEqual(choices("process", self.web, values), expected)

    def check_figures(self):
        """A panel shows what its title says: figures of the log."""
        values = {"prefix": "", "host": "testhost", "process": "nginx"}
        self.assertEqual([panel["title"] for panel in PANELS], list(METRICS))
        rows = self.log.rows()
        for panel in PANELS:
            key = METRICS[panel["title"]]
            lowest, highest = (
                [value for _, value in pipeline.gauge_points(rows, key, side)]
                for side in (pipeline.LOWEST, pipeline.HIGHEST)
            )
            (shown,) = self.series(panel, values).values()
            for value in shown:
                self.assertTrue(
                    any(a - 1e-6 <= value <= b + 1e-6 for a, b in zip(lowest, highest)),
                    f"{key}: {value}\n{self.log.text()}",
                )

    def check_up_and_down(self):
        panel = PANELS[0]
        values = {"prefix": "", "host": "*", "process": "*"}
        shown = self.series(panel, values)

        def state(value):
            for mapping in panel["fieldConfig"]["defaults"]["mappings"]:
                options = mapping["options"]
                end = float("inf") if options["to"] is None else options["to"]
                if options["from"] <= value <= end:
                    return options["result"]["text"]
            return None

        states = {name: set(map(state, known)) for name, known in shown.items()}
        expected = {"has_ended on testhost": {"up", "down"}, "nginx on testhost": {"up"}}
        self.assertEqual(states, expected)


class Form(harness.TestCase):
    """What Grafana needs to find in the file."""

    def test_every_variable_that_is_used_is_there(self):
        text = json.dumps(DASHBOARD)
        used = set(re.findall(r"\$\{?([a-z]\w*)", text))
        self.assertEqual(used, set(VARIABLES))

    def test_the_data_source_is_chosen_once_for_all(self):
        self.assertEqual(VARIABLES["datasource"]["query"], "graphite")
        source = {"type": "graphite", "uid": "${datasource}"}
        users = [*PANELS, *(target for panel in PANELS for target in panel["targets"])]
        users += [v for v in VARIABLES.values() if v["type"] == "query"]
        self.assertEqual([user["datasource"] for user in users], [source] * len(users))

    def test_panels_lie_beside_each_other(self):
        cells = set()
        for panel in PANELS:
            at = panel["gridPos"]
            own = {
                (x, y)
                for x in range(at["x"], at["x"] + at["w"])
                for y in range(at["y"], at["y"] + at["h"])
            }
            self.assertFalse(cells & own, panel["title"])
            cells |= own
        self.assertEqual(max(x for x, _ in cells), 23)
        self.assertEqual(len({panel["id"] for panel in PANELS}), len(PANELS))

    def test_a_gap_stays_a_gap(self):
        for panel in PANELS:
            custom = panel["fieldConfig"]["defaults"]["custom"]
            self.assertIs(custom["spanNulls"], False, panel["title"])


if __name__ == "__main__":
    pipeline.main(
        programs=carbon.PROGRAMS + graphite_web.PROGRAMS, plugins=["write_graphite"]
    )
