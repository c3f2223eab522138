"""What it costs to watch 100 processes at 1 s: ours beside the programs that are
used for it, all at the same time, each of them whole."""

import atexit
import contextlib
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import time

import host
import peer_programs
from host import harness

WATCHED = 100
# Whole ones, so that no round has more readings than another.
SECONDS = max(1, -(-int(os.environ.get("BENCH_SECONDS") or 30) // host.ROUNDS))
SETTLE = 3
# Of this run alone: most of them choose by the name.
NAME = f"peer{os.getpid()}_"
WHAT = "rows of 100 monitors, collectd included"


def monitors(watched, options):
    blocks = "".join(
        f'<Process "{name}">\nPid {pid}\n{options}</Process>\n'
        for name, pid in watched.items()
    )
    return f"<Plugin procmon>\n{blocks}</Plugin>\n"


def one_monitor(options):
    return f"""<Plugin procmon>
<Process "peers">
CommandLine "bench/crowd {NAME} "
Report "each"
MaxProcesses {2 * WATCHED}
{options}</Process>
</Plugin>
"""


class Rows(host.Daemon):
    """A collectd that writes the logs of all."""

    OPTIONS = 'Dispatch false\nFile "{folder}/rows/%p.tsv"\n'

    def __init__(self, name, watched, block):
        super().__init__("")
        self.name, self.watched = name, watched
        options = self.OPTIONS.format(folder=self.folder)
        self.config.write_text(self.config.read_text() + block(options))

    def finish(self):
        self.stop()

    def told(self):
        logs = {pid: self.folder / f"rows/{pid}.tsv" for pid in self.watched.values()}
        return {
            pid: [int(row[2]) for row in harness.Log(log).rows_of_text()]
            for pid, log in logs.items()
        }


class Values(Rows):
    """One that hands values to collectd, which is asked at the end for the
    last of them."""

    OPTIONS = ""
    ASKING = """LoadPlugin unixsock
<Plugin unixsock>
SocketFile "{folder}/unixsock"
</Plugin>
"""

    def __init__(self, name, watched, block):
        super().__init__(name, watched, block)
        asking = self.ASKING.format(folder=self.folder)
        self.config.write_text(self.config.read_text() + asking)
        self.last = {}

    def finish(self):
        self.last = {pid: [self.ask(name)] for name, pid in self.watched.items()}
        self.stop()

    def ask(self, name):
        with socket.socket(socket.AF_UNIX) as s, s.makefile("rw") as stream:
            s.connect(str(self.folder / "unixsock"))
            stream.write(f'GETVAL "testhost/procmon-{name}/ps_rss"\n')
            stream.flush()
            if stream.readline() != "1 Value found\n":
                return 0
            return float(stream.readline().partition("=")[2])

    def told(self):
        return self.last


def ours(watched):
    """First the one that the others are compared with."""

    def many(options):
        return monitors(watched, options)

    of_one = "rows of one monitor of 100, collectd included"
    return [
        Rows(WHAT, watched, many),
        Values("values of 100 monitors, collectd included", watched, many),
        Rows(of_one, watched, one_monitor),
    ]


def others(watched):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="procmon-"))
    atexit.register(shutil.rmtree, folder, True)
    found = []
    for peer in peer_programs.ALL:
        if peer.program():
            found.append(peer(watched, folder))
        else:
            print(
                f"bench: peers: no {peer.name} (package {peer.package}): left out",
                file=sys.stderr,
            )
    return found


def used(peers):
    return {peer: peer.cpu_seconds() for peer in peers}


def measure(peers):
    """Milliseconds a second of each, of each round."""
    costs = []
    time.sleep(SETTLE)
    before, at = used(peers), time.monotonic()
    for round_ in range(host.ROUNDS):
        time.sleep(max(0, at + (round_ + 1) * SECONDS - time.monotonic()))
        now = used(peers)
        costs.append({p: 1000 * (now[p] - before[p]) / SECONDS for p in peers})
        before = now
    return costs


def check(peer, watched, readings):
    """Ends the program where a peer did not do what it was measured for."""
    told = peer.told()
    for name, pid in watched.items():
        n = sum(figure > 0 for figure in told.get(pid, ()))
        if n < readings:
            sys.exit(
                f"bench: peers: {peer.name}: {n} figures of the memory of {name} "
                f"(process {pid}), where {readings} were expected"
            )


def main():
    host.need_collectd()
    crowd = host.Crowd(NAME)
    watched = {f"{NAME}{i}": pid for i, pid in enumerate(crowd.resize(WATCHED))}
    first, *more = ours(watched)
    theirs = others(watched)
    peers = [first, *theirs, *more]
    with contextlib.ExitStack() as stack:
        for peer in peers:
            stack.callback(peer.stop)
            peer.start()
        costs = measure(peers)
        for peer in peers:
            peer.finish()
    for peer in peers:
        check(peer, watched, 1 if isinstance(peer, Values) else SECONDS * host.ROUNDS)
    for cost in costs:
        for peer in theirs:
            host.emit(WHAT, peer.name, "ms/s", "-", cost[first], cost[peer])
        for peer in more:
            host.emit(peer.name, "-", "ms/s", "-", cost[peer])
    crowd.kill()


main()
