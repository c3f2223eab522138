"""What the drivers share: collectd without a writer, crowds, and lines for the
table."""

import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/integration"))
import harness  # noqa: E402

# Then what is registered with atexit ends the processes.
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: sys.exit(128 + number))

CROWD = harness.BUILDDIR / "bench" / "crowd"
ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 9)
MOST = int(os.environ.get("BENCH_MOST") or 5000)


def emit(what, other, unit, budget, ours, theirs="-"):
    """A line for table.py, which says what is in it."""
    print(what, other, unit, budget, ours, theirs, sep="\t", flush=True)


def cpu_seconds(pid):
    """What a process has used, by its CPU clock: no ticks."""
    return time.clock_gettime(~pid << 3 | 2)


def resident_bytes(pid):
    pages = pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class Crowd(harness.Process):
    """Processes that do nothing, called `name` with a number behind it."""

    def __init__(self, name="crowd", threads=1):
        super().__init__(
            [str(CROWD), name, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def resize(self, n):
        """Gives the pids."""
        self.popen.stdin.write(f"{n}\n")
        self.popen.stdin.flush()
        return [int(word) for word in self.popen.stdout.readline().split()]


# Without it collectd looks for a writer and logs each value that finds none.
NO_WRITER = """
PostCacheChain "end"
<Chain "end">
  Target "stop"
</Chain>
"""


class Daemon(harness.Daemon):
    """A collectd whose values end behind its cache."""

    def __init__(self, block, **options):
        super().__init__(NO_WRITER + block, writer=False, **options)

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def resident_bytes(self):
        return resident_bytes(self.process.pid)


def need_collectd():
    if not harness.COLLECTD:
        sys.exit("bench: no collectd program (package collectd-core)")
