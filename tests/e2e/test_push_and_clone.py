"""Real repositories go in and come out again, object for object."""

import os
import unittest

from support.client import (
    check_clean,
    commit_file,
    generate_repository,
    git,
    new_work_tree,
    object_ids,
    refs,
    run_git,
)
from support.server import SOURCE, ServerTest


class PushAndClone(ServerTest):
    def push_and_compare(self, repository, name):
        url = self.new_repository(name)
        git(repository, "push", "--quiet", "--mirror", url)
        clone = os.path.join(self.work, "clone.git")
        git(self.work, "clone", "--quiet", "--mirror", url, clone)
        self.assertEqual(refs(clone), refs(repository))
        self.assertEqual(object_ids(clone), object_ids(repository))
        check_clean(self, clone)
        return url, clone

    def test_this_projects_own_history(self):
        if not os.path.exists(os.path.join(SOURCE, ".git")):
            self.skipTest("the sources are no git repository")
        # The checkout may be somebody else's, and git then asks to be told that this is meant.
        settings = os.path.join(self.work, "settings")
        with open(settings, "w", encoding="utf-8") as file:
            file.write("[safe]\n\tdirectory = *\n")
        environment = {"GIT_CONFIG_GLOBAL": settings}
        shallow = run_git(SOURCE, "rev-parse", "--is-shallow-repository", environment=environment)
        if shallow.stdout.strip() != "false":
            self.skipTest("the checkout has no whole history: " + shallow.stderr)
        copy = os.path.join(self.work, "own.git")
        git(self.work, "init", "--quiet", "--bare", copy)
        fetched = run_git(copy, "fetch", "--quiet", SOURCE, "HEAD:refs/heads/main",
                          environment=environment)
        self.assertEqual(fetched.returncode, 0, fetched.stderr)
        self.push_and_compare(copy, "own-history")

    def test_a_repository_of_ten_thousand_objects(self):
        repository = generate_repository(self.work)
        self.assertGreaterEqual(len(object_ids(repository)), 10_000)
        self.push_and_compare(repository, "ten-thousand")

    def test_a_restart_between_push_and_clone(self):
        repository = generate_repository(self.work, commits=200)
        url, _ = self.push_and_compare(repository, "restarted")
        self.assertEqual(self.server.stop(), 0)
        old_url = self.server.url
        self.server.start()
        url = url.replace(old_url.removeprefix("http://"), self.server.url.removeprefix("http://"))
        clone = os.path.join(self.work, "later.git")
        git(self.work, "clone", "--quiet", "--mirror", url, clone)
        self.assertEqual(object_ids(clone), object_ids(repository))
        check_clean(self, clone)

    def test_two_clients_take_turns(self):
        url = self.new_repository("turns")
        first = new_work_tree(self.work, "first")
        git(first, "remote", "add", "origin", url)
        commit_file(first, "start", "0\n")
        git(first, "push", "--quiet", "-u", "origin", "main")
        second = os.path.join(self.work, "second")
        git(self.work, "clone", "--quiet", url, second)
        for turn in range(6):
            tree = first if turn % 2 else second
            git(tree, "pull", "--quiet", "--ff-only", "origin", "main")
            commit_file(tree, f"file-{turn % 2}", f"turn {turn}\n")
            git(tree, "push", "--quiet", "origin", "main")
        git(second, "pull", "--quiet", "--ff-only", "origin", "main")
        self.assertEqual(git(first, "rev-parse", "main"), git(second, "rev-parse", "main"))
        self.assertEqual(git(first, "rev-list", "--count", "main"), "7")
        check_clean(self, second)


if __name__ == "__main__":
    unittest.main()
