"""Monitors of processes for test suites, by collectd's plugin procmon.

    from procmon import ProcessMonitor

    with ProcessMonitor(server.pid, 0.5, "server.tsv"):
        ...  # a row every half second: time, CPU, memory

collectd does the work: it must run, with ControlSocket in its <Plugin procmon>
block, and the user must be allowed to connect. Needs nothing but Python 3.8.
"""

import array
import contextlib
import grp
import numbers
import os
import re
import socket
import sys
import threading
import time

__all__ = ["ProcessMonitor", "ProcmonError"]

DEFAULT_SOCKET = "/run/collectd-procmon.sock"
# Seconds for one answer. collectd itself waits 10 s for a disk that hangs.
TIMEOUT = 60
_NO_ANSWER = "collectd closed the connection without an answer"


class ProcmonError(Exception):
    """What went wrong, in words for the user; often those of collectd."""


class ProcessMonitor:
    """A monitor of one process.

    pid       of the process
    interval  seconds between two rows, fractions from 0.01
    file      path of the log, which is continued where it exists; None: rows are
              printed to sys.stdout as they come

    A row is tab separated: the time, CPU in % since the row before (100 is one
    processor), resident and virtual memory in KBytes; -1 is what is not known. The
    first row comes one interval after start(), the last one at stop().

    Keyword arguments; None is the same as not given:

    numProcessors  CPU is divided by this; "online": by the number of processors
    columns        "unix" (see above), "windows", or names in order, in one string
                   with blanks or as a list. Rows that are printed have -1 in the
                   columns that only a log has, from Anonymous to Uptime
    header         "names", "ruled", "hash" or "none"
    children       True: the process and all its descendants, as a sum
    append         False empties the log at start
    name           of the monitor in collectd; else the pid
    lifetime       "client": the monitor is stopped when this process ends or dies.
                   Else it goes on until stop(), or the end of the process that it
                   watches or of collectd
    socket         path of the control socket; else the environment's
                   PROCMON_SOCKET, else /run/collectd-procmon.sock

    and any other option of a <Process> block, see collectd-procmon(5).

    Methods raise ProcmonError, start() also OSError where the log cannot be opened.
    They may be called from any thread. Each request has a connection of its own; one
    is kept only by a monitor that prints, or lives as long as this process.
    """

    def __init__(self, pid, interval, file=None, **kwargs):
        path = kwargs.pop("socket", None) or os.environ.get("PROCMON_SOCKET")
        self._path = os.fsdecode(path or DEFAULT_SOCKET)
        self._options = {"pid": pid, "interval": interval}
        self._options.update((key.lower(), kwargs[key]) for key in kwargs)
        self._file = None if file is None else os.path.abspath(os.fsdecode(file))
        self._lock = threading.RLock()
        self._id = None
        self._summary = None  # what stop() returns, once it has
        self._kept = None
        self._printer = None

    def start(self):
        """Starts the monitor; when this returns, it has taken its baseline.

        After stop() it may be started again.
        """
        with self._lock:
            if self._id is not None and self._summary is None:
                raise ProcmonError("the monitor is started already: stop() it first")
            prints = self._file is None
            connection = _Connection(self._path)
            try:
                self._id = self._request_start(connection)
                self._summary = None
                self._printer = None
                if prints:
                    connection.ask("WATCH", {"id": self._id})
                    self._printer = _Printer(connection, self._options)
                    self._printer.start()
                if prints or self._options.get("lifetime"):
                    self._kept = connection
            finally:
                if self._kept is None:
                    connection.close()

    def stop(self):
        """Stops the monitor; when this returns, all rows are in the log or printed.

        Returns figures of the whole time in a dictionary, without those that are
        not known: rows since start(); duration in seconds; cpu_mean and cpu_max in
        %, divided by numProcessors; resident_mean, resident_max and resident_last
        in bytes.

        A second call does nothing and returns the same; before start() it is {}.
        Raises an error where rows could not be written; and where the process ended
        more than 10 minutes ago, or collectd was started anew since: then collectd
        knows no more of the monitor, and cannot tell that its log is complete.
        """
        with self._lock:
            if self._id is None:
                return {}
            if self._summary is None:
                try:
                    summary = _summary(self._request("STOP", id=self._id)[0])
                except ProcmonError:
                    self._close(abort=True)
                    raise
                self._close()
                if self._printer is not None:
                    summary["rows"] = self._printer.rows
                self._summary = summary
            return dict(self._summary)

    def running(self):
        """Whether it is started, not stopped, and its process has not ended."""
        if self._id is None or self._summary is not None:
            return False
        if self._printer is not None and not self._printer.error:
            return self._printer.is_alive()
        return self._is_running()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.stop()

    def _request_start(self, connection):
        """Hands over the log, opened with the rights of this process."""
        options = dict(self._options)
        if self._file is None:
            return connection.ask("START", options)[0]["id"]
        options["file"] = self._file
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        log = os.open(self._file, flags, 0o666)
        try:
            return connection.ask("START", options, log)[0]["id"]
        finally:
            os.close(log)

    def _is_running(self):
        try:
            return self._request("RUNNING", id=self._id)[0]["running"] == "true"
        except ProcmonError:
            # One that ended long ago is not known any more, and in no list.
            monitors = self._request("LIST")
        return any(
            monitor["id"] == self._id and monitor["running"] == "true"
            for monitor in monitors
        )

    def _request(self, command, **values):
        connection = _Connection(self._path)
        try:
            return connection.ask(command, values)
        finally:
            connection.close()

    def _close(self, abort=False):
        """Ends the connection that was kept, after the last row of a printer."""
        kept, self._kept = self._kept, None
        if kept is None:
            return
        if abort:
            kept.abort()
        if self._printer is not None:
            self._printer.join()
        kept.close()
        if self._printer is not None and self._printer.error and not abort:
            raise ProcmonError(f"printing rows: {self._printer.error}")


class _Connection:
    """Requests to the control socket, and their answers."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # With a timeout it would not wait while many others connect.
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise ProcmonError(_connect_error(path, error)) from error
        self._answers = self._socket.makefile(
            encoding="utf-8", errors="surrogateescape", newline="\n"
        )

    def ask(self, command, values, descriptor=None):
        """Gives a dictionary for each line of the answer."""
        words = [command]
        for key, value in values.items():
            if value is not None:
                words.append(f"{key}={_written(key, value)}")
        line = " ".join(words) + "\n"
        self._socket.settimeout(TIMEOUT)
        try:
            self._send(line.encode("utf-8", "surrogateescape"), descriptor)
            answer = self._answer()
        except socket.timeout as error:
            text = f"collectd did not answer {command} within {TIMEOUT} s"
            raise ProcmonError(text) from error
        except OSError as error:
            raise ProcmonError(f"{command}: {error.strerror}") from error
        self._socket.settimeout(None)
        return answer

    def lines(self):
        """What comes by itself, until the connection ends."""
        for line in self._answers:
            if line.endswith("\n"):
                yield _values(line)

    def abort(self):
        """Ends lines() in another thread."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._answers.close()
        self._socket.close()

    def _send(self, line, descriptor):
        ancillary = []
        if descriptor is not None:
            passed = array.array("i", [descriptor])
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)]
        try:
            sent = self._socket.sendmsg([line], ancillary)
            self._socket.sendall(line[sent:])
        except (BrokenPipeError, ConnectionResetError):
            pass  # The answer says why collectd has closed the connection.

    def _answer(self):
        status = self._answers.readline()
        match = re.match(r"(-?\d+) (.*)\n", status)
        if not match:
            raise ProcmonError(_NO_ANSWER)
        count = int(match.group(1))
        if count < 0:
            raise ProcmonError(match.group(2))
        lines = [self._answers.readline() for _ in range(count)]
        if not all(line.endswith("\n") for line in lines):
            raise ProcmonError(_NO_ANSWER)
        return [_values(line) for line in lines]


class _Printer(threading.Thread):
    """Prints the readings of a watching connection as the rows of a log."""

    def __init__(self, connection, options):
        super().__init__(name="procmon", daemon=True)
        self.error = None
        self.rows = 0
        self._connection = connection
        self._style = _Style(options)

    def run(self):
        try:
            self._print(self._style.header())
            for reading in self._connection.lines():
                if "time" in reading:
                    self._print(self._style.row(reading))
                    self.rows += 1
                elif "missed" in reading:
                    sys.stderr.write(f"procmon: {reading['missed']} rows left out\n")
                elif reading.get("running") == "false":
                    break
        except (OSError, ValueError) as error:
            self.error = error  # stop() raises it

    @staticmethod
    def _print(text):
        # Whole lines in one piece: other monitors print, too.
        sys.stdout.write(text)
        sys.stdout.flush()


def _kbytes(value):
    return str(int(value) // 1024)


def _tenths(value):
    return f"{float(value):.1f}"


class _Style:
    """The form of printed rows: that of a log with the same options."""

    PRESETS = {
        "unix": "Time CPU Resident Virtual",
        "windows": "Time CPU Working Virtual Private Threads Handles",
    }
    # The key in a reading, and the form in a row.
    COLUMNS = {
        "CPU": ("cpu", _tenths),
        "Resident": ("resident", _kbytes),
        "Working": ("resident", _kbytes),
        "Virtual": ("virtual", _kbytes),
        "Private": ("private", _kbytes),
        "Threads": ("threads", str),
        "Handles": ("handles", str),
        "Pid": ("pid", str),
        "Processes": ("processes", str),
        "User": ("user", _tenths),
        "System": ("system", _tenths),
    }

    def __init__(self, options):
        columns = options.get("columns") or "unix"
        names = columns if isinstance(columns, str) else " ".join(columns)
        self.whole_cpu = names.lower() == "windows"
        known = {name.lower(): name for name in ["Time", *self.COLUMNS]}
        names = self.PRESETS.get(names.lower(), names).split()
        self.names = [known.get(name.lower(), name) for name in names]
        self.head = (options.get("header") or "names").lower()
        self.time_format = options.get("timeformat") or "%m/%d/%y %H:%M:%S"
        self.utc = (options.get("timezone") or "local").lower() == "utc"

    def header(self):
        names = "\t".join(self.names) + "\n"
        if self.head == "none":
            return ""
        if self.head == "hash":
            return "#" + names
        if self.head == "ruled":
            return names + "-" * self._width() + "\n"
        return names

    def row(self, reading):
        return "\t".join(self._value(name, reading) for name in self.names) + "\n"

    def _width(self):
        """Of a row on a terminal with tab stops at every 8."""
        widths = {name: len(name) for name in self.names}
        if "Time" in widths:
            widths["Time"] = max(4, len(self._time(f"{time.time():.3f}")))
        return sum((width // 8 + 1) * 8 for width in widths.values())

    def _value(self, name, reading):
        if name == "Time":
            return self._time(reading["time"])
        key, form = self.COLUMNS.get(name, (None, None))
        if key not in reading:
            return "-1"
        if name == "CPU" and self.whole_cpu:
            return f"{float(reading[key]):.0f}"
        return form(reading[key])

    def _time(self, seconds):
        """By strftime, and %1N to %9N for parts of a second."""
        whole, _, parts = seconds.partition(".")
        parts = parts.ljust(9, "0")

        def digits(match):
            return parts[: int(match.group(1))] if match.group(1) else match.group()

        text = re.sub(r"%%|%([1-9])N", digits, self.time_format)
        convert = time.gmtime if self.utc else time.localtime
        return time.strftime(text, convert(int(whole)))


def _written(key, value):
    """A value of a request, of the type that it has in a configuration."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, numbers.Number):
        return str(value)
    if isinstance(value, (list, tuple)):
        value = " ".join(map(str, value))
    text = str(value)
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ProcmonError(f"{key}: control characters cannot be sent: {text!r}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _values(line):
    """The dictionary of a line `key=value key="quoted value"`, all as text."""
    pairs = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', line)
    return {
        key.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare
        for key, quoted, bare in pairs
    }


def _summary(values):
    """The figures in the answer to STOP."""
    figures = {}
    for key in values:
        if key == "rows" or key.startswith("resident_"):
            figures[key] = int(values[key])
        elif key == "duration" or key.startswith("cpu_"):
            figures[key] = float(values[key])
    return figures


def _connect_error(path, error):
    if isinstance(error, PermissionError):
        return f"no permission to connect to {path}: {_who_may(path)}"
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        return (
            f"nobody listens at {path}: is collectd running, and is this the "
            "ControlSocket in its <Plugin procmon> block?"
        )
    return f"cannot connect to {path}: {error.strerror or error}"


def _who_may(path):
    """The group that a user must be in; it may be kept secret by a folder."""
    try:
        number = os.stat(path).st_gid
    except OSError:
        return "its folder may not be entered"
    try:
        group = grp.getgrgid(number).gr_name
    except KeyError:
        group = str(number)
    return f"it is for root and the group {group}"
