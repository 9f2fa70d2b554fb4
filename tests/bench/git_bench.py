#!/usr/bin/env python3
"""Measures Ashlar beside git http-backend, in one run, alternating; see README.md.

    git_bench.py --ashlar build/bin/ashlar [--repository PATH] [--runs N] [--only NAME]...
                 [--write docs/performance.md]

Prints a Markdown table: for each request the medians of both servers' CPU, wall time and peak
memory, the ratio of ours to git's, and the bar that the ratio is held against.
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import sys
import tempfile
import time

import git_report as report
import git_requests as requests
from git_repository import make_many_refs, make_repository
from git_servers import AshlarServer, HttpBackendServer, git
from process_usage import PeakMemory, child_cpu_seconds, cpu_seconds

BRANCHES_AND_TAGS = ("refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
# So that a cheap request is measured above the noise: it is made so often in one measurement.
REPEATS_CHEAP = 40
MANY_REFS = 100_000
AUTHOR = {"GIT_AUTHOR_NAME": "Bench", "GIT_AUTHOR_EMAIL": "bench@example.org",
          "GIT_COMMITTER_NAME": "Bench", "GIT_COMMITTER_EMAIL": "bench@example.org"}


def commit_file(work, name, text):
    (pathlib.Path(work) / name).write_text(text)
    git("add", name, cwd=work)
    git("commit", "-q", "-m", f"Change {name}", cwd=work, environment=AUTHOR)


def object_ids(repository):
    return sorted(git("rev-list", "--objects", "--all", "--no-object-names",
                      cwd=repository).stdout.splitlines())


def fsck_findings(repository):
    """What fsck says of the objects, in any order; that HEAD is unborn is no finding."""
    lines = git("fsck", "--full", "--strict", "--no-dangling", "--no-progress", cwd=repository,
                check=False).stderr.splitlines()
    return sorted({line for line in lines if not line.startswith(b"notice:")})


class Bench:
    def __init__(self, arguments, folder):
        self.runs = arguments.runs
        self.only = arguments.only
        self.folder = pathlib.Path(folder)
        self.source = self.folder / "source.git"
        if arguments.repository:
            git("clone", "-q", "--bare", "--no-local", arguments.repository, str(self.source))
            git("repack", "-q", "-a", "-d", cwd=self.source)
        else:
            make_repository(self.source)
        self.branch = git("symbolic-ref", "--short", "HEAD", cwd=self.source).stdout.decode().strip()
        self.source_refs = self.refs()
        self.servers = [AshlarServer(folder, arguments.ashlar), HttpBackendServer(folder)]
        self.works = {}
        self.pushed = {server.name: None for server in self.servers}
        self.rows = []

    def wanted(self, name):
        return self.only is None or any(part in name for part in self.only)

    def refs(self):
        lines = git("for-each-ref", "--format=%(objectname) %(refname)", cwd=self.source).stdout
        return dict(reversed(line.split(" ")) for line in lines.decode().splitlines())

    def take(self, measurement, server, action, repeats):
        """Runs the action. What it returns may hold a first-byte time and a byte count."""
        before = cpu_seconds(server.pids) + server.finished_cpu_seconds()
        started = time.perf_counter()
        with PeakMemory(server.pids) as peak:
            for _ in range(repeats):
                answer = action()
        wall = time.perf_counter() - started
        time.sleep(0.1)  # git's processes end a moment after the answer did
        used = cpu_seconds(server.pids) + server.finished_cpu_seconds() - before
        measurement.add(used / repeats, wall / repeats, peak.bytes, answer)

    def measure(self, name, action, before=None, repeats=1, bars=()):
        """`before(server, run)` prepares a run unmeasured; `action(server, run)` is measured."""
        if not self.wanted(name):
            return None
        row = report.Row(name, [server.name for server in self.servers], dict(bars))
        for run in range(self.runs):
            for server in self.servers if run % 2 == 0 else reversed(self.servers):
                if before:
                    before(server, run)
                self.take(row.measurements[server.name], server, lambda: action(server, run),
                          repeats)
        self.rows.append(row)
        print(row.line(), file=sys.stderr, flush=True)
        return row

    def run(self):
        if self.only is None or not all(part.startswith("ls-remote") for part in self.only):
            self.prepare()
            self.measure_clones()
            self.measure_fetch()
            self.measure_many()
            self.measure_pushes()
        self.measure_refs()

    def prepare(self):
        """What each server does with a new repository before it serves at its best."""
        row = report.Row("readying a repository after its push (background work; git: repack -ad "
                         "with bitmaps, commit-graph)", [server.name for server in self.servers], {})
        for server in self.servers:
            server.create("main")
            git("push", "-q", server.push_url("main"), *BRANCHES_AND_TAGS, cwd=self.source)
            self.take(row.measurements[server.name], server, lambda: server.settle("main"), 1)
            self.check_clone(server)
        row.measurements[self.servers[1].name].cpu = [self.servers[1].settle_cpu_seconds]
        for measurement in row.measurements.values():
            measurement.wall = []  # most of it is waiting for nothing more to happen
        self.rows.append(row)

    def check_clone(self, server):
        """The clone is right before it is fast: the same objects, and as clean as the source."""
        clone = self.folder / f"check-{server.port}.git"
        git("clone", "-q", "--mirror", server.url + server.path("main"), str(clone))
        if object_ids(clone) != object_ids(self.source):
            raise RuntimeError(f"{server.name}: a clone has other objects than what was pushed")
        if server is self.servers[0]:
            with concurrent.futures.ThreadPoolExecutor() as pool:
                of_source, of_clone = pool.map(fsck_findings, (self.source, clone))
            if of_clone != of_source:
                raise RuntimeError("fsck finds in a clone what it does not in the source")
        shutil.rmtree(clone)

    def work(self, server):
        """A clone of its own for each server, to push from."""
        if server.name not in self.works:
            work = self.folder / f"work-{server.port}"
            git("clone", "-q", "-b", self.branch, server.push_url("main"), str(work))
            self.works[server.name] = work
        return self.works[server.name]

    def push_one(self, server, run):
        """One more commit on a branch, as a person pushes it."""
        work = self.work(server)
        commit_file(work, "bench-push.txt", f"{run} {time.time()}\n")
        git("push", "-q", "origin", "HEAD:refs/heads/bench-push", cwd=work)
        self.pushed[server.name] = git("rev-parse", "HEAD", cwd=work).stdout.decode().strip()

    def clone_wants(self, server):
        pushed = self.pushed[server.name]
        return sorted({*self.source_refs.values(), *([pushed] if pushed else [])})

    def measure_clones(self):
        def tip(server):
            return [self.pushed[server.name]]

        forms = [("full clone", self.clone_wants, (), 0.25, 0.05),
                 ("depth-1 clone", tip, ("deepen 1",), 0.3, 0.02),
                 ("blobless clone", self.clone_wants, ("filter blob:none",), 0.15, 0.15)]
        for name, wants, arguments, first_bar, again_bar in forms:
            if not self.wanted(name):
                continue

            def ask(server, run):
                del run
                return requests.post(server, "main",
                                     requests.fetch_body(wants(server), arguments=arguments))

            first_byte = {"first byte": 0.05} if name == "full clone" else {}
            self.measure(name + ", first after a push", ask, before=self.push_one,
                         bars={"cpu": first_bar, **first_byte})
            for server in self.servers:
                self.push_one(server, 0)
                ask(server, 0)
            self.measure(name + ", again", ask, bars={"cpu": again_bar, **first_byte})

    def measure_refs(self):
        """git ls-remote: the capabilities, and then the refs, on one connection."""
        rows = [(f"ls-remote, {count:,} refs", count, [], bar)
                for count, bar in ((10, 0.06), (1_000, 0.06), (50_000, None), (MANY_REFS, 0.3))]
        rows += [(f"ls-remote, one prefix (1,000 refs) of {MANY_REFS:,} refs", MANY_REFS,
                  ["refs/heads/group7/"], 0.02),
                 (f"ls-remote, one name of {MANY_REFS:,} refs", MANY_REFS,
                  ["refs/heads/group7/branch107"], 0.02)]
        rows = [row for row in rows if self.wanted(row[0])]
        for count in sorted({row[1] for row in rows}):
            source = self.folder / f"refs{count}.git"
            make_many_refs(source, count)
            for server in self.servers:
                server.fill(f"refs{count}", source)
        for server in self.servers:
            for count in sorted({row[1] for row in rows}):
                server.settle(f"refs{count}")
        for title, count, prefixes, bar in rows:
            body = requests.ls_refs_body(prefixes)
            self.measure(title, lambda server, run: requests.ls_remote(server, f"refs{count}", body),
                         repeats=2 if count >= 50_000 and not prefixes else REPEATS_CHEAP,
                         bars={"cpu": bar} if bar else {})

    def measure_fetch(self):
        for behind in (1, 10):
            state = {}

            def before(server, run):
                work = self.work(server)
                old = git("rev-parse", "HEAD", cwd=work).stdout.decode().strip()
                for step in range(behind):
                    commit_file(work, f"fetch{run}.txt", f"{run} {step} {time.time()}\n")
                    git("push", "-q", "origin", "HEAD:refs/heads/bench-fetch", cwd=work)
                new = git("rev-parse", "HEAD", cwd=work).stdout.decode().strip()
                body = requests.fetch_body([new], [old])
                state[server.name] = body, server.bytes_without_bitmaps("main", body)

            def fetch(server, run):
                del run
                body, byte_count = state[server.name]
                answer = requests.post(server, "main", body)
                # What git sends with bitmaps is more than its client lacks.
                return answer if byte_count is None else answer.with_bytes(byte_count)

            plural = "es" if behind > 1 else ""
            self.measure(f"fetch, {behind} push{plural} behind (bytes: git's without bitmaps)",
                         fetch, before, bars={"cpu": 0.1, "bytes": 1.05})

    def measure_pushes(self):
        self.measure("push of one commit",
                     lambda server, run: git("push", "-q", "origin", "HEAD:refs/heads/pushed",
                                             cwd=self.work(server)),
                     before=lambda server, run: commit_file(self.work(server), "push.txt",
                                                            f"{run} {time.time()}\n"),
                     bars={"wall": 0.9})
        row = self.measure(
            "push of the whole repository",
            lambda server, run: git("push", "-q", server.push_url(f"whole{run}"),
                                    *BRANCHES_AND_TAGS, cwd=self.source),
            before=lambda server, run: server.create(f"whole{run}"))
        if row is None:
            return
        against = report.Row("the same, server CPU against git index-pack --strict alone",
                             [server.name for server in self.servers], {"cpu": 0.55})
        ours, theirs = (against.measurements[server.name] for server in self.servers)
        ours.cpu = row.measurements[self.servers[0].name].cpu
        theirs.cpu = [self.index_pack_cpu_seconds() for _ in range(self.runs)]
        self.rows.append(against)
        print(against.line(), file=sys.stderr, flush=True)

    def index_pack_cpu_seconds(self):
        pack = next((self.source / "objects/pack").glob("*.pack"))
        copy = self.folder / "index-pack.pack"
        shutil.copyfile(pack, copy)
        warned = ",".join(f"{rule}=warn" for rule in ("zeroPaddedFilemode", "badTimezone",
                                                      "missingSpaceBeforeDate"))
        return child_cpu_seconds(["git", "index-pack", f"--strict={warned}",
                                  "-o", str(self.folder / "index-pack.idx"), str(copy)])

    def measure_many(self):
        self.measure("8 clones at once",
                     lambda server, run: requests.post_at_once(
                         server, "main", requests.fetch_body(self.clone_wants(server)), 8),
                     bars={"wall": 0.15})
        tip = self.source_refs[f"refs/heads/{self.branch}"]
        parent = git("rev-parse", f"{tip}~10", cwd=self.source).stdout.decode().strip()
        fetch = requests.fetch_body([tip], [parent])
        self.measure("100 fetches at once", lambda server, run: requests.post_at_once(
            server, "main", fetch, 100))

    def stop(self):
        for server in self.servers:
            server.stop()


def command_of(arguments):
    """The command that measures the same again, wherever the repository lies."""
    words = ["./dev bench git"]
    if arguments.repository:
        words.append(f"--repository {pathlib.Path(arguments.repository).name}")
    words.append(f"--runs {arguments.runs}")
    words += [f"--only '{part}'" for part in arguments.only or []]
    return " ".join(words)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ashlar", required=True)
    parser.add_argument("--repository")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", action="append", metavar="NAME",
                        help="a part of the names of the rows to measure; may be given again")
    parser.add_argument("--write", help="the page whose table for this repository is replaced")
    parser.add_argument("--title", help="how the page calls the repository")
    arguments = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    for command in ("git", "nginx", "fcgiwrap", "curl"):
        if not shutil.which(command):
            sys.exit(f"git_bench: {command} is missing; install it first")
    with tempfile.TemporaryDirectory(prefix="ashlar-bench-") as folder:
        bench = Bench(arguments, folder)
        try:
            counts = report.repository_counts(bench.source)
            print(f"repository: {counts}\n", flush=True)
            bench.run()
        finally:
            bench.stop()
    table = report.table(bench.rows)
    print(table)
    if arguments.write:
        title = arguments.title or ("a repository by path" if arguments.repository
                                    else "a repository made by the bench")
        report.write(pathlib.Path(arguments.write), title, command_of(arguments), counts,
                     arguments.runs, table)


if __name__ == "__main__":
    main()
