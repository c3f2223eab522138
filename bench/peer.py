"""What the programs that the part `peers` measures beside ours have in common:
where they are found, how they are started, and what they have used."""

import collections
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

import host
from host import harness

# What quickstart unpacked.
ROOT = harness.BUILDDIR / "packages"
TICK = 1 / os.sysconf("SC_CLK_TCK")


def find(name, *folders):
    """A program that was unpacked, or one that is installed."""
    places = [ROOT / folder for folder in ("usr/bin", *folders)]
    places += [pathlib.Path("/") / folder for folder in folders]
    return shutil.which(name, path=":".join([*map(str, places), os.environ["PATH"]]))


def environment(**more):
    """For what was unpacked: its libraries and modules lie there, too."""
    folders = [*ROOT.glob("lib/*"), *ROOT.glob("usr/lib/*")]
    libraries = [str(folder) for folder in folders if any(folder.glob("*.so.*"))]
    if "LD_LIBRARY_PATH" in os.environ:
        libraries.append(os.environ["LD_LIBRARY_PATH"])
    return {
        **os.environ,
        "LC_ALL": "C",
        "LD_LIBRARY_PATH": ":".join(libraries),
        "PYTHONPATH": str(ROOT / "usr/lib/python3/dist-packages"),
        **more,
    }


def reaped_seconds(pid):
    """What the children have used that a process has waited for."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return TICK * sum(int(word) for word in stat.rpartition(")")[2].split()[13:15])


class Loop:
    """Does something once a second, in a thread, until it is ended."""

    def __init__(self, do):
        self.do = do
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()

    def run(self):
        due = time.monotonic()
        while not self.ended.wait(max(0, due - time.monotonic())):
            self.do()
            due += 1

    def end(self):
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join(10)


class Peer:
    """A program that writes into a file of the folder.

    `watched` is the pid of each name. `told()` gives for each pid the figures of
    memory that the program told, one of each second.
    """

    def __init__(self, watched, folder):
        self.watched = watched
        self.output = folder / (type(self).__name__ + ".out")
        self.messages = folder / (type(self).__name__ + ".messages")
        self.process = None

    def run(self, command, stdin=subprocess.DEVNULL, **more):
        with open(self.output, "w") as out, open(self.messages, "w") as messages:
            self.process = harness.Process(
                [str(word) for word in command],
                stdin=stdin,
                stdout=out,
                stderr=messages,
                env=environment(**more),
            )

    def pids(self):
        return [str(pid) for pid in self.watched.values()]

    def cpu_seconds(self):
        pid = self.process.pid
        if self.process.popen.poll() is not None:
            messages = self.messages.read_text()
            sys.exit(f"bench: peers: {self.name} ended too early: {messages}")
        return host.cpu_seconds(pid) + reaped_seconds(pid)

    def stop(self):
        if self.process and self.process.popen.poll() is None:
            self.process.popen.terminate()
            try:
                self.process.popen.wait(10)
            finally:
                self.process.kill()

    def finish(self):
        self.stop()

    def told(self):
        """From lines of each process: the class says which words count."""
        told = collections.defaultdict(list)
        for line in self.output.read_text().split("\n")[:-1]:
            words = line.split()
            if len(words) > self.memory and words[self.pid].isdigit():
                told[int(words[self.pid])].append(int(words[self.memory]))
        return told
