"""What a replica reads: everything immutable is named by what it contains."""

import base64
import hashlib
import os
import unittest

from support import messages
from support.client import commit_file, generate_repository, git, new_work_tree, object_ids
from support.server import ADMINISTRATOR, ServerTest

EXTENT_SIZE = 1 << 20
OBJECT_SIZE_MAX = 32 << 20


def digest(domain, content):
    return hashlib.blake2b(content, digest_size=32, key=domain.encode()).hexdigest()


class Sync(ServerTest):
    def path(self, name, *parts):
        return "/".join(("/sync/repositories", ADMINISTRATOR, name, *parts))

    def get(self, path, status=200, **arguments):
        answer = self.server.request("GET", path, **arguments)
        self.assertEqual(answer.status, status, f"{path}: {answer.body[:200]}")
        return answer

    def immutable(self, path, tag=None):
        answer = self.get(path)
        self.assertEqual(answer.headers["Cache-Control"], "public, max-age=31536000, immutable")
        if tag is not None:
            self.assertEqual(answer.headers["ETag"], f'"{tag}"')
        again = self.get(path, 304, headers={"If-None-Match": answer.headers["ETag"]})
        self.assertEqual(again.body, b"")
        return answer.body

    def checkpoint(self, name, **arguments):
        answer = self.get(self.path(name, "checkpoint"), **arguments)
        self.assertIn("no-cache", answer.headers["Cache-Control"])
        return messages.decode("sync.capnp", "RepositoryCheckpoint", answer.body)

    def record(self, checkpoint):
        encoded = bytes(checkpoint["proof"]["repository"]["record"])
        return messages.decode("record.capnp", "Repository", encoded)

    def fetch_pack(self, name, pack):
        """A pack's bytes, out of extents that are each checked by their digest."""
        pack_digest = bytes(pack["digest"]).hex()
        manifest = self.immutable(self.path(name, "packs", pack_digest, "manifest"))
        named = manifest[8 + 8 + 32:]
        self.assertEqual(digest("ashlar pack", named), pack_digest)
        size = int.from_bytes(named[0:8], "little")
        count = int.from_bytes(named[16:24], "little")
        content = b""
        for number in range(count):
            extent_digest = named[24 + 32 * number:56 + 32 * number].hex()
            extent = self.immutable(
                self.path(name, "packs", pack_digest, "extents", str(number)), extent_digest)
            self.assertEqual(digest("ashlar pack extent", extent), extent_digest)
            content += extent
        self.assertEqual(len(content), size)
        self.get(self.path(name, "packs", pack_digest, "extents", str(count)), 404)
        index_digest = bytes(pack["indexDigest"]).hex()
        index = self.immutable(self.path(name, "packs", pack_digest, "index"), index_digest)
        self.assertEqual(digest("ashlar pack index", index), index_digest)
        return content

    def test_a_repository_is_rebuilt_from_what_a_replica_reads(self):
        repository = generate_repository(self.work, commits=2500)
        blob = os.urandom(3 << 20)
        tree = new_work_tree(self.work)
        git(tree, "pull", "--quiet", repository, "main")
        commit_file(tree, "large", blob)
        url = self.new_repository("whole")
        git(tree, "push", "--quiet", url, "main")
        commit_file(tree, "more", "more\n")
        git(tree, "push", "--quiet", url, "main", "main:refs/heads/topic")

        checkpoint = self.checkpoint("whole")
        copy = os.path.join(self.work, "copy.git")
        git(self.work, "init", "--quiet", "--bare", "--initial-branch=main", copy)
        packs = checkpoint["packs"]
        self.assertGreaterEqual(len(packs), 1)
        largest = 0
        for number, pack in enumerate(packs):
            content = self.fetch_pack("whole", pack)
            largest = max(largest, len(content))
            path = os.path.join(copy, "objects", "pack", f"arrived-{number}.pack")
            with open(path, "wb") as file:
                file.write(content)
            git(copy, "index-pack", "--strict", path)
        self.assertGreater(largest, 3 * EXTENT_SIZE)
        root = bytes(self.record(checkpoint)["refsRoot"]).hex()
        listed = messages.decode("sync.capnp", "RefList",
                                 self.immutable(self.path("whole", "refs", root), root))
        for ref in listed["refs"]:
            git(copy, "update-ref", ref["name"], bytes(ref["value"])[:20].hex())
        self.assertEqual([ref["name"] for ref in listed["refs"]],
                         ["refs/heads/main", "refs/heads/topic"])
        self.assertEqual(object_ids(copy), object_ids(tree))

    def test_objects_by_their_ids(self):
        url = self.new_repository("objects")
        tree = new_work_tree(self.work)
        head = commit_file(tree, "file", "content\n")
        git(tree, "push", "--quiet", url, "main")
        for name in object_ids(tree):
            content = self.immutable(self.path("objects", "objects", name), name)
            self.assertEqual(hashlib.sha1(content).hexdigest(), name)
        self.get(self.path("objects", "objects", "0" * 40), 404)
        self.get(self.path("objects", "objects", "x"), 400)
        self.get(self.path("objects", "objects", head[:39]), 400)

    def test_the_checkpoint_is_final_and_small_and_changes_with_the_state(self):
        self.server.create_repository("changes")
        before = self.get("/sync/checkpoint")
        self.assertLess(len(before.body), 1024)
        self.get("/sync/checkpoint", 304, headers={"If-None-Match": before.headers["ETag"]})
        head = self.get("/api/ashlar/v1/headers/head").json
        self.assertEqual(base64.b64decode(head["capnp"]), self.get("/sync/checkpoint").body)
        self.server.create_repository("changed")
        self.assertNotEqual(self.get("/sync/checkpoint").body, before.body)

    def test_refs_that_are_no_longer_so_are_not_served_under_their_old_name(self):
        url = self.new_repository("moving")
        tree = new_work_tree(self.work)
        commit_file(tree, "file", "1\n")
        git(tree, "push", "--quiet", url, "main")
        old = bytes(self.record(self.checkpoint("moving"))["refsRoot"]).hex()
        commit_file(tree, "file", "2\n")
        git(tree, "push", "--quiet", url, "main")
        self.get(self.path("moving", "refs", old), 404)
        self.get(self.path("moving", "refs", "nonsense"), 400)

    def test_what_became_unreachable_is_not_copied(self):
        url = self.new_repository("forced")
        tree = new_work_tree(self.work)
        kept = commit_file(tree, "file", "kept\n")
        left = commit_file(tree, "secret", "left behind\n")
        blob = git(tree, "rev-parse", f"{left}:secret")
        git(tree, "push", "--quiet", url, "main")
        pack = bytes(self.checkpoint("forced")["packs"][0]["digest"]).hex()
        git(tree, "push", "--quiet", "--force", url, f"{kept}:refs/heads/main")
        for name in (left, blob):
            self.get(self.path("forced", "objects", name), 404)
        self.get(self.path("forced", "objects", kept))
        for listed in self.checkpoint("forced").get("packs", []):
            self.assertNotEqual(bytes(listed["digest"]).hex(), pack)
        self.get(self.path("forced", "packs", pack, "manifest"), 404)

    def test_what_became_unreachable_is_not_there_however_large_it_is(self):
        url = self.new_repository("forced-large")
        tree = new_work_tree(self.work)
        kept = commit_file(tree, "file", "kept\n")
        left = commit_file(tree, "large", b"\0" * (OBJECT_SIZE_MAX + 1))
        blob = git(tree, "rev-parse", f"{left}:large")
        git(tree, "push", "--quiet", url, "main")
        self.get(self.path("forced-large", "objects", blob), 413)
        git(tree, "push", "--quiet", "--force", url, f"{kept}:refs/heads/main")
        self.get(self.path("forced-large", "objects", blob), 404)

    def test_what_one_may_not_see_is_not_there(self):
        self.new_repository("private", private=True)
        self.new_repository("public")
        url = self.server.git_url(ADMINISTRATOR, "private", self.server.operator_token)
        tree = new_work_tree(self.work)
        head = commit_file(tree, "file", "hidden\n")
        git(tree, "push", "--quiet", url, "main")
        token = self.server.operator_token
        seen = self.checkpoint("private", token=token)
        pack = bytes(seen["packs"][0]["digest"]).hex()
        root = bytes(self.record(seen)["refsRoot"]).hex()
        stranger = self.server.create_account("stranger")
        for part in (("checkpoint",), ("refs", root), ("packs", pack, "manifest"),
                     ("packs", pack, "index"), ("packs", pack, "extents", "0"),
                     ("objects", head)):
            mine = self.get(self.path("private", *part), token=token)
            self.assertIn("private", mine.headers["Cache-Control"])
            for credentials in (None, stranger):
                self.get(self.path("private", *part), 404, token=credentials)
                self.get(self.path("nothing", *part), 404, token=credentials)
            # Nor through a repository that one may see.
            if part != ("checkpoint",):
                self.get(self.path("public", *part), 404)
        self.get(self.path("private", "checkpoint"), 401, token="ash_wrong")

    def test_other_addresses_and_methods(self):
        for path in ("/sync", "/sync/", "/sync/nothing", "/sync/repositories",
                     "/sync/repositories/a", "/sync/repositories/a/b", "/sync/" + "a/" * 20):
            self.get(path, 404)
        self.assertEqual(self.server.request("POST", "/sync/checkpoint", b"").status, 405)
        head = self.server.request("HEAD", "/sync/checkpoint")
        self.assertEqual((head.status, head.body), (200, b""))


if __name__ == "__main__":
    unittest.main()
