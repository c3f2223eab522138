"""How far CPU % is from what the process knows of itself, at each interval and
for several duty cycles, beside what ticks, pidstat and ps say."""

import bisect
import collections
import os
import pathlib
import shutil
import subprocess
import threading
import time

import host
from host import harness

DUTY = harness.BUILDDIR / "bench" / "duty"
INTERVALS = (0.05, 0.1, 1)
# Percent of a processor, and threads.
DUTIES = ((1, 1), (10, 1), (37, 1), (90, 1), (100, 2))
# Idle at first, as most processes are: what ps says is of the whole life.
IDLE = 2
BUSY = float(os.environ.get("BENCH_SECONDS") or 12)
TICK = 1 / os.sysconf("SC_CLK_TCK")


class Truth:
    """The CPU seconds that all threads had used at an instant."""

    def __init__(self, text):
        threads = collections.defaultdict(list)
        for line in text.splitlines():
            thread, wall, cpu = line.split()
            threads[thread].append((int(wall) / 1e9, int(cpu) / 1e9))
        self.threads = list(threads.values())
        self.start = max(points[0][0] for points in self.threads) + IDLE
        self.end = min(points[-1][0] for points in self.threads)

    @staticmethod
    def of_thread(points, instant):
        i = bisect.bisect(points, (instant,))
        if i == 0:
            return points[0][1]
        if i == len(points):
            return points[-1][1]
        (t0, c0), (t1, c1) = points[i - 1], points[i]
        return c0 + (c1 - c0) * (instant - t0) / (t1 - t0)

    def percent(self, start, end):
        used = sum(self.of_thread(p, end) - self.of_thread(p, start) for p in self.threads)
        return 100 * used / (end - start)

    def errors(self, readings):
        """Of (instant, percent), each of the time since the one before."""
        pairs = zip(readings, readings[1:])
        return [
            abs(percent - self.percent(t0, t1))
            for (t0, _), (t1, percent) in pairs
            if self.start <= t0 and t1 <= self.end
        ]


class Sampler(threading.Thread):
    """Takes readings in a thread of its own, as long as the process runs."""

    def __init__(self, take):
        # Nothing waits for it when the measuring is interrupted.
        super().__init__(daemon=True)
        self.take = take
        self.readings = []
        self.start()

    def run(self):
        try:
            self.take(self.readings)
        except (OSError, subprocess.SubprocessError, ValueError):
            pass  # the process has ended


def every(interval):
    due = time.monotonic()
    while True:
        yield
        due += interval
        time.sleep(max(0, due - time.monotonic()))


def take_ticks(pid, interval):
    def take(readings):
        before = None
        for _ in every(interval):
            stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
            now = time.time()
            ticks = sum(int(word) for word in stat.rpartition(")")[2].split()[11:13])
            if before:
                used = (ticks - before[1]) * TICK
                readings.append((now, 100 * used / (now - before[0])))
            before = (now, ticks)

    return take


def take_ps(pid):
    def take(readings):
        for _ in every(1):
            command = ["ps", "-o", "pcpu=", "-p", str(pid)]
            text = subprocess.run(command, capture_output=True, check=True).stdout
            readings.append((time.time(), float(text)))

    return take


def take_pidstat(pid):
    def take(readings):
        command = ["stdbuf", "-oL", "pidstat", "-u", "-p", str(pid), "1"]
        process = harness.Process(
            command,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "LC_ALL": "C", "S_TIME_FORMAT": "ISO"},
        )
        for line in process.popen.stdout:
            words = line.split()
            if str(pid) in words:
                readings.append((time.time(), float(words[-3])))
            if not pathlib.Path(f"/proc/{pid}").exists():
                break
        process.kill()
        process.popen.stdout.close()

    return take


def block(pid, folder):
    monitors = "".join(
        f"""<Process "at{interval}">
  Pid {pid}
  Interval {interval}
  File "{folder}/{interval}.tsv"
  Columns Time CPU
  TimeFormat "%s.%9N"
  Dispatch false
</Process>
"""
        for interval in INTERVALS
    )
    return f"<Plugin procmon>\n{monitors}</Plugin>\n"


def read_log(path):
    rows = harness.Log(path).rows()
    return [(row["Time"], row["CPU"]) for row in rows]


def others(pid):
    samplers = {
        (interval, "10 ms ticks"): Sampler(take_ticks(pid, interval))
        for interval in INTERVALS
    }
    samplers[1, "ps"] = Sampler(take_ps(pid))
    if shutil.which("pidstat"):
        samplers[1, "pidstat"] = Sampler(take_pidstat(pid))
    return samplers


def run(duty, threads):
    """The errors at each interval of ours and of each other way."""
    words = [str(word) for word in (DUTY, duty, threads, IDLE, BUSY)]
    process = harness.Process(words, stdout=subprocess.PIPE, text=True)
    daemon = host.Daemon("")
    daemon.config.write_text(
        daemon.config.read_text() + block(process.pid, daemon.folder)
    )
    with daemon:
        samplers = others(process.pid)
        truth = Truth(process.popen.stdout.read())
        process.popen.wait()
        process.popen.stdout.close()
        for sampler in samplers.values():
            sampler.join()
    errors = {key: truth.errors(s.readings) for key, s in samplers.items()}
    for interval in INTERVALS:
        rows = read_log(daemon.folder / f"{interval}.tsv")
        errors[interval, "ours"] = truth.errors(rows)
    return errors


def show(what, interval, errors, figure, budget):
    """A line of ours beside each other way."""
    ours = figure(errors[interval, "ours"])
    for (of_interval, other), of_other in errors.items():
        if of_interval == interval and other != "ours" and of_other:
            host.emit(what, other, "points", budget, ours, figure(of_other))
            budget = "-"


def main():
    host.need_collectd()
    all_ = collections.defaultdict(list)
    for duty, threads in DUTIES:
        errors = run(duty, threads)
        for key, values in errors.items():
            all_[key] += values
        name = f"{duty} %" if threads == 1 else f"{threads} × {duty} %"
        show(f"CPU % at 0.1 s of {name}: worst error", 0.1,
             {k: v for k, v in errors.items() if k[0] == 0.1}, max, "-")
    for interval in INTERVALS:
        budget = "1" if interval == 0.1 else "-"
        show(f"CPU % at {interval} s: worst error", interval, all_, max, budget)
        show(f"CPU % at {interval} s: mean error", interval, all_,
             lambda values: sum(values) / len(values), "-")


main()
