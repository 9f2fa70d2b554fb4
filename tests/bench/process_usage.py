"""What a set of processes used: CPU from /proc (reaped children included) and peak memory."""

import os
import subprocess
import threading

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def _stat_fields(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()


def descendants(pid):
    """The process and everything below it that is alive now."""
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        found.append(current)
        try:
            tasks = os.listdir(f"/proc/{current}/task")
        except FileNotFoundError:
            continue
        for task in tasks:
            try:
                with open(f"/proc/{current}/task/{task}/children", encoding="ascii") as file:
                    queue.extend(int(child) for child in file.read().split())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def _running_seconds(pid):
    """What the live threads of a process used, to the nanosecond (a tick of stat is 10 ms)."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1e9


def cpu_seconds(pids):
    """User and system time of the processes, their descendants, and the children they reaped."""
    total = 0.0
    for root in pids:
        for pid in descendants(root):
            try:
                fields = _stat_fields(pid)
                own, reaped = (sum(int(fields[index]) for index in pair) / TICKS_PER_SECOND
                               for pair in ((11, 12), (13, 14)))
                # Threads that have ended are counted in ticks only.
                total += max(own, _running_seconds(pid)) + reaped
            except (FileNotFoundError, ProcessLookupError):
                continue
    return total


def child_cpu_seconds(command):
    """Runs a command to its end: the user and system time that it took, in all its threads."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} {command[1]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def resident_bytes(pids):
    """Resident pages, those of mapped files included."""
    total = 0
    for root in pids:
        for pid in descendants(root):
            try:
                with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                    total += int(file.read().split()[1]) * PAGE_BYTES
            except (FileNotFoundError, ProcessLookupError):
                continue
    return total


def private_bytes(pids):
    """Resident pages that are of no file: what the processes allocated themselves."""
    total = 0
    for root in pids:
        for pid in descendants(root):
            try:
                with open(f"/proc/{pid}/status", encoding="ascii") as file:
                    total += sum(int(line.split()[1]) * 1024 for line in file
                                 if line.startswith("RssAnon:"))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return total


class PeakMemory:
    """Samples the memory of a server's processes while a request runs."""

    def __init__(self, pids, interval_seconds=0.01, measure=resident_bytes):
        self._pids = pids
        self._measure = measure
        self._interval = interval_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.bytes = 0

    def _sample(self):
        while not self._stop.wait(self._interval):
            self.bytes = max(self.bytes, self._measure(self._pids))

    def __enter__(self):
        self.bytes = self._measure(self._pids)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
