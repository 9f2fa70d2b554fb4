#!/usr/bin/env python3
# targets: consensus_floor ashlar_simulate
"""Measures agreement: how long it takes beside the least that it costs here, and how much of it
there is.

    consensus_bench.py --ashlar build/bin/ashlar [--seconds N] [--validators 1,4,7]
                       [--write docs/performance.md]

For each number of validators: the median from a transaction to its finality (one at a time, as a
client of one validator sees it over HTTP), transactions a second of many clients, pushes a second
of real git clients. The bare harness runs between, in the same run. Prints a Markdown table.
"""

import argparse
import datetime
import http.client
import json
import os
import pathlib
import platform
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

WARM_UP = 20
SEQUENTIAL_MIN = 100
CLIENTS = 32
PUSHERS = 4
FLOOR_ROUNDS = 1500
READY_SECONDS_MAX = 60
GIT_ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Bench",
    "GIT_AUTHOR_EMAIL": "bench@example.org",
    "GIT_COMMITTER_NAME": "Bench",
    "GIT_COMMITTER_EMAIL": "bench@example.org",
}


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) * percent // 100]


def free_ports(count):
    """The first of as many consecutive ports that nobody listens on."""
    for _ in range(100):
        first = random.randrange(20000, 60000 - count)
        sockets = []
        try:
            for port in range(first, first + count):
                probe = socket.socket()
                sockets.append(probe)
                probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for probe in sockets:
                probe.close()
    raise RuntimeError(f"no {count} consecutive ports are free")


class Client:
    """One connection that stays open."""

    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}

    def post(self, path, body):
        self.connection.request("POST", "/api/v3" + path, json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"POST {path} answered {answer.status}: {text[:300]!r}")
        return json.loads(text)

    def transact(self):
        """A small transaction; returns when it is final and applied here."""
        self.post("/admin/users/admin/authorizations", {"scopes": ["repo:read"], "note": "bench"})


class Network:
    """Validators of one network, each a process."""

    def __init__(self, command, folder, count):
        self.command, self.folder, self.count = command, pathlib.Path(folder), count
        self.first_port = free_ports(count)
        self.process = None
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        if self.count == 1:
            self.start_alone()
        else:
            self.run("up", "--validators", str(self.count), "--http-port", str(self.first_port),
                     "--detach")
        self.wait_until_ready()
        token = "data/operator.token" if self.count == 1 else "operator.token"
        self.token = (self.folder / token).read_text().strip()

    def run(self, action, *arguments):
        result = subprocess.run([self.command, "testnet", action, "--dir", str(self.folder),
                                 *arguments], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"testnet {action}: {result.stdout}{result.stderr}")

    def start_alone(self):
        self.process = subprocess.Popen(
            [self.command, "serve", "--data", str(self.folder / "data"),
             "--http", f"127.0.0.1:{self.first_port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS_MAX
        for port in self.ports:
            while not self.is_ready(port):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"no validator answers on port {port}")
                time.sleep(0.05)

    @staticmethod
    def is_ready(port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    @property
    def ports(self):
        return range(self.first_port, self.first_port + self.count)

    def client(self, number=0):
        return Client(self.first_port + number % self.count, self.token)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        elif self.count > 1:
            self.run("down")


def timed(action):
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1e3


def one_at_a_time(network, seconds):
    client = network.client()
    for _ in range(WARM_UP):
        client.transact()
    taken, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline or len(taken) < SEQUENTIAL_MIN:
        taken.append(timed(client.transact))
    return taken


def all_at_once(workers, seconds):
    """Each worker does its thing again and again; gives how long each took, and the rate."""
    taken, failures, lock = [], [], threading.Lock()
    deadline = time.monotonic() + seconds

    def work(action):
        mine = []
        try:
            while time.monotonic() < deadline:
                mine.append(timed(action))
        except Exception as error:  # told by the main thread
            failures.append(error)
        with lock:
            taken.extend(mine)

    threads = [threading.Thread(target=work, args=(action,)) for action in workers]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return taken, len(taken) / (time.monotonic() - started)


class Pusher:
    """A repository of its own at one validator, and its clone."""

    def __init__(self, network, folder, number):
        self.tree = pathlib.Path(folder) / f"tree-{number}"
        self.count = 0
        name = f"bench-{number}"
        network.client(number).post("/user/repos", {"name": name})
        port = network.first_port + number % network.count
        url = f"http://admin:{network.token}@127.0.0.1:{port}/admin/{name}.git"
        self.git("init", "-q", "-b", "main", str(self.tree), cwd=folder)
        self.git("remote", "add", "origin", url)
        self()

    def git(self, *arguments, cwd=None):
        result = subprocess.run(["git", *arguments], cwd=cwd or self.tree, env=GIT_ENVIRONMENT,
                                capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"git {arguments[0]}: {result.stderr}")

    def commit(self):
        self.count += 1
        (self.tree / "file").write_text(f"{self.count}\n")
        self.git("add", "file")
        self.git("commit", "-q", "-m", f"Change {self.count}")

    def __call__(self):
        self.commit()
        self.git("push", "-q", "origin", "main")


def pushes(network, folder, seconds):
    """Only the pushes are timed, but they share the machine with the commits between them."""
    pushers = [Pusher(network, folder, number) for number in range(PUSHERS)]
    taken, lock = [], threading.Lock()

    def one(pusher):
        pusher.commit()
        took = timed(lambda: pusher.git("push", "-q", "origin", "main"))
        with lock:
            taken.append(took)

    _, rate = all_at_once([lambda pusher=pusher: one(pusher) for pusher in pushers], seconds)
    return taken, rate


def floor(command, nodes, folder):
    result = subprocess.run([command, "--nodes", str(nodes), "--rounds", str(FLOOR_ROUNDS),
                             "--folder", str(folder)], capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def virtual_time(command):
    """Fifty validators, 100 ms between any two: the median in network delays."""
    result = subprocess.run([command, "--scenario", "fifty-far-apart", "--runs", "1", "--seed",
                             "3"], capture_output=True, text=True, check=True)
    found = re.search(r"median ([0-9.]+) ms, p99 ([0-9.]+) ms", result.stdout)
    return float(found.group(1)), float(found.group(2))


def milliseconds(value):
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def measure(arguments, count):
    programs = pathlib.Path(arguments.ashlar).resolve().parent
    row = {"validators": count}
    with tempfile.TemporaryDirectory(prefix="ashlar-bench-") as folder:
        floors = []
        if count > 1:
            floors.append(floor(programs / "consensus_floor", count, folder))
        network = Network(arguments.ashlar, folder, count)
        try:
            row["finality"] = one_at_a_time(network, arguments.seconds)
            clients = [network.client(number).transact for number in range(CLIENTS)]
            row["transactions"], row["transaction_rate"] = all_at_once(clients, arguments.seconds)
            row["pushes"], row["push_rate"] = pushes(network, folder, arguments.seconds)
        finally:
            network.stop()
        if count > 1:
            floors.append(floor(programs / "consensus_floor", count, folder))
            row["floor"] = statistics.median(one["p50_us"] for one in floors) / 1e3
    return row


def lines_of(rows, far):
    lines = ["| validators | transaction to finality, median (p99) | bare harness, median | ratio | "
             "transactions/s, p50, p99 | pushes/s, p50, p99 |",
             "|---|---|---|---|---|---|"]
    for row in rows:
        finality = statistics.median(row["finality"])
        bare = row.get("floor")
        lines.append(
            f"| {row['validators']} | {milliseconds(finality)} "
            f"({milliseconds(percentile(row['finality'], 99))}) | "
            f"{milliseconds(bare) if bare else ''} | {f'{finality / bare:.2f}x' if bare else ''} | "
            f"{row['transaction_rate']:.0f}, "
            f"{milliseconds(percentile(row['transactions'], 50))}, "
            f"{milliseconds(percentile(row['transactions'], 99))} | "
            f"{row['push_rate']:.1f}, {milliseconds(percentile(row['pushes'], 50))}, "
            f"{milliseconds(percentile(row['pushes'], 99))} |")
    if far:
        lines += ["", f"In virtual time, 50 validators with 100 ms between any two: from a block to "
                      f"its finality {far[0]:.0f} ms at the median, which is {far[0] / 100:.2f} "
                      f"network delays (p99 {far[1]:.0f} ms); durable writes of 1 to 2 ms each are "
                      f"in it."]
    return "\n".join(lines)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(": ")[1].strip() for line in file if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else platform.machine()


def write(page, seconds, lines):
    """Puts the section in the place of the page's, or at its end."""
    text = page.read_text(encoding="utf-8") if page.exists() else "# Performance\n"
    section = (
        "## Consensus\n\n"
        "`./dev bench consensus`: validators as processes of one machine (`ashlar testnet`; one "
        "alone: `ashlar serve`), which they share with their clients. A transaction is the "
        "creation of a token over HTTP, answered when it is final and applied; one client for the "
        f"first column, {CLIENTS} for the rate, {PUSHERS} git clients for the pushes of one commit "
        f"each, {seconds:.0f} seconds of each. The bare harness (`tests/bench/consensus_floor.cpp`: "
        "threads, a mesh of TCP connections, Ed25519 votes, two durable writes, three hops, blocks "
        "of 1 KiB) ran before and after each network. "
        f"{machine()}, {os.uname().release}; {datetime.date.today()}; load before the run "
        f"{os.getloadavg()[0]:.1f}.\n\n{lines}\n")
    kept = [part for part in text.split("\n## ") if not part.startswith("Consensus\n")]
    page.write_text("\n## ".join(kept).rstrip("\n") + "\n\n" + section, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ashlar", required=True)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--validators", default="1,4,7")
    parser.add_argument("--write", help="the page whose section on consensus is replaced")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    if load > os.cpu_count():
        print(f"consensus_bench: the machine is busy (load {load:.1f}); the figures will be worse "
              "than they need to be", file=sys.stderr)
    rows = []
    for count in arguments.validators.split(","):
        rows.append(measure(arguments, int(count)))
        print(lines_of(rows[-1:], None).splitlines()[-1], file=sys.stderr, flush=True)
    simulate = pathlib.Path(arguments.ashlar).resolve().parent / "ashlar_simulate"
    lines = lines_of(rows, virtual_time(simulate))
    print(lines)
    if arguments.write:
        write(pathlib.Path(arguments.write), arguments.seconds, lines)


if __name__ == "__main__":
    main()
