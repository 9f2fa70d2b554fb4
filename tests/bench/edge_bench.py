#!/usr/bin/env python3
# targets: certificate_check
# needs: edge
"""Measures edges beside a validator and git http-backend, in one run, alternating; see README.md.

    edge_bench.py --ashlar build-release/bin/ashlar [--wasm build-wasm] [--runs N] [--commits N]
                  [--large MB] [--only PART,...] [--write docs/performance.md]

Prints Markdown: for each request the medians of all four servers' CPU, wall time and peak memory,
and what is held against a bar.
"""

import argparse
import gzip
import http.client
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import edge_report as report
import git_requests as requests
from edge_servers import FRESH_MS, EdgeServer, InstantiateServer
from git_repository import make_repository
from git_servers import AshlarServer, HttpBackendServer, git
from process_usage import PeakMemory, cpu_seconds, private_bytes

BRANCHES_AND_TAGS = ("refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
REPEATS_CHEAP = 40
INSTANTIATIONS = 15
CERTIFICATE_ROUNDS = 500
LARGE_FILE_BYTES = 1 << 20
AUTHOR = {"GIT_AUTHOR_NAME": "Bench", "GIT_AUTHOR_EMAIL": "bench@example.org",
          "GIT_COMMITTER_NAME": "Bench", "GIT_COMMITTER_EMAIL": "bench@example.org"}


def get(server, path):
    """Reads a page to nothing."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers={"Git-Protocol": "version=2"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{server.name} answered {answer.status} to {path}: {content[:300]!r}")


def ask_for_refs(server, name):
    get(server, server.path(name) + "/info/refs?service=git-upload-pack")


def object_ids(repository):
    return sorted(git("rev-list", "--objects", "--all", "--no-object-names",
                      cwd=repository).stdout.splitlines())


class Bench:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.runs = arguments.runs
        self.folder = pathlib.Path(folder)
        self.source = self.folder / "source.git"
        commits = arguments.commits if not arguments.only or "requests" in arguments.only else 1
        make_repository(self.source, commits=commits)
        refs = git("for-each-ref", "--format=%(objectname)", cwd=self.source).stdout.decode()
        self.wants = sorted(set(refs.split()))
        self.validator = AshlarServer(folder, arguments.ashlar)
        self.validator.name = "validator"
        self.git = HttpBackendServer(folder)
        self.edges = [EdgeServer(host, folder, arguments.wasm, self.validator)
                      for host in ("node", "workerd")]
        self.workerd = self.edges[1]
        self.servers = [self.validator, *self.edges, self.git]
        self.rows, self.figures = [], []

    def prepare(self):
        for server in (self.validator, self.git):
            server.create("main")
            git("push", "-q", server.push_url("main"), *BRANCHES_AND_TAGS, cwd=self.source)
            server.settle("main")
        expected = object_ids(self.source)
        for edge in self.edges:
            edge.start()
            clone = self.folder / f"check-{edge.host}.git"
            git("clone", "-q", "--mirror", edge.url + edge.path("main"), str(clone))
            if object_ids(clone) != expected:
                raise RuntimeError(f"{edge.name}: a clone has other objects than what was pushed")
            shutil.rmtree(clone)

    def take(self, measurement, server, action, repeats):
        before = cpu_seconds(server.pids) + server.finished_cpu_seconds()
        started = time.perf_counter()
        with PeakMemory(server.pids) as peak:
            for _ in range(repeats):
                action()
        wall = time.perf_counter() - started
        time.sleep(0.1)  # git's processes end a moment after the answer did
        used = cpu_seconds(server.pids) + server.finished_cpu_seconds() - before
        measurement.add(used / repeats, wall / repeats, peak.bytes)

    def measure(self, name, action, before=None, repeats=1, bars=(), servers=None):
        servers = servers or self.servers
        row = report.Row(name, [server.name for server in self.servers], bars)
        for run in range(self.runs):
            for server in servers if run % 2 == 0 else reversed(servers):
                if before:
                    before(server)
                self.take(row.measurements[server.name], server, lambda: action(server), repeats)
        self.rows.append(row)
        print(row.line(), file=sys.stderr, flush=True)

    def clone(self, server):
        requests.post(server, "main", requests.fetch_body(self.wants))

    def measure_requests(self):
        self.prepare()

        def start_cold(server):
            if server in self.edges:
                server.stop()
                server.start()

        self.measure("clone, the edge cold", self.clone, before=start_cold)
        self.measure("clone, the edge warm", self.clone, before=self.clone,
                     bars=[report.Bar("edge, workerd", "git http-backend", 0.1),
                           report.Bar("edge, node", "git http-backend", 0.1)])
        refs_body = requests.ls_refs_body()

        def list_refs(server):
            ask_for_refs(server, "main")
            requests.post(server, "main", refs_body)

        self.measure("ls-remote", list_refs, before=list_refs, repeats=REPEATS_CHEAP,
                     bars=[report.Bar("edge, workerd", "validator", 2),
                           report.Bar("edge, node", "validator", 2)])
        self.measure_fetch()
        page = f"/{self.validator.login}/main/tree/main/source/0"
        self.measure("a tree's page", lambda server: get(server, page),
                     before=lambda server: get(server, page), repeats=REPEATS_CHEAP,
                     servers=[self.validator, *self.edges])

    def measure_fetch(self):
        work = self.folder / "work"
        git("clone", "-q", "-b", "main", str(self.source), str(work))
        state = {}

        def push(server):
            if server is not self.validator and state.get("left"):
                state["left"].discard(server.name)
                return
            old = git("rev-parse", "HEAD", cwd=work).stdout.decode().strip()
            (work / "bench.txt").write_text(f"{time.time()}\n")
            git("add", "bench.txt", cwd=work)
            git("commit", "-q", "-m", "One more", cwd=work, environment=AUTHOR)
            new = git("rev-parse", "HEAD", cwd=work).stdout.decode().strip()
            for one in (self.validator, self.git):
                git("push", "-q", one.push_url("main"), "HEAD:refs/heads/bench", cwd=work)
            state["body"] = requests.fetch_body([new], [old])
            time.sleep(FRESH_MS / 1000 + 0.1)  # so that an edge asks for the newest

        def fetch(server):
            ask_for_refs(server, "main")
            requests.post(server, "main", state["body"])

        self.measure("fetch of one commit", fetch, before=push)

    def measure_module(self):
        build = pathlib.Path(self.arguments.wasm)
        module = (build / "edge/core.wasm").read_bytes()
        self.figures.append(report.Figure("the module, compressed (gzip -9)",
                                          len(gzip.compress(module, 9)) / 1000, "KB", 400))
        server = InstantiateServer(self.folder, build)
        try:
            first = server.seconds_of("/instantiate")
            rest = [server.seconds_of("/instantiate") for _ in range(INSTANTIATIONS)]
            idle = [server.seconds_of("/none") for _ in range(INSTANTIATIONS)]
        finally:
            server.stop()
        self.figures += [
            report.Figure("an instance in workerd, the first of a process", first * 1000, "ms", 50),
            report.Figure("an instance in workerd, less the request around it",
                          (statistics.median(rest) - statistics.median(idle)) * 1000, "ms", 50),
            report.Figure("workerd, from its start until a Worker with the core answers",
                          server.start_seconds * 1000, "ms", None)]

    def measure_certificate(self):
        native = [str(pathlib.Path(self.arguments.ashlar).parent / "certificate_check")]
        wasm = ["node", str(pathlib.Path(self.arguments.wasm) / "bin/certificate_check.js")]
        taken = {"native": [], "wasm": []}
        for _ in range(self.runs):
            for name, command in (("native", native), ("wasm", wasm)):
                said = subprocess.run([*command, str(CERTIFICATE_ROUNDS)], capture_output=True,
                                      check=True).stdout
                taken[name].append(json.loads(said))
        libsodium = statistics.median(one["three_signatures_us"] for one in taken["native"])
        checked = statistics.median(one["certificate_us"] for one in taken["wasm"])
        self.figures += [
            report.Figure("three signatures, native libsodium", libsodium / 1000, "ms", None),
            report.Figure("a certificate of 4 validators in WebAssembly", checked / 1000, "ms", 0.3),
            report.Figure("that against native libsodium", checked / libsodium, "x", 2.5)]

    def measure_large(self):
        """What the Worker holds while it streams a clone that is much larger."""
        megabytes = self.arguments.large
        work = self.folder / "large"
        git("init", "-q", "-b", "main", str(work))
        for number in range(megabytes * 1_000_000 // LARGE_FILE_BYTES):
            (work / f"file{number}").write_bytes(os.urandom(LARGE_FILE_BYTES))
        git("add", ".", cwd=work)
        git("-c", "core.compression=0", "commit", "-q", "-m", "Large", cwd=work, environment=AUTHOR)
        self.validator.create("large")
        git("-c", "pack.compression=0", "push", "-q", self.validator.push_url("large"), "main",
            cwd=work)
        tip = git("rev-parse", "HEAD", cwd=work).stdout.decode().strip()
        shutil.rmtree(work)
        self.workerd.stop()
        self.workerd.start()
        self.figures.append(report.Figure("workerd before it: private memory",
                                          private_bytes(self.workerd.pids) / 1e6, "MB", None))
        for state in ("cold", "warm"):
            with PeakMemory(self.workerd.pids) as all_of_it, \
                    PeakMemory(self.workerd.pids, measure=private_bytes) as private:
                answer = requests.post(self.workerd, "large", requests.fetch_body([tip]))
            if answer.byte_count < megabytes * 900_000:
                raise RuntimeError(f"a clone of {megabytes} MB has {answer.byte_count} bytes only")
            name = f"workerd while it streams {megabytes} MB, the edge {state}"
            self.figures.append(report.Figure(f"{name}: private memory", private.bytes / 1e6, "MB",
                                              100))
            self.figures.append(report.Figure(f"{name}: with what is mapped of its program",
                                              all_of_it.bytes / 1e6, "MB", None))
        self.figures.append(report.Figure("the core's memory then",
                                          self.workerd.health()["module_memory_bytes"] / 1e6, "MB",
                                          100))

    def run(self):
        parts = {"module": self.measure_module, "certificate": self.measure_certificate,
                 "requests": self.measure_requests, "large": self.measure_large}
        only = self.arguments.only.split(",") if self.arguments.only else list(parts)
        for name, part in parts.items():
            if name in only:
                part()

    def stop(self):
        for server in reversed(self.servers):
            server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ashlar", required=True)
    parser.add_argument("--wasm", default="build-wasm")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--commits", type=int, default=12_000)
    parser.add_argument("--large", type=int, default=300, metavar="MB")
    parser.add_argument("--only", help="module, certificate, requests, large, by comma")
    parser.add_argument("--write", help="the page whose section on edges is replaced")
    arguments = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    for command in ("git", "nginx", "fcgiwrap", "node", "setpriv"):
        if not shutil.which(command):
            sys.exit(f"edge_bench: {command} is missing; install it first")
    with tempfile.TemporaryDirectory(prefix="ashlar-bench-") as folder:
        bench = Bench(arguments, folder)
        try:
            bench.run()
        finally:
            bench.stop()
        counts = report.repository_counts(bench.source)
    text = report.text(counts, arguments, bench.rows, bench.figures)
    print(text)
    if arguments.write:
        report.write(pathlib.Path(arguments.write), text)


if __name__ == "__main__":
    main()
