"""What people do with git, in both protocol versions."""

import os
import re
import unittest

from support.client import (
    check_clean,
    commit_file,
    failing_git,
    generate_repository,
    git,
    new_work_tree,
    object_ids,
    remote_refs,
    run_git,
)
from support.server import ADMINISTRATOR, ServerTest


class GitFeatures(ServerTest):
    def pushed(self, name, commits=3):
        """A work tree whose main was pushed; gives it and the URL."""
        url = self.new_repository(name)
        tree = new_work_tree(self.work)
        git(tree, "remote", "add", "origin", url)
        for number in range(commits):
            commit_file(tree, "file", f"version {number}\n" * 50)
        git(tree, "push", "--quiet", "origin", "main")
        return tree, url

    def test_an_empty_repository_clones(self):
        url = self.new_repository("empty")
        for version in ("0", "2"):
            clone = os.path.join(self.work, "clone-" + version)
            git(self.work, "-c", f"protocol.version={version}", "clone", url, clone)
            if version == "2":  # v0 cannot say where an unborn HEAD points
                self.assertEqual(git(clone, "symbolic-ref", "HEAD"), "refs/heads/main")

    def test_clone_and_fetch_in_each_protocol_version(self):
        tree, url = self.pushed("versions")
        for version in ("0", "1", "2"):
            clone = os.path.join(self.work, "clone-" + version)
            chosen = ("-c", f"protocol.version={version}")
            git(self.work, *chosen, "clone", "--quiet", url, clone)
            head = commit_file(tree, f"more-{version}", "more\n")
            git(tree, "push", "--quiet", "origin", "main")
            git(clone, *chosen, "fetch", "--quiet", "origin")
            self.assertEqual(git(clone, "rev-parse", "origin/main"), head)
            check_clean(self, clone)

    def test_the_other_addresses_of_a_repository(self):
        tree, url = self.pushed("addresses", commits=1)
        head = git(tree, "rev-parse", "HEAD")
        short = url.removesuffix(".git")
        below_git = url.replace(f"/{ADMINISTRATOR}/addresses", f"/git/{ADMINISTRATOR}/addresses")
        for address in (short, below_git, url + "/"):
            self.assertEqual(remote_refs(self.work, address), {"refs/heads/main": head}, address)

    def test_a_branch_is_deleted(self):
        tree, url = self.pushed("deleted")
        git(tree, "push", "--quiet", "origin", "main:refs/heads/topic")
        self.assertIn("refs/heads/topic", remote_refs(tree, url))
        git(tree, "push", "--quiet", "origin", "--delete", "topic")
        self.assertNotIn("refs/heads/topic", remote_refs(tree, url))

    def test_a_forced_push_rewrites_and_what_it_left_cannot_be_fetched(self):
        tree, url = self.pushed("forced")
        left = git(tree, "rev-parse", "main")
        git(tree, "reset", "--quiet", "--hard", "HEAD~1")
        head = commit_file(tree, "file", "another way\n")
        self.assertIn("rejected", failing_git(tree, "push", "origin", "main"))
        git(tree, "push", "--quiet", "--force", "origin", "main")
        self.assertEqual(remote_refs(tree, url), {"refs/heads/main": head})
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", url, clone)
        self.assertEqual(object_ids(clone), object_ids(tree))
        for version in ("0", "2"):
            failing_git(clone, "-c", f"protocol.version={version}", "fetch", "origin", left)
        self.assertNotEqual(run_git(clone, "cat-file", "-e", left).returncode, 0)

    def test_a_stale_push_is_refused(self):
        tree, url = self.pushed("stale")
        other = os.path.join(self.work, "other")
        git(self.work, "clone", "--quiet", url, other)
        head = commit_file(tree, "file", "first\n")
        git(tree, "push", "--quiet", "origin", "main")
        commit_file(other, "file", "second\n")
        self.assertIn("rejected", failing_git(other, "push", "origin", "main"))
        # Also where the client believes that nobody moved the ref.
        failing_git(other, "push", "--force-with-lease=main:" + git(other, "rev-parse", "HEAD~1"),
                    "origin", "main")
        self.assertEqual(remote_refs(tree, url), {"refs/heads/main": head})

    def test_an_atomic_push_moves_all_refs_or_none(self):
        tree, url = self.pushed("atomic")
        git(tree, "push", "--quiet", "origin", "main:refs/heads/topic")
        before = remote_refs(tree, url)
        # topic moves on behind this client's back.
        other = os.path.join(self.work, "other")
        git(self.work, "clone", "--quiet", "--branch=topic", url, other)
        moved = commit_file(other, "file", "elsewhere\n")
        git(other, "push", "--quiet", "origin", "topic")
        head = commit_file(tree, "file", "here\n")
        failing_git(tree, "push", "--atomic", "origin", "main", "main:refs/heads/topic")
        self.assertEqual(remote_refs(tree, url), {**before, "refs/heads/topic": moved})
        git(tree, "push", "--quiet", "--atomic", "origin", "main", "main:refs/heads/new")
        self.assertEqual(remote_refs(tree, url)["refs/heads/new"], head)

    def test_shallow_clones_deepen(self):
        tree, url = self.pushed("shallow", commits=10)
        for version in ("0", "2"):
            chosen = ("-c", f"protocol.version={version}")
            clone = os.path.join(self.work, "clone-" + version)
            git(self.work, *chosen, "clone", "--quiet", "--depth=2", url, clone)
            self.assertEqual(git(clone, "rev-list", "--count", "HEAD"), "2")
            git(clone, *chosen, "fetch", "--quiet", "--deepen=3")
            self.assertEqual(git(clone, "rev-list", "--count", "HEAD"), "5")
            git(clone, *chosen, "fetch", "--quiet", "--unshallow")
            self.assertEqual(git(clone, "rev-list", "--count", "HEAD"), "10")
            self.assertEqual(object_ids(clone), object_ids(tree))
            check_clean(self, clone)

    def test_a_push_from_a_shallow_clone(self):
        tree, url = self.pushed("from-shallow", commits=5)
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", "--depth=1", url, clone)
        head = commit_file(clone, "file", "on top\n")
        git(clone, "push", "--quiet", "origin", "main")
        git(tree, "pull", "--quiet", "--ff-only", "origin", "main")
        self.assertEqual(git(tree, "rev-parse", "main"), head)
        check_clean(self, tree)

    def test_a_thin_push_is_completed(self):
        url = self.new_repository("thin")
        tree = new_work_tree(self.work)
        large = "".join(f"line {number}\n" for number in range(20_000))
        commit_file(tree, "large", large)
        git(tree, "push", "--quiet", url, "main")
        commit_file(tree, "large", large.replace("line 777\n", "line seven\n"))
        trace = os.path.join(self.work, "trace")
        git(tree, "push", "--thin", "--quiet", url, "main", environment={"GIT_TRACE": trace})
        with open(trace, encoding="utf-8") as file:
            self.assertRegex(file.read(), "pack-objects.*--thin")
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", url, clone)
        self.assertEqual(object_ids(clone), object_ids(tree))
        check_clean(self, clone)

    def test_annotated_and_light_tags(self):
        tree, url = self.pushed("tags")
        git(tree, "tag", "light")
        git(tree, "tag", "-a", "-m", "A release", "v1")
        git(tree, "tag", "-a", "-m", "A tag of a tag", "v1-again", "v1")
        git(tree, "push", "--quiet", "origin", "--tags")
        peeled = git(self.work, "ls-remote", "--tags", url)
        self.assertEqual(len(re.findall(r"\^\{\}$", peeled, re.MULTILINE)), 2)
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", url, clone)
        self.assertEqual(git(clone, "tag"), "light\nv1\nv1-again")
        self.assertEqual(object_ids(clone), object_ids(tree))

    def test_progress_reaches_the_terminal(self):
        url = self.new_repository("progress")
        repository = generate_repository(self.work, commits=300)
        result = run_git(repository, "push", "--progress", url, "main")
        self.assertEqual(result.returncode, 0, result.stderr)
        clone = os.path.join(self.work, "clone")
        objects = len(object_ids(repository))
        for version in ("0", "1", "2"):
            result = run_git(self.work, "-c", f"protocol.version={version}", "clone", "--progress",
                             url, clone + version)
            self.assertEqual(result.returncode, 0, result.stderr)
            for line in (f"remote: Enumerating objects: {objects}, done.",
                         f"remote: Counting objects: 100% ({objects}/{objects}), done.",
                         f"remote: Total {objects} (delta ", "Receiving objects: 100%"):
                self.assertIn(line, result.stderr)
        # Who does not look at a terminal is told nothing.
        result = run_git(self.work, "clone", url, clone)
        self.assertNotIn("remote:", result.stderr)

    def test_a_repository_of_many_objects(self):
        """What to send may take long to find out here, so the answer begins before that."""
        url = self.new_repository("many")
        repository = generate_repository(self.work, commits=6000)
        git(repository, "push", "--quiet", "--mirror", url)
        everything = object_ids(repository)
        self.assertGreater(len(everything), 20_000)
        for version in ("0", "1", "2"):
            chosen = ("-c", f"protocol.version={version}")
            whole = os.path.join(self.work, f"whole-{version}.git")
            git(self.work, *chosen, "clone", "--quiet", "--mirror", url, whole)
            self.assertEqual(object_ids(whole), everything)
            check_clean(self, whole)
            # This one takes a walk through the trees.
            walked = os.path.join(self.work, f"walked-{version}.git")
            said = run_git(self.work, *chosen, "clone", "--progress", "--bare", "--filter=tree:2",
                           "--depth=3000", url, walked)
            self.assertEqual(said.returncode, 0, said.stderr)
            self.assertRegex(said.stderr, r"remote: Total \d+ \(delta \d+\), reused \d+")
            self.assertEqual(git(walked, "rev-list", "--count", "main"), "3000")

    def test_bytes_of_all_kinds_survive(self):
        url = self.new_repository("bytes")
        tree = new_work_tree(self.work)
        every_byte = bytes(range(256)) * 300
        commit_file(tree, "every byte", every_byte)
        commit_file(tree, "nothing", b"")
        commit_file(tree, "\u00e9\u4e2d\U0001f418/deep/er/and/deeper", "x")
        os.symlink("nothing", os.path.join(tree, "link"))
        os.chmod(os.path.join(tree, "nothing"), 0o755)
        git(tree, "add", "--all")
        git(tree, "commit", "--quiet", "-m", "A link, a mode, and \u00e9 in the message")
        git(tree, "push", "--quiet", url, "main")
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", url, clone)
        with open(os.path.join(clone, "every byte"), "rb") as file:
            self.assertEqual(file.read(), every_byte)
        self.assertEqual(object_ids(clone), object_ids(tree))
        check_clean(self, clone)

    def test_a_gzipped_fetch_request(self):
        # git gzips requests of more than 1 KiB: many haves make one.
        tree, url = self.pushed("gzipped", commits=60)
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", url, clone)
        # They are newer than what both have, whatever the clock says: git asks about the newest
        # first, and would need no long request where it finds something common among them.
        for number in range(60):
            date = {"GIT_COMMITTER_DATE": f"{4000000000 + number} +0000"}
            commit_file(clone, "own", f"{number}\n", environment=date)
        head = commit_file(tree, "file", "newest\n")
        git(tree, "push", "--quiet", "origin", "main")
        trace = os.path.join(self.work, "trace")
        git(clone, "fetch", "--quiet", "origin", environment={"GIT_TRACE_CURL": trace})
        with open(trace, encoding="utf-8", errors="replace") as file:
            self.assertIn("Content-Encoding: gzip", file.read())
        self.assertEqual(git(clone, "rev-parse", "origin/main"), head)


if __name__ == "__main__":
    unittest.main()
