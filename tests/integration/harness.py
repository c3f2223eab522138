"""A real collectd with the built plugin, and real processes to watch.

Everything lies in a temporary folder; nothing has a fixed port or path. What is
started here is ended here, by pid.
"""

import atexit
import glob
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SRCDIR = pathlib.Path(
    os.environ.get("PROCMON_SRCDIR", pathlib.Path(__file__).resolve().parents[2])
)
BUILDDIR = pathlib.Path(os.environ.get("PROCMON_BUILDDIR", SRCDIR / "build"))
COLLECTD = os.environ.get("COLLECTD", shutil.which("collectd") or "")
# The backend of every <Plugin procmon> block; None: the plugin chooses.
BACKEND = None
# The library of the address sanitizer, where the plugin was built with it.
ASAN = os.environ.get("PROCMON_ASAN")
BURNER = BUILDDIR / "tests" / "burner"


def plugin_dir():
    """Where collectd's own plugins are, as collectd says."""
    text = subprocess.run([COLLECTD, "-h"], capture_output=True, text=True).stdout
    for line in text.splitlines():
        if line.strip().startswith("Plugin directory"):
            return line.split()[-1]
    raise RuntimeError("collectd -h names no plugin directory:\n" + text)


def wait_for(condition, what, seconds=30):
    """Waits until the condition holds; gives what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            what = what() if callable(what) else what
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


class Process:
    """A child that is ended at the latest with the test."""

    def __init__(self, arguments, **options):
        self.popen = subprocess.Popen(arguments, **options)
        self.pid = self.popen.pid
        atexit.register(self.kill)

    def kill(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()


class Sleeper(Process):
    def __init__(self, command="sleep"):
        # A shell that waits would be two processes; sleep is one.
        super().__init__([command, "600"], stdin=subprocess.DEVNULL)


class Burner(Process):
    """A process of known habits and its own reports of them."""

    def __init__(self, folder, *arguments):
        self.report = pathlib.Path(tempfile.mkstemp(dir=folder)[1])
        with open(self.report, "w") as out:
            super().__init__([str(BURNER), *arguments], stdout=out)

    def reports(self):
        """(wall clock s, CPU s, resident KBytes) for each report."""
        lines = self.report.read_text().split("\n")[:-1]
        return [tuple(float(word) for word in line.split()) for line in lines]

    def cpu_at(self, instant):
        """CPU seconds used until an instant, between reports by line."""
        points = [(t, cpu) for t, cpu, _ in self.reports()]
        for (t0, c0), (t1, c1) in zip(points, points[1:]):
            if t0 <= instant <= t1:
                return c0 + (c1 - c0) * (instant - t0) / (t1 - t0)
        raise AssertionError(f"no report around {instant}: {points}")

    def started_at(self):
        """Wall clock s, to a hundredth, at which the process started."""
        stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        ticks = int(stat.rpartition(")")[2].split()[19])
        since_boot = ticks / os.sysconf("SC_CLK_TCK")
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot


class Log:
    """A log that the plugin wrote."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def text(self):
        return self.path.read_text() if self.path.exists() else ""

    def lines(self):
        text = self.text()
        assert text == "" or text.endswith("\n"), f"torn last line: {text!r}"
        return [line.split("\t") for line in text.split("\n")[:-1]]

    def header(self):
        return self.lines()[0]

    def rows(self):
        """The rows behind one line of header, as dictionaries of numbers."""
        lines = self.lines()
        return [dict(zip(lines[0], map(float, row))) for row in lines[1:]]

    def rows_of_text(self):
        """The rows behind one line of header, as lists of words."""
        return self.lines()[1:]

    def wait_for_rows(self, n, seconds=30):
        self.wait_for_rows_of_text(n, seconds)
        return self.rows()

    def wait_for_rows_of_text(self, n, seconds=30):
        wait_for(
            lambda: len(self.lines()) > n,
            lambda: f"{n} rows in {self.path}:\n{self.text()}",
            seconds,
        )
        return self.rows_of_text()


class Daemon:
    """A collectd in the foreground with this <Plugin procmon> block."""

    def __init__(
        self,
        block,
        interval=1,
        arguments=(),
        load="LoadPlugin procmon",
        writer=True,
        hostname="testhost",
    ):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="procmon-"))
        atexit.register(shutil.rmtree, self.folder, True)
        self.log_path = self.folder / "collectd.log"
        if BACKEND:
            start = "<Plugin procmon>"
            block = block.replace(start, f'{start}\nBackend "{BACKEND}"', 1)
        self.config = self.folder / "collectd.conf"
        csv = f"""
LoadPlugin csv
<Plugin csv>
  DataDir "{self.folder}/csv"
</Plugin>
"""
        self.config.write_text(
            f"""
Hostname "{hostname}"
FQDNLookup false
BaseDir "{self.folder}"
PIDFile "{self.folder}/collectd.pid"
Interval {interval}
LoadPlugin logfile
<Plugin logfile>
  File "{self.log_path}"
  LogLevel info
  Timestamp false
  PrintSeverity true
</Plugin>
PluginDir "{BUILDDIR}/.libs"
{load}
PluginDir "{plugin_dir()}"
{csv if writer else ""}
{block}
"""
        )
        self.arguments = [COLLECTD, "-f", "-C", str(self.config), *arguments]
        self.environment = {}
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.stop()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_lines(self, severity):
        """What the plugin logged at this severity, without the prefix."""
        prefix = f"[{severity}] procmon: "
        return [
            line[len(prefix) :]
            for line in self.log().splitlines()
            if line.startswith(prefix)
        ]

    def all_environment(self):
        all_ = {**os.environ, **self.environment}
        if ASAN:
            preload = self.environment.get("LD_PRELOAD")
            all_["LD_PRELOAD"] = f"{ASAN}:{preload}" if preload else ASAN
            all_["ASAN_OPTIONS"] = f"log_path={self.folder}/asan"
            all_["LSAN_OPTIONS"] = "exitcode=0"
        return all_

    def check_sanitizer(self):
        """Fails for any error, and for a leak of ours: collectd has its own."""
        for path in self.folder.glob("asan.*"):
            text = path.read_text(errors="replace")
            path.unlink()
            for report in re.split(r"\n\n+", text):
                is_leak = re.search(r"(Direct|Indirect) leak of", report)
                is_ours = re.search(r"procmon|/(plugin|backends|compat)/\w+\.c", report)
                ours = is_ours if is_leak else "ERROR: Addr" in report
                assert not ours and "runtime error" not in report, text

    def start(self):
        self.process = Process(
            self.arguments, stderr=subprocess.PIPE, env=self.all_environment()
        )
        wait_for(
            lambda: "entering read-loop" in self.log()
            or self.process.popen.poll() is not None,
            "collectd starts",
        )
        assert self.process.popen.poll() is None, self.log()

    def stop(self):
        """Ends collectd as systemd does, and gives its exit status."""
        if self.process is None:
            return None
        process = self.process
        self.process = None
        if process.popen.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        try:
            status = process.popen.wait(30)
        finally:
            process.kill()
            process.popen.stderr.close()
        self.check_sanitizer()
        return status

    def run(self):
        """Runs collectd until it ends by itself; gives its exit status."""
        result = subprocess.run(
            self.arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            env=self.all_environment(),
        )
        self.stderr = result.stderr.decode()
        self.check_sanitizer()
        return result.returncode

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def csv(self, name, metric):
        """The values of one metric as csv wrote them: (time, value…)."""
        values = []
        pattern = f"{self.folder}/csv/testhost/procmon-{name}/{metric}-20??-??-??"
        for path in sorted(glob.glob(pattern)):
            for line in pathlib.Path(path).read_text().splitlines()[1:]:
                values.append(tuple(float(word) for word in line.split(",")))
        return values

    def csv_metrics(self, name):
        """The names of all metrics that csv got."""
        pattern = f"{self.folder}/csv/testhost/procmon-{name}/*"
        return sorted({os.path.basename(p)[:-11] for p in glob.glob(pattern)})


class TestCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="procmon-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def daemon(self, block, **options):
        """A started daemon that ends with the test."""
        daemon = Daemon(block, **options)
        self.addCleanup(daemon.stop)
        daemon.start()
        return daemon

    def burner(self, *arguments):
        burner = Burner(self.folder, *arguments)
        self.addCleanup(burner.kill)
        return burner

    def sleeper(self, command="sleep"):
        sleeper = Sleeper(command)
        self.addCleanup(sleeper.kill)
        return sleeper


class FreezingFolder:
    """A file system of its own, which hangs while it is frozen."""

    def __init__(self, test, path):
        self.test, self.path, self.frozen = test, path, False
        image = path.with_name("image")
        with open(image, "wb") as f:
            f.truncate(16 << 20)
        self.run("mkfs.ext4", "-q", image)
        self.run("mount", "-o", "loop", image, path)
        test.addCleanup(self.run, "umount", "--lazy", path)

    def run(self, *command):
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def freeze(self):
        # Before any daemon is stopped that was started until now.
        self.test.addCleanup(self.thaw)
        self.run("fsfreeze", "--freeze", self.path)
        self.frozen = True

    def thaw(self):
        if self.frozen:
            self.run("fsfreeze", "--unfreeze", self.path)
        self.frozen = False


def main():
    """Runs the suite of the script; says why when it cannot run."""
    if not COLLECTD:
        print("SKIP: no collectd program (package collectd-core)")
        sys.exit(77)
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    # Of a test with subtests each can be in there.
    failed = [test for test, _ in result.failures + result.errors]
    bad = len({getattr(test, "test_case", test).id() for test in failed})
    passed = result.testsRun - bad - len(result.skipped)
    print(f"{passed} passed, {bad} failed, {len(result.skipped)} skipped")
    sys.exit(1 if bad else 0)
