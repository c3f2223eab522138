"""procmonctl report as a user meets it, on logs of a real collectd and others."""

import fractions
import gzip
import json
import math
import os
import pathlib
import pty
import pwd
import random
import resource
import shutil
import subprocess
import time
import unittest

import harness

PROCMONCTL = harness.BUILDDIR / "procmonctl"
NOBODY = pwd.getpwnam("nobody").pw_uid
DATAMASH = os.environ.get("DATAMASH", "")
DYGRAPHS = pathlib.Path(os.environ.get("DYGRAPHS", "/usr/share/javascript/dygraphs"))
needs_datamash = unittest.skipUnless(DATAMASH, "no datamash (package datamash)")
needs_dygraphs = unittest.skipUnless(
    (DYGRAPHS / "dygraph.min.js").exists(), "no dygraphs (package libjs-dygraphs)"
)

LOG = (
    "Time\tCPU\tResident\tVirtual\n"
    "09/16/08 14:24:10\t69.5\t89056\t1421672\n"
    "09/16/08 14:24:20\t60.5\t89060\t-1\n"
    "09/16/08 14:24:30\t50.5\t89069\t1421672\n"
)


class Report(harness.TestCase):
    def log(self, text, name="server.tsv"):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def run_report(self, *arguments, status=0, **options):
        result = subprocess.run(
            [PROCMONCTL, "report", *map(str, arguments)],
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "timeout": 60,
                "cwd": self.folder,
                **options,
            },
        )
        self.assertEqual(result.returncode, status, result)
        return result

    def said(self, *arguments, status, **options):
        """The lines on standard error, without the program's name."""
        err = self.run_report(*arguments, status=status, **options).stderr
        lines = err.decode(errors="replace").splitlines()
        for line in lines:
            self.assertTrue(line.startswith("procmonctl: "), lines)
        return [line[len("procmonctl: ") :] for line in lines]

    def error(self, *arguments, status=2, **options):
        lines = self.said(*arguments, status=status, **options)
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def json(self, *arguments, **options):
        return json.loads(self.run_report("--json", *arguments, **options).stdout)

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())


class Logs(Report):
    FORMS = {
        "names": ["Header names"],
        "ruled": ["Header ruled", "Columns windows"],
        "hash": ["Header hash", 'TimeFormat "%Y-%m-%d %H:%M:%S.%3N"'],
        "unix": ["Header none", 'TimeFormat "%s.%3N"'],
        "windows": ["Header none", "Columns windows", 'TimeFormat "%FT%T%z"'],
        "mixed": [
            "Columns Pid Time CPU Uptime Threads",
            "Header ruled",
            'TimeFormat "%d.%m.%Y %H:%M:%S"',
        ],
        "all": [
            "Columns Processes User System Anonymous MinorFaults MajorFaults Read "
            "Write VoluntarySwitches InvoluntarySwitches Handles Private Time",
            'TimeFormat "%c"',
        ],
        "clock": ['TimeFormat "%H:%M:%S.%3N"'],
    }

    def test_every_form_of_log_that_a_real_collectd_writes(self):
        process = self.burner("--duty", "0.5")
        blocks = "".join(
            f"""<Process "{form}">
              Pid {process.pid}
              File "{self.folder}/{form}.tsv"
              {chr(10).join(options)}
            </Process>
            """
            for form, options in self.FORMS.items()
        )
        block = f"<Plugin procmon>\nInterval 0.1\n{blocks}</Plugin>"
        with harness.Daemon(block):
            for form in self.FORMS:
                harness.Log(self.folder / f"{form}.tsv").wait_for_rows_of_text(12)
        # A second run goes on with the same logs.
        with harness.Daemon(block):
            for form in self.FORMS:
                harness.Log(self.folder / f"{form}.tsv").wait_for_rows_of_text(24)
        logs = [self.folder / f"{form}.tsv" for form in self.FORMS]
        self.check_logs(self.json(*logs)["logs"])

    def check_logs(self, logs):
        today = time.strftime("%Y-%m-%d")
        for log, form in zip(logs, self.FORMS):
            rows = [
                line.split("\t")
                for line in (self.folder / f"{form}.tsv").read_text().splitlines()
            ]
            rows = [row for row in rows if row[-1][-1].isdigit()]
            self.assertEqual(log["name"], form)
            self.assertEqual(log["rows"], len(rows), form)
            self.assertAlmostEqual(log["interval"], 0.1, delta=0.06, msg=form)
            if form not in ("clock", "unix"):
                # A test that passes midnight sees one of both days.
                self.assertIn(today, (log["begin"][:10], log["end"][:10]), form)
            last = [float(cell) for cell in rows[-1] if cell.count(":") == 0]
            found = [c["last"] for c in log["columns"].values()]
            if form == "unix":
                last = last[1:]
            self.assertEqual(found, last, form)
        columns = [list(log["columns"]) for log in logs]
        self.assertEqual(columns[0], ["CPU", "Resident", "Virtual"])
        self.assertEqual(columns[0], columns[3])
        self.assertEqual(columns[1], columns[4])
        self.assertEqual(columns[5], ["Pid", "CPU", "Uptime", "Threads"])
        self.assertEqual(len(columns[6]), 12)

    def test_logs_of_the_original(self):
        log = self.json(
            self.log(
                "#Time\tCPU\tResident\tVirtual\n"
                "2008-09-16 14:24:10\t69.5\t89056\t1421672\n"
                "2008-09-16 14:24:11\t69.5\t-1\t-1\n"
            )
        )["logs"][0]
        self.assertEqual(log["begin"], "2008-09-16T14:24:10")
        self.assertEqual(log["duration"], 1)
        self.assertEqual(log["columns"]["CPU"]["samples"], 2)
        self.assertEqual(log["columns"]["Resident"]["samples"], 1)

    def test_standard_input_and_compressed_logs(self):
        path = self.log(gzip.compress(LOG.encode()), "server.tsv.1.gz")
        self.assertEqual(
            self.error(path),
            f"{path}:1: the log is compressed; read it by: zcat {path} | procmonctl "
            "report -",
        )
        with subprocess.Popen(["zcat", path], stdout=subprocess.PIPE) as zcat:
            report = self.json("-", stdin=zcat.stdout)
        self.assertEqual(report["logs"][0]["name"], "stdin")
        self.assertEqual(report["logs"][0]["rows"], 3)

    def test_what_cannot_be_opened(self):
        self.assertEqual(
            self.error("--json", "missing"), "missing: No such file or directory"
        )
        self.assertEqual(self.error("--json", "."), ".: Is a directory")

    def test_hostile_logs(self):
        rows = "Time\tCPU\n09/16/08 14:24:10\t"
        chance = random.Random(1)
        for content in (
            b"",
            b"\0" * 100000,
            bytes(chance.randrange(256) for _ in range(100000)),
            b"\x7fELF" + b"\1\n" * 1000,
            b"Time" + b"\tx" * 30000 + b"\n",
            b"Time\t" + b"x" * 1000000 + b"\n",
            (rows + "1" * 400 + "\n").encode(),
            (rows + "1e999\n").encode(),
            (rows + "nan\n").encode(),
            (rows + "<script>alert(1)</script>\n").encode(),
            b"Time\tCPU\n" + b"9" * 60000 + b"\t1\n",
        ):
            path = self.log(content)
            for line in self.said("--json", path, status=2):
                self.assertTrue(line.startswith(f"{path}:"), line)
                self.assertLess(len(line), 1200)
                self.assertNotRegex(line, "[\x00-\x1f\x7f]")

    def test_names_that_are_no_utf8_and_those_of_scripts(self):
        name = b'</script>\xff".tsv'
        path = os.fsencode(self.folder) + b"/" + name.replace(b"/", b"_")
        with open(path, "wb") as f:
            f.write(LOG.replace("CPU", '<b>"CPU\\').encode())
        log = self.json(os.fsdecode(path))["logs"][0]
        self.assertEqual(log["name"], '<_script>\ufffd"')
        self.assertIn('<b>"CPU\\', log["columns"])


class Clocks(Report):
    def test_logs_that_say_their_offset_are_shown_by_one_clock(self):
        begins = ("2026-06-01T14:00:00+02:00", "2026-06-01T13:00:30+01:00")
        begins += ("1780315260",)
        logs = [
            self.log(f"Time\tCPU\n{begin}\t1\n", f"{i}.tsv")
            for i, begin in enumerate(begins)
        ]
        result = self.run_report("--json", *logs, "--mark", "1780315230 a")
        report = json.loads(result.stdout)
        self.assertEqual(
            [log["begin"] for log in report["logs"]],
            [f"2026-06-01T14:{at}" for at in ("00:00", "00:30", "01:00")],
        )
        self.assertEqual(report["marks"][0]["time"], "2026-06-01T14:00:30")
        self.assertEqual(result.stderr, b"")

    def test_logs_of_which_some_say_their_offset(self):
        begins = ("2026-06-01T14:00:00+02", "2026-06-01T13:00:00")
        begins += ("2026-06-01T13:00:00+01",)
        logs = [
            self.log(f"Time\tCPU\n{begin}\t1\n", f"{i}.tsv")
            for i, begin in enumerate(begins)
        ]
        self.assertEqual(self.said("--json", *logs[:2], status=0), [])
        self.assertEqual(
            self.error("--json", *logs, status=0),
            f"{logs[1]}: the log does not say its offset from UTC, and others say "
            "different ones: each is shown by its own clock",
        )


    def day_log(self, name, *days):
        rows = "".join(f"{day} 12:00:00\t1\n" for day in days)
        return self.log(f"Time\tCPU\n{rows}", name)

    def begins(self, *arguments):
        return [log["begin"][:10] for log in self.json(*arguments)["logs"]]

    def test_an_undecided_day_is_that_of_the_other_logs(self):
        undecided = self.day_log("a.tsv", "03/04/26")
        sure = self.day_log("b.tsv", "02/04/26", "13/04/26")
        one_day = self.day_log("e.tsv", "13/04/26")
        closer = self.day_log("c.tsv", "01/04/26", "02/04/26")
        of_others = self.day_log("d.tsv", "2026-04-13", "2026-04-14")
        self.assertEqual(self.begins(undecided), ["2026-03-04"])
        self.assertEqual(self.begins(undecided, of_others)[0], "2026-03-04")
        self.assertEqual(self.begins(undecided, sure), ["2026-04-03", "2026-04-02"])
        self.assertEqual(self.begins(undecided, one_day)[0], "2026-04-03")
        self.assertEqual(self.begins(undecided, closer), ["2026-04-03", "2026-04-01"])
        self.assertEqual(self.begins("--baseline", sure, undecided), ["2026-04-03"])
        marks = self.json("--mark", "03/04/26 12:00:00 a", undecided, sure)["marks"]
        self.assertEqual(marks[0]["time"], "2026-04-03T12:00:00")
        self.assertEqual(
            self.error("--json", undecided, sure, status=0),
            f"{undecided}: times are read as %d/%m/%y %H:%M:%S, in the order that "
            f"those of {sure} have",
        )

    def test_an_undecided_day_on_which_the_clock_was_set_back(self):
        times = ("02:59:58", "02:59:59", "02:00:00", "02:00:01")
        rows = "".join(f"03/04/26 {at}\t1\n" for at in times)
        path = self.log(f"Time\tCPU\n{rows}")
        mark = ("--mark", "03/04/26 02:00:01 a")
        report = self.json(*mark, path, self.day_log("b.tsv", "13/04/26"))
        self.assertEqual(report["logs"][0]["begin"], "2026-04-03T02:59:58")
        self.assertEqual(report["logs"][0]["end"], "2026-04-03T03:00:01")
        self.assertEqual(report["marks"][0]["time"], "2026-04-03T03:00:01")

    def test_days_that_are_not_sure_are_said(self):
        for days, form, how, other in (
            (["03/04/26"], "%m/%d/%y", "cannot be told apart", "%d/%m/%y"),
            (["13/04/26"], "%d/%m/%y", "the year", "%y/%m/%d"),
            (["01/04/26", "02/04/26"], "%d/%m/%y", "closest", "%m/%d/%y"),
        ):
            line = self.error("--json", self.day_log("a.tsv", *days), status=0)
            self.assertIn(f"read as {form} %H:%M:%S", line)
            self.assertIn(how, line)
            self.assertIn(f"--time-format '{other} %H:%M:%S'", line)
        path = self.day_log("a.tsv", "04/01/26", "04/02/26")
        self.assertEqual(self.said("--json", path, status=0), [])

    def test_marks_stand_where_the_log_has_their_time(self):
        times = ("02:59:58", "02:59:59", "02:00:00", "02:00:01")
        rows = "".join(f"2026-10-25 {at}\t1\n" for at in times)
        path = self.log(f"Time\tCPU\n{rows}")
        marks = ("--mark", "2026-10-25 02:00:01 a", "--mark", "02:59:58 b")
        self.assertEqual(
            [mark["time"] for mark in self.json(*marks, path)["marks"]],
            ["2026-10-25T03:00:01", "2026-10-25T02:59:58"],
        )
        lines = self.said("--json", "--mark", "2026-10-26 02:00:00 a", path, status=0)
        self.assertIn("is outside of the logs", lines[-1])

    def test_a_time_of_day_that_a_log_of_three_days_passes_thrice(self):
        times = ("09:00:00", "18:00:00") * 3
        path = self.log("Time\tCPU\n" + "".join(f"{at}\t1\n" for at in times))
        line = self.error("--json", "--mark", "12:00:00 noon", path)
        self.assertIn("more often than once", line)


class Figures(Report):
    def random_log(self, n):
        chance = random.Random(n)
        lines = ["Time\tCPU\tResident\tHandles"]
        at = 1700000000
        for _ in range(n):
            at += chance.choice([1, 1, 1, 2, 30])
            handles = chance.choice(["-1", str(chance.randrange(100))])
            cpu = f"{chance.random() * 100:.1f}"
            lines.append(f"{at}\t{cpu}\t{chance.randrange(10**9)}\t{handles}")
        return self.log("\n".join(lines) + "\n", f"{n}.tsv")

    @needs_datamash
    def test_they_are_those_of_datamash(self):
        figures = ["min", "mean", "median", "perc:95", "max", "last"]
        for n in (1, 2, 3, 4, 10, 99, 1000, 12345):
            path = self.random_log(n)
            columns = self.json(path)["logs"][0]["columns"]
            text = path.read_text().replace("\t-1\n", "\tNA\n")
            for at, column in enumerate(("CPU", "Resident", "Handles"), 2):
                out = subprocess.run(
                    [DATAMASH, "--header-in", "--narm", "-R", "6"]
                    + [word for figure in figures for word in (figure, str(at))],
                    input=text,
                    capture_output=True,
                    text=True,
                    check=True,
                    env={**os.environ, "LC_ALL": "C"},
                ).stdout.split()
                for figure, expected in zip(figures, out):
                    found = columns[column][figure.replace("perc:95", "p95")]
                    # Of no values it knows -inf, and the last one may be NA.
                    if columns[column]["samples"] == 0:
                        self.assertIsNone(found)
                    elif expected != "NA":
                        self.assertAlmostEqual(
                            found, float(expected), places=5, msg=(n, column, figure)
                        )

    def test_the_slope_is_that_of_exact_reckoning(self):
        # Student's t from a printed table.
        for n, t in ((3, 12.706), (4, 4.303), (12, 2.228), (32, 2.042), (122, 1.980)):
            path = self.random_log(n)
            rows = [line.split("\t") for line in path.read_text().splitlines()[1:]]
            x = [fractions.Fraction(row[0]) / 3600 for row in rows]
            y = [fractions.Fraction(row[2]) for row in rows]
            mean_x, mean_y = sum(x) / n, sum(y) / n
            sxx = sum((a - mean_x) ** 2 for a in x)
            slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sxx
            squares = sum(
                (b - mean_y - slope * (a - mean_x)) ** 2 for a, b in zip(x, y)
            )
            half = t * math.sqrt(squares / (n - 2) / sxx)
            found = self.json(path)["logs"][0]["columns"]["Resident"]
            close = abs(float(slope)) * 1e-9
            self.assertAlmostEqual(found["slope"], float(slope), delta=close)
            # As many digits as the table has.
            for end, sign in (("slope_low", -1), ("slope_high", 1)):
                self.assertAlmostEqual(
                    (found[end] - found["slope"]) * sign / half, 1, delta=3e-4
                )

    def test_the_slope_of_a_log_that_begins_and_ends_within_a_second(self):
        rows = (f"{(7 + i) // 10 + 10**9}\t{i}\n" for i in range(20))
        log = self.json(self.log("Time\tCPU\n" + "".join(rows)))["logs"][0]
        self.assertAlmostEqual(log["columns"]["CPU"]["slope"], 36000, places=2)
        self.assertAlmostEqual(log["duration"], 1.9, places=5)

    def test_a_million_rows(self):
        path = self.folder / "big.tsv"
        with open(path, "w") as f:
            f.write("Time\tCPU\tResident\tVirtual\n")
            for second in range(1000000):
                text = time.strftime("%m/%d/%y %H:%M:%S", time.gmtime(second + 10**9))
                f.write(f"{text}\t{second % 1001 / 10}\t{second}\t1421672\n")
        process = harness.Process(
            [PROCMONCTL, "report", "--json", path], stdout=subprocess.PIPE
        )
        with process.popen.stdout as out:
            log = json.load(out)["logs"][0]
        _, status, usage = os.wait4(process.pid, 0)
        process.popen.returncode = status
        self.assertEqual(status, 0)
        self.assertEqual(log["rows"], 1000000)
        self.assertEqual(log["columns"]["Resident"]["median"], 499999.5)
        self.assertAlmostEqual(log["columns"]["Resident"]["slope"], 3600)
        # CPU time, which does not depend on what else the machine does.
        self.assertLess(usage.ru_utime + usage.ru_stime, 3)
        self.assertLess(usage.ru_maxrss, 300 * 1024)


class Checks(Report):
    def test_conditions_that_hold_fail(self):
        path = self.log(LOG)
        self.run_report("--fail-if", "max(Resident) > 89069", path)
        lines = self.said(
            *("--fail-if", "max(Resident) > 89068", "--fail-if", "gaps > 0"),
            *("--fail-if", "slope(cpu) < 0", "--fail-if=server: samples == 3", path),
            status=1,
        )
        self.assertEqual(
            lines,
            [
                "server: max(Resident) > 89068: found 89069",
                "server: slope(cpu) < 0: found -3420 (95 % interval: -4740.47 to "
                "-2099.53)",
                "server: samples == 3: found 3",
            ],
        )
        self.assertEqual(self.files(), ["server.tsv"])

    def test_figures_and_checks_in_one_run(self):
        path = self.log(LOG)
        result = self.run_report(
            *("--json", "--fail-if", "max(CPU) > 69", "--fail-if", "gaps > 0", path),
            status=1,
        )
        self.assertEqual(
            json.loads(result.stdout)["checks"],
            [
                {"check": "server: max(CPU) > 69", "found": "69.5", "failed": True},
                {"check": "server: gaps > 0", "found": "0", "failed": False},
            ],
        )

    def test_a_check_that_cannot_be_made_is_no_success(self):
        path = self.log("Time\tCPU\n09/16/08 14:24:10\t-1\n09/16/08 14:24:20\t-1\n")
        line = self.said("--fail-if", "max(CPU) > 1", path, status=1)[-1]
        self.assertEqual(line, "server: max(CPU) > 1: found no value")
        self.assertEqual(
            self.error("--fail-if", "max(Threads) > 1", self.log(LOG)),
            "--fail-if 'max(Threads) > 1': found no column \"Threads\" in the log "
            "server, expected one of CPU, Resident, Virtual",
        )
        self.assertIn(
            "expected a number, without a unit",
            self.error("--fail-if", "max(CPU) > 1k", path),
        )

    def test_a_baseline(self):
        old = self.log(LOG, "old.tsv")
        new = self.log(LOG.replace("\t89056", "\t92056"), "new.tsv")
        self.run_report("--baseline", old, new)
        lines = self.said("--baseline", old, "--tolerance", "1.5%", new, status=1)
        self.assertEqual(
            lines,
            [
                "new: p95(Resident) > 90404.1, 1.5 % above 89068.1 of "
                f"{old}: found 91757.3",
            ],
        )
        self.assertIn("10%", self.error("--baseline", old, "--tolerance", "2", new))
        self.assertIn("--baseline", self.error("--tolerance", "2%", new))

    def test_marks(self):
        path = self.log(LOG)
        marks = self.json(
            *("--mark", "09/16/08 14:24:15 restart", "--mark", "14:24:20 <b>two</b>"),
            *("--mark", "2008-09-16T14:24:25.5 more words", path),
        )["marks"]
        self.assertEqual(
            marks,
            [
                {"time": "2008-09-16T14:24:15", "label": "restart"},
                {"time": "2008-09-16T14:24:20", "label": "<b>two</b>"},
                {"time": "2008-09-16T14:24:25.500", "label": "more words"},
            ],
        )
        self.assertIn("--mark: found", self.error("--json", "--mark", "now x", path))

    def test_wrong_command_lines(self):
        path = self.log(LOG)
        for arguments, words in (
            ([], "report takes the logs"),
            (["-o"], "-o wants a value"),
            (["-x", path], "no option -x"),
            (["--interval", "1", path], "no option --interval"),
            (["--title", "a", "--title", "b", path], "--title: found it twice"),
            (["--time-format", "%Q", path], "strftime"),
            (["--time-format", "%F", path], "no time of day"),
            (["--json", "-o", "-", path], "both to standard output"),
            (["-o", path, path], "would overwrite the log"),
        ):
            self.assertIn(words, self.error(*arguments))

    def test_standard_input_is_read_once(self):
        path = self.log(LOG)
        for arguments in ([path, "-", "-"], ["-", "--baseline", "-"]):
            self.assertEqual(
                self.error("--json", *arguments),
                "found - 2 times, expected it once: standard input can be read once",
            )

    def test_a_constant_column_does_not_grow(self):
        rows = "".join(f"{1700000000 + at}\t12.3\n" for at in range(20001))
        path = self.log("Time\tCPU\n" + rows)
        self.run_report(
            *("--fail-if", "slope(CPU) > 0", "--fail-if", "mean(CPU) > 12.3"), path
        )

    def test_what_is_found_shows_why_it_failed(self):
        rows = "".join(f"{1700000000 + at}\t{200000 + (at == 2)}\n" for at in range(3))
        path = self.log("Time\tResident\n" + rows)
        self.assertEqual(
            self.error("--fail-if", "mean(Resident) > 200000", path, status=1),
            "server: mean(Resident) > 200000: found 200000.3",
        )

    def test_names_that_steer_a_terminal(self):
        odd = self.log(LOG, "\x1b[31m\nx.tsv")
        packed = self.log(b"\x1f\x8b\n", "\x1b.gz")
        path = self.log(LOG.replace("CPU", "Load"))
        for arguments in (
            ["--fail-if", "max(None) > 1", odd],
            ["--json", packed],
            ["--json", "\x1b[31m\n"],
            ["-o", odd, odd],
        ):
            error = self.error(*arguments)
            self.assertIn("\\x1b", error)
            self.assertNotIn("\x1b", error)
        for line in self.said("--baseline", path, odd, status=0):
            self.assertTrue(line.startswith(r"\x1b[31m\nx: column "), line)

    def test_columns_that_are_alike_but_for_case(self):
        path = self.log(LOG.replace("Resident", "cpu"))
        self.run_report("--fail-if", "max(CPU) > 70", path)
        self.run_report("--fail-if", "max(cpu) > 70", path, status=1)
        self.assertIn(
            'found more than one like the column "Cpu"',
            self.error("--fail-if", "max(Cpu) > 70", path),
        )

    def test_long_texts_stay_whole(self):
        title = "\u20ac" * 1000
        name = "\u20ac" * 80
        found = self.json(
            *("--title", title, "--fail-if", "max(CPU) > 70" + " " * 2000),
            self.log(LOG, name + ".tsv"),
        )
        self.assertEqual(found["title"], title)
        check = found["checks"][0]["check"]
        self.assertEqual(check, name + ": max(CPU) > 70" + " " * 2000)


@needs_dygraphs
class Page(Report):
    def test_it_is_written_when_nothing_else_is_asked_for(self):
        path = self.log(LOG)
        self.assertEqual(self.run_report(path).stdout, b"report.html\n")
        self.assertIn("html", (self.folder / "report.html").read_text()[:100].lower())
        self.assertEqual(self.files(), ["report.html", "server.tsv"])
        # What is there is overwritten only when it is named.
        self.assertIn("-o report.html overwrites it", self.error(path))
        self.run_report("-o", "report.html", path)

    def test_it_is_written_with_checks_when_it_is_named(self):
        path = self.log(LOG)
        self.run_report("--fail-if", "gaps == 0", "-o", "a.html", path, status=1)
        self.run_report("--json", "--output", "b.html", path)
        self.assertEqual(self.files(), ["a.html", "b.html", "server.tsv"])

    def test_standard_output(self):
        path = self.log(LOG)
        out = self.run_report("-o", "-", path).stdout
        self.assertIn(b"html", out[:100].lower())
        same = self.run_report("-o", "/dev/stdout", path).stdout
        self.assertEqual(same, out)

    def test_what_fails_leaves_the_old_page(self):
        page = self.folder / "page.html"
        page.write_text("old")
        self.error("-o", page, self.log("Time\tCPU\nx\t1\n"))
        path = self.log(LOG)
        self.error("-o", page, "--mark", "x", path)
        self.assertIn(
            "install the package libjs-dygraphs",
            self.error("-o", page, "--dygraphs", self.folder, path),
        )
        self.assertEqual(page.read_text(), "old")
        self.assertEqual(self.files(), ["page.html", "server.tsv"])

    def test_a_link_and_a_mode_stay(self):
        (self.folder / "pages").mkdir()
        page = self.folder / "pages" / "page.html"
        page.write_text("old")
        page.chmod(0o640)
        link = self.folder / "link.html"
        link.symlink_to(page)
        self.run_report("-o", link, self.log(LOG))
        self.assertTrue(link.is_symlink())
        self.assertNotEqual(page.read_text(), "old")
        self.assertEqual(page.stat().st_mode & 0o777, 0o640)

    def test_a_link_that_leads_nowhere_yet(self):
        (self.folder / "pages").mkdir()
        (self.folder / "link.html").symlink_to("pages/next.html")
        page = self.folder / "pages" / "page.html"
        (self.folder / "pages" / "next.html").symlink_to(page)
        self.run_report("-o", "link.html", self.log(LOG))
        self.assertTrue((self.folder / "link.html").is_symlink())
        self.assertIn("html", page.read_text()[:100].lower())
        self.assertFalse(page.is_symlink())
        # It is there already.
        (self.folder / "report.html").symlink_to("nowhere")
        self.assertIn("-o report.html overwrites it", self.error("server.tsv"))
        self.assertTrue((self.folder / "report.html").is_symlink())
        self.assertEqual(
            self.files(), ["link.html", "pages", "report.html", "server.tsv"]
        )

    def test_a_page_that_may_not_be_written_to(self):
        path = self.log(LOG)
        page = self.folder / "page.html"
        page.write_text("old")
        page.chmod(0o444)
        options = {}
        program = PROCMONCTL
        if os.geteuid() == 0:
            program = self.folder / "procmonctl"
            shutil.copy(PROCMONCTL, program)
            os.chown(self.folder, NOBODY, -1)
            options = {"user": NOBODY}
        result = subprocess.run(
            [program, "report", "-o", page, path],
            cwd=self.folder,
            capture_output=True,
            text=True,
            **options,
        )
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(
            result.stderr,
            f"procmonctl: {page} cannot be written: Permission denied\n",
        )
        self.assertEqual(page.read_text(), "old")

    def test_the_log_on_standard_input_is_not_overwritten(self):
        path = self.log(LOG)
        other = self.log(LOG, "other.tsv")
        for arguments in (["-"], [other, "--baseline", "-"]):
            with open(path) as log:
                error = self.error(*arguments, "-o", path, stdin=log)
            self.assertEqual(
                error,
                f"-o {path} would overwrite the log -; give another name",
            )
            self.assertEqual(path.read_text(), LOG)

    def test_page_and_json_do_not_go_to_one_file(self):
        path = self.log(LOG)
        for output in ("/dev/stdout", self.folder / "out"):
            with open(self.folder / "out", "w") as out:
                error = self.error("--json", "-o", output, path, stdout=out)
            self.assertIn("both to standard output", error)
        self.assertIn(
            "both to standard output", self.error("--json", "-o", "/dev/stdout", path)
        )
        with open(os.devnull, "w") as null:
            self.run_report("--json", "-o", os.devnull, path, stdout=null)

    def test_a_file_that_may_not_grow(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        path = self.log(LOG)
        self.assertEqual(
            self.error("-o", "page.html", path, preexec_fn=limit),
            "page.html cannot be written: File too large",
        )
        self.assertEqual(self.files(), ["server.tsv"])

    def test_a_fifo_that_nobody_reads_any_more(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        path = self.log(LOG)
        process = harness.Process(
            [PROCMONCTL, "report", "-o", fifo, path], stderr=subprocess.PIPE
        )
        self.addCleanup(process.kill)
        with open(fifo, "rb") as page:
            page.read(1)
        with process.popen.stderr as errors:
            self.assertIn(b"fifo cannot be written: Broken pipe", errors.read())
        self.assertEqual(process.popen.wait(30), 2)

    def test_a_page_that_cannot_be_written(self):
        path = self.log(LOG)
        self.assertEqual(
            self.error("-o", "/nowhere/x.html", path),
            "/nowhere/x.html cannot be written: No such file or directory",
        )
        self.assertEqual(
            self.error("-o", "/dev/full", path),
            "/dev/full cannot be written: No space left on device",
        )
        with open("/dev/full", "w") as full:
            for arguments in (["-o", "-"], ["--json"]):
                error = self.error(*arguments, path, stdout=full)
                self.assertIn("No space left on device", error)


class Progress(Report):
    def test_a_terminal_is_told_how_far_it_is(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = harness.Process(
            [PROCMONCTL, "report", "--json", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        self.addCleanup(process.kill)
        os.close(theirs)
        os.set_blocking(ours, False)
        seen = b""
        rows = b"1700000000\t1\t2\t3\n" * 10000
        deadline = time.monotonic() + 60
        with process.popen.stdin as log:
            while b"MB" not in seen and time.monotonic() < deadline:
                log.write(rows)
                try:
                    seen += os.read(ours, 1000)
                except BlockingIOError:
                    pass
        self.assertRegex(seen, rb"-: \d+ MB")
        with process.popen.stdout as out:
            self.assertGreater(json.load(out)["logs"][0]["rows"], 0)
        self.assertEqual(process.popen.wait(30), 0)

    def test_nobody_else_is(self):
        path = self.log(LOG)
        self.assertEqual(self.run_report("--json", path).stderr, b"")


if __name__ == "__main__":
    harness.main()
