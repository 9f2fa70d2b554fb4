#!/usr/bin/env python3
"""Measures Ashlar beside git http-backend, in one run, alternating; see README.md.

    git_bench.py --ashlar build/bin/ashlar [--repository PATH] [--runs N] [--only NAME,...]

Prints a Markdown table: for each request the medians of both servers' CPU, wall time and peak
memory, and the ratio of ours to git's.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

import git_requests as requests
from git_repository import make_repository
from git_servers import AshlarServer, HttpBackendServer, git
from process_usage import PeakMemory, cpu_seconds


class Measurement:
    def __init__(self):
        self.cpu, self.wall, self.first_byte, self.peak, self.bytes = [], [], [], [], []

    def take(self, server, action):
        """Runs the action once. What it returns may hold a first-byte time and a byte count."""
        before = cpu_seconds(server.pids) + server.finished_cpu_seconds()
        started = time.perf_counter()
        with PeakMemory(server.pids) as peak:
            answer = action()
        self.wall.append(time.perf_counter() - started)
        time.sleep(0.1)  # git's processes end a moment after the answer did
        self.cpu.append(cpu_seconds(server.pids) + server.finished_cpu_seconds() - before)
        self.peak.append(peak.bytes)
        if isinstance(answer, requests.Answer):
            self.bytes.append(answer.byte_count)
            if answer.first_pack_byte_seconds is not None:
                self.first_byte.append(answer.first_pack_byte_seconds)


class Bench:
    def __init__(self, arguments, folder):
        self.runs = arguments.runs
        self.only = arguments.only.split(",") if arguments.only else None
        self.folder = pathlib.Path(folder)
        self.source = self.folder / "source.git"
        if arguments.repository:
            git("clone", "-q", "--bare", "--no-local", arguments.repository, str(self.source))
            git("repack", "-q", "-a", "-d", cwd=self.source)
        else:
            make_repository(self.source)
        self.branch = git("symbolic-ref", "--short", "HEAD", cwd=self.source).stdout.decode().strip()
        self.servers = [AshlarServer(folder, arguments.ashlar), HttpBackendServer(folder)]
        self.rows = []

    def wanted(self, name):
        return self.only is None or any(part in name for part in self.only)

    def refs(self):
        lines = git("for-each-ref", "--format=%(objectname) %(refname)", cwd=self.source).stdout
        return dict(reversed(line.split(" ")) for line in lines.decode().splitlines())

    def measure(self, name, action, before=None):
        """`before(server, run)` prepares a run unmeasured; `action(server, run)` is measured."""
        if not self.wanted(name):
            return
        measurements = {server.name: Measurement() for server in self.servers}
        for run in range(self.runs):
            order = self.servers if run % 2 == 0 else reversed(self.servers)
            for server in order:
                if before:
                    before(server, run)
                measurements[server.name].take(server, lambda: action(server, run))
        self.rows.append((name, measurements))
        print(row(name, measurements), file=sys.stderr, flush=True)

    def push_source(self, server, name):
        server.create(name)
        git("push", "-q", server.push_url(name), "refs/heads/*:refs/heads/*",
            "refs/tags/*:refs/tags/*", cwd=self.source)
        server.settle(name)

    def run(self):
        for server in self.servers:
            self.push_source(server, "main")
            self.check_clone(server)
        self.measure_clones()
        self.measure_refs()
        self.measure_fetch()
        self.measure_pushes()
        self.measure_many()

    def check_clone(self, server):
        """The clone is right before it is fast: the same objects, and clean."""
        clone = self.folder / f"check-{server.port}.git"
        git("clone", "-q", "--mirror", server.url + server.path("main"), str(clone))
        objects = [sorted(git("rev-list", "--objects", "--all", cwd=repository).stdout.splitlines())
                   for repository in (self.source, clone)]
        if objects[0] != objects[1]:
            raise RuntimeError(f"{server.name}: a clone has other objects than what was pushed")
        shutil.rmtree(clone)

    def measure_clones(self):
        wants = sorted(set(self.refs().values()))
        tip = self.refs()[f"refs/heads/{self.branch}"]
        forms = [("full clone", wants, ()), ("depth-1 clone", [tip], ("deepen 1",)),
                 ("blobless clone", wants, ("filter blob:none",))]
        for name, ids, arguments in forms:
            body = requests.fetch_body(ids, arguments=arguments)
            self.measure(name + ", first after a push",
                         lambda server, run: requests.post(server, "main", body),
                         before=self.push_one)
            for server in self.servers:
                requests.post(server, "main", body)
            self.measure(name + ", again", lambda server, run: requests.post(server, "main", body))

    def push_one(self, server, run):
        """A push to a branch of its own, so that the wants of the clone stay the same."""
        commit = git("commit-tree", "-m", f"before {server.name} {run} {time.time()}",
                     "-p", self.branch, self.branch + "^{tree}", cwd=self.source,
                     environment=AUTHOR).stdout.decode().strip()
        git("push", "-q", "-f", server.push_url("main"), f"{commit}:refs/heads/bench-push",
            cwd=self.source)

    def measure_refs(self):
        tip = self.refs()[f"refs/heads/{self.branch}"]
        for count in (10, 1_000, 50_000, 100_000):
            if not self.wanted(f"ls-remote, {count:,} refs") and not self.wanted("ls-remote, one"):
                continue
            name = f"refs{count}"
            lines = "".join(f"{tip} refs/heads/group{i % 100}/branch{i}\n" for i in range(count))
            many = self.folder / f"{name}.git"
            git("init", "-q", "--bare", str(many))
            (many / "packed-refs").write_text("# pack-refs with: peeled fully-peeled sorted \n" +
                                              "".join(sorted(lines.splitlines(True),
                                                             key=lambda line: line.split()[1])))
            (many / "objects/info/alternates").write_text(f"{self.source}/objects\n")
            for server in self.servers:
                server.create(name)
                for first in range(0, count, 50_000):
                    groups = [f"refs/heads/group{i}/*:refs/heads/group{i}/*"
                              for i in range(100)] if count > 50_000 else ["refs/heads/*:refs/heads/*"]
                    part = groups[:50] if first == 0 else groups[50:]
                    git("push", "-q", server.push_url(name), *(part or groups), cwd=many)
                server.settle(name)
            body = requests.ls_refs_body()
            self.measure(f"ls-remote, {count:,} refs",
                         lambda server, run: [requests.post(server, name, body) for _ in range(5)])
        body = requests.ls_refs_body(["refs/heads/group7/"])
        self.measure("ls-remote, one prefix of 100,000 refs",
                     lambda server, run: [requests.post(server, "refs100000", body) for _ in range(5)])

    def measure_fetch(self):
        clones = {}

        for behind in (1, 10):
            state = {}

            def before(server, run):
                work = clones.setdefault(server.name, self.folder / f"work-{server.port}")
                if not work.exists():
                    git("clone", "-q", server.push_url("main"), str(work))
                old = git("rev-parse", "HEAD", cwd=work).stdout.decode().strip()
                for step in range(behind):
                    commit_file(work, f"fetch{run}.txt", f"{run} {step} {time.time()}\n")
                    git("push", "-q", "origin", f"HEAD:{self.branch}", cwd=work)
                new = git("rev-parse", "HEAD", cwd=work).stdout.decode().strip()
                state[server.name] = requests.fetch_body([new], [old])

            plural = "es" if behind > 1 else ""
            self.measure(f"fetch, {behind} push{plural} behind",
                         lambda server, run: requests.post(server, "main", state[server.name]), before)

    def measure_pushes(self):
        works = {server.name: self.folder / f"push-{server.port}" for server in self.servers}

        def change(server, run):
            work = works[server.name]
            if not work.exists():
                git("clone", "-q", server.push_url("main"), str(work))
            commit_file(work, "push.txt", f"{run} {time.time()}\n")

        self.measure("push of one commit", lambda server, run: git(
            "push", "-q", "origin", "HEAD:refs/heads/pushed", cwd=works[server.name]), change)
        self.measure("push of the whole repository", lambda server, run: git(
            "push", "-q", server.push_url(f"whole{run}"), "refs/heads/*:refs/heads/*",
            "refs/tags/*:refs/tags/*", cwd=self.source),
            before=lambda server, run: server.create(f"whole{run}"))

    def measure_many(self):
        body = requests.fetch_body(sorted(set(self.refs().values())))
        self.measure("8 clones at once", lambda server, run: requests.post_at_once(
            server, "main", body, 8))
        tip = self.refs()[f"refs/heads/{self.branch}"]
        parent = git("rev-parse", f"{tip}~10", cwd=self.source).stdout.decode().strip()
        fetch = requests.fetch_body([tip], [parent])
        self.measure("100 fetches at once", lambda server, run: requests.post_at_once(
            server, "main", fetch, 100))

    def stop(self):
        for server in self.servers:
            server.stop()


AUTHOR = {"GIT_AUTHOR_NAME": "Bench", "GIT_AUTHOR_EMAIL": "bench@example.org",
          "GIT_COMMITTER_NAME": "Bench", "GIT_COMMITTER_EMAIL": "bench@example.org"}


def commit_file(work, name, text):
    (pathlib.Path(work) / name).write_text(text)
    git("add", name, cwd=work)
    git("commit", "-q", "-m", f"Change {name}", cwd=work, environment=AUTHOR)


def number(value, unit):
    if unit == "ms":
        return f"{value * 1000:,.1f} ms"
    return f"{value / 2**20:,.0f} MB"


def cell(ours, theirs, unit):
    if not ours or not theirs:
        return "-"
    a, b = statistics.median(ours), statistics.median(theirs)
    ratio = f"{a / b:.3f}x" if b else "-"
    return f"{number(a, unit)} / {number(b, unit)} = {ratio}"


def row(name, measurements):
    ours, theirs = measurements.values()
    sizes = cell(ours.bytes, theirs.bytes, "MB") if ours.bytes else "-"
    return "| " + " | ".join([name, cell(ours.cpu, theirs.cpu, "ms"), cell(ours.wall, theirs.wall, "ms"),
                              cell(ours.first_byte, theirs.first_byte, "ms"),
                              cell(ours.peak, theirs.peak, "MB"), sizes]) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ashlar", required=True)
    parser.add_argument("--repository")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", help="parts of the names of what is measured, by comma")
    arguments = parser.parse_args()
    for command in ("git", "nginx", "fcgiwrap", "curl"):
        if not shutil.which(command, path=os.environ["PATH"] + ":/usr/sbin"):
            sys.exit(f"git_bench: {command} is missing; install it first")
    os.environ["PATH"] += ":/usr/sbin"
    with tempfile.TemporaryDirectory(prefix="ashlar-bench-") as folder:
        bench = Bench(arguments, folder)
        try:
            counts = git("count-objects", "-v", cwd=bench.source).stdout.decode().replace("\n", " ")
            print(f"repository: {counts}\n", flush=True)
            bench.run()
        finally:
            bench.stop()
        print("| request | server CPU, ours / git | wall | first pack byte | peak memory | bytes |")
        print("|---|---|---|---|---|---|")
        for name, measurements in bench.rows:
            print(row(name, measurements))


if __name__ == "__main__":
    main()
