"""A mistake in the configuration: one ERROR that says it all, and no start."""

import pathlib

import harness

PID_MAX = int(pathlib.Path("/proc/sys/kernel/pid_max").read_text())
INTERVAL = "seconds from 0.01 to 86400"
NAME = f"expected a name of 1 to 127 characters without `/`, or a pid from 1 to {PID_MAX}"
PID = f"expected the id of a process, from 1 to {PID_MAX}"
COLUMNS = "expected unix or windows alone, or each at most once of Time, CPU, "
METRICS = "expected each at most once of cpu, cputime, "
FILE = "expected the path of a file in quotes, with %p for the pid and %% for a percent sign"

# What stands in a block <Process "x"> with Command "nginx", and what is said.
OPTIONS = [
    ("Intervall 5", "Intervall: unknown option, expected one of Pid, PidFile, "),
    ('CommandLine "a(b"',
     'CommandLine: found "a(b", expected a POSIX extended regular expression: '
     "Unmatched ( or "),
    ("CommandLine 1", "CommandLine: found 1, expected a POSIX extended regular "),
    ("User -1", "User: found -1, expected the name of a user in quotes, or a number"),
    ('Unit "a/b"', 'Unit: found "a/b", expected the name of a systemd unit in quotes'),
    ('Cgroup "../b"', 'Cgroup: found "../b", expected the path of a cgroup in quotes'),
    ('Unit "x"\nCgroup "x"', "Cgroup: found together with Unit, expected one of them"),
    ("Children 1", "Children: found 1, expected true or false without quotes"),
    ('Report "all"', 'Report: found "all", expected sum or each'),
    ('Report "each"\nFile "/tmp/x"',
     'File: found "/tmp/x" with Report "each", expected a path with %p in it'),
    ("MaxProcesses 5", "MaxProcesses: found in a block that reports a sum, expected it "),
    ("MaxProcesses 0", "MaxProcesses: found 0, expected a whole number from 1 to "),
    ('Notify "no"', 'Notify: found "no", expected true or false without quotes'),
    ('Interval "5"', f'Interval: found "5", expected {INTERVAL}'),
    ("Interval five", f'Interval: found "five", expected {INTERVAL}'),
    ("Interval true", f"Interval: found true, expected {INTERVAL}"),
    ("Interval -1", f"Interval: found -1, expected {INTERVAL}"),
    ("Interval 0", f"Interval: found 0, expected {INTERVAL}"),
    ("Interval 0.001", f"Interval: found 0.001, expected {INTERVAL}"),
    ("Interval 1000000", f"Interval: found 1000000, expected {INTERVAL}"),
    ("Interval nan", f'Interval: found "nan", expected {INTERVAL}'),
    ("Interval 1 2", f"Interval: found 1 2, expected {INTERVAL}"),
    ("Interval 1\nInterval 2", "Interval: found twice, expected once"),
    ("Pid 0", f"Pid: found 0, {PID}"),
    ("Pid -7", f"Pid: found -7, {PID}"),
    (f"Pid {PID_MAX + 1}", f"Pid: found {PID_MAX + 1}, {PID}"),
    ("Pid 1.5", f"Pid: found 1.5, {PID}"),
    ("Pid nginx", f'Pid: found "nginx", {PID}'),
    ('Pid 1\nPidFile "/run/x"', "PidFile: found together with Pid, expected one of them"),
    ("PidFile 1", "PidFile: found 1, expected a path in quotes"),
    ('PidFile ""', 'PidFile: found "", expected a path in quotes'),
    ('Command "/usr/sbin/nginx"',
     'Command: found "/usr/sbin/nginx", expected the name of a command in quotes, '
     "without its path"),
    ("NumProcessors 0",
     "NumProcessors: found 0, expected a whole number from 1 to 65536, or online"),
    ("NumProcessors 1.5",
     "NumProcessors: found 1.5, expected a whole number from 1 to 65536, or online"),
    ("File 5", f"File: found 5, {FILE}"),
    ('File "/tmp/"', f'File: found "/tmp/", {FILE}'),
    ('File "/tmp/%q"', f'File: found "/tmp/%q", {FILE}'),
    ("Columns Time Colour", f'Columns: found "Colour", {COLUMNS}'),
    ("Columns unix Pid", f'Columns: found "unix", {COLUMNS}'),
    ('Append "false"',
     'Append: found "false", expected true or false without quotes'),
    ("Columns CPU Time CPU", f'Columns: found "CPU" twice, {COLUMNS}'),
    ("Header fancy", 'Header: found "fancy", expected names, ruled, hash or none'),
    ('TimeFormat "%Q"', 'TimeFormat: found "%Q" with a conversion that strftime does '
     "not know, or that breaks a row, expected a format of strftime(3), with %3N for "
     "milliseconds"),
    ('TimeFormat ""', 'TimeFormat: found "" with nothing to print, '),
    ("TimeFormat 5", "TimeFormat: found 5, expected a format of strftime(3) in quotes"),
    ("TimeZone CET", 'TimeZone: found "CET", expected local or utc'),
    ("Layout rrd", 'Layout: found "rrd", expected standard or compact'),
    ("Sync 1", "Sync: found 1, expected true or false without quotes"),
    ("Append 1", "Append: found 1, expected true or false without quotes"),
    ("Dispatch maybe", 'Dispatch: found "maybe", expected true or false'),
    ("Dispatch false", "Dispatch: found false without a File, expected either: the "
     "block reports nothing"),
    ("Metrics colour", f'Metrics: found "colour", {METRICS}'),
    ("Metrics cpu cpu", f'Metrics: found "cpu" twice, {METRICS}'),
    ("<Interval>\nFoo 1\n</Interval>",
     f"Interval: found a block, expected {INTERVAL}"),
]  # fmt: skip

# What stands in <Plugin procmon>, and what is said.
BLOCKS = [
    ('<Process "x">\n</Process>', '<Process "x">: found no selector, expected Pid, '),
    ('<Process "4242">\n</Process>', '<Process "4242">: found no selector, '),
    ('<Process "">\nPid 1\n</Process>', f'<Process "">: found "", {NAME}'),
    ('<Process "a/b">\nPid 1\n</Process>', f'<Process "a/b">: found "a/b", {NAME}'),
    ("<Process 0>\n</Process>", f"<Process 0>: found 0, {NAME}"),
    ("<Process -4>\n</Process>", f"<Process -4>: found -4, {NAME}"),
    (f"<Process {PID_MAX + 1}>\n</Process>",
     f"<Process {PID_MAX + 1}>: found {PID_MAX + 1}, {NAME}"),
    (f'<Process "{"n" * 128}">\nPid 1\n</Process>', f'<Process "{"n" * 128}">: found '),
    ("<Process>\nPid 1\n</Process>", f"<Process no value>: found no value, {NAME}"),
    ('<Process "x">\nPid 1\n</Process>\n<Process "x">\nPid 2\n</Process>',
     '<Process "x">: found a second block of this name, expected each name once'),
    ('File "/tmp/x"\n<Process 1>\n</Process>\n<Process 2>\n</Process>',
     '<Process 2>: File: found "/tmp/x", which <Process "1"> writes too, expected a '
     "file of its own"),
    ("Intervall 5\n<Process 1>\n</Process>",
     "<Plugin procmon>: Intervall: unknown option, expected one of Backend, "),
    ("Interval 0\n<Process 1>\n</Process>",
     f"<Plugin procmon>: Interval: found 0, expected {INTERVAL}"),
    ("Pid 1\n<Process 1>\n</Process>",
     "<Plugin procmon>: Pid: found outside of a block, expected inside of <Process>"),
    ('ControlSocket "run/socket"\n<Process 1>\n</Process>',
     '<Plugin procmon>: ControlSocket: found "run/socket", expected an absolute path '
     "in quotes, of 107 characters at most"),
    ('ControlSocket "/run/x"\nSocketPerms 660\n<Process 1>\n</Process>',
     "<Plugin procmon>: SocketPerms: found 660, expected permissions in octal in "
     'quotes, as "0660"'),
    ('SocketGroup "adm"\n<Process 1>\n</Process>',
     "<Plugin procmon>: SocketGroup, SocketPerms or DeleteSocket: found without a "
     "ControlSocket, expected one"),
    ('Backend "windows"\n<Process 1>\n</Process>',
     '<Plugin procmon>: Backend: found "windows", but this build has no such backend; '
     "expected auto, linux or ps"),
    ('Backend "magic"\n<Process 1>\n</Process>',
     '<Plugin procmon>: Backend: found "magic", expected auto, linux or ps'),
    ('PsCommand "ps"\n<Process 1>\n</Process>',
     '<Plugin procmon>: PsCommand: found "ps", expected the absolute path of a '
     "program that is there"),
    ('CgroupRoot "/nowhere"\n<Process 1>\n</Process>',
     '<Plugin procmon>: CgroupRoot: found "/nowhere", expected the absolute path of a '
     "folder that is there"),
    ('ProcRoot "/nowhere"\n<Process 1>\n</Process>',
     '<Plugin procmon>: ProcRoot: found "/nowhere", expected the absolute path of a '
     "folder that is there"),
]  # fmt: skip


class Mistakes(harness.TestCase):
    def refused(self, block):
        """The lines that the plugin says of a configuration that it refuses."""
        daemon = harness.Daemon(f"<Plugin procmon>\n{block}\n</Plugin>")
        self.assertEqual(daemon.run(), 1, daemon.log())
        self.assertNotIn("entering read-loop", daemon.log())
        return daemon.log_lines("error")

    def test_options(self):
        for option, message in OPTIONS:
            with self.subTest(option=option):
                selector = "" if option.startswith(("Pid", "Command")) else 'Command "nginx"\n'
                lines = self.refused(f'<Process "x">\n{selector}{option}\n</Process>')
                self.assertEqual(len(lines), 1, lines)
                self.assertTrue(
                    lines[0].startswith(f'<Process "x">: {message}'), lines[0]
                )

    def test_blocks(self):
        for block, message in BLOCKS:
            with self.subTest(block=block):
                lines = self.refused(block)
                self.assertEqual(len(lines), 1, lines)
                self.assertTrue(lines[0].startswith(message), lines[0])

    def test_each_mistake_is_a_line(self):
        lines = self.refused(
            '<Process "x">\nPid 0\nInterval 0\n</Process>\n<Process "y">\n</Process>'
        )
        self.assertEqual(len(lines), 3, lines)

    def test_a_value_that_is_missing_is_collectds_own_error(self):
        daemon = harness.Daemon(
            '<Plugin procmon>\n<Process "x">\nPid\n</Process>\n</Plugin>'
        )
        self.assertEqual(daemon.run(), 1)
        self.assertIn("Parse error in file", daemon.stderr)
        self.assertIn(str(daemon.config), daemon.stderr)


class Warnings(harness.TestCase):
    def test_a_plugin_without_a_block_says_so(self):
        daemon = self.daemon("")
        self.assertEqual(
            daemon.log_lines("warning"),
            ["no <Process> block in <Plugin procmon>: nothing is monitored"],
        )
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    harness.main()
