"""A process and its descendants: no CPU is lost, and none is counted twice."""

import os
import pathlib
import signal
import subprocess
import sys
import textwrap

import harness

# Runs as the root of a tree. It is told when to begin and when to end by a line
# on its standard input, and says what its children used.
ROOT = textwrap.dedent(
    """
    import os, resource, sys, time

    def spend(seconds):
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass

    def child(seconds):
        pid = os.fork()
        if pid == 0:
            spend(seconds)
            os._exit(0)
        return pid

    def usage():
        u = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = resource.getrusage(resource.RUSAGE_SELF)
        return sum((u.ru_utime, u.ru_stime, own.ru_utime, own.ru_stime))

    print("ready", flush=True)
    sys.stdin.readline()
    before = usage()
    WORK
    print(usage() - before, flush=True)
    sys.stdin.readline()
    """
)

MANY = """
    for i in range(300):
        os.waitpid(child(0.005 + 0.015 * (i % 4) / 3), 0)
        time.sleep(0.005)
"""

# Zombies for a while, grandchildren that their parents reap, several at once.
NESTED = """
    for i in range(12):
        pids = []
        for j in range(4):
            pid = os.fork()
            if pid == 0:
                inner = [child(0.02), child(0.01)]
                spend(0.03)
                for p in inner:
                    os.waitpid(p, 0)
                spend(0.01)
                os._exit(0)
            pids.append(pid)
        time.sleep(0.05)
        for p in pids:
            os.waitpid(p, 0)
"""


class Tree(harness.TestCase):
    def start(self, work):
        self.root = harness.Process(
            [sys.executable, "-c", ROOT.replace("WORK", textwrap.dedent(work))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # A make that runs this test is none of the tree's business.
            env={k: v for k, v in os.environ.items() if not k.startswith("M")},
        )
        self.addCleanup(self.root.popen.stdout.close)
        self.addCleanup(self.root.popen.stdin.close)
        self.addCleanup(self.root.kill)
        self.assertEqual(self.root.popen.stdout.readline(), "ready\n")

    def say(self):
        self.root.popen.stdin.write("\n")
        self.root.popen.stdin.flush()

    def watch(self, options=""):
        self.log = harness.Log(self.folder / "log")
        return self.daemon(
            f"""<Plugin procmon>
              <Process "tree">
                Pid {self.root.pid}
                Children true
                Interval 0.25
                File "{self.log.path}"
                TimeFormat "%s.%3N"
                Columns Time CPU User System Processes Resident
                {options}
              </Process>
            </Plugin>"""
        )

    def cpu_seconds(self, column="CPU"):
        """What all rows but the first say, each over its interval."""
        rows = self.log.rows()
        pairs = zip(rows, rows[1:])
        return sum(
            now[column] / 100 * (now["Time"] - before["Time"]) for before, now in pairs
        )

    def run_work(self):
        self.log.wait_for_rows(2)
        self.say()
        used = float(self.root.popen.stdout.readline())
        self.log.wait_for_rows(len(self.log.rows()) + 3)
        # Of one that nobody saw all time counts when it is reaped, so that a row
        # may have more than the processors can give; the sum may not.
        for row in self.log.rows():
            self.assertGreaterEqual(row["CPU"], 0)
        return used

    def test_three_hundred_short_children_are_all_counted(self):
        self.start(MANY)
        self.watch()
        used = self.run_work()
        self.assertGreater(used, 300 * 0.012)
        self.assertAlmostEqual(self.cpu_seconds(), used, delta=used * 0.02)

    def test_nested_children_and_zombies_are_counted_once(self):
        self.start(NESTED)
        self.watch()
        used = self.run_work()
        self.assertGreater(used, 12 * 4 * 0.07)
        self.assertAlmostEqual(self.cpu_seconds(), used, delta=used * 0.02)
        times = self.cpu_seconds("User") + self.cpu_seconds("System")
        self.assertAlmostEqual(times, used, delta=used * 0.04)

    def test_make_with_four_jobs_is_counted_whole(self):
        targets = [f"t{i}" for i in range(40)]
        makefile = self.folder / "Makefile"
        burn = "i=0; while [ $$i -lt 12000 ]; do i=$$((i+1)); done"
        makefile.write_text(
            f"all: {' '.join(targets)}\n{' '.join(targets)}:\n"
            f"\t@{burn}; sh -c '{burn}'\n"
        )
        self.start(
            f"""
            import subprocess
            subprocess.run(["make", "-s", "-j4", "-f", "{makefile}"], check=True)
            """
        )
        self.watch()
        used = self.run_work()
        self.assertGreater(used, 0.3)
        self.assertAlmostEqual(self.cpu_seconds(), used, delta=used * 0.02)

    def test_a_member_whose_parent_ends_stays_one(self):
        go, pid = self.folder / "go", self.folder / "pid"
        os.mkfifo(go)
        # A child of the root's starts one of its own, and ends when it is told.
        inner = f"while :; do :; done & echo $! > {pid}; read x < {go}"
        self.root = harness.Process(
            ["sh", "-c", f"setsid sh -c '{inner}'; cat"],
            stdin=subprocess.PIPE,
        )
        self.addCleanup(self.root.popen.stdin.close)
        self.addCleanup(self.root.kill)
        self.watch()
        self.wait_for_processes(3)
        orphan = int(pid.read_text())
        go.write_text("x\n")
        stat = pathlib.Path(f"/proc/{orphan}/stat")
        try:
            harness.wait_for(lambda: int(stat.read_text().split()[3]) == 1, "an orphan")
            # `cat` is there in place of the child that has ended.
            self.wait_for_processes(3)
            rows = self.log.wait_for_rows(len(self.log.rows()) + 4)
            self.assertEqual({row["Processes"] for row in rows[-4:]}, {3})
            for row in rows[-3:]:
                self.assertGreater(row["CPU"], 20)
        finally:
            os.kill(orphan, signal.SIGKILL)

    def wait_for_processes(self, n):
        """Waits for a new row of so many processes."""
        before = len(self.log.lines())
        harness.wait_for(
            lambda: len(self.log.lines()) > max(before, 1)
            and self.log.rows()[-1]["Processes"] == n,
            self.log.text,
        )


if __name__ == "__main__":
    harness.main()
