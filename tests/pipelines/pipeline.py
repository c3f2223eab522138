"""What the tests of the pipelines share: the blocks of docs/graphing.md, the programs
that they meet, a process to watch, and what its log says that they should show.
"""

import collections
import glob
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import harness  # noqa: E402 the path comes first

DOCUMENT = harness.SRCDIR / "docs" / "graphing.md"
# What `./quickstart check-all` unpacks rather than installs.
UNPACKED = harness.BUILDDIR / "packages"


def program(name):
    """The path of a program, installed or unpacked; None if there is none."""
    folders = (os.environ["PATH"], "/usr/sbin", str(UNPACKED / "usr" / "bin"))
    return shutil.which(name, path=os.pathsep.join(folders))


def environment():
    """The environment in which programs also find what was unpacked with them."""
    libraries = glob.glob(f"{UNPACKED}/usr/lib/*-linux-gnu*")
    libraries += glob.glob(f"{UNPACKED}/lib/*-linux-gnu*")
    modules = [str(UNPACKED / "usr" / "lib" / "python3" / "dist-packages")]
    found = {"LD_LIBRARY_PATH": libraries, "PYTHONPATH": modules}
    return {
        **os.environ,
        **{key: os.pathsep.join(paths) for key, paths in found.items() if paths},
    }


def missing_libraries(plugin):
    """The libraries that a plugin of collectd needs and that are not there."""
    path = f"{harness.plugin_dir()}/{plugin}.so"
    if not os.path.exists(path):
        return [path]
    text = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
    return re.findall(r"(\S+) => not found", text)


def main(programs=(), plugins=()):
    """Runs the suite of the script; says why when it cannot run."""
    for name in programs:
        if program(name) is None:
            print(f"SKIP: no program {name} (./quickstart check-all gets it)")
            sys.exit(77)
    for plugin in plugins if harness.COLLECTD else ():
        missing = missing_libraries(plugin)
        if missing:
            print(f"SKIP: collectd's plugin {plugin} needs {', '.join(missing)}")
            sys.exit(77)
    harness.main()


def block(name, changes=None):
    """A block of the document, with the given texts changed; each must be there."""
    fence = rf"<!-- tests/pipelines: {name} -->\n```\w*\n(.*?)```\n"
    (text,) = re.findall(fence, DOCUMENT.read_text(), re.DOTALL)
    # The harness loads the plugin, from where it was built.
    text = text.replace("LoadPlugin procmon\n", "")
    for old, new in (changes or {}).items():
        assert old in text, f"no {old} in the block {name}:\n{text}"
        text = text.replace(old, str(new))
    return text


def free_port():
    """A port of 127.0.0.1 at which nobody listens, by TCP or UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]


def is_listening(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def bound_addresses(pid):
    """The local addresses of a process's sockets that take what comes, as in /proc."""
    inodes = set()
    for path in glob.glob(f"/proc/{pid}/fd/*"):
        match = re.match(r"socket:\[(\d+)\]", os.readlink(path))
        inodes |= {match.group(1)} if match else set()
    found = []
    # 0A is a TCP socket that listens, 07 a UDP socket without a peer.
    for table, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        text = pathlib.Path(f"/proc/{pid}/net/{table}").read_text()
        for line in text.splitlines()[1:]:
            word = line.split()
            if word[3] == state and word[9] in inodes:
                found.append(word[1].partition(":")[0])
    return found


# Column of the log, its unit in collectd's, and half of the last digit that it shows.
Figure = collections.namedtuple("Figure", "column unit half_digit")

# By metric and data source.
GAUGES = {
    ("gauge-cpu_percent", "value"): Figure("CPU", 1, 0.05),
    ("ps_rss", "value"): Figure("Resident", 1024, 0),
    ("ps_vm", "value"): Figure("Virtual", 1024, 0),
    ("ps_data", "value"): Figure("Private", 1024, 0),
    ("file_handles", "value"): Figure("Handles", 1, 0),
    ("ps_count", "processes"): Figure("Processes", 1, 0),
    ("ps_count", "threads"): Figure("Threads", 1, 0),
}
# In collectd these count µs; a percent is 10,000 of them a second.
COUNTERS = {
    ("ps_cputime", "user"): Figure("User", 1e4, 0.05),
    ("ps_cputime", "syst"): Figure("System", 1e4, 0.05),
}
FIGURES = {**GAUGES, **COUNTERS}

# Between what a figure of the log can have been rounded from: side -1 and side 1.
LOWEST, HIGHEST = -1, 1
# A row's rates are of the time between two samples, which collectd is not told: it has
# that of the rows. Those are noted before the sample, and when the machine is busy the
# sample comes that much later, in seconds. The rest is that the log cuts them to ms.
SAMPLE_DELAY = 0.1 + 0.001


def figure(row, key, side):
    """The figure in collectd's unit, and None where there is none."""
    column, unit, half_digit = FIGURES[key]
    value = row[column]
    if column == "Threads" and row["Processes"] == 0:
        value = 0
    return None if value < 0 else (value + side * half_digit) * unit


def gauge_points(rows, key, side):
    """(time, value) of a gauge at each row that has it."""
    points = [(row["Time"], figure(row, key, side)) for row in rows]
    return [(time, value) for time, value in points if value is not None]


def increase(row, before, key, side):
    """What a counter has gained since the row before, in whole µs."""
    seconds = row["Time"] - before["Time"] + side * SAMPLE_DELAY
    return figure(row, key, side) * seconds + side


def counter_points(rows, key, side):
    """(time, µs since the first row) of a counter at each row."""
    total = 0
    points = [(rows[0]["Time"], total)]
    for before, row in zip(rows, rows[1:]):
        total += increase(row, before, key, side)
        points.append((row["Time"], total))
    return points


def second(time):
    """The second to which collectd rounds, for RRD and Graphite."""
    return int(time + 0.5)


class TestCase(harness.TestCase):
    """With a process `nginx` as docs/graphing.md has it."""

    host = "testhost"

    def setUp(self):
        super().setUp()
        self.pid_file = self.folder / "nginx.pid"
        self.log = harness.Log(self.folder / "log" / "nginx.tsv")

    def watched(self, changes=None):
        """The block that watches it, for a configuration."""
        paths = {
            "/run/nginx.pid": self.pid_file,
            "/var/log/procmon": self.log.path.parent,
        }
        return block("procmon", {**paths, **(changes or {})})

    def start_process(self, *arguments):
        """Starts it: it uses a third of a processor, its memory grows and falls."""
        burner = self.burner(
            "--duty", "0.3", "--wave", "16", "--wave-period", "7",
            "--threads", "2", "--files", "3", *arguments,
        )  # fmt: skip
        self.pid_file.write_text(f"{burner.pid}\n")
        return burner

    def end_process(self, burner):
        """Kills it well after a reading, and before the next: the end is a reading, too.
        The pid file stays, as after any kill."""
        last = self.log.rows()[-1]["Time"]
        harness.wait_for(lambda: time.time() > last + 0.7, "the middle of an interval")
        burner.kill()

    def wait_for_zeros(self, daemon, n):
        """Waits for readings without a process, of which the log has no rows."""
        harness.wait_for(
            lambda: len(self.zeros(daemon)) >= n,
            lambda: f"{n} readings without a process\n{daemon.log()}",
        )

    def zeros(self, daemon):
        """The times of readings without a process, as collectd's plugin csv has them."""
        return [t for t, n, _ in daemon.csv("nginx", "ps_count") if n == 0]

    def begin_end_begin(self, daemon, n):
        """n rows, a gap of five readings, and n rows of the next process."""
        first = self.start_process()
        self.log.wait_for_rows(n)
        self.end_process(first)
        self.wait_for_zeros(daemon, 5)
        self.start_process()
        self.log.wait_for_rows(2 * n)

    def count_rows(self, daemon):
        """The rows, and those that would be there for readings without a process."""
        rows = self.log.rows()
        times = [row["Time"] for row in rows]
        rows += [
            {"Time": time, "Processes": 0, "Threads": 0}
            for time in self.zeros(daemon)
            if min(abs(time - t) for t in times) > 0.002
        ]
        return sorted(rows, key=lambda row: row["Time"])

    def rows_for(self, key, daemon):
        return self.count_rows(daemon) if key[0] == "ps_count" else self.log.rows()

    def assert_between(self, lowest, value, highest, digits, message):
        """With as many digits as there are, where it was printed."""
        lost = abs(value) * 10.0**-digits
        self.assertLessEqual(lowest - lost, value, message)
        self.assertLessEqual(value, highest + lost, message)

    def assert_only_loopback(self, *pids):
        for pid in pids:
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_text()
            # 127.0.0.1, as /proc/net has it.
            self.assertEqual(set(bound_addresses(pid)), {"0100007F"}, command)
