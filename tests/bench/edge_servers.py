"""Edges that are measured: the core under node or workerd, in front of a validator."""

import glob
import json
import os
import pathlib
import subprocess
import time
import urllib.request

from git_servers import free_port, wait_until
from process_usage import descendants

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FRESH_MS = 1000


def workerd_program():
    found = glob.glob(str(ROOT / "wasm/node_modules/@cloudflare/workerd-*/bin/workerd"))
    if not found:
        raise RuntimeError("npm has not installed workerd: ./dev edge does")
    return found[0]


class EdgeServer:
    """An edge with an empty folder of its own, in front of `validator`."""

    def __init__(self, host, folder, build, validator):
        self.host = host
        self.name = f"edge, {host}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.validator = validator
        self.folder = pathlib.Path(folder)
        self.build = pathlib.Path(build).resolve()
        self.starts = 0
        self.process = None
        self.own_pid = None

    def start(self):
        """Cold: nothing is kept from before."""
        self.starts += 1
        data = self.folder / f"edge-{self.host}-{self.starts}"
        programs = {"node": ["node.mjs", "--core", str(self.build / "bin")],
                    "workerd": ["run_workerd.mjs", "--deploy", str(ROOT / "deploy/edge"),
                                "--workerd", workerd_program()]}
        program, *arguments = programs[self.host]
        with open(self.folder / f"edge-{self.host}.log", "ab") as log:
            self.process = subprocess.Popen(
                ["node", str(self.build / "edge" / program), *arguments,
                 "--upstream", self.validator.url,
                 "--genesis", str(self.validator.data / "genesis.json"), "--data", str(data),
                 "--port", str(self.port), "--fresh", str(FRESH_MS), "--json"],
                stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} did not start")
        # Under workerd, what started it serves nothing.
        self.own_pid = json.loads(line).get("pid", self.process.pid)
        return self

    @property
    def pids(self):
        return [self.own_pid]

    def path(self, name):
        return self.validator.path(name)

    def health(self):
        with urllib.request.urlopen(self.url + "/health", timeout=30) as answer:
            return json.loads(answer.read())

    def finished_cpu_seconds(self):
        return 0.0

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process = None


INSTANTIATE_CONFIGURATION = """
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "core_module.mjs", esModule = embed "core_module.mjs"),
    (name = "core.wasm", wasm = embed "core.wasm"),
  ],
  compatibilityDate = "2024-09-23",
);
"""


class InstantiateServer:
    """workerd with a Worker that makes instances of the core."""

    def __init__(self, folder, build):
        self.port = free_port()
        self.folder = pathlib.Path(folder) / "instantiate"
        self.folder.mkdir(exist_ok=True)
        copies = {"worker.mjs": ROOT / "tests/bench/instantiate_worker.mjs",
                  "core_module.mjs": pathlib.Path(build) / "edge/core_module.mjs",
                  "core.wasm": pathlib.Path(build) / "edge/core.wasm"}
        for name, source in copies.items():
            (self.folder / name).write_bytes(source.read_bytes())
        configuration = self.folder / "config.capnp"
        configuration.write_text("@0xe0c1a2b3c4d5e6f7;\n" +
                                 INSTANTIATE_CONFIGURATION.format(port=self.port))
        started = time.perf_counter()
        self.process = subprocess.Popen([workerd_program(), "serve", str(configuration)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.answers("/none"), "workerd")
        self.start_seconds = time.perf_counter() - started

    def answers(self, path):
        try:
            return self.seconds_of(path) is not None
        except OSError:
            return False

    def seconds_of(self, path):
        started = time.perf_counter()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            answer.read()
        return time.perf_counter() - started

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


