"""An edge of a test's own, under node, before servers that may lie."""

import json
import os
import subprocess
import urllib.error
import urllib.request

from support.server import SOURCE, Answer

BUILD = os.path.abspath(os.environ.get("ASHLAR_WASM_BUILD", os.path.join(SOURCE, "build-wasm")))
PROGRAM = os.path.join(BUILD, "edge", "node.mjs")
STOP_SECONDS_MAX = 30


class Edge:
    def __init__(self, folder, upstreams, genesis, *arguments):
        self.data = os.path.join(folder, "edge")
        self.log_path = os.path.join(folder, "edge.log")
        self.command = ["node", PROGRAM, "--upstream", ",".join(upstreams), "--genesis", genesis,
                        "--core", os.path.join(BUILD, "bin"), "--data", self.data, "--port", "0",
                        "--json", *arguments]
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
