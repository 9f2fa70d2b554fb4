"""Housekeeping killed half-way: every clone stays right."""

import os
import random
import time
import unittest

from support.client import check_clean, commit_file, git, new_work_tree, object_ids, refs
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

    def test_killed_at_any_point_it_loses_nothing(self):
        chance = random.Random(SEED)
        self.new_repository("kept")
        tree = new_work_tree(self.work)
        number = 0
        for turn in range(ROUNDS):
            for _ in range(PUSHES):
                # Larger than what lies in rows, so that files come and go too.
                size = 1_200_000 if number % 5 == 0 else 20_000
                commit_file(tree, f"file-{number % 7}", chance.randbytes(size))
                git(tree, "push", "--quiet", self.url_of("kept"), "main")
                number += 1
            # Somewhere in a round that begins within a second.
            time.sleep(chance.uniform(0.5, 1.6))
            self.server.kill()
            self.server.start()
            self.check_clone(tree, "kept", turn)
        # It comes to its end all the same: fewer packs than pushes.
        limit = time.monotonic() + PATIENCE_SECONDS
        while len(self.server.stored_packs()) > ROUNDS * 6 and time.monotonic() < limit:
            time.sleep(0.2)
        self.check_clone(tree, "kept", "last")
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.check_clone(tree, "kept", "restarted")


if __name__ == "__main__":
    unittest.main()
