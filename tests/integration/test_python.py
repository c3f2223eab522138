"""contrib/python/procmon.py as a test suite uses it."""

import contextlib
import grp
import io
import os
import re
import socket
import subprocess
import sys
import threading
import time

import harness

PYTHON = harness.SRCDIR / "contrib" / "python"
sys.path.insert(0, str(PYTHON))

from procmon import ProcessMonitor, ProcmonError  # noqa: E402

ROW = r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d\t(\d+\.\d|-1)\t(\d+|-1)\t(\d+|-1)"


class Output(io.StringIO):
    """A standard output whose lines can be waited for, and that can be slow."""

    def __init__(self):
        super().__init__()
        self.open = threading.Event()
        self.open.set()
        self.is_waiting = False

    def write(self, text):
        self.is_waiting = not self.open.is_set()
        self.open.wait(30)
        return super().write(text)

    def lines(self):
        return self.getvalue().splitlines()

    def wait_for_rows(self, n):
        harness.wait_for(
            lambda: len(self.lines()) > n, lambda: f"{n} rows:\n{self.getvalue()}"
        )


def wait_for_lines(log, n):
    """For logs whose rows are not all numbers."""
    harness.wait_for(
        lambda: len(log.lines()) >= n, lambda: f"{n} lines:\n{log.text()}"
    )


def running_monitors(path):
    """The lines of LIST for those that are running."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(b"LIST\n")
        with client.makefile() as answers:
            count = int(answers.readline().split()[0])
            lines = [answers.readline() for _ in range(count)]
    return [line for line in lines if "running=true" in line]


class TestCase(harness.TestCase):
    """Has a collectd with a control socket, and a process to watch."""

    def setUp(self):
        super().setUp()
        self.socket = str(self.folder / "socket")
        self.log = harness.Log(self.folder / "log")
        self.collectd = self.daemon(self.block())

    def block(self):
        return f"""<Plugin procmon>
          ControlSocket "{self.socket}"
        </Plugin>"""

    def monitor(self, pid, interval=0.1, file=None, **options):
        """A monitor that is stopped with the test, if not by it."""
        if file is not None:
            options.setdefault("timeformat", "%s.%3N")  # rows() takes numbers
        monitor = ProcessMonitor(pid, interval, file, socket=self.socket, **options)
        self.addCleanup(self.end, monitor)
        return monitor

    def end(self, monitor):
        with contextlib.suppress(ProcmonError):
            monitor.stop()

    def need_root(self):
        if os.getuid() != 0:
            self.skipTest("only root can become a user without rights")

    def as_nobody(self, function):
        """What a function returns, or an error says, to a user without rights."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                said = function()
            except Exception as error:  # the parent looks at it
                said = error
            os.write(writer, str(said).encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writer)
        with open(reader) as result:
            return result.read()

    def assert_fails(self, pattern, monitor):
        with self.assertRaisesRegex(ProcmonError, pattern):
            monitor.start()
        self.assertFalse(monitor.running())
        self.assertEqual(monitor.stop(), {})


class Logs(TestCase):
    def test_it_runs_from_start_to_stop(self):
        monitor = self.monitor(self.sleeper().pid, file=self.log.path)
        self.assertIs(monitor.running(), False)
        monitor.start()
        self.assertIs(monitor.running(), True)
        self.log.wait_for_rows(2)
        self.assertIs(monitor.running(), True)
        monitor.stop()
        self.assertIs(monitor.running(), False)

    def test_the_log_is_complete_when_stop_returns(self):
        monitor = self.monitor(self.sleeper().pid, 0.2, str(self.log.path))
        monitor.start()
        started = time.time()
        self.log.wait_for_rows(3)
        # More than the tenth of the interval that makes a final row.
        harness.wait_for(
            lambda: time.time() > self.log.rows()[-1]["Time"] + 0.05, "time"
        )
        asked = time.time()
        figures = monitor.stop()
        text = self.log.text()
        times = [row["Time"] for row in self.log.rows()]
        self.assertAlmostEqual(times[0] - started, 0.2, delta=0.1)
        self.assertGreaterEqual(times[-1], asked - 0.002)
        self.assertAlmostEqual(len(times), (asked - started) / 0.2 + 0.5, delta=1)
        self.assertEqual(figures["rows"], len(times))
        self.assertAlmostEqual(figures["duration"], times[-1] - started, delta=0.1)
        # The second time there is nothing to ask for.
        self.collectd.stop()
        self.assertEqual(monitor.stop(), figures)
        self.assertEqual(self.log.text(), text)

    def test_the_figures_of_stop_are_those_of_the_log(self):
        burner = self.burner("--duty", "0.4", "--memory", "32")
        monitor = self.monitor(burner.pid, 0.1, self.log.path)
        monitor.start()
        self.log.wait_for_rows(5)
        figures = monitor.stop()
        rows = self.log.rows()
        cpu = [row["CPU"] for row in rows]
        resident = [row["Resident"] for row in rows]
        self.assertAlmostEqual(figures["cpu_max"], max(cpu), delta=0.06)
        self.assertLessEqual(min(cpu), figures["cpu_mean"] + 0.06)
        self.assertLessEqual(figures["cpu_mean"], figures["cpu_max"])
        self.assertGreater(figures["cpu_mean"], 5)
        self.assertEqual(figures["resident_max"] // 1024, max(resident))
        self.assertEqual(figures["resident_last"] // 1024, resident[-1])
        self.assertGreater(figures["resident_mean"], 32 * 1024 * 1024)

    def test_stop_before_start_does_nothing(self):
        monitor = self.monitor(self.sleeper().pid, file=self.log.path)
        self.assertEqual(monitor.stop(), {})
        self.assertFalse(self.log.path.exists())

    def test_start_twice_is_an_error_and_after_stop_it_continues_the_log(self):
        monitor = self.monitor(self.sleeper().pid, file=self.log.path)
        monitor.start()
        with self.assertRaisesRegex(ProcmonError, "started already"):
            monitor.start()
        self.log.wait_for_rows(1)
        monitor.stop()
        rows = len(self.log.rows())
        monitor.start()
        self.assertIs(monitor.running(), True)
        self.log.wait_for_rows(rows + 1)
        monitor.stop()
        self.assertEqual(self.log.text().count("Resident"), 1)

    def test_when_the_process_ends_it_does_not_run_and_the_log_is_complete(self):
        sleeper = self.sleeper()
        monitor = self.monitor(sleeper.pid, file=self.log.path)
        monitor.start()
        self.log.wait_for_rows(2)
        sleeper.kill()
        harness.wait_for(lambda: not monitor.running(), "not running")
        text = self.log.text()
        self.assertEqual(monitor.stop()["rows"], len(self.log.rows()))
        self.assertEqual(self.log.text(), text)

    def test_a_with_block_starts_and_stops(self):
        with self.monitor(self.sleeper().pid, file=self.log.path) as monitor:
            self.assertIs(monitor.running(), True)
            self.log.wait_for_rows(2)
        self.assertIs(monitor.running(), False)
        self.assertEqual(monitor.stop()["rows"], len(self.log.rows()))

    def test_an_exception_in_a_with_block_stops_too(self):
        monitor = self.monitor(self.sleeper().pid, file=self.log.path)
        with self.assertRaises(ZeroDivisionError):
            with monitor:
                self.log.wait_for_rows(1)
                raise ZeroDivisionError
        self.assertIs(monitor.running(), False)
        self.assertEqual(monitor.stop()["rows"], len(self.log.rows()))

    def test_columns_and_headers(self):
        pid = self.sleeper().pid
        columns = ["Pid", "Threads", "Uptime"]
        cases = (
            ("Pid Threads Uptime", "names", "Pid\tThreads\tUptime\n\\d"),
            (columns, "hash", "#Pid\tThreads\tUptime\n\\d"),
            (columns, "ruled", "Pid\tThreads\tUptime\n-+\n\\d"),
            ("windows", None, "Time\tCPU\tWorking\tVirtual\tPrivate\tThreads\tHandles"),
            (None, "none", ROW),
        )
        for number, (given, header, expected) in enumerate(cases):
            log = harness.Log(self.folder / f"log {number}")
            options = {"columns": given, "header": header, "timeformat": None}
            with self.monitor(pid, 0.05, log.path, **options):
                wait_for_lines(log, 3)
            self.assertRegex(log.text(), re.compile(r"\A" + expected))

    def test_children_are_in_it(self):
        tree = harness.Process(
            [sys.executable, "-c", "import subprocess; subprocess.run('cat')"],
            stdin=subprocess.PIPE,
        )
        # cat ends with its input.
        self.addCleanup(tree.popen.wait)
        self.addCleanup(tree.popen.stdin.close)
        options = {"children": True, "columns": ["Processes"]}
        with self.monitor(tree.pid, 0.05, self.log.path, **options):
            harness.wait_for(
                lambda: ["2"] in self.log.lines(), lambda: f"two: {self.log.text()}"
            )

    def test_num_processors_divides_the_cpu(self):
        burner = self.burner("--duty", "0.8")
        whole = self.monitor(burner.pid, 0.2, self.log.path)
        quarter = self.monitor(
            burner.pid, 0.2, self.folder / "quarter", numProcessors=4
        )
        whole.start()
        quarter.start()
        self.log.wait_for_rows(5)
        whole, quarter = whole.stop(), quarter.stop()
        self.assertGreater(whole["cpu_mean"], 20)
        self.assertAlmostEqual(
            4 * quarter["cpu_mean"], whole["cpu_mean"], delta=whole["cpu_mean"] * 0.1
        )

    def test_append_false_empties_the_log(self):
        self.log.path.write_text("old\n")
        pid = self.sleeper().pid
        with self.monitor(pid, file=self.log.path):
            self.log.wait_for_rows(1)
        # A log that is not empty is continued without a header.
        self.assertEqual(self.log.text().count("Resident"), 0)
        self.assertEqual(self.log.lines()[0], ["old"])
        with self.monitor(pid, file=self.log.path, append=False):
            self.log.wait_for_rows(1)
        self.assertEqual(self.log.header(), ["Time", "CPU", "Resident", "Virtual"])

    def test_a_log_has_the_rights_of_the_client(self):
        self.addCleanup(os.umask, os.umask(0o077))
        for mask, mode in ((0o077, 0o600), (0o002, 0o664)):
            os.umask(mask)
            path = self.folder / f"{mode:o}"
            with self.monitor(self.sleeper().pid, file=path):
                pass
            self.assertEqual(path.stat().st_mode & 0o777, mode)
            self.assertEqual(path.stat().st_uid, os.getuid())

    def test_a_log_may_have_any_name(self):
        names = ('a "log" \\ with blanks', "100%.tsv", "%p", "\u00e9\udcff", "a#'b")
        for name in names:
            path = self.folder / name
            with self.monitor(self.sleeper().pid, 0.05, path):
                harness.Log(path).wait_for_rows(1)

    def test_another_user_monitors_own_processes_only(self):
        self.need_root()
        os.chmod(self.socket, 0o666)
        os.chmod(self.folder, 0o777)
        sleeper = self.sleeper()
        others = self.monitor(sleeper.pid)

        def run():
            with subprocess.Popen(["sleep", "600"]) as own:
                try:
                    with self.monitor(own.pid, file=self.log.path) as monitor:
                        self.log.wait_for_rows(2)
                finally:
                    own.kill()
            rows = monitor.stop()["rows"]
            try:
                others.start()
            except ProcmonError as error:
                return f"{rows} rows; {error}"

        said = self.as_nobody(run)
        expected = f"{len(self.log.rows())} rows; process {sleeper.pid} is not yours"
        self.assertIn(expected, said)
        self.assertEqual(self.log.path.stat().st_uid, 65534)

    def test_the_name_is_that_of_the_values_in_collectd(self):
        with self.monitor(self.sleeper().pid, file=self.log.path, name="my server"):
            harness.wait_for(
                lambda: self.collectd.csv("my server", "ps_rss"), "values"
            )


class Prints(TestCase):
    def test_without_a_file_rows_are_printed_as_they_come(self):
        with contextlib.redirect_stdout(Output()) as output:
            monitor = self.monitor(self.sleeper().pid, 0.2)
            monitor.start()
            output.wait_for_rows(2)
            self.assertIs(monitor.running(), True)
            figures = monitor.stop()
            self.assertIs(monitor.running(), False)
            lines = output.lines()
            self.assertEqual(monitor.stop(), figures)
        self.assertEqual(output.lines(), lines)
        self.assertEqual(lines[0], "Time\tCPU\tResident\tVirtual")
        for line in lines[1:]:
            self.assertRegex(line, f"^{ROW}$")
        now = time.mktime(time.strptime(lines[-1][:17], "%m/%d/%y %H:%M:%S"))
        self.assertAlmostEqual(now, time.time(), delta=30)

    def test_the_final_row_is_printed_when_stop_returns(self):
        with contextlib.redirect_stdout(Output()) as output:
            with self.monitor(self.sleeper().pid, 5, timeformat="%s.%3N"):
                # More than the tenth of the interval that makes a final row.
                until = time.monotonic() + 0.6
                harness.wait_for(lambda: time.monotonic() > until, "time")
                self.assertEqual(output.lines()[1:], [])
                asked = time.time()
        (row,) = output.lines()[1:]
        self.assertGreaterEqual(float(row.split("\t")[0]), asked - 0.002)

    def test_stop_waits_for_an_output_that_is_slow(self):
        with contextlib.redirect_stdout(Output()) as output:
            monitor = self.monitor(self.sleeper().pid)
            monitor.start()
            output.wait_for_rows(1)
            output.open.clear()
            harness.wait_for(lambda: output.is_waiting, "a row that waits")
            stopper = threading.Thread(target=monitor.stop)
            stopper.start()
            harness.wait_for(lambda: not running_monitors(self.socket), "the end")
            stopper.join(0.3)
            self.assertTrue(stopper.is_alive())
            output.open.set()
            stopper.join()
            lines = output.lines()
            self.assertEqual(monitor.stop()["rows"], len(lines) - 1)

    def test_printed_rows_are_those_of_a_log(self):
        burner = self.burner("--duty", "0.3", "--threads", "2", "--files", "2")
        columns = "pid Processes threads Handles Resident Virtual Private"
        for header in ("names", "hash", "ruled", "none"):
            log = harness.Log(self.folder / header)
            options = {"columns": columns, "header": header}
            with contextlib.redirect_stdout(Output()) as output:
                with self.monitor(burner.pid, 0.05, **options):
                    output.wait_for_rows(3)
                    with self.monitor(burner.pid, 0.05, log.path, **options):
                        wait_for_lines(log, 3)
            head = {"none": 0, "ruled": 2}.get(header, 1)
            printed, logged = output.lines(), log.text().splitlines()
            self.assertEqual(printed[:head], logged[:head])
            # A process of known habits: its rows are all the same.
            self.assertIn(printed[head + 1], logged[head:])

    def test_times_printed_and_in_a_log(self):
        options = {
            "columns": "Time", "timezone": "utc", "timeformat": "%% %Y %%3N %H%z",
            "header": "none",
        }  # fmt: skip
        pid = self.sleeper().pid
        with contextlib.redirect_stdout(Output()) as output:
            with self.monitor(pid, 0.05, **options):
                output.wait_for_rows(1)
        with self.monitor(pid, 0.05, self.log.path, **options):
            wait_for_lines(self.log, 1)
        for line in (output.lines()[0], self.log.text().splitlines()[0]):
            hour = time.strftime("%Y %%3N %H", time.gmtime())
            self.assertIn(line[:16], (f"% {hour}", line[:16]))
            self.assertRegex(line, r"^% \d{4} %3N \d\d\+0000$")

    def test_what_a_reading_does_not_have_is_missing(self):
        columns = "CPU User System Anonymous MajorFaults Uptime"
        with contextlib.redirect_stdout(Output()) as output:
            with self.monitor(self.sleeper().pid, 0.05, columns=columns):
                output.wait_for_rows(1)
        self.assertEqual(output.lines()[0].split("\t"), columns.split())
        self.assertRegex(output.lines()[1], r"^(\d+\.\d\t){3}-1\t-1\t-1$")

    def test_windows_columns_have_the_cpu_as_a_whole_number(self):
        with contextlib.redirect_stdout(Output()) as output:
            with self.monitor(self.sleeper().pid, 0.05, columns="windows"):
                output.wait_for_rows(1)
        self.assertEqual(
            output.lines()[0], "Time\tCPU\tWorking\tVirtual\tPrivate\tThreads\tHandles"
        )
        self.assertRegex(output.lines()[1], r"^[^\t]+(\t\d+){6}$")

    def test_when_the_process_ends_all_is_printed_and_it_does_not_run(self):
        sleeper = self.sleeper()
        with contextlib.redirect_stdout(Output()) as output:
            monitor = self.monitor(sleeper.pid)
            monitor.start()
            output.wait_for_rows(2)
            sleeper.kill()
            harness.wait_for(lambda: not monitor.running(), "not running")
            lines = output.lines()
            monitor.stop()
        self.assertEqual(output.lines(), lines)

    def test_an_output_that_fails_is_said_by_stop(self):
        with contextlib.redirect_stdout(Output()) as output:
            monitor = self.monitor(self.sleeper().pid)
            monitor.start()
            output.wait_for_rows(1)
            output.close()
            harness.wait_for(lambda: monitor._printer.error, "a row")
            self.assertIs(monitor.running(), True)
            with self.assertRaisesRegex(ProcmonError, "printing rows: I/O operation"):
                monitor.stop()
            monitor.stop()
        self.assertIs(monitor.running(), False)


class Errors(TestCase):
    def test_without_a_socket_it_says_what_to_look_for(self):
        nowhere = str(self.folder / "nowhere")
        pattern = f"nobody listens at {nowhere}: is collectd running.*ControlSocket"
        self.assert_fails(pattern, ProcessMonitor(os.getpid(), 1, socket=nowhere))
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(nowhere)
        self.assert_fails(pattern, ProcessMonitor(os.getpid(), 1, socket=nowhere))
        self.assert_fails(
            "cannot connect to /x+: AF_UNIX path too long",
            ProcessMonitor(os.getpid(), 1, socket="/" + "x" * 200),
        )

    def test_the_socket_is_that_of_the_environment_if_none_is_given(self):
        os.environ["PROCMON_SOCKET"] = self.socket
        self.addCleanup(os.environ.pop, "PROCMON_SOCKET")
        with ProcessMonitor(os.getpid(), 0.1, self.log.path) as monitor:
            self.assertIs(monitor.running(), True)
        os.environ["PROCMON_SOCKET"] = str(self.folder / "nowhere")
        self.assert_fails("nowhere", ProcessMonitor(os.getpid(), 1, self.log.path))

    def test_without_permission_it_names_the_group(self):
        self.need_root()
        path = str(self.folder / "closed")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen()
            os.chmod(path, 0o660)
            os.chmod(self.folder, 0o755)
            start = ProcessMonitor(os.getpid(), 1, socket=path).start
            said = self.as_nobody(start)
            self.assertEqual(
                said,
                f"no permission to connect to {path}: "
                "it is for root and the group root",
            )
            os.chmod(self.folder, 0o700)
            said = self.as_nobody(start)
            self.assertIn("its folder may not be entered", said)

    def test_what_collectd_refuses_is_said_in_its_words(self):
        pid = self.sleeper().pid
        self.assert_fails("(?i)nonsense", self.monitor(pid, nonsense=1))
        self.assert_fails("Colour", self.monitor(pid, columns="Time Colour"))
        self.assert_fails(
            "(?i)interval", self.monitor(pid, interval=0, file=self.log.path)
        )

    def test_a_process_that_is_not_there(self):
        sleeper = self.sleeper()
        sleeper.kill()
        self.assert_fails(str(sleeper.pid), self.monitor(sleeper.pid))

    def test_control_characters_are_not_sent(self):
        monitor = self.monitor(os.getpid(), name="a\nSTOP id=1")
        self.assert_fails("name: control characters", monitor)

    def test_a_log_that_cannot_be_opened_is_an_error_of_the_system(self):
        monitor = self.monitor(os.getpid(), file=self.folder / "none" / "log")
        with self.assertRaisesRegex(FileNotFoundError, "none/log"):
            monitor.start()
        self.assertIs(monitor.running(), False)

    def test_the_end_of_collectd_is_an_error_of_stop(self):
        with contextlib.redirect_stdout(Output()) as output:
            monitor = self.monitor(self.sleeper().pid)
            monitor.start()
            output.wait_for_rows(1)
            self.collectd.stop()
            with self.assertRaisesRegex(ProcmonError, "nobody listens"):
                monitor.stop()
            self.assertIs(monitor.running(), False)

    def listens(self):
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.socket)) == 0

    def test_a_monitor_that_collectd_does_not_know_any_more(self):
        monitor = self.monitor(self.sleeper().pid, file=self.log.path)
        monitor.start()
        self.log.wait_for_rows(1)
        self.collectd.stop()
        with self.assertRaisesRegex(ProcmonError, "nobody listens"):
            monitor.running()
        self.collectd.start()
        harness.wait_for(self.listens, "collectd listens")
        self.assertIs(monitor.running(), False)
        with self.assertRaisesRegex(ProcmonError, "no monitor"):
            monitor.stop()


class Answers(harness.TestCase):
    """What a real collectd says seldom."""

    def serve(self, *answers):
        """A socket for one client: an answer for each request, then the end."""
        path = str(self.folder / "socket")
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()

        def run():
            client = server.accept()[0]
            server.close()
            with client, client.makefile() as requests:
                for answer in answers:
                    requests.readline()
                    client.sendall(answer.encode())

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        return path

    def print_all(self, lines, **options):
        """What is printed for a monitor that gets these lines."""
        started = '1 started\nid=7 name="x"\n'
        path = self.serve(started, "0 watching\n" + lines)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            monitor = ProcessMonitor(1, 1, socket=path, **options)
            monitor.start()
            harness.wait_for(lambda: not monitor.running(), "the end")
            with self.assertRaises(ProcmonError):
                monitor.stop()
        return output.getvalue()

    def test_values_may_be_missing_quoted_and_new(self):
        printed = self.print_all(
            'id=7 name="a \\"b\\" \\\\ cpu=9" time=1.500 new="x y" cpu=2.25 '
            "resident=2047 pid=5\n",
            columns="cpu RESIDENT Virtual Pid",
        )
        self.assertEqual(printed, "CPU\tResident\tVirtual\tPid\n2.2\t1\t-1\t5\n")

    def test_readings_that_were_left_out_are_said(self):
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            printed = self.print_all('id=7 name="x" missed=12\n', header="none")
        self.assertEqual(printed, "")
        self.assertEqual(errors.getvalue(), "procmon: 12 rows left out\n")

    def test_half_a_line_is_no_row(self):
        self.assertEqual(self.print_all("id=7 time=1.500 cpu=2", header="none"), "")

    def test_a_connection_that_is_closed_without_an_answer(self):
        for answer in ("", "1 star", "1 started\n", "what\n"):
            path = self.serve(answer)
            with self.assertRaisesRegex(ProcmonError, "without an answer"):
                ProcessMonitor(1, 1, socket=path).start()
            os.unlink(path)


class Many(TestCase):
    def test_20_monitors_from_20_threads(self):
        pid = self.sleeper().pid
        logs = [harness.Log(self.folder / f"log{n}") for n in range(20)]
        together = threading.Barrier(20)
        failures = []

        def run(log):
            try:
                monitor = self.monitor(pid, 0.1, log.path)
                together.wait()
                monitor.start()
                self.assertIs(monitor.running(), True)
                log.wait_for_rows(5)
                together.wait()
                figures = monitor.stop()
                self.assertEqual(figures["rows"], len(log.rows()))
                self.assertGreaterEqual(len(log.rows()), 5)
            except Exception as error:  # told by the main thread
                failures.append(error)
                together.abort()

        threads = [threading.Thread(target=run, args=(log,)) for log in logs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_more_monitors_than_collectd_takes_connections(self):
        pid = self.sleeper().pid
        with contextlib.ExitStack() as stack:
            for number in range(70):
                monitor = self.monitor(pid, 1, self.folder / str(number))
                stack.enter_context(monitor)
            self.assertEqual(len(running_monitors(self.socket)), 70)
            self.assertIs(monitor.running(), True)
        self.assertEqual(running_monitors(self.socket), [])

    def test_20_monitors_that_print_do_not_mix_their_lines(self):
        pid = self.sleeper().pid
        with contextlib.redirect_stdout(Output()) as output:
            with contextlib.ExitStack() as stack:
                for _ in range(20):
                    stack.enter_context(self.monitor(pid, 0.05, header="none"))
                output.wait_for_rows(100)
        for line in output.lines():
            self.assertRegex(line, f"^{ROW}$")

    def test_one_monitor_may_be_used_by_many_threads(self):
        monitor = self.monitor(self.sleeper().pid, file=self.log.path)
        monitor.start()
        self.log.wait_for_rows(2)
        figures = []
        threads = [
            threading.Thread(target=lambda: figures.append(monitor.stop()))
            for _ in range(10)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(figures, [figures[0]] * 10)


class Lifetimes(TestCase):
    def run_and_die(self, **options):
        """Starts a monitor in a process that dies at once."""
        code = (
            "import os, signal, sys; from procmon import ProcessMonitor;"
            f"ProcessMonitor({self.sleeper().pid}, 0.05, {str(self.log.path)!r},"
            f"socket={self.socket!r}, timeformat='%s', **{options!r}).start();"
            "os.kill(os.getpid(), signal.SIGKILL)"
        )
        environment = {**os.environ, "PYTHONPATH": str(PYTHON)}
        status = subprocess.run([sys.executable, "-c", code], env=environment)
        self.assertEqual(status.returncode, -9)

    def test_a_monitor_outlives_the_process_that_started_it(self):
        self.run_and_die()
        rows = len(self.log.rows())
        self.log.wait_for_rows(rows + 3)
        self.assertEqual(len(running_monitors(self.socket)), 1)

    def test_with_the_lifetime_of_the_client_it_ends_with_that(self):
        self.run_and_die(lifetime="client")
        harness.wait_for(lambda: not running_monitors(self.socket), "the end")

    def test_with_the_lifetime_of_the_client_stop_is_as_always(self):
        options = {"file": self.log.path, "lifetime": "client"}
        with self.monitor(self.sleeper().pid, **options) as monitor:
            self.log.wait_for_rows(2)
            self.assertIs(monitor.running(), True)
        self.assertEqual(monitor.stop()["rows"], len(self.log.rows()))


class Documents(TestCase):
    def example(self, language):
        """The first one in this language of the README's section."""
        text = (harness.SRCDIR / "README.md").read_text()
        section = text.split("\n## In a test suite\n")[1]
        return re.search(f"```{language}\n(.*?)```", section, re.DOTALL).group(1)

    def block(self):
        block = self.example("apache")
        block = block.replace("/run/collectd-procmon.sock", self.socket)
        return block.replace("testers", grp.getgrgid(os.getgid()).gr_name)

    def test_the_example_of_the_readme_runs(self):
        code = self.example("python")
        (self.folder / "test_server.py").write_text(code)
        environment = {
            **os.environ, "PYTHONPATH": str(PYTHON), "PROCMON_SOCKET": self.socket,
        }  # fmt: skip
        result = subprocess.run(
            [sys.executable, "-W", "error", "-m", "unittest", "-v", "test_server"],
            cwd=self.folder,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, r"Ran 1 test in")
        log = harness.Log(self.folder / "server.tsv")
        self.assertGreater(len(log.lines()), 2)


if __name__ == "__main__":
    harness.main()
