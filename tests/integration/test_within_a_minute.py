"""What changes behind the back of a scan is seen within a minute: processes that
are no longer young and take another name or program, and a user who comes."""

import os
import shutil
import sys
import time

import harness

UID = 54321
# Waits until the test writes to the named pipe, and takes the other name.
RENAMES_ITSELF = """
import ctypes, sys, time
libc = ctypes.CDLL(None)
libc.prctl(15, sys.argv[2].encode())
open(sys.argv[1]).read()
libc.prctl(15, sys.argv[3].encode())
time.sleep(600)
"""


class WithinAMinute(harness.TestCase):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        self.word = f"pm{os.getpid()}"
        self.program = self.folder / self.word
        shutil.copy(harness.BURNER, self.program)
        self.passwd = self.folder / "passwd"
        shutil.copy("/etc/passwd", self.passwd)

    def start(self, arguments, **options):
        process = harness.Process(arguments, **options)
        self.addCleanup(process.kill)
        return process

    def waiting(self, arguments):
        """A process that waits for a word by the named pipe, and that pipe."""
        go = self.folder / f"go{len(os.listdir(self.folder))}"
        os.mkfifo(go)
        self.start([word.replace("GO", str(go)) for word in arguments])
        return go

    def start_daemon(self, blocks, *before):
        """What is `before` the arguments starts it."""
        text = "".join(f'<Process "{n}">\n{s}\n</Process>\n' for n, s in blocks.items())
        daemon = harness.Daemon(f"<Plugin procmon>\nInterval 0.5\n{text}</Plugin>")
        daemon.arguments = [*before, *daemon.arguments]
        self.addCleanup(daemon.stop)
        daemon.start()
        return daemon

    def start_with_passwd(self, blocks):
        """With the folder's passwd for the system's."""
        script = 'mount --bind "$0" /etc/passwd && exec "$@"'
        return self.start_daemon(
            blocks, "unshare", "--mount", "sh", "-c", script, str(self.passwd)
        )

    def count(self, daemon, name):
        values = daemon.csv(name, "ps_count")
        return int(values[-1][1]) if values else None

    def test_all_are_looked_at_again(self):
        renames = self.waiting(
            [sys.executable, "-c", RENAMES_ITSELF, "GO", f"{self.word}a", f"{self.word}b"]
        )
        execs = self.waiting(
            ["sh", "-c", f"read x < GO; exec {self.program} --duty 0"]
        )
        self.start(["sleep", "600"], user=UID, cwd="/")
        young_until = time.monotonic() + 11
        harness.wait_for(lambda: time.monotonic() > young_until, "no process is young")
        processes = self.start_daemon(
            {
                "former": f'Command "{self.word}a"',
                "renamed": f'Command "{self.word}b"',
                "exec": f'CommandLine "^{self.program} --duty"',
            }
        )
        # A daemon of its own: a user who comes makes it look at all again.
        users = self.start_with_passwd({"user": 'User "procmonlate"'})

        def counts():
            of_processes = [self.count(processes, n) for n in ("former", "renamed", "exec")]
            return [*of_processes, self.count(users, "user")]

        harness.wait_for(lambda: counts() == [1, 0, 0, 0], processes.log)
        renames.write_text("x\n")
        execs.write_text("x\n")
        with open(self.passwd, "a") as passwd:
            passwd.write(f"procmonlate:x:{UID}:{UID}::/:/bin/sh\n")
        # A minute, and the reading that comes next.
        harness.wait_for(lambda: counts() == [0, 1, 1, 1], counts, 62)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: only root starts processes of others, and mounts")
        sys.exit(77)
    harness.main()
