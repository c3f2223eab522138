"""The programs that the part `peers` measures beside ours: each started as its
users start it, and asked afterwards what it told of each process."""

import collections
import http.client
import os
import re
import socket
import subprocess

from host import harness
from peer import Loop, Peer, environment, find

# The modules of Debian's packages are for this one.
PYTHON = "/usr/bin/python3"


class Pidstat(Peer):
    name, package = "pidstat", "sysstat"
    pid, memory = 2, 12

    @staticmethod
    def program():
        return find("pidstat")

    def start(self):
        pids = ",".join(self.pids())
        command = [self.program(), "-h", "-u", "-r", "-p", pids, "1"]
        self.run(command, S_TIME_FORMAT="ISO")


class Psutil(Peer):
    name, package = "psutil in a loop", "python3-psutil"
    pid, memory = 0, 2

    @staticmethod
    def program():
        command = [PYTHON, "-c", "import psutil"]
        if not os.access(PYTHON, os.X_OK):
            return None
        known = subprocess.run(command, env=environment(), stderr=subprocess.DEVNULL)
        return PYTHON if known.returncode == 0 else None

    def start(self):
        loop = harness.SRCDIR / "bench" / "psutil_loop.py"
        self.run([self.program(), loop, *self.pids()])


class Ps(Peer):
    """Each `ps` by itself, whose use the kernel tells to the microsecond when it
    has ended; the loop around it is not counted."""

    name, package = "ps in a loop", "procps"
    pid, memory = 0, 2

    def __init__(self, watched, folder):
        super().__init__(watched, folder)
        self.used = 0
        self.loop = Loop(self.run_once)

    @staticmethod
    def program():
        return find("ps")

    def start(self):
        self.loop.start()

    def run_once(self):
        pids = ",".join(self.pids())
        command = [self.program(), "-o", "pid=,pcpu=,rss=,vsz=", "-p", pids]
        with open(self.output, "a") as out:
            process = subprocess.Popen(command, stdout=out, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.WEXITSTATUS(status)
        self.used += usage.ru_utime + usage.ru_stime

    def cpu_seconds(self):
        return self.used

    def stop(self):
        self.loop.end()


class Atop(Peer):
    """It writes what it knows of all processes into a file of its own."""

    name, package = "atop -w", "atop"

    @staticmethod
    def program():
        return find("atop")

    def start(self):
        self.raw = self.output.with_suffix(".raw")
        # Empty: without the process accounting, which is the kernel's and not
        # only atop's.
        self.run([self.program(), "-w", self.raw, "1"], ATOPACCT="")

    def told(self):
        text = subprocess.run(
            [self.program(), "-r", str(self.raw), "-P", "PRM"],
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        told = collections.defaultdict(list)
        for line in text.splitlines():
            words = line.split()
            if words[0] == "PRM" and words[7].strip("()") in self.watched:
                told[int(words[6])].append(int(words[11]))
        return told


class Netdata(Peer):
    """Its plugin alone, as netdata runs it; each process is an application."""

    name, package = "netdata's apps.plugin", "netdata-core"

    @staticmethod
    def program():
        return find("apps.plugin", "usr/lib/netdata/plugins.d")

    def start(self):
        folder = self.output.parent
        groups = "".join(f"{name}: {name}\n" for name in self.watched)
        (folder / "apps_groups.conf").write_text(groups)
        self.run(
            [self.program(), "1"],
            # It ends when there is nobody to hear.
            stdin=subprocess.PIPE,
            NETDATA_USER_CONFIG_DIR=str(folder),
            NETDATA_STOCK_CONFIG_DIR=str(folder),
        )

    def stop(self):
        super().stop()
        if self.process:
            self.process.popen.stdin.close()

    def told(self):
        told = collections.defaultdict(list)
        chart = None
        for line in self.output.read_text().splitlines():
            words = line.split()
            if words[:1] == ["BEGIN"]:
                chart = words[1]
            elif chart == "apps.vmem" and len(words) > 3 and words[1] in self.watched:
                told[self.watched[words[1]]].append(int(words[3]))
        return told


class Exporter(Peer):
    """Scraped once a second, without the two things that it could leave out."""

    name, package = "process-exporter, scraped", "prometheus-process-exporter"
    memory_line = re.compile(
        r'^namedprocess_namegroup_memory_bytes\{groupname="(\w+)",'
        r'memtype="resident"\} (\S+)$',
        re.MULTILINE,
    )

    def __init__(self, watched, folder):
        super().__init__(watched, folder)
        self.heard = collections.defaultdict(list)
        self.loop = Loop(self.scrape)

    @staticmethod
    def program():
        return find("prometheus-process-exporter")

    def start(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.run(
            [
                self.program(),
                f"-web.listen-address=127.0.0.1:{self.port}",
                "-procnames=" + ",".join(self.watched),
                "-gather-smaps=false",
                "-threads=false",
            ]
        )
        harness.wait_for(self.listens, self.messages.read_text)
        self.loop.start()

    def listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def scrape(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        for name, value in self.memory_line.findall(text):
            self.heard[self.watched[name]].append(float(value))

    def stop(self):
        self.loop.end()
        super().stop()

    def told(self):
        return self.heard


ALL = (Pidstat, Exporter, Netdata, Atop, Psutil, Ps)
