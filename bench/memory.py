"""What a target costs in memory, and how many descriptors are held: collectd
with many targets, less the same collectd with one."""

import socket
import time

import host

SIZES = [size for size in (1000, 5000) if size <= host.MOST]
INTERVAL = 0.5
SECONDS = 1.5
# More would take long, and show the same.
ROUNDS = min(host.ROUNDS, 7)
EACH = 'Report "each"\nMaxProcesses 10000\n'
ROWS = EACH + 'Dispatch false\nFile "{folder}/rows/%p.tsv"\n'
# What the default metrics are to collectd.
TYPES = {
    "gauge-cpu_percent": "1",
    "ps_cputime": "1:1",
    "ps_rss": "1",
    "ps_vm": "1",
    "ps_data": "1",
    "ps_count": "1:1",
    "file_handles": "1",
}


def measure(options, crowd, n):
    """Resident bytes and descriptors of a collectd that watches `n`."""
    crowd.resize(n)
    daemon = host.Daemon("")
    # The crowd's own parent is one of them.
    block = f"""<Plugin procmon>
<Process "watched">
CommandLine "bench/crowd watched"
Interval {INTERVAL}
Notify false
{options.format(folder=daemon.folder)}</Process>
</Plugin>
"""
    daemon.config.write_text(daemon.config.read_text() + block)
    with daemon:
        time.sleep(SECONDS)
        assert f"watching {n + 1} processes" in daemon.log(), daemon.log()
        return daemon.resident_bytes(), daemon.descriptors()


def put_values(path, n):
    with socket.socket(socket.AF_UNIX) as s, s.makefile("rw") as stream:
        s.connect(str(path))
        for i in range(n):
            for type_, value in TYPES.items():
                name = f"testhost/procmon-watched-{i}/{type_}"
                stream.write(f'PUTVAL "{name}" interval={INTERVAL} N:{value}\n')
            stream.flush()
            for _ in TYPES:
                assert stream.readline().startswith("0 "), name


def descriptors_of_none():
    with host.Daemon("", load="") as daemon:
        time.sleep(0.5)
        return daemon.descriptors()


def measure_cache(n):
    """Resident bytes of a collectd that was given the values of `n` targets."""
    daemon = host.Daemon("", load="")
    path = daemon.folder / "unixsock"
    block = f'LoadPlugin unixsock\n<Plugin unixsock>\nSocketFile "{path}"\n</Plugin>\n'
    daemon.config.write_text(daemon.config.read_text() + block)
    with daemon:
        host.harness.wait_for(path.exists, "unixsock")
        put_values(path, n)
        time.sleep(0.5)
        return daemon.resident_bytes()


def a_target(all_, one, n):
    """KiB"""
    return (all_ - one) / (n - 1) / 1024


def measure_round(crowd, n):
    without = descriptors_of_none()
    for name, options in (("in a sum", ""), ("each with its row", ROWS)):
        one, _ = measure(options, crowd, 1)
        all_, fds = measure(options, crowd, n)
        what = f"memory of a target, {name}, of {n:,}"
        host.emit(what, "-", "KiB", "2", a_target(all_, one, n))
        what = f"descriptors, {name}, of {n:,}"
        host.emit(what, "-", "-", "256", fds - without)
    one, _ = measure(EACH, crowd, 1)
    all_, _ = measure(EACH, crowd, n)
    cache = a_target(measure_cache(n), measure_cache(1), n)
    what = f"memory of a target, each with its values, of {n:,}"
    host.emit(what, "collectd's cache", "KiB", "-", a_target(all_, one, n), cache)


def main():
    host.need_collectd()
    crowd = host.Crowd("watched")
    for n in SIZES:
        for _ in range(ROUNDS):
            measure_round(crowd, n)
    crowd.kill()


main()
