"""A client of the control socket, for tests."""

import array
import re
import socket

PAIR = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))(?: |$)')


def pairs(line):
    """The pairs of a line; what is not understood fails."""
    result, at = {}, 0
    while at < len(line):
        match = PAIR.match(line, at)
        assert match, f"no pair at {at} of {line!r}"
        quoted = match[2] is not None
        value = re.sub(r"\\(.)", r"\1", match[2]) if quoted else match[3]
        assert match[1] not in result, line
        result[match[1]] = value
        at = match.end()
    return result


class Refused(Exception):
    """The daemon's words."""


class Control:
    def __init__(self, path, timeout=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.text = b""

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def send(self, line, *fds):
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
        self.socket.sendmsg([line.encode() + b"\n"], rights if fds else [])

    def line(self):
        """The next line; None: there is none any more."""
        while b"\n" not in self.text:
            part = self.socket.recv(65536)
            if part == b"":
                assert self.text == b"", self.text
                return None
            self.text += part
        line, self.text = self.text.split(b"\n", 1)
        return line.decode(errors="surrogateescape")

    def answer(self):
        status = self.line()
        assert status is not None, "no answer"
        n, text = status.split(" ", 1)
        if int(n) < 0:
            raise Refused(text)
        return text, [pairs(self.line()) for _ in range(int(n))]

    def ask(self, line, *fds):
        self.send(line, *fds)
        return self.answer()

    def one(self, line, *fds):
        """The only line of the answer."""
        (only,) = self.ask(line, *fds)[1]
        return only

    def start(self, words, *fds):
        """The id of the monitor, as text."""
        return self.one(f"START {words}", *fds)["id"]

    def stop(self, id):
        return self.one(f"STOP id={id}")

    def running(self, id):
        return self.one(f"RUNNING id={id}")["running"] == "true"

    def list(self):
        return {line["id"]: line for line in self.ask("LIST")[1]}
