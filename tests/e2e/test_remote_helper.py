"""git clone ashlar::http://...: git itself, reading from servers that nobody trusts."""

import os
import unittest

from support import messages
from support.client import (
    check_clean,
    commit_file,
    failing_git,
    generate_repository,
    git,
    new_work_tree,
    object_ids,
    refs,
    run_git,
)
from support.server import ADMINISTRATOR
from support.trust import CAPNP, TrustTest, flipped, flipped_inside, proof_path
from support.wire import packet

DELIMITER = b"0001"
RESPONSE_END = b"0002"


class RemoteHelper(TrustTest):
    def url(self, name):
        return f"ashlar::{self.proxy.url}/{ADMINISTRATOR}/{name}"

    def pushed(self, name, commits=3):
        """A work tree whose main was pushed; gives it and the URL that pushes go to."""
        url = self.new_repository(name)
        tree = new_work_tree(self.work, name)
        for number in range(commits):
            commit_file(tree, f"file-{number}", f"version {number}\n" * 50)
        git(tree, "tag", "-a", "-m", "A release", "v1")
        git(tree, "push", "--quiet", url, "main", "main~1:refs/heads/topic", "v1")
        return tree, url

    def clone(self, name, *arguments, into="clone"):
        path = os.path.join(self.work, into)
        git(self.work, "clone", "--quiet", *arguments, self.url(name), path,
            environment=self.environment)
        return path

    def failing_clone(self, name, *arguments):
        return failing_git(self.work, "clone", *arguments, self.url(name), "failed",
                           environment=self.environment)

    def test_a_clone_a_fetch_and_a_list(self):
        tree, url = self.pushed("hello")
        clone = self.clone("hello", "--mirror")
        self.assertEqual(refs(clone), refs(self.server_copy(url)))
        self.assertEqual(object_ids(clone), object_ids(tree))
        check_clean(self, clone)
        head = commit_file(tree, "file-9", "new\n")
        git(tree, "push", "--quiet", url, "main")
        git(clone, "fetch", "--quiet", "origin", environment=self.environment)
        self.assertEqual(git(clone, "rev-parse", "main"), head)
        listed = git(self.work, "ls-remote", self.url("hello"), environment=self.environment)
        self.assertIn(f"{head}\tHEAD", listed)
        self.assertIn("refs/tags/v1^{}", listed)
        # No list of the server's own was ever asked for.
        self.assertFalse([body for _, _, body in self.proxy.requests if b"ls-refs" in body])

    def server_copy(self, url):
        path = os.path.join(self.work, "copy")
        git(self.work, "clone", "--quiet", "--mirror", url, path)
        return path

    def test_a_work_tree_has_its_branch_and_its_files(self):
        self.pushed("worktree")
        clone = self.clone("worktree")
        self.assertEqual(git(clone, "symbolic-ref", "HEAD"), "refs/heads/main")
        self.assertTrue(os.path.exists(os.path.join(clone, "file-2")))

    def test_ten_thousand_objects(self):
        repository = generate_repository(self.work)
        git(repository, "push", "--quiet", "--mirror", self.new_repository("large"))
        clone = self.clone("large", "--mirror")
        self.assertEqual(object_ids(clone), object_ids(repository))
        self.assertEqual(refs(clone), refs(repository))
        check_clean(self, clone)

    def test_shallow_partial_and_empty_clones(self):
        _, _ = self.pushed("kinds")
        shallow = self.clone("kinds", "--depth=1", into="shallow")
        self.assertEqual(git(shallow, "rev-list", "--count", "HEAD"), "1")
        git(shallow, "fetch", "--quiet", "--unshallow", environment=self.environment)
        self.assertEqual(git(shallow, "rev-list", "--count", "HEAD"), "3")
        partial = self.clone("kinds", "--filter=blob:none", "--no-checkout", into="partial")
        git(partial, "checkout", "--quiet", "main", environment=self.environment)
        self.assertTrue(os.path.exists(os.path.join(partial, "file-0")))
        self.new_repository("empty")
        empty = self.clone("empty", into="empty")
        self.assertEqual(git(empty, "symbolic-ref", "HEAD"), "refs/heads/main")

    def test_a_private_repository_with_a_token(self):
        self.new_repository("secret", private=True)
        self.failing_clone("secret")
        token = self.server.operator_token
        url = self.url("secret").replace("http://", f"http://{ADMINISTRATOR}:{token}@")
        git(self.work, "clone", "--quiet", url, "secret", environment=self.environment)

    def test_what_does_not_exist_and_what_is_no_repository(self):
        self.assertIn("not there", self.failing_clone("nothing"))
        said = failing_git(self.work, "clone", "ashlar::nonsense", "failed",
                           environment=self.environment)
        self.assertIn("http://HOST:PORT", said)
        said = failing_git(self.work, "clone", "ashlar::http://127.0.0.1:1/a/b", "failed",
                           environment=self.environment)
        self.assertIn("127.0.0.1:1", said)

    def test_other_ways_to_speak_are_refused_with_a_reason(self):
        tree, _ = self.pushed("ways")
        said = failing_git(self.work, "-c", "protocol.version=0", "clone", self.url("ways"),
                           "failed", environment=self.environment)
        self.assertIn("version 2", said)
        said = failing_git(tree, "push", self.url("ways"), "main", environment=self.environment)
        self.assertNotEqual(said, "")

    def test_a_list_of_refs_that_lies_reaches_nobody(self):
        tree, _ = self.pushed("lies")
        old = bytes.fromhex(git(tree, "rev-parse", "main"))
        parts = self.signed_parts(self.proof("lies"))

        def change_proof(change):
            self.proxy.change = lambda path, _, content: (
                change(content) if path == proof_path("lies") else content)

        change_proof(lambda content: flipped_inside(content, old, 3))
        self.assertIn("refs", self.failing_clone("lies"))
        for name, part in parts.items():
            change_proof(lambda content: flipped_inside(content, part, len(part) // 2))
            self.assertIn("ashlar:", self.failing_clone("lies"), name)
        change_proof(lambda content: flipped(content, len(content) // 2))
        self.assertIn("ashlar:", self.failing_clone("lies"))
        answer = self.server.request("GET", proof_path("lies"), headers=CAPNP).body
        value = messages.decode("proof.capnp", "SealedRefList", answer)
        value["proof"]["refs"].pop()
        lie = messages.encode("proof.capnp", "SealedRefList", value)
        change_proof(lambda content: lie)
        self.assertIn("refs", self.failing_clone("lies"))
        self.proxy.be_honest()
        self.clone("lies")

    def test_an_old_state_is_refused_by_whoever_saw_a_newer_one(self):
        tree, url = self.pushed("older")
        recorded = {}

        def record(path, _, content):
            recorded[path] = content
            return content

        self.proxy.change = record
        clone = self.clone("older")
        self.proxy.be_honest()
        commit_file(tree, "more", "more\n")
        git(tree, "push", "--quiet", url, "main")
        git(clone, "fetch", "--quiet", "origin", environment=self.environment)
        self.proxy.change = lambda path, _, content: (
            recorded[path] if path == proof_path("older") else content)
        said = failing_git(clone, "fetch", "origin", environment=self.environment)
        self.assertIn("older", said)

    def test_any_changed_byte_of_a_fetch_is_refused(self):
        tree, _ = self.pushed("bytes")
        lengths = []

        def measure(path, request, content):
            if b"command=fetch" in request:
                lengths.append(len(content))
            return content

        self.proxy.change = measure
        self.clone("bytes", into="honest")
        kept = refs(os.path.join(self.work, "honest"))
        for step in range(12):
            def change(path, request, content, step=step):
                if b"command=fetch" not in request:
                    return content
                return flipped(content, (len(content) - 1) * step // 11)

            self.proxy.change = change
            path = os.path.join(self.work, f"clone-{step}")
            result = run_git(self.work, "clone", "--quiet", self.url("bytes"), path,
                             environment=self.environment)
            if result.returncode == 0:  # progress text, say, may be changed
                self.assertEqual(refs(path), kept)
                check_clean(self, path)
                self.assertEqual(object_ids(path), object_ids(tree))
        self.assertTrue(lengths)

    def test_history_that_is_cut_off_without_being_asked_is_refused(self):
        tree, _ = self.pushed("cut")
        head = git(tree, "rev-parse", "main")
        section = packet("shallow-info\n") + packet(f"shallow {head}") + DELIMITER

        def change_fetch(old, new):
            def change(_, request, content):
                if b"command=fetch" not in request:
                    return content
                assert old in content
                return content.replace(old, new, 1)

            self.proxy.change = change

        begin = packet("packfile\n")
        change_fetch(begin, section + begin)
        self.assertIn("cuts off history", self.failing_clone("cut"))
        wanted = packet("wanted-refs\n") + packet(f"{head} refs/heads/main\n") + DELIMITER
        change_fetch(begin, wanted + begin)
        self.assertIn("not asked for", self.failing_clone("cut"))
        # Nor can the server end the response itself, and put another one behind it.
        change_fetch(begin, b"0000" + RESPONSE_END + section + begin)
        self.failing_clone("cut")

    def test_what_the_server_says_it_can_do_is_cut_down(self):
        self.pushed("can")

        def change(path, _, content):
            if "info/refs" not in path:
                return content
            extra = packet("bundle-uri\n") + packet("fetch=packfile-uris ref-in-want\n")
            return content[:-4] + extra + content[-4:]

        self.proxy.change = change
        trace = os.path.join(self.work, "trace")
        git(self.work, "clone", "--quiet", self.url("can"), "clone",
            environment={**self.environment, "GIT_TRACE_PACKET": trace})
        with open(trace, encoding="utf-8", errors="replace") as file:
            said = file.read()
        for word in ("bundle-uri", "packfile-uris", "ref-in-want"):
            self.assertNotIn(word, said)


if __name__ == "__main__":
    unittest.main()
