"""What was measured of edges, as Markdown."""

import datetime
import os
import statistics

from git_report import machine, number, repository_counts

__all__ = ["Bar", "Figure", "Row", "repository_counts", "text", "write"]

HEADING = "Edges"


class Measurement:
    def __init__(self):
        self.cpu, self.wall, self.peak = [], [], []

    def add(self, cpu, wall, peak):
        self.cpu.append(cpu)
        self.wall.append(wall)
        self.peak.append(peak)

    def cell(self):
        if not self.cpu:
            return ""
        cpu, wall, peak = (statistics.median(values) for values in (self.cpu, self.wall, self.peak))
        return f"{number(cpu, 'ms')}, {number(wall, 'ms')}, {number(peak, 'MB')}"


class Bar:
    """What the CPU of one server may be at most of another's."""

    def __init__(self, server, against, ratio_max):
        self.server, self.against, self.ratio_max = server, against, ratio_max

    def words(self, measurements):
        ours, theirs = (statistics.median(measurements[name].cpu)
                        for name in (self.server, self.against))
        ratio = ours / theirs
        verdict = "met" if ratio <= self.ratio_max else "**missed**"
        return (f"{self.server} / {self.against} {ratio:.2f}x CPU, at most {self.ratio_max}x: "
                f"{verdict}")


class Row:
    """One request, measured at each server."""

    def __init__(self, name, servers, bars):
        self.name = name
        self.measurements = {server: Measurement() for server in servers}
        self.bars = bars

    def line(self):
        cells = [measurement.cell() for measurement in self.measurements.values()]
        bars = "; ".join(bar.words(self.measurements) for bar in self.bars)
        return "| " + " | ".join([self.name, *cells, bars]) + " |"


class Figure:
    """One value, and what it may be at most."""

    def __init__(self, name, value, unit, value_max):
        self.name, self.value, self.unit, self.value_max = name, value, unit, value_max

    def line(self):
        bar, verdict = "", ""
        if self.value_max is not None:
            bar = f"{self.value_max} {self.unit}"
            verdict = "met" if self.value <= self.value_max else "**missed**"
        return f"| {self.name} | {self.value:,.2f} {self.unit} | {bar} | {verdict} |"


def text(counts, arguments, rows, figures):
    names = list(rows[0].measurements) if rows else []
    lines = [f"{counts}; {arguments.runs} alternating runs, medians; {machine()}, "
             f"{os.uname().release}; {datetime.date.today()}. "
             f"`./dev bench edge --runs {arguments.runs} --commits {arguments.commits} "
             f"--large {arguments.large}`. Each cell: the server's CPU, wall time, peak memory of its "
             "processes.", "",
             "| request | " + " | ".join(names) + " | bars |",
             "|---" * (len(names) + 2) + "|", *(row.line() for row in rows), "",
             "| | | bar | |", "|---|---|---|---|", *(figure.line() for figure in figures)]
    return "\n".join(lines)


def write(page, lines):
    """Puts it where the page has such a section, or at its end."""
    content = page.read_text(encoding="utf-8") if page.exists() else "# Performance\n"
    kept = [part for part in content.split("\n## ") if part.split("\n", 1)[0] != HEADING]
    page.write_text("\n## ".join(kept).rstrip("\n") + f"\n\n## {HEADING}\n\n{lines}\n",
                    encoding="utf-8")
