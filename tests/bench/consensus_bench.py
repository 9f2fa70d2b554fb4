#!/usr/bin/env python3
# targets: consensus_floor ashlar_simulate
"""Measures agreement: how long it takes beside the least that it costs here, and how much of it
there is.

    consensus_bench.py --ashlar build/bin/ashlar [--seconds N] [--validators 1,4,7]
                       [--only finality,rates,push,far] [--write docs/performance.md]

For each number of validators: the median from a transaction to its finality (one at a time, as a
client of one validator sees it over HTTP), transactions a second of many clients, pushes a second
of real git clients. The bare harness runs between, in the same run, by turns. With four validators:
a push of one commit beside the same push to git http-backend, by turns. At last fifty validators in
virtual time. Prints Markdown.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from git_servers import HttpBackendServer
from process_usage import cpu_seconds
from validator_network import Network, Pusher

WARM_UP = 20
SEQUENTIAL_MIN = 50
CLIENTS = 32
PUSHERS = 4
FLOOR_ROUNDS = 600
PUSHES_EACH = 20
FINALITY_BAR, PUSH_BAR, FAR_BAR_DELAYS = 2.0, 0.9, 3.2
# The harness and the validators take turns, so that a noisy moment of the machine meets both.
TURNS = 5
PARTS = ("finality", "rates", "push", "far")


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) * percent // 100]


def timed(action):
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1e3


def one_at_a_time(client, seconds):
    taken, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline or len(taken) < SEQUENTIAL_MIN:
        taken.append(timed(client.transact))
    return taken


def finality(network, harness, folder, seconds):
    """What transactions took, the medians of the harness, and the validators' CPU for each."""
    client = network.client()
    for _ in range(WARM_UP):
        client.transact()
    taken, floors, cpu = [], [], 0.0
    for _ in range(TURNS):
        if network.count > 1:
            floors.append(floor(harness, network.count, folder)["p50_us"] / 1e3)
        before = cpu_seconds(network.pids)
        taken += one_at_a_time(client, seconds / TURNS)
        cpu += cpu_seconds(network.pids) - before
    return {"finality": taken, "cpu": cpu / len(taken) * 1e3,
            "floor": statistics.median(floors) if floors else None}


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


def pushes(network, folder, seconds):
    """Only the pushes are timed, but they share the machine with the commits between them."""
    pushers = [network.pusher(folder, number) for number in range(PUSHERS)]
    taken, lock = [], threading.Lock()

    def one(pusher):
        pusher.commit()
        took = timed(pusher.push)
        with lock:
            taken.append(took)

    _, rate = all_at_once([lambda pusher=pusher: one(pusher) for pusher in pushers], seconds)
    return taken, rate


def against_http_backend(network, folder, pushes_each):
    """One client pushes one commit at a time, by turns to a validator and to git http-backend."""
    peer = HttpBackendServer(folder)
    try:
        peer.create("pushed")
        pushers = {"ours": network.pusher(folder, PUSHERS),
                   "theirs": Pusher(pathlib.Path(folder) / "tree-theirs", peer.push_url("pushed"))}
        taken = {name: [] for name in pushers}
        for turn in range(pushes_each + 1):
            for name in sorted(pushers, reverse=turn % 2 == 1):
                pushers[name].commit()
                took = timed(pushers[name].push)
                if turn > 0:  # the first one warms both up
                    taken[name].append(took)
        return taken
    finally:
        peer.stop()


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


def measure(arguments, parts, count):
    programs = pathlib.Path(arguments.ashlar).resolve().parent
    row = {"validators": count}
    with tempfile.TemporaryDirectory(prefix="ashlar-bench-") as folder:
        network = Network(arguments.ashlar, folder, count)
        try:
            if "finality" in parts:
                row.update(finality(network, programs / "consensus_floor", folder,
                                    arguments.seconds))
            if "rates" in parts:
                clients = [network.client(number).transact for number in range(CLIENTS)]
                row["transactions"], row["transaction_rate"] = all_at_once(clients,
                                                                           arguments.seconds)
                row["pushes"], row["push_rate"] = pushes(network, folder, arguments.seconds)
            if "push" in parts and count == 4:
                row["against"] = against_http_backend(network, folder, PUSHES_EACH)
        finally:
            network.stop()
    return row


def verdict(value, bar):
    return "met" if value <= bar else "**missed**"


def cells_of(row):
    cells = [str(row["validators"])]
    if "finality" in row:
        middle, bare = statistics.median(row["finality"]), row["floor"]
        cells.append(f"{milliseconds(middle)} ({milliseconds(percentile(row['finality'], 99))})")
        cells.append(milliseconds(row["cpu"]))
        cells.append(milliseconds(bare) if bare else "")
        word = f", {verdict(middle / bare, FINALITY_BAR)}" if row["validators"] == 4 else ""
        cells.append(f"{middle / bare:.2f}x{word}" if bare else "")
    else:
        cells += [""] * 4
    for name, rate_name in (("transactions", "transaction_rate"), ("pushes", "push_rate")):
        rate = row.get(rate_name)
        cells.append("" if rate is None else
                     f"{rate:.1f}, {milliseconds(percentile(row[name], 50))}, "
                     f"{milliseconds(percentile(row[name], 99))}")
    return cells


def lines_of(rows, far):
    lines = ["| validators | transaction to finality, median (p99) | their CPU for it | "
             f"bare harness, median | ratio (bar for four: {FINALITY_BAR:.0f}x) | "
             "transactions/s, p50, p99 | pushes/s, p50, p99 |",
             "|---|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(cells_of(row)) + " |" for row in rows]
    for row in rows:
        if "against" in row:
            ours, theirs = (statistics.median(row["against"][name]) for name in ("ours", "theirs"))
            lines += ["", f"A push of one commit, wall clock of git, by turns, {PUSHES_EACH} of "
                          f"each: through four validators {milliseconds(ours)}, to git "
                          f"http-backend (nginx, fcgiwrap) {milliseconds(theirs)}: "
                          f"{ours / theirs:.2f}x, bar {PUSH_BAR}x: "
                          f"{verdict(ours / theirs, PUSH_BAR)}."]
    if far:
        lines += ["", f"In virtual time, 50 validators with 100 ms between any two: from a block to "
                      f"its finality {far[0]:.0f} ms at the median, which is {far[0] / 100:.2f} "
                      f"network delays (p99 {far[1]:.0f} ms); durable writes of 1 to 2 ms each are "
                      f"in it. The bar is {FAR_BAR_DELAYS} and the writes: "
                      f"{verdict(far[0] / 100, FAR_BAR_DELAYS)}."]
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
        f"`./dev bench consensus {' '.join(sys.argv[3:])}`: validators as processes of one machine "
        "(`ashlar testnet`; one alone: `ashlar serve`), which they share with their clients. A transaction is the "
        "creation of a token over HTTP, answered when it is final and applied; one client for the "
        f"first column, {CLIENTS} for the rate, {PUSHERS} git clients for the pushes of one commit "
        f"each, {seconds:.0f} seconds of each. The bare harness (`tests/bench/consensus_floor.cpp`: "
        "threads, a mesh of TCP connections, Ed25519 votes, two durable writes, three hops, blocks "
        "of 1 KiB) and one client of the network took turns. "
        f"{machine()}, {os.uname().release}; {datetime.date.today()}; load before the run "
        f"{os.getloadavg()[0]:.1f}.\n\n{lines}\n")
    kept = [part for part in text.split("\n## ") if not part.startswith("Consensus\n")]
    page.write_text("\n## ".join(kept).rstrip("\n") + "\n\n" + section, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ashlar", required=True)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--validators", default="1,4,7")
    parser.add_argument("--only", default=",".join(PARTS), help="which of these, by comma")
    parser.add_argument("--write", help="the page whose section on consensus is replaced")
    arguments = parser.parse_args()
    parts = arguments.only.split(",")
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"consensus_bench: --only knows no {sorted(unknown)}, but {', '.join(PARTS)}")
    os.environ["PATH"] += ":/usr/sbin"
    for command in ("git", "nginx", "fcgiwrap"):
        if "push" in parts and not shutil.which(command):
            sys.exit(f"consensus_bench: {command} is missing; install it first")
    load = os.getloadavg()[0]
    if load > os.cpu_count():
        print(f"consensus_bench: the machine is busy (load {load:.1f}); the figures will be worse "
              "than they need to be", file=sys.stderr)
    rows = []
    for count in arguments.validators.split(","):
        rows.append(measure(arguments, parts, int(count)))
        print("\n".join(lines_of(rows[-1:], None).splitlines()[2:]), file=sys.stderr, flush=True)
    simulate = pathlib.Path(arguments.ashlar).resolve().parent / "ashlar_simulate"
    lines = lines_of(rows, virtual_time(simulate) if "far" in parts else None)
    print(lines)
    if arguments.write:
        write(pathlib.Path(arguments.write), arguments.seconds, lines)


if __name__ == "__main__":
    main()
