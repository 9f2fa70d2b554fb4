"""Whoever trusts no server follows a change of the validators: verify, clones and receipts."""

import os
import subprocess
import unittest

from support.client import ENVIRONMENT, commit_file, git, new_work_tree
from support.governance import GovernanceTest
from support.proxy import Proxy
from support.server import ADMINISTRATOR, COMMAND
from support.trust import DONE, NOT_PROVEN, flipped, json_of

EPOCHS = "/api/ashlar/v1/epochs/"


class ChangedValidators(GovernanceTest):
    def setUp(self):
        super().setUp()
        self.genesis = os.path.join(self.net, "genesis.json")
        self.proxy = Proxy(self.validators[0])
        self.addCleanup(self.proxy.close)
        self.address = f"{self.proxy.url}/{ADMINISTRATOR}/followed"

    def environment(self, trust):
        return {"ASHLAR_TRUST": os.path.join(self.work, trust), "ASHLAR_GENESIS": self.genesis,
                "PATH": os.path.dirname(COMMAND) + os.pathsep + ENVIRONMENT["PATH"]}

    def ashlar(self, trust, *arguments):
        return subprocess.run([COMMAND, *arguments], cwd=self.work, capture_output=True, text=True,
                              env={**ENVIRONMENT, **self.environment(trust)}, timeout=120,
                              check=False)

    def proven(self, trust, *arguments):
        result = self.ashlar(trust, *arguments, "--json")
        self.assertEqual(result.returncode, DONE, result.stdout + result.stderr)
        return json_of(result)

    def assert_not_proven(self, trust, *arguments):
        result = self.ashlar(trust, *arguments)
        self.assertEqual(result.returncode, NOT_PROVEN, result.stdout + result.stderr)
        return result.stderr

    def pushed(self, tree, content):
        head = commit_file(tree, "file", content)
        git(tree, "push", "--quiet", self.url(0, "followed"), "main")
        return head

    def change_twice(self):
        """From four to five to four others; gives the fifth validator."""
        fifth, key, address = self.new_validator(5)
        self.addCleanup(lambda: fifth.process and fifth.kill())
        self.validator_command("add", "v5", "--key", key, "--address", address)
        fifth.start()
        self.wait_until(fifth.is_ready, "the fifth does not get ready: " + fifth.log()[-1000:])
        self.validator_command("remove", "v2")
        return fifth

    def test_verify_clones_and_receipts_follow(self):
        self.new_repository("followed")
        tree = new_work_tree(self.work)
        first = self.pushed(tree, "1\n")
        recorded = {}

        def record(path, request, content):
            recorded[(path, request)] = content
            return content

        self.proxy.change = record
        before = self.proven("early", "verify", self.address)
        self.assertEqual(before["refs"][0]["object_id"], first)
        self.assertEqual({signer["name"] for signer in before["signers"]} - {
            "v1", "v2", "v3", "v4"}, set())
        self.proven("early", "receipt", self.address, "main", "--output", "first")
        self.proxy.be_honest()
        git(self.work, "clone", "--quiet", "ashlar::" + self.address, "clone",
            environment=self.environment("cloned"))

        fifth = self.change_twice()
        second = self.pushed(tree, "2\n")
        # One that saw the first validators, one that saw nothing, and one that asks the new one.
        for trust in ("early", "late"):
            after = self.proven(trust, "verify", self.address)
            self.assertEqual(after["refs"][0]["object_id"], second)
            self.assertNotIn("v2", {signer["name"] for signer in after["signers"]})
        self.wait_until(
            lambda: self.proven("of the fifth", "verify",
                                f"{fifth.url}/{ADMINISTRATOR}/followed")["refs"][0]["object_id"] ==
            second, "the new validator shows an old state")
        clone = os.path.join(self.work, "clone")
        git(clone, "fetch", "--quiet", environment=self.environment("cloned"))
        self.assertEqual(git(clone, "rev-parse", "origin/main"), second)

        with self.subTest("receipts hold by the genesis alone"):
            self.proven("late", "receipt", self.address, "main", "--output", "second")
            self.proxy.redirect = lambda path: self.fail("a server was asked")
            for name, head in (("first", first), ("second", second)):
                shown = self.proven("none", "verify", name)
                self.assertEqual(shown["refs"][0]["object_id"], head)
            with open(os.path.join(self.work, "second"), "rb") as file:
                content = file.read()
            for at in range(0, len(content), 97):
                with open(os.path.join(self.work, "changed"), "wb") as file:
                    file.write(flipped(content, at))
                self.assert_not_proven("none", "verify", "changed")
        self.lies(recorded)

    def lies(self, recorded):
        self.proxy.be_honest()
        with self.subTest("what the first validators signed is over"):
            self.proxy.change = lambda path, request, content: recorded.get(
                (path, request), content)
            self.assertIn("over", self.assert_not_proven("late", "verify", self.address))
        with self.subTest("one change shown for another"):
            self.proxy.be_honest()
            self.proxy.redirect = lambda path: path.replace(EPOCHS + "1", EPOCHS + "0")
            self.assert_not_proven("skipping", "verify", self.address)
        with self.subTest("a change that is changed"):
            self.proxy.be_honest()
            length = []
            self.proxy.change = lambda path, _, content: (
                length.append(len(content)) or content) if path.startswith(EPOCHS) else content
            self.proven("measuring", "verify", self.address)
            self.assertEqual(len(length), 2)
            for at in range(0, length[0], 61):
                self.proxy.change = lambda path, _, content, at=at: (
                    flipped(content, at) if path == EPOCHS + "0" else content)
                self.assert_not_proven("lied to", "verify", self.address)


if __name__ == "__main__":
    unittest.main()
