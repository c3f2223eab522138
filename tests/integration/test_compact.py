"""Layout "compact": all values of a reading as one list, here and at a receiver."""

import math
import os
import pathlib
import re
import shutil
import socket
import subprocess

import control
import harness

TYPES = harness.SRCDIR / "procmon.types.db"
COLLECTD_TYPES = (
    pathlib.Path(harness.COLLECTD).resolve().parents[1] / "share/collectd/types.db"
)
ALL = (
    "Metrics cpu cputime resident virtual private count handles faults io switches "
    "uptime"
)


def sources_of_the_file():
    """Name, type and limits of each data source, as procmon.types.db has them."""
    lines = TYPES.read_text().splitlines()
    (line,) = [line for line in lines if not line.startswith("#")]
    assert line.startswith("procmon "), line
    return [word.strip().split(":") for word in line.split(" ", 1)[1].split(",")]


# Of the log: the data source, what one of the column is, and how it is rounded.
COLUMNS = {
    "CPU": ("cpu_percent", 1, 0.051),
    "User": ("user_percent", 1, 0.051),
    "System": ("system_percent", 1, 0.051),
    "Resident": ("resident", 1024, 1),
    "Virtual": ("virtual", 1024, 1),
    "Private": ("private", 1024, 1),
    "Processes": ("processes", 1, 0),
    "Threads": ("threads", 1, 0),
    "Handles": ("handles", 1, 0),
    "MinorFaults": ("minor_faults", 1, 0.051),
    "MajorFaults": ("major_faults", 1, 0.051),
    "Read": ("read_bytes", 1024, 0.051),
    "Write": ("write_bytes", 1024, 0.051),
    "VoluntarySwitches": ("vol_switches", 1, 0.051),
    "InvoluntarySwitches": ("invol_switches", 1, 0.051),
    "Uptime": ("uptime", 1, 1),
}
NAMES = [name for name, *_ in sources_of_the_file()]


def rrd(folder):
    """The part of a configuration that writes RRD files there."""
    return f"""
LoadPlugin rrdtool
<Plugin rrdtool>
  DataDir "{folder}/rrd"
</Plugin>
"""


def rrdtool(*arguments):
    return subprocess.run(
        ["rrdtool", *map(str, arguments)], capture_output=True, text=True, check=True
    ).stdout


def sources_of(path):
    """As sources_of_the_file(), of an RRD file."""
    facts = {}
    for line in rrdtool("info", path).splitlines():
        match = re.match(r"ds\[(\w+)\]\.(index|type|min|max) = (.*)", line)
        if match:
            facts.setdefault(match[1], {})[match[2]] = match[3].strip('"')

    def limit(text):
        return "U" if math.isnan(float(text)) else f"{float(text):g}"

    return [
        [name, fact["type"], limit(fact["min"]), limit(fact["max"])]
        for name, fact in sorted(facts.items(), key=lambda f: int(f[1]["index"]))
    ]


def last_values(path, known):
    """The last row of an RRD file in which this data source has a value."""
    names, _, *rows = rrdtool("fetch", path, "AVERAGE", "-s", "-60").splitlines()
    for row in reversed(rows):
        values = dict(zip(names.split(), row.split(":")[1].split()))
        if not math.isnan(float(values[known])):
            return values
    return None


def types_db(*paths):
    return "".join(f'TypesDB "{path}"\n' for path in paths)


class TestCase(harness.TestCase):
    def compact(self, block, more=""):
        options = "Interval 0.1\nLayout compact"
        return self.daemon(f"<Plugin procmon>\n{options}\n{block}\n</Plugin>\n{more}")

    def lists(self, daemon, name):
        """What csv got of it, as dictionaries by data source."""
        return [dict(zip(["time", *NAMES], row)) for row in daemon.csv(name, "procmon")]

    def wait_for_lists(self, daemon, name, n=3):
        harness.wait_for(lambda: len(self.lists(daemon, name)) >= n, daemon.log)
        return self.lists(daemon, name)

    def known(self, values):
        return {name for name in NAMES if not math.isnan(values[name])}


class Lists(TestCase):
    def test_one_list_has_every_metric(self):
        burner = self.burner("--duty", "0.5", "--memory", "50", "--report", "0.1")
        harness.wait_for(burner.reports, "the burner has its memory")
        daemon = self.compact(f'<Process "burner">\nPid {burner.pid}\n{ALL}\n</Process>')
        lists = self.wait_for_lists(daemon, "burner", 20)
        self.assertEqual(daemon.csv_metrics("burner"), ["procmon"])
        for values in lists:
            self.assertEqual(self.known(values), set(NAMES))
            self.assertEqual(values["processes"], 1)
            self.assertEqual(values["threads"], 1)
            self.assertGreater(values["resident"], 50 << 20)
            self.assertLess(values["resident"], values["virtual"])
            self.assertLess(values["private"], values["virtual"])

    def test_a_list_says_what_the_row_of_the_log_says(self):
        burner = self.burner("--duty", "0.5", "--memory", "50")
        log = harness.Log(self.folder / "log")
        daemon = self.compact(
            f"""<Process "burner">
              Pid {burner.pid}
              {ALL}
              File "{log.path}"
              TimeFormat "%s.%6N"
              Columns {" ".join(["Time", *COLUMNS])}
            </Process>"""
        )
        self.wait_for_lists(daemon, "burner", 20)
        # csv rounds to milliseconds.
        rows = {round(row["Time"], 3): row for row in log.rows()}
        both = [v for v in self.lists(daemon, "burner") if v["time"] in rows]
        self.assertGreater(len(both), 15)
        for values in both:
            row = rows[values["time"]]
            for column, (name, unit, rounding) in COLUMNS.items():
                self.assertAlmostEqual(
                    values[name] / unit, row[column], delta=rounding, msg=column
                )

    def test_what_is_not_chosen_is_nan(self):
        sleeper = self.sleeper()
        daemon = self.compact(
            f'<Process "nap">\nPid {sleeper.pid}\nMetrics resident cputime\n</Process>'
        )
        for values in self.wait_for_lists(daemon, "nap"):
            self.assertEqual(
                self.known(values), {"resident", "user_percent", "system_percent"}
            )

    def test_the_end_of_the_process_leaves_a_count_of_0(self):
        sleeper = self.sleeper()
        daemon = self.compact(f"<Process {sleeper.pid}>\n</Process>")
        name = str(sleeper.pid)
        self.assertEqual(self.wait_for_lists(daemon, name)[-1]["processes"], 1)
        sleeper.kill()
        harness.wait_for(
            lambda: self.lists(daemon, name)[-1]["processes"] == 0, "a count of 0"
        )
        harness.wait_for(
            lambda: self.known(self.lists(daemon, name)[-1])
            == {"processes", "threads"},
            "a list of the count alone",
        )
        self.assertEqual(self.lists(daemon, name)[-1]["threads"], 0)
        self.assertIn(f"process {name} ended", daemon.log())

    def test_nothing_known_is_no_list(self):
        daemon = self.compact(
            f"""<Process "nothing">
              Command "nothing{os.getpid()}"
              Metrics cpu resident
            </Process>
            <Process {os.getpid()}>
            </Process>"""
        )
        self.wait_for_lists(daemon, str(os.getpid()), 5)
        self.assertEqual(daemon.csv_metrics("nothing"), [])

    def test_each_process_has_its_list_and_all_have_a_count(self):
        command = self.folder / f"nap{os.getpid()}"
        shutil.copy(shutil.which("sleep"), command)
        several = [self.sleeper(str(command)) for _ in range(3)]
        daemon = self.compact(
            f'<Process "naps">\nCommand "{command.name}"\nReport each\n</Process>'
        )
        for sleeper in several:
            values = self.wait_for_lists(daemon, f"naps-{sleeper.pid}")[-1]
            self.assertEqual(values["processes"], 1)
            self.assertGreater(values["resident"], 0)
        values = self.wait_for_lists(daemon, "naps")[-1]
        self.assertEqual(self.known(values), {"processes", "threads"})
        self.assertEqual((values["processes"], values["threads"]), (3, 3))

    def test_without_dispatch_there_is_none(self):
        log = harness.Log(self.folder / "log")
        daemon = self.compact(
            f'<Process {os.getpid()}>\nDispatch false\nFile "{log.path}"\n</Process>'
        )
        log.wait_for_rows_of_text(3)
        self.assertEqual(daemon.csv_metrics(str(os.getpid())), [])

    def test_a_monitor_of_the_control_socket_may_have_it(self):
        sleeper = self.sleeper()
        path = self.folder / "socket"
        daemon = self.daemon(
            f'<Plugin procmon>\nControlSocket "{path}"\nInterval 0.1\n</Plugin>'
        )
        with control.Control(path) as client:
            client.start(f"pid={sleeper.pid} name=nap layout=compact")
            self.wait_for_lists(daemon, "nap")
            with self.assertRaisesRegex(
                control.Refused, 'Layout: found "rrd", expected standard or compact'
            ):
                client.start(f"pid={sleeper.pid} layout=rrd")
        self.assertEqual(daemon.csv_metrics("nap"), ["procmon"])

    def test_the_threshold_plugin_sees_the_end(self):
        sleeper = self.sleeper()
        daemon = self.compact(
            f'<Process "nap">\nPid {sleeper.pid}\nNotify false\n</Process>',
            more="""LoadPlugin threshold
              <Plugin threshold>
                <Plugin "procmon">
                  Instance "nap"
                  <Type "procmon">
                    DataSource "processes"
                    FailureMin 1
                  </Type>
                </Plugin>
              </Plugin>""",
        )
        self.wait_for_lists(daemon, "nap")
        self.assertNotIn("severity = FAILURE", daemon.log())
        sleeper.kill()
        harness.wait_for(lambda: "severity = FAILURE" in daemon.log(), daemon.log)

    def test_an_rrd_file_has_all_data_sources_and_unknown_values(self):
        daemon = self.compact(
            f"<Process {os.getpid()}>\nInterval 1\nMetrics cpu resident\n</Process>",
            more=rrd(self.folder),
        )
        path = self.folder / f"rrd/testhost/procmon-{os.getpid()}/procmon.rrd"
        harness.wait_for(path.exists, daemon.log)
        self.assertEqual(sources_of(path), sources_of_the_file())
        values = harness.wait_for(lambda: last_values(path, "resident"), daemon.log)
        self.assertGreater(float(values["resident"]), 1 << 20)
        self.assertGreaterEqual(float(values["cpu_percent"]), 0)
        unknown = {name for name in NAMES if math.isnan(float(values[name]))}
        self.assertEqual(unknown, set(NAMES) - {"resident", "cpu_percent"})
        self.assertNotIn("rrd_update", daemon.log())


class Receiver(TestCase):
    """A collectd that has no plugin procmon, and gets the values by the network."""

    def network(self, word):
        return f"""
LoadPlugin network
<Plugin network>
  {word} "127.0.0.1" "{self.port}"
</Plugin>
"""

    def setUp(self):
        super().setUp()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def receiver(self, *types, more=""):
        # A packet has several lists of one file: with more threads than one, csv
        # writes its lines across each other.
        block = "WriteThreads 1\n" + types_db(*types) + self.network("Listen") + more
        return self.daemon(block, load="")

    def sender(self, options="", more=""):
        return self.compact(
            f"<Process {os.getpid()}>\nMetrics cpu resident count\n{options}</Process>",
            more=self.network("Server") + more,
        )

    def text(self, daemon):
        """All that csv wrote, in lines."""
        folder = daemon.folder / f"csv/testhost/procmon-{os.getpid()}"
        return [
            line
            for path in sorted(folder.glob("procmon-*"))
            for line in path.read_text().splitlines()
        ]

    def test_it_has_the_same_values_by_the_file_of_types(self):
        receiver = self.receiver(COLLECTD_TYPES, TYPES)
        sender = self.sender()
        harness.wait_for(lambda: len(self.text(receiver)) > 20, receiver.log)
        got, sent = self.text(receiver), self.text(sender)
        self.assertEqual(got[0], ",".join(["epoch", *NAMES]))
        self.assertEqual(got[0], sent[0])
        self.assertIn(",nan,", got[1])
        self.assertLessEqual(set(got), set(sent))
        self.assertNotIn("[error]", receiver.log())

    def test_its_rrd_file_is_like_the_one_of_the_sender(self):
        here, there = self.folder / "here", self.folder / "there"
        path = f"rrd/testhost/procmon-{os.getpid()}/procmon.rrd"
        receiver = self.receiver(COLLECTD_TYPES, TYPES, more=rrd(there))
        # An RRD file has no steps below a second.
        sender = self.sender("Interval 1\n", rrd(here))
        harness.wait_for((here / path).exists, sender.log)
        # What waits for a full packet is sent at the end.
        sender.stop()
        harness.wait_for((there / path).exists, receiver.log)
        self.assertEqual(sources_of(here / path), sources_of_the_file())
        self.assertEqual(sources_of(there / path), sources_of_the_file())

    def test_without_the_file_it_says_so_and_has_none(self):
        receiver = self.receiver(COLLECTD_TYPES)
        self.sender()
        harness.wait_for(
            lambda: "Dataset not found: procmon" in receiver.log(), receiver.log
        )
        self.assertEqual(self.text(receiver), [])


class TypesOnTheSameHost(TestCase):
    """The file of types where the plugin is, too."""

    BLOCK = f"<Process {os.getpid()}>\n</Process>"
    NAME = str(os.getpid())

    def other_version(self):
        path = self.folder / "other.types.db"
        path.write_text("procmon cpu_percent:GAUGE:0:U, rss:GAUGE:0:U\n")
        return path

    def before(self, path):
        """A daemon that reads the file before the plugin's block."""
        daemon = harness.Daemon(
            f"<Plugin procmon>\nInterval 0.1\nLayout compact\n{self.BLOCK}\n</Plugin>"
        )
        config = daemon.config.read_text()
        daemon.config.write_text(types_db(COLLECTD_TYPES, path) + config)
        self.addCleanup(daemon.stop)
        daemon.start()
        return daemon

    def check_works(self, daemon):
        self.wait_for_lists(daemon, self.NAME)
        self.assertIn("[notice] Replacing DS `procmon'", daemon.log())
        self.assertNotIn("[error]", daemon.log())

    def test_it_may_be_read_before_the_block(self):
        self.check_works(self.before(TYPES))

    def test_it_may_be_read_behind_the_block(self):
        self.check_works(self.compact(self.BLOCK, types_db(COLLECTD_TYPES, TYPES)))

    def test_that_of_another_version_gives_way_to_the_block(self):
        self.check_works(self.before(self.other_version()))

    def test_that_of_another_version_behind_the_block_is_an_error(self):
        daemon = self.compact(
            self.BLOCK, types_db(COLLECTD_TYPES, self.other_version())
        )
        self.assertEqual(
            daemon.log_lines("error"),
            [
                'Layout "compact": found "rss" as data source 2 of the type procmon, '
                "expected those of this version's procmon.types.db: see the TypesDB "
                "of collectd's configuration"
            ],
        )
        self.assertNotEqual(daemon.stop(), 0)
        self.assertEqual(daemon.csv_metrics(self.NAME), [])

    def test_no_block_in_the_layout_registers_no_type(self):
        daemon = self.daemon(
            f"<Plugin procmon>\nInterval 0.1\n{self.BLOCK}\n</Plugin>\n"
            + types_db(COLLECTD_TYPES, self.other_version())
        )
        harness.wait_for(lambda: daemon.csv(self.NAME, "ps_rss"), daemon.log)
        self.assertNotIn("Replacing", daemon.log())
        self.assertEqual(daemon.log_lines("error"), [])


if __name__ == "__main__":
    harness.main()
