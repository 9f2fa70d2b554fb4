"""The commands that trust no server, with a place of their own to remember what they saw."""

import base64
import json
import os
import subprocess

from support.client import ENVIRONMENT
from support.proxy import Proxy
from support.server import ADMINISTRATOR, COMMAND, ServerTest

CAPNP = {"Accept": "application/vnd.ashlar.capnp"}
DONE, FAILED, UNREACHABLE, NOT_PROVEN, TOO_OLD = range(5)


def proof_path(name, ref=None):
    path = f"/api/ashlar/v1/repos/{ADMINISTRATOR}/{name}/proof"
    return path if ref is None else f"{path}?ref={ref}"


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]


def flipped_inside(content, part, at):
    """One bit of `part`, which must stand in the content, at this place in it."""
    begin = content.find(part)
    assert begin >= 0, "the part is not there"
    return flipped(content, begin + at)


class TrustTest(ServerTest):
    """A server, a proxy before it, and the genesis that came from elsewhere."""

    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.server)
        self.addCleanup(self.proxy.close)
        self.trust = os.path.join(self.work, "trust")
        self.genesis = os.path.join(self.server.data, "genesis.json")

    @property
    def environment(self):
        path = os.path.dirname(COMMAND) + os.pathsep + ENVIRONMENT["PATH"]
        return {"ASHLAR_TRUST": self.trust, "ASHLAR_GENESIS": self.genesis, "PATH": path}

    def ashlar(self, *arguments, genesis=True):
        environment = {**ENVIRONMENT, **self.environment}
        if not genesis:
            del environment["ASHLAR_GENESIS"]
        return subprocess.run([COMMAND, *arguments], cwd=self.work, env=environment,
                              capture_output=True, text=True, timeout=120, check=False)

    def verify(self, name, *arguments, genesis=True, owner=ADMINISTRATOR):
        return self.ashlar("verify", f"{self.proxy.url}/{owner}/{name}.git", *arguments,
                           genesis=genesis)

    def proof(self, name, ref=None):
        """As JSON, from the server itself."""
        answer = self.server.request("GET", proof_path(name, ref))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def signed_parts(self, proof):
        """What a proof is made of, byte for byte."""
        parts = {"header": proof["header"]["canonical"],
                 "certificate": proof["certificate"]["canonical"]}
        for link in proof["links"]:
            kind = link["path"].split("/")[0]
            parts[kind + " record"] = link["record"]
            parts[kind + " proof"] = link["tree_proof"]
        return {name: base64.b64decode(text) for name, text in parts.items()}


def json_of(result):
    return json.loads(result.stdout)
