"""Shallow histories, step by step, beside git's own server over the same HTTP: what a clone has
after each step (its cuts, refs and tags, its objects, what it was told) is what git makes it have.

GIT_WIRE_HARNESS names the program that answers for us, as in test_git_wire.py.
"""

import os
import shutil
import tempfile
import unittest

from support.git_wire import GitServer, Server, git, make_history

# A push, between two fetches: what was kept back before, refs and tags.
PUSH = "push"
KEPT_BACK = ("main~3:refs/heads/main", "side:refs/heads/side", "v20:refs/tags/v20",
             "light:refs/tags/light")
STEPS = {
    "unshallow": (["--depth=1"], ["--unshallow"]),
    "all branches": (["--depth=2", "--no-single-branch"], ["--unshallow"]),
    "deepen by and by": (["--depth=1"], ["--deepen=3"], ["--depth=22"], ["--deepen=100"]),
    "less deep": (["--depth=12"], ["--depth=4"], ["--unshallow"]),
    "new tags while it unshallows": (["--depth=25"], PUSH, ["--unshallow"]),
    "all tags": (["--depth=25"], PUSH, ["--deepen=1"], ["--unshallow", "--tags"]),
    "of a tag": (["--depth=1", "--branch=v20"], PUSH, ["--unshallow"]),
    "without a tag": (["--shallow-exclude=v20"], PUSH, ["--unshallow"]),
    "since a date": (["--shallow-since=1600030000"], PUSH, ["--deepen=5"], ["--unshallow"]),
    "follow and deepen": (["--depth=1", "--no-single-branch"], PUSH, [], ["--deepen=2"]),
}


class ShallowSteps(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.source = tempfile.mkdtemp(prefix="git-shallow-source-")
        cls.addClassCleanup(shutil.rmtree, cls.source)
        make_history(cls.source)

    def setUp(self):
        self.work = tempfile.mkdtemp(prefix="git-shallow-work-")
        self.addCleanup(shutil.rmtree, self.work)

    def state_of(self, clone):
        path = os.path.join(clone, ".git", "shallow")
        cuts = []
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                cuts = sorted(file.read().split())
        check = git(clone, "fsck", "--full", "--strict", check=False)
        self.assertEqual(check.returncode, 0, check.stderr)
        return {"cuts": cuts, "refs": git(clone, "for-each-ref").stdout,
                "objects": git(clone, "rev-list", "--objects", "--all").stdout}

    def run_steps(self, server, version, steps, name):
        """What the clone is after each step, and what was said."""
        chosen = ("-c", f"protocol.version={version}", "-c", "gc.auto=0")
        states = []
        try:
            git(self.source, "push", "-q", server.url, *KEPT_BACK)
            clone = os.path.join(self.work, name)
            git(self.work, *chosen, "clone", "-q", *steps[0], server.url, clone)
            states.append(self.state_of(clone))
            for step in steps[1:]:
                if step is PUSH:
                    git(self.source, "push", "-q", server.url, "refs/*:refs/*")
                    continue
                said = git(clone, *chosen, "fetch", "--no-progress", *step, "origin").stderr
                address = server.url.removesuffix(".git")
                states.append({**self.state_of(clone), "said": said.replace(address, "URL")})
            self.assertEqual(server.failures, [])
        finally:
            server.close()
        return states

    def check_version(self, version, names=tuple(STEPS)):
        for name in names:
            steps = STEPS[name]
            with self.subTest(steps=name):
                ours = self.run_steps(Server(), version, steps, f"{name} ours")
                theirs = self.run_steps(GitServer(), version, steps, f"{name} git")
                self.assertEqual(ours, theirs)
        # Tags of commits were followed on the way; one came to be while the clone was shallow.
        tags = git(os.path.join(self.work, "new tags while it unshallows ours"), "tag").stdout
        self.assertLessEqual({"light", "v20", "v20-nested"}, set(tags.split()))

    def test_in_version_0(self):
        self.check_version(0)

    def test_in_version_1(self):
        # As version 0, but for its first line.
        self.check_version(1, ("unshallow", "new tags while it unshallows", "follow and deepen"))

    def test_in_version_2(self):
        self.check_version(2)


if __name__ == "__main__":
    unittest.main()
