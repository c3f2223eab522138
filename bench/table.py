"""The table: lines of rounds on the standard input, one line of each comparison
on the standard output.

A line of input is `what other unit budget ours others`, with tabs between; for
each comparison there is one of each round, and `-` stands for what there is
not. A budget "0.25x" limits the ratio of ours to the other, "1" ours itself.
"""

import statistics
import sys

COLUMNS = ("what", "ours", "other", "ratio", "budget", "")
TSV = ("what", "unit", "rounds", "ours", "ours_min", "ours_max", "other_is")
TSV += ("other", "other_min", "other_max", "ratio", "ratio_min", "ratio_max")
TSV += ("budget", "verdict")


def shown(value):
    """A number with three digits that count."""
    if abs(value) < 0.01:
        return f"{value:.1g}"
    for digits in (2, 1, 0):
        if abs(value) < 10 ** (3 - digits):
            return f"{value:.{digits}f}"
    return f"{value:,.0f}"


class Figure:
    """The median of all rounds, and how far they are apart."""

    def __init__(self, values):
        self.median = statistics.median(values)
        self.min, self.max = min(values), max(values)

    def short(self, unit=""):
        return shown(self.median) + unit

    def text(self, unit=""):
        low, high = shown(self.min), shown(self.max)
        return self.short(unit) + ("" if low == high else f" ({low}–{high})")

    def words(self):
        return [f"{value:.6g}" for value in (self.median, self.min, self.max)]


class Comparison:
    def __init__(self, what, other, unit, budget):
        self.what, self.other_name = what, other
        self.unit, self.budget = unit, budget
        self.ours, self.others = [], []

    def add(self, ours, other):
        self.ours.append(float(ours))
        if other != "-":
            self.others.append(float(other))

    def ratio(self):
        """Of each round, so that what slows both down does not show."""
        if not self.others or min(self.others) <= 0:
            return None
        return Figure([a / b for a, b in zip(self.ours, self.others)])

    def verdict(self):
        if self.budget == "-":
            return ""
        if self.budget.endswith("x"):
            ratio = self.ratio()
            is_ok = ratio is not None and ratio.median <= float(self.budget[:-1])
        else:
            is_ok = Figure(self.ours).median <= float(self.budget)
        return "ok" if is_ok else "OVER"

    def row(self):
        unit = "" if self.unit == "-" else " " + self.unit
        ours, other = Figure(self.ours), ""
        ratio = self.ratio()
        if ratio:
            other = f"{Figure(self.others).short(unit)}, {self.other_name}"
        budget = self.budget.replace("x", " ×")
        if budget[-1].isdigit():
            budget += unit
        return (
            self.what,
            ours.short(unit) if ratio else ours.text(unit),
            other,
            ratio.text(" ×") if ratio else "",
            "" if budget == "-" else "≤ " + budget,
            self.verdict(),
        )

    def tsv(self):
        ratio = self.ratio()
        other = Figure(self.others).words() if self.others else ["", "", ""]
        return [
            self.what,
            self.unit,
            str(len(self.ours)),
            *Figure(self.ours).words(),
            self.other_name,
            *other,
            *(ratio.words() if ratio else ["", "", ""]),
            self.budget,
            self.verdict(),
        ]


def read(lines):
    comparisons = {}
    for line in lines:
        what, other, unit, budget, ours, theirs = line.rstrip("\n").split("\t")
        key = (what, other)
        if key not in comparisons:
            comparisons[key] = Comparison(what, other, unit, budget)
        comparisons[key].add(ours, theirs)
    return list(comparisons.values())


def print_table(comparisons):
    """As Markdown has tables, so that a page can take it as it is."""
    rows = [COLUMNS] + [c.row() for c in comparisons]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    rule = ["-" * width for width in widths]
    for row in [rows[0], rule] + rows[1:]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths))
        print("| " + " | ".join(cells) + " |")


def main():
    comparisons = read(sys.stdin)
    print_table(comparisons)
    over = sum(c.verdict() == "OVER" for c in comparisons)
    budgets = sum(c.verdict() != "" for c in comparisons)
    print(f"\n{over} of {budgets} budgets exceeded")
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as out:
            for row in [list(TSV)] + [c.tsv() for c in comparisons]:
                out.write("\t".join(row) + "\n")


main()
