"""Real git against the protocol machines of shared/git/wire, in protocol v0, v1 and v2.

GIT_WIRE_HARNESS names the program (default build/bin/git_wire_harness), which answers one request from a
folder; this file puts it behind Python's HTTP server on a free port of 127.0.0.1. What a client
ends up with is held against git's own view of the same history.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from support.git_wire import ENVIRONMENT, HARNESS, Server, git, make_history, object_ids, present_ids


class WireTest(unittest.TestCase):
    version = None  # each subclass speaks one version of the protocol

    @classmethod
    def setUpClass(cls):
        if cls.version is None:
            raise unittest.SkipTest("the base of the others")
        cls.source = tempfile.mkdtemp(prefix="git-wire-source-")
        make_history(cls.source)

    @classmethod
    def tearDownClass(cls):
        if cls.version is not None:
            shutil.rmtree(cls.source)

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.work = tempfile.mkdtemp(prefix="git-wire-work-")
        self.addCleanup(shutil.rmtree, self.work)

    def tearDown(self):
        self.assertEqual(self.server.failures, [])

    def git(self, folder, *arguments, **options):
        return git(folder, "-c", f"protocol.version={self.version}", "-c", "gc.auto=0",
                   "-c", "maintenance.auto=false", *arguments, **options)

    def push_all(self):
        self.git(self.source, "push", "-q", self.server.url, "refs/*:refs/*")

    def folder(self, name):
        return os.path.join(self.work, name)

    def clone(self, name, *options):
        self.git(self.work, "clone", "-q", *options, self.server.url, name)
        return self.folder(name)

    def fsck(self, folder):
        result = git(folder, "fsck", "--full", "--strict", check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("error", result.stderr)
        self.assertNotIn("missing", result.stdout)

    def make_unreachable(self):
        """From now on the server must not count on what its packs hold."""
        with open(os.path.join(self.server.folder, "unreachable"), "w", encoding="ascii"):
            pass

    def git_daemon_clone(self, name, *options):
        """What git itself gives for the same request."""
        bare = self.folder("peer.git")
        if not os.path.exists(bare):
            git(self.work, "clone", "-q", "--mirror", "--no-local", f"file://{self.source}", bare)
            for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
                git(bare, "config", key, "true")
        git(self.work, "-c", f"protocol.version={self.version}", "clone", "-q", *options,
            f"file://{bare}", name)
        return self.folder(name)

    def shallow_file(self, folder):
        path = os.path.join(folder, ".git", "shallow")
        if not os.path.exists(path):
            return []
        with open(path, encoding="ascii") as file:
            return sorted(file.read().split())

    # Refs

    def test_ls_remote_lists_what_git_lists(self):
        self.push_all()
        expected = git(self.source, "show-ref", "-d").stdout.replace(" ", "\t")
        listed = self.git(self.work, "ls-remote", self.server.url).stdout
        head = git(self.source, "rev-parse", "main").stdout.strip()
        self.assertEqual(listed, f"{head}\tHEAD\n" + expected)
        symref = self.git(self.work, "ls-remote", "--symref", self.server.url, "HEAD").stdout
        self.assertIn("ref: refs/heads/main\tHEAD", symref)

    def test_an_empty_repository_is_cloned(self):
        folder = self.clone("empty")
        branch = git(folder, "symbolic-ref", "HEAD").stdout.strip()
        if self.version == 2:
            self.assertEqual(branch, "refs/heads/main")
        self.assertEqual(self.git(self.work, "ls-remote", self.server.url).stdout, "")

    # Clones

    def test_a_clone_has_every_object(self):
        self.push_all()
        for name, unreachable in (("whole-packs", False), ("walked", True)):
            if unreachable:
                self.make_unreachable()
            folder = self.clone(name, "--mirror")
            self.assertEqual(object_ids(folder), object_ids(self.source))
            self.assertEqual(present_ids(folder), object_ids(self.source))
            self.fsck(folder)

    def test_a_clone_of_one_branch_has_that_alone(self):
        self.push_all()
        folder = self.clone("single", "--single-branch", "--branch", "side", "--no-tags")
        self.assertEqual(present_ids(folder), object_ids(self.source, "refs/heads/side"))
        self.fsck(folder)

    def test_shallow_clones_are_what_git_makes(self):
        self.push_all()
        cases = (["--depth=1"], ["--depth=3"], ["--depth=1", "--no-single-branch"],
                 ["--depth=100"], [f"--shallow-since={1600000000 + 30 * 1000}"],
                 ["--shallow-exclude=v20"], ["--shallow-exclude=side", "--branch=main"])
        for number, options in enumerate(cases):
            with self.subTest(options=options):
                folder = self.clone(f"shallow-{number}", *options)
                peer = self.git_daemon_clone(f"peer-{number}", *options)
                self.assertEqual(self.shallow_file(folder), self.shallow_file(peer))
                self.assertEqual(object_ids(folder), object_ids(peer))
                self.fsck(folder)

    def test_partial_clones_are_what_git_makes(self):
        self.push_all()
        cases = ("blob:none", "blob:limit=2500", "tree:0", "tree:1", "tree:3",
                 "object:type=commit", "object:type=blob", "combine:tree:3+blob:none")
        for number, spec in enumerate(cases):
            with self.subTest(spec=spec):
                options = ["--bare", f"--filter={spec}"]
                folder = self.clone(f"partial-{number}", *options)
                peer = self.git_daemon_clone(f"partial-peer-{number}", *options)
                self.assertEqual(present_ids(folder), present_ids(peer))

    def test_a_sparse_filter_keeps_what_git_keeps(self):
        self.push_all()
        patterns = self.folder("patterns")
        with open(patterns, "w", encoding="ascii") as file:
            file.write("/*\n!/docs/\n*.txt\n!lib/deep/er/[0-3].txt\n")
        blob = git(self.source, "hash-object", "-w", patterns).stdout.strip()
        git(self.source, "tag", "-f", "patterns", blob)
        self.addCleanup(git, self.source, "tag", "-d", "patterns")
        self.git(self.source, "push", "-q", self.server.url, "patterns")
        options = ["--bare", f"--filter=sparse:oid={blob}"]
        folder = self.clone("sparse", *options)
        peer = self.git_daemon_clone("sparse-peer", *options)
        self.assertEqual(present_ids(folder), present_ids(peer))

    def test_a_blobless_clone_fetches_what_it_lacks(self):
        self.push_all()
        for unreachable in (False, True):
            if unreachable:
                self.make_unreachable()
            folder = self.clone(f"lazy-{unreachable}", "--filter=blob:none")
            with open(os.path.join(folder, "lib/a.c"), encoding="ascii") as file:
                self.assertIn("lib/a.c", file.read())
            old = self.git(folder, "show", "HEAD~20:lib/a.c").stdout
            self.assertEqual(old, git(self.source, "show", "main~20:lib/a.c").stdout)
            self.git(folder, "log", "--stat", "-3")

    # Fetches

    def test_a_fetch_brings_what_is_new_and_little_else(self):
        git_ids = {}
        self.git(self.source, "push", "-q", self.server.url, "main~10:refs/heads/main")
        folder = self.clone("follow")
        self.push_all()
        for thin in (True, False):
            copy = shutil.copytree(folder, self.folder(f"copy-{thin}"))
            before = set(present_ids(copy))
            self.server.sent.clear()
            options = [] if thin else ["-c", "fetch.unpackLimit=1"]
            self.git(copy, *options, "fetch", "-q", "--tags", "origin")
            git_ids[thin] = set(present_ids(copy)) - before
            expected = set(object_ids(self.source, "main", "--tags", "^main~10"))
            self.assertLessEqual(expected, set(present_ids(copy)))
            self.fsck(copy)
            git(copy, "checkout", "-q", "origin/main")
        self.assertEqual(git_ids[True], git_ids[False])

    def test_a_fetch_into_diverged_history(self):
        self.git(self.source, "push", "-q", self.server.url, "main~10:refs/heads/main")
        folder = self.clone("diverged")
        for number in range(70):
            git(folder, "commit", "-q", "--allow-empty", "-m", f"own {number}")
        self.push_all()
        self.git(folder, "fetch", "-q", "origin")
        self.assertEqual(git(folder, "rev-parse", "origin/main").stdout,
                         git(self.source, "rev-parse", "main").stdout)
        self.fsck(folder)
        # Nothing is new the second time.
        self.server.requests.clear()
        self.git(folder, "fetch", "-q", "origin")
        self.assertFalse(any(b"want " in body for body in self.server.requests))

    def test_a_fetch_follows_tags(self):
        self.git(self.source, "push", "-q", self.server.url, "main~30:refs/heads/main")
        folder = self.clone("tags")
        self.push_all()
        self.git(folder, "fetch", "-q", "origin")
        self.assertEqual(git(folder, "tag").stdout.split(), 
                         ["light", "tree-tag", "v20", "v20-nested"])
        self.fsck(folder)

    def test_an_id_that_no_ref_names_is_fetched_if_reachable(self):
        self.push_all()
        self.make_unreachable()
        folder = self.folder("byid")
        git(self.work, "init", "-q", folder)
        for revision in ("main~7", "main~7^{tree}", "main~7:lib/a.c", "v20-nested"):
            oid = git(self.source, "rev-parse", revision).stdout.strip()
            self.git(folder, "fetch", "-q", self.server.url, oid)
            git(folder, "cat-file", "-e", oid)

    def test_history_is_deepened_and_completed(self):
        self.push_all()
        steps = (["--depth=3"], ["--deepen=2"], ["--depth=12"],
                 [f"--shallow-since={1600000000 + 12 * 1000}"], ["--depth=4"], ["--unshallow"])
        folder = self.clone("deepen", "--depth=1", "--no-tags")
        peer = self.git_daemon_clone("deepen-peer", "--depth=1", "--no-tags")
        for options in steps:
            with self.subTest(options=options):
                for each in (folder, peer):
                    self.git(each, "fetch", "-q", *options, "origin")
                self.assertEqual(self.shallow_file(folder), self.shallow_file(peer))
                self.assertEqual(object_ids(folder), object_ids(peer))
                self.fsck(folder)

    def test_a_shallow_clone_follows(self):
        self.git(self.source, "push", "-q", self.server.url, "main~10:refs/heads/main")
        folder = self.clone("shallow-follow", "--depth=2")
        cuts = self.shallow_file(folder)
        self.push_all()
        self.git(folder, "fetch", "-q", "origin")
        self.assertEqual(self.shallow_file(folder), cuts)
        self.fsck(folder)
        self.assertEqual(git(folder, "rev-parse", "origin/main").stdout,
                         git(self.source, "rev-parse", "main").stdout)

    def test_a_blobless_clone_follows(self):
        self.git(self.source, "push", "-q", self.server.url, "main~10:refs/heads/main")
        folder = self.clone("blobless-follow", "--bare", "--filter=blob:none")
        self.push_all()
        self.git(folder, "fetch", "-q", "--filter=blob:none", self.server.url,
                 "+refs/heads/*:refs/heads/*")
        types = git(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
        self.assertNotIn("blob", types.stdout)

    def test_what_became_unreachable_is_not_sent(self):
        self.push_all()
        lost = git(self.source, "commit-tree", "-m", "lost", "main^{tree}",
                   "-p", "main").stdout.strip()
        self.git(self.source, "push", "-q", self.server.url, f"{lost}:refs/heads/lost")
        folder = self.folder("lost")
        git(self.work, "init", "-q", folder)
        self.git(folder, "fetch", "-q", self.server.url, lost)
        self.git(self.source, "push", "-q", self.server.url, ":refs/heads/lost")
        other = self.folder("other")
        git(self.work, "init", "-q", other)
        result = self.git(other, "fetch", self.server.url, lost, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(f"not our ref {lost}", result.stderr)
        whole = self.clone("whole", "--mirror")
        self.assertNotIn(lost, present_ids(whole))
        # Naming it in a push does not bring it back either.
        result = self.git(folder, "push", self.server.url, f"{lost}:refs/heads/back", check=False)
        self.assertEqual(result.returncode, 0, result.stderr)  # this client has it, and sends it

    # Pushes

    def test_a_push_is_followed_by_another(self):
        self.push_all()
        folder = self.clone("pusher")
        for number in range(3):
            with open(os.path.join(folder, "README"), "a", encoding="ascii") as file:
                file.write(f"more {number}\n")
            git(folder, "commit", "-q", "-a", "-m", f"more {number}")
            result = self.git(folder, "push", "origin", "HEAD:main")
            self.assertIn("HEAD -> main", result.stderr)
        clone = self.clone("after", "--mirror")
        self.fsck(clone)
        self.assertEqual(git(clone, "rev-parse", "main").stdout,
                         git(folder, "rev-parse", "HEAD").stdout)

    def test_progress_is_shown_and_can_be_silenced(self):
        result = self.git(self.source, "push", "--progress", self.server.url, "main")
        self.assertIn("remote: harness: checking", result.stderr)
        result = self.git(self.source, "push", "-q", self.server.url, "side")
        self.assertNotIn("harness", result.stderr)

    def test_a_stale_push_is_told_to_fetch_first(self):
        self.push_all()
        one, two = self.clone("one"), self.clone("two")
        for folder in (one, two):
            git(folder, "commit", "-q", "--allow-empty", "-m", folder)
        self.git(one, "push", "-q", "origin", "HEAD:main")
        main = git(self.source, "rev-parse", "main").stdout.strip()
        result = self.git(two, "push", f"--force-with-lease=main:{main}", "origin",
                          "HEAD:main", check=False)
        self.assertNotEqual(result.returncode, 0)
        result = self.git(two, "push", "origin", "HEAD:main", check=False)
        self.assertRegex(result.stderr, "fetch first")
        self.git(two, "push", "-q", "--force", "origin", "HEAD:main")
        listed = self.git(self.work, "ls-remote", self.server.url, "refs/heads/main").stdout
        self.assertIn(git(two, "rev-parse", "HEAD").stdout.strip(), listed)

    def test_an_atomic_push_is_all_or_nothing(self):
        self.push_all()
        folder = self.clone("atomic")
        git(folder, "commit", "-q", "--allow-empty", "-m", "new")
        self.git(self.source, "push", "-q", self.server.url, "side~1:refs/heads/moved")
        git(folder, "update-ref", "refs/remotes/origin/moved",
            git(folder, "rev-parse", "origin/side").stdout.strip())
        # The server's own ref is not what the second update expects.
        tip = git(self.source, "rev-parse", "main").stdout.strip()
        body = self.push_body([("0" * 40, tip, "refs/heads/fresh"),
                               ("1" * 40, tip, "refs/heads/moved")], "atomic")
        report = self.post_push(body)
        self.assertIn(b"ng refs/heads/fresh atomic push failed", report)
        self.assertIn(b"ng refs/heads/moved fetch first", report)
        self.git(folder, "push", "-q", "--atomic", "origin", "HEAD:refs/heads/a",
                 "HEAD:refs/heads/b")
        listed = self.git(self.work, "ls-remote", self.server.url).stdout
        self.assertNotIn("refs/heads/fresh", listed)
        self.assertIn("refs/heads/a", listed)

    def test_refs_are_deleted(self):
        self.push_all()
        self.git(self.source, "push", "-q", self.server.url, ":refs/heads/side", ":v20")
        listed = self.git(self.work, "ls-remote", self.server.url).stdout
        self.assertNotIn("side", listed)
        self.assertIsNone(re.search(r"refs/tags/v20$", listed, re.MULTILINE))

    def test_bad_ref_names_are_refused_one_by_one(self):
        self.push_all()
        tip = git(self.source, "rev-parse", "main").stdout.strip()
        report = self.post_push(self.push_body(
            [("0" * 40, tip, "refs/heads/../x"), ("0" * 40, tip, "refs/heads/good")], ""))
        self.assertIn(b"ng refs/heads/../x funny refname", report)
        self.assertIn(b"ok refs/heads/good", report)

    def test_push_options_arrive(self):
        self.git(self.source, "push", "-q", "-o", "ci.skip", "-o", "topic=x y", self.server.url,
                 "main")
        self.assertTrue(any(b"ci.skip0" in body or b"000bci.skip" in body
                            for body in self.server.requests))

    def test_a_push_from_a_shallow_clone(self):
        self.push_all()
        folder = self.clone("shallow-push", "--depth=1")
        git(folder, "commit", "-q", "--allow-empty", "-m", "from a shallow clone")
        self.git(folder, "push", "-q", "origin", "HEAD:refs/heads/shallow")
        clone = self.clone("full", "--mirror")
        self.fsck(clone)

    def test_a_push_that_lacks_objects_is_refused(self):
        self.push_all()
        folder = self.clone("lacking")
        git(folder, "commit", "-q", "--allow-empty", "-m", "one")
        git(folder, "commit", "-q", "--allow-empty", "-m", "two")
        tip = git(folder, "rev-parse", "HEAD").stdout.strip()
        pack = subprocess.run(["git", "pack-objects", "--stdout", "-q"], cwd=folder,
                              env=ENVIRONMENT, input=tip.encode() + b"\n", check=True,
                              capture_output=True).stdout
        report = self.post_push(self.push_body([("0" * 40, tip, "refs/heads/x")], "", pack))
        self.assertRegex(report, rb"unpack .*missing commit")
        self.assertRegex(report, rb"ng refs/heads/x ")
        self.assertNotIn("refs/heads/x",
                         self.git(self.work, "ls-remote", self.server.url).stdout)

    def test_a_signed_push_carries_its_certificate(self):
        key = self.folder("key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        self.git(self.source, "-c", "gpg.format=ssh", "-c", f"user.signingKey={key}", "push", "-q",
                 "--signed", self.server.url, "main")
        self.assertTrue(any(b"BEGIN SSH SIGNATURE" in body for body in self.server.requests))
        self.assertIn("refs/heads/main", self.git(self.work, "ls-remote", self.server.url).stdout)

    # What git's own client never sends

    def push_body(self, updates, capabilities, pack=None):
        body = b""
        for number, (old, new, name) in enumerate(updates):
            line = f"{old} {new} {name}".encode()
            if number == 0:
                line += b"\0report-status " + capabilities.encode()
            body += b"%04x" % (len(line) + 4) + line
        empty = subprocess.run(["git", "pack-objects", "--stdout", "-q"], env=ENVIRONMENT,
                               cwd=self.source, input=b"", check=True, capture_output=True).stdout
        return body + b"0000" + (empty if pack is None else pack)

    def post_push(self, body):
        return subprocess.run([HARNESS, self.server.folder, "git-receive-pack"], input=body,
                              capture_output=True, check=True, timeout=60).stdout


class Version0Test(WireTest):
    version = 0


class Version1Test(WireTest):
    version = 1


class Version2Test(WireTest):
    version = 2


    def test_refs_are_wanted_by_name(self):
        self.push_all()
        request = b"".join(b"%04x" % (len(line) + 4) + line for line in (
            b"command=fetch",)) + b"0001"
        for line in (b"want-ref refs/heads/main", b"deepen 1", b"done"):
            request += b"%04x" % (len(line) + 4) + line
        answer = subprocess.run([HARNESS, self.server.folder, "git-upload-pack"],
                                input=request + b"0000", capture_output=True, check=True,
                                env={"GIT_PROTOCOL": "version=2"}, timeout=60).stdout
        self.assertLess(answer.index(b"shallow-info"), answer.index(b"wanted-refs"))
        self.assertIn(b" refs/heads/main\n", answer)

    def test_negotiation_alone(self):
        self.git(self.source, "push", "-q", self.server.url, "main~5:refs/heads/main")
        result = self.git(self.source, "fetch", "-q", "--negotiate-only",
                          "--negotiation-tip=main", self.server.url)
        self.assertIn(git(self.source, "rev-parse", "main~5").stdout.strip(), result.stdout)


if __name__ == "__main__":
    unittest.main()
