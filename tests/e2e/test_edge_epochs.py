"""An edge and `ashlar verify` follow a network whose validators change."""

import os
import subprocess
import time
import unittest

from support.client import ENVIRONMENT, commit_file, git, new_work_tree
from support.edge import PROGRAM, Edge
from support.server import ADMINISTRATOR, COMMAND
from support.testnet import TestnetTest

SECONDS_MAX = 60


@unittest.skipUnless(os.path.exists(PROGRAM) and os.path.exists(COMMAND),
                     "needs both builds: ./dev test")
class EdgeEpochsTest(TestnetTest):
    @property
    def genesis(self):
        return os.path.join(self.net, "genesis.json")

    def edge(self, name, *arguments):
        folder = os.path.join(self.work, name)
        os.makedirs(folder, exist_ok=True)
        upstreams = [validator.url for validator in self.validators[:2]]
        edge = Edge(folder, upstreams, self.genesis, *arguments).start()
        self.addCleanup(edge.stop)
        return edge

    def shows(self, edge, head):
        limit = time.monotonic() + SECONDS_MAX
        path = f"/{ADMINISTRATOR}/epochs.git/info/refs?service=git-upload-pack"
        while head not in edge.request("GET", path).body.decode(errors="replace"):
            self.assertLess(time.monotonic(), limit, "it does not follow: " + edge.log()[-2000:])
            time.sleep(0.02)

    def validator_command(self, *arguments):
        result = subprocess.run(
            [COMMAND, "validator", *arguments, "--server", self.validators[0].url,
             "--token-file", self.validators[0].token_path],
            capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def verify(self, edge, trust):
        environment = {**ENVIRONMENT, "ASHLAR_TRUST": os.path.join(self.work, trust)}
        result = subprocess.run(
            [COMMAND, "verify", f"{edge.url}/{ADMINISTRATOR}/epochs", "--genesis", self.genesis],
            env=environment, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def test_whoever_was_there_whoever_slept_and_whoever_comes(self):
        self.new_repository("epochs")
        tree = new_work_tree(self.work)
        url = self.url(0, "epochs")
        head = commit_file(tree, "file", "of the first epoch\n")
        git(tree, "push", "--quiet", url, "main")
        told = self.edge("told", "--fresh", "1000000000000")
        asleep = self.edge("asleep")
        self.shows(told, head)
        self.shows(asleep, head)
        self.verify(told, "kept")
        asleep.stop()

        self.assertIn("epoch 1", self.validator_command("remove", "v4"))
        head = commit_file(tree, "file", "of the second\n")
        git(tree, "push", "--quiet", url, "main")
        self.shows(told, head)
        self.shows(self.edge("asleep"), head)
        self.shows(self.edge("new"), head)
        # From what was trusted before, and from the genesis alone.
        for trust in ("kept", "fresh"):
            self.assertIn(head, self.verify(told, trust))
        self.assertNotIn("refused", told.log())


if __name__ == "__main__":
    unittest.main()
