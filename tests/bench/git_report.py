"""What was measured, as a table."""

import datetime
import os
import platform
import statistics
import subprocess

import git_requests as requests
from git_servers import git

# What a server may need at most for each request, whatever the repository's size.
PEAK_BYTES_MAX = 300 << 20
HEAD = ("| request | server CPU, ours / git | wall | first pack byte | peak memory | bytes sent | "
        "bar | |\n|---|---|---|---|---|---|---|---|")


class Measurement:
    def __init__(self):
        self.cpu, self.wall, self.first_byte, self.peak, self.bytes = [], [], [], [], []

    def add(self, cpu, wall, peak, answer):
        self.cpu.append(cpu)
        self.wall.append(wall)
        self.peak.append(peak)
        if isinstance(answer, requests.Answer):
            self.bytes.append(answer.byte_count)
            if answer.first_pack_byte_seconds is not None:
                self.first_byte.append(answer.first_pack_byte_seconds)


def number(value, unit):
    if unit == "ms":
        return f"{value * 1000:,.1f} ms"
    if unit == "KB":
        return f"{value / 2**10:,.1f} KB" if value < 2**20 else f"{value / 2**20:,.1f} MB"
    return f"{value / 2**20:,.0f} MB"


class Row:
    """One request, measured at both servers. `bars`: what a ratio may be at most, by column."""

    COLUMNS = (("cpu", "cpu", "ms"), ("wall", "wall", "ms"), ("first byte", "first_byte", "ms"),
               ("peak", "peak", "MB"), ("bytes", "bytes", "KB"))

    def __init__(self, name, servers, bars):
        self.name = name
        self.measurements = {server: Measurement() for server in servers}
        self.bars = bars

    def medians(self, attribute):
        ours, theirs = (getattr(of_server, attribute) for of_server in self.measurements.values())
        if not ours or not theirs:
            return None
        return statistics.median(ours), statistics.median(theirs)

    def cell(self, attribute, unit):
        medians = self.medians(attribute)
        if medians is None:
            return ""
        ours, theirs = medians
        ratio = f" = {ours / theirs:.3f}x" if theirs else ""
        return f"{number(ours, unit)} / {number(theirs, unit)}{ratio}"

    def verdict(self):
        """The bars, and whether each is met."""
        words, met = [], True
        for column, attribute, _ in self.COLUMNS:
            medians = self.medians(attribute) if column in self.bars else None
            if medians is None or not medians[1]:
                continue
            words.append(f"{column} {self.bars[column]}x")
            met = met and medians[0] / medians[1] <= self.bars[column]
        peaks = next(iter(self.measurements.values())).peak
        if peaks:
            words.append("300 MB")
            met = met and max(peaks) <= PEAK_BYTES_MAX
        return ", ".join(words), ("met" if met else "**missed**") if words else ""

    def line(self):
        cells = [self.cell(attribute, unit) for _, attribute, unit in self.COLUMNS]
        return "| " + " | ".join([self.name, *cells, *self.verdict()]) + " |"


def table(rows):
    return "\n".join([HEAD, *(row.line() for row in rows)])


def repository_counts(repository):
    """How large it is, in words."""
    lines = git("count-objects", "-v", cwd=repository).stdout.decode().splitlines()
    counts = dict(line.split(": ") for line in lines)
    return f"{int(counts['in-pack']):,} objects, {int(counts['size-pack']) / 1024:,.1f} MB of pack"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(": ")[1].strip() for line in file if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else platform.machine()


def write(page, title, command, counts, runs, lines):
    """Puts the table where the page has the one of this title, or at its end."""
    text = page.read_text(encoding="utf-8") if page.exists() else "# Performance\n"
    version = subprocess.run(["git", "--version"], capture_output=True, check=True).stdout.decode()
    section = (f"## Against git http-backend: {title}\n\n"
               f"{counts}; {runs} alternating runs, medians; {machine()}, {os.uname().release}, "
               f"{version.strip()}; {datetime.date.today()}. Made by:\n\n    {command}\n\n{lines}\n")
    sections = text.split("\n## ")
    heading = section.split("\n", 1)[0][3:]
    kept = [part for part in sections if part.split("\n", 1)[0] != heading]
    page.write_text("\n## ".join(kept).rstrip("\n") + "\n\n" + section, encoding="utf-8")
