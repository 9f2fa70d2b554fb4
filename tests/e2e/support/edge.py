"""An edge of a test's own, under node or workerd, before servers that may lie."""

import glob
import json
import os
import subprocess
import urllib.error
import urllib.request

from support.server import SOURCE, Answer

BUILD = os.path.abspath(os.environ.get("ASHLAR_WASM_BUILD", os.path.join(SOURCE, "build-wasm")))
HOST = os.environ.get("ASHLAR_EDGE_HOST", "node")
PROGRAM = os.path.join(BUILD, "edge", {"node": "node.mjs", "workerd": "run_workerd.mjs"}[HOST])
STOP_SECONDS_MAX = 30


def workerd_program():
    """What npm installed for this machine; the package's own command is a script that starts it."""
    found = glob.glob(os.path.join(SOURCE, "wasm", "node_modules", "@cloudflare", "workerd-*", "bin",
                                   "workerd"))
    return found[0] if found else "workerd"


def host_arguments(host=HOST):
    if host == "node":
        return ["--core", os.path.join(BUILD, "bin")]
    return ["--deploy", os.path.join(SOURCE, "deploy", "edge"), "--workerd", workerd_program()]


class Edge:
    def __init__(self, folder, upstreams, genesis, *arguments):
        self.data = os.path.join(folder, "edge")
        self.log_path = os.path.join(folder, "edge.log")
        self.command = ["node", PROGRAM, "--upstream", ",".join(upstreams), "--genesis", genesis,
                        *host_arguments(), "--data", self.data, "--port", "0", "--json",
                        *arguments]
        self.process = None
        self.url = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(STOP_SECONDS_MAX)
            self.process.stdout.close()
            raise RuntimeError("the edge did not start: " + self.log())
        self.url = json.loads(line)["url"]
        return self

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def request(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.url + path, method=method, data=body,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())
