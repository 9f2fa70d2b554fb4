"""Housekeeping killed half-way: every clone stays right, and what went stays away."""

import os
import random
import time
import unittest

from support.client import (
    check_clean,
    commit_file,
    failing_git,
    git,
    new_work_tree,
    object_ids,
    refs,
)
from support.server import ADMINISTRATOR, ServerTest

ROUNDS = 6
PUSHES = 12
SEED = 20261121
PATIENCE_SECONDS = 120


class Housekeeping(ServerTest):
    options = ("--housekeeping-interval", "1")

    def url_of(self, name):
        return self.server.git_url(ADMINISTRATOR, name, self.server.operator_token)

    def check_clone(self, tree, name, label):
        clone = os.path.join(self.work, f"clone-{label}.git")
        git(self.work, "clone", "--quiet", "--mirror", self.url_of(name), clone)
        self.assertEqual(refs(clone), refs(tree))
        self.assertEqual(object_ids(clone), object_ids(tree))
        check_clean(self, clone)

    def push_and_delete(self, tree, name, content):
        """A branch that comes and goes; gives the id of what only it reached."""
        head = git(tree, "rev-parse", "HEAD")
        gone = commit_file(tree, "gone", content)
        git(tree, "push", "--quiet", self.url_of(name), "HEAD:refs/heads/gone")
        git(tree, "push", "--quiet", self.url_of(name), ":refs/heads/gone")
        git(tree, "reset", "--quiet", "--hard", head)
        return gone

    def check_gone(self, name, ids, label):
        for version in ("0", "2"):
            folder = os.path.join(self.work, f"asking-{label}-{version}")
            git(self.work, "init", "--quiet", folder)
            for gone in ids:
                said = failing_git(folder, "-c", f"protocol.version={version}", "fetch",
                                   self.url_of(name), gone)
                self.assertIn("not our ref " + gone, said)

    def test_killed_at_any_point_it_loses_nothing_and_brings_nothing_back(self):
        chance = random.Random(SEED)
        self.new_repository("kept")
        tree = new_work_tree(self.work)
        number = 0
        lost = []
        for turn in range(ROUNDS):
            for _ in range(PUSHES):
                # Larger than what lies in rows, so that files come and go too.
                size = 1_200_000 if number % 5 == 0 else 20_000
                commit_file(tree, f"file-{number % 7}", chance.randbytes(size))
                git(tree, "push", "--quiet", self.url_of("kept"), "main")
                number += 1
            lost.append(self.push_and_delete(tree, "kept", chance.randbytes(30_000)))
            # Somewhere in a round that begins within a second.
            time.sleep(chance.uniform(0.5, 1.6))
            self.server.kill()
            self.server.start()
            self.check_clone(tree, "kept", turn)
            self.check_gone("kept", lost[-2:], turn)
        # It comes to its end all the same: fewer packs than pushes.
        limit = time.monotonic() + PATIENCE_SECONDS
        while len(self.server.stored_packs()) > ROUNDS * 6 and time.monotonic() < limit:
            time.sleep(0.2)
        self.check_clone(tree, "kept", "last")
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.check_clone(tree, "kept", "restarted")
        self.check_gone("kept", lost, "restarted")


if __name__ == "__main__":
    unittest.main()
