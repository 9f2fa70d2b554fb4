"""The validators change: from four to five to four, each a process, while pushes go on."""

import threading
import unittest

from support.client import commit_file, git, new_work_tree, remote_refs, run_git
from support.governance import GovernanceTest

PREFIX = "/api/ashlar/v1"


class Pushing:
    """Pushes one commit after the other to one validator, and knows what was acknowledged."""

    def __init__(self, tree, url):
        self.tree, self.url = tree, url
        self.acknowledged = None
        self.count = 0
        self.failures = []
        self.going = True
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        number = 0
        while self.going:
            number += 1
            commit = commit_file(self.tree, "file", f"{number}\n")
            pushed = run_git(self.tree, "push", "--quiet", self.url, "main")
            if pushed.returncode == 0:
                self.acknowledged = commit
                self.count += 1
            else:
                self.failures.append(pushed.stderr)

    def stop(self):
        self.going = False
        self.thread.join()


class Governance(GovernanceTest):
    def shown(self, validator):
        return validator.request("GET", PREFIX + "/consensus").json

    def pushed_more(self, pushing, count):
        target = pushing.count + count
        self.wait_until(lambda: pushing.count >= target,
                        f"pushes stopped at {pushing.count}: {pushing.failures[-1:]}")

    def test_from_four_to_five_to_four_while_pushes_go_on(self):
        self.new_repository("steady")
        tree = new_work_tree(self.work)
        fifth, key, address = self.new_validator(5)
        pushing = Pushing(tree, self.url(0, "steady"))
        self.addCleanup(pushing.stop)
        self.addCleanup(lambda: fifth.process and fifth.kill())
        self.pushed_more(pushing, 3)

        said = self.validator_command("add", "v5", "--key", key, "--address", address)
        self.assertIn("epoch 1", said)
        self.pushed_more(pushing, 3)  # four of five are a quorum
        fifth.start()
        self.wait_until(fifth.is_ready, "the fifth does not get ready: " + fifth.log()[-1000:])
        self.wait_until(lambda: self.shown(fifth)["epoch"] == 1, "it does not come to the epoch")
        self.pushed_more(pushing, 3)
        self.assertEqual(self.shown(fifth)["validator_count"], 5)

        said = self.validator_command("remove", "v2")
        self.assertIn("epoch 2", said)
        self.validators[1].kill()
        self.pushed_more(pushing, 3)
        # Of v1, v3, v4 and v5 three are a quorum: it needs the fifth one's vote.
        self.validators[2].kill()
        self.pushed_more(pushing, 3)
        pushing.stop()
        self.assertEqual(pushing.failures, [])
        for validator in (self.validators[0], self.validators[3], fifth):
            url = validator.git_url("admin", "steady", validator.operator_token)
            self.wait_until(
                lambda url=url: remote_refs(tree, url) == {"refs/heads/main": pushing.acknowledged},
                "an acknowledged push is not everywhere")
            self.assertEqual(self.shown(validator)["epoch"], 2)
        names = [line.split()[0] for line in self.validator_command("list").splitlines()]
        self.assertEqual(sorted(names), ["v1", "v3", "v4", "v5"])
        self.validators[2].start()
        self.validators[2].wait_until_ready()
        git(tree, "fetch", "--quiet", self.url(2, "steady"), "main")


if __name__ == "__main__":
    unittest.main()
