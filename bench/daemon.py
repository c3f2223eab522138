"""What the whole daemon costs: collectds side by side at the same time, each
with the same processes to watch at 1 s among many others, without a writer."""

import contextlib
import os
import time

import host

WATCHED = 500
OTHERS = 1500
SECONDS = float(os.environ.get("BENCH_SECONDS") or 30) / host.ROUNDS


def names():
    return [f"watched{i}" for i in range(WATCHED)]


def procmon(pids, options):
    monitors = "".join(
        f'<Process "{name}">\nPid {pid}\n{options.format(name=name)}</Process>\n'
        for name, pid in zip(names(), pids)
    )
    return f"<Plugin procmon>\n{monitors}</Plugin>\n"


def processes():
    lines = "".join(f'Process "{name}"\n' for name in names())
    return f"<Plugin processes>\n{lines}</Plugin>\n"


def daemons(pids):
    """Of each what it is called, and the daemon."""
    other = {"load": ""}
    made = {
        "values": host.Daemon(procmon(pids, "")),
        "compact": host.Daemon(procmon(pids, "Layout compact\n")),
        "rows": host.Daemon(""),
        "nothing": host.Daemon("", **other),
        "processes": host.Daemon("LoadPlugin processes\n" + processes(), **other),
    }
    rows = made["rows"]
    options = f'Dispatch false\nFile "{rows.folder}/rows/{{name}}.tsv"\n'
    rows.config.write_text(rows.config.read_text() + procmon(pids, options))
    return made


def used(made):
    return {name: daemon.cpu_seconds() for name, daemon in made.items()}


def show(before, now, seconds):
    cost = {name: 1000 * (now[name] - before[name]) / seconds for name in now}
    idle = cost.pop("nothing")
    theirs = cost["processes"] - idle
    for what, key, budget in (
        ("values of 500 monitors, the whole daemon", "values", "0.4x"),
        ("values of 500 monitors, compact", "compact", "-"),
        ("rows of 500 monitors, the whole daemon", "rows", "0.08x"),
    ):
        ours = cost[key] - idle
        host.emit(what, "plugin processes", "ms/s", budget, ours, theirs)
    compact, standard = cost["compact"] - idle, cost["values"] - idle
    host.emit(
        "values of 500 monitors, compact", "standard", "ms/s", "-", compact, standard
    )


def main():
    host.need_collectd()
    watched = host.Crowd("watched")
    others = host.Crowd("other")
    pids = watched.resize(WATCHED)
    others.resize(OTHERS)
    made = daemons(pids)
    with contextlib.ExitStack() as stack:
        for i, daemon in enumerate(made.values()):
            # Those that read at the same moment of each second hold each other up.
            time.sleep((i / len(made) - time.time()) % 1)
            stack.enter_context(daemon)
        time.sleep(3)
        before, at = used(made), time.monotonic()
        for round_ in range(host.ROUNDS):
            time.sleep(max(0, at + (round_ + 1) * SECONDS - time.monotonic()))
            now, seconds = used(made), SECONDS
            show(before, now, seconds)
            before = now
    others.kill()
    watched.kill()


main()
