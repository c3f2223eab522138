"""What ten monitors cost as the host grows: of each a process by its pid, which
is not to depend on how many others there are."""

import time

import host

SIZES = [size for size in (100, 1000, 5000) if size <= host.MOST]
SECONDS = 1.5
# So short that ten monitors cost enough to be measured.
INTERVAL = 0.02


def block(pids):
    monitors = "".join(
        f'<Process "m{i}">\nPid {pid}\nInterval {INTERVAL}\n</Process>\n'
        for i, pid in enumerate(pids)
    )
    return f"<Plugin procmon>\n{monitors}</Plugin>"


def milliseconds_a_second(daemon):
    cpu, at = daemon.cpu_seconds(), time.monotonic()
    time.sleep(SECONDS)
    return 1000 * (daemon.cpu_seconds() - cpu) / (time.monotonic() - at)


def main():
    host.need_collectd()
    watched = host.Crowd("watched")
    others = host.Crowd("other")
    with host.Daemon(block(watched.resize(10))) as daemon:
        time.sleep(1)
        for _ in range(host.ROUNDS):
            costs = {}
            for size in SIZES:
                others.resize(size)
                time.sleep(0.2)
                costs[size] = milliseconds_a_second(daemon)
            for size in SIZES[1:]:
                host.emit(
                    f"10 monitors at {INTERVAL} s, {size:,} other processes",
                    f"{SIZES[0]} others",
                    "ms/s",
                    "1.1x",
                    costs[size],
                    costs[SIZES[0]],
                )
            others.resize(0)


main()
