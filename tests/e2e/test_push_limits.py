"""Limits on what is pushed are settings, and whoever hits one is told which it is."""

import os
import unittest

from support.client import check_clean, commit_file, failing_git, git, new_work_tree, object_ids
from support.server import ServerTest

KIB = 1 << 10


class PushLimits(ServerTest):
    options = ("--pack-size-max", "400KiB", "--object-size-max", "300KiB", "--objects-max", "30",
               "--delta-memory", "16MiB")

    def setUp(self):
        super().setUp()
        self.url = self.new_repository("repo-" + self.id().rsplit(".", 1)[1].replace("_", "-")[:80])
        self.tree = new_work_tree(self.work)
        self.packs_before = self.server.stored_packs()

    def assert_refused(self, *words):
        said = failing_git(self.tree, "push", self.url, "main")
        for word in words:
            self.assertIn(word, said)
        self.assertEqual(git(self.tree, "ls-remote", self.url), "")
        self.assertEqual(self.server.stored_packs(), self.packs_before)

    def test_a_pack_that_is_too_large(self):
        for number in range(4):
            commit_file(self.tree, f"file-{number}", os.urandom(150 * KIB))
        self.assert_refused("a pack of more than", str(400 * KIB))

    def test_an_object_that_is_too_large(self):
        commit_file(self.tree, "file", bytes(301 * KIB))
        self.assert_refused(str(300 * KIB))

    def test_too_many_objects(self):
        for number in range(11):
            commit_file(self.tree, "file", f"{number}\n")
        self.assert_refused("33 objects", "30")

    def test_what_keeps_to_them_is_taken(self):
        for number in range(9):
            commit_file(self.tree, "file", os.urandom(30 * KIB))
        git(self.tree, "push", "--quiet", self.url, "main")
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", self.url, clone)
        self.assertEqual(object_ids(clone), object_ids(self.tree))
        check_clean(self, clone)


if __name__ == "__main__":
    unittest.main()
