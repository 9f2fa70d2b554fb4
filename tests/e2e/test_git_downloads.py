"""Bundles and packs as files: bundle-uri and packfile-uris."""

import os
import re
import time
import unittest

from support import wire
from support.client import check_clean, commit_file, git, new_work_tree, object_ids, run_git
from support.server import ADMINISTRATOR, ServerTest

PATIENCE_SECONDS = 120


class Downloads(ServerTest):
    def make_large(self, name, private=False):
        """More than a bundle is made for. Gives the work tree and the URL."""
        url = self.new_repository(name, private)
        tree = new_work_tree(self.work)
        for number in range(4):
            commit_file(tree, f"file-{number}", os.urandom(700_000))
        git(tree, "tag", "-a", "-m", "one", "v1")
        git(tree, "push", "--quiet", "--tags", url, "main")
        return tree, url

    def bundle_list(self, name, token=None):
        """The answer to command=bundle-uri, as git's config has it."""
        answer = self.server.request(
            "POST", f"/{ADMINISTRATOR}/{name}.git/git-upload-pack",
            wire.packet("command=bundle-uri\n") + wire.packet("object-format=sha1") + b"00010000",
            {"Content-Type": "application/x-git-upload-pack-request",
             "Git-Protocol": "version=2"}, token)
        self.assertEqual(answer.status, 200, answer.body)
        lines = [p.decode().rstrip("\n") for p in wire.packets_of(answer.body) if p]
        return dict(line.split("=", 1) for line in lines)

    def wait_for_bundle(self, name):
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit:
            listed = self.bundle_list(name)
            if listed:
                return listed
            time.sleep(0.05)
        self.fail("no bundle was made")

    def bundle_path(self, name):
        return f"/{ADMINISTRATOR}/{name}.git/" + self.wait_for_bundle(name)["bundle.base.uri"]

    def test_a_bundle_is_offered_and_a_clone_begins_with_it(self):
        tree, url = self.make_large("bundled")
        listed = self.wait_for_bundle("bundled")
        self.assertEqual(listed["bundle.version"], "1")
        self.assertEqual(listed["bundle.mode"], "all")
        self.assertRegex(listed["bundle.base.uri"], r"^bundles/[0-9a-f]{64}\.bundle$")
        # What came after the bundle is fetched.
        commit_file(tree, "newer", "newer\n")
        git(tree, "push", "--quiet", url, "main")
        address = self.server.url + self.bundle_path("bundled")
        clone = os.path.join(self.work, "clone")
        trace = os.path.join(self.work, "trace")
        git(self.work, "clone", "--quiet", f"--bundle-uri={address}", url, clone,
            environment={"GIT_TRACE_PACKET": trace})
        self.assertEqual(object_ids(clone), object_ids(tree))
        check_clean(self, clone)
        with open(trace, encoding="utf-8", errors="replace") as file:
            said = file.read()
        # The bundle's tip was offered as something to build on.
        self.assertIn("have " + git(tree, "rev-parse", "main~1"), said)

    def test_a_bundle_is_what_git_takes_for_one(self):
        tree, _ = self.make_large("verified")
        answer = self.server.request("GET", self.bundle_path("verified"))
        self.assertEqual(answer.status, 200)
        path = os.path.join(self.work, "base.bundle")
        with open(path, "wb") as file:
            file.write(answer.body)
        listed = git(tree, "bundle", "list-heads", path)
        self.assertIn(git(tree, "rev-parse", "main") + " refs/heads/main", listed)
        self.assertIn(git(tree, "rev-parse", "v1") + " refs/tags/v1", listed)
        git(tree, "bundle", "verify", path)
        clone = os.path.join(self.work, "from-bundle")
        git(self.work, "clone", "--quiet", path, clone)
        self.assertEqual(object_ids(clone), object_ids(tree))
        check_clean(self, clone)

    def test_a_bundle_is_offered_where_pushes_brought_the_same_objects(self):
        tree, url = self.make_large("overlapping")
        # A history of its own with the same files: its push brings them once more.
        twin = new_work_tree(self.work, "twin")
        for number in range(4):
            with open(os.path.join(tree, f"file-{number}"), "rb") as file:
                commit_file(twin, f"file-{number}", file.read())
        commit_file(twin, "more", os.urandom(700_000))
        git(twin, "push", "--quiet", url, "main:refs/heads/twin")
        path = self.bundle_path("overlapping")
        self.check_cached_and_resumed(path)
        file_path = os.path.join(self.work, "one.bundle")
        with open(file_path, "wb") as file:
            file.write(self.server.request("GET", path).body)
        # git refuses a pack that has an object twice.
        clone = os.path.join(self.work, "from-bundle")
        git(self.work, "clone", "--quiet", "--mirror", file_path, clone)
        check_clean(self, clone)
        held = set(object_ids(clone))
        self.assertEqual(held, set(object_ids(tree)) | set(object_ids(twin)))
        self.assertEqual(git(clone, "count-objects", "-v").split("in-pack: ")[1].split()[0],
                         str(len(held)))
        address = self.server.url + path
        begun = os.path.join(self.work, "begun-with-bundle.git")
        git(self.work, "clone", "--quiet", "--mirror", f"--bundle-uri={address}", url, begun)
        self.assertEqual(set(object_ids(begun)), held)

    def test_a_bundle_is_cached_for_ever_and_resumed(self):
        self.make_large("cached")
        self.check_cached_and_resumed(self.bundle_path("cached"))

    def check_cached_and_resumed(self, path):
        whole = self.server.request("GET", path)
        self.assertEqual(whole.headers["Cache-Control"], "public, max-age=31536000, immutable")
        self.assertEqual(int(whole.headers["Content-Length"]), len(whole.body))
        tag = whole.headers["ETag"]
        self.assertEqual(self.server.request("GET", path, None, {"If-None-Match": tag}).status, 304)
        head = self.server.request("HEAD", path)
        self.assertEqual((head.status, head.headers["Content-Length"], head.body),
                         (200, str(len(whole.body)), b""))
        size = len(whole.body)
        for asked, first, last in (("0-0", 0, 0), ("100-", 100, size - 1), ("-30", size - 30, size - 1),
                                   (f"1000000-{size}", 1_000_000, size - 1), ("5-77", 5, 77)):
            part = self.server.request("GET", path, None, {"Range": "bytes=" + asked})
            self.assertEqual(part.status, 206)
            self.assertEqual(part.headers["Content-Range"], f"bytes {first}-{last}/{size}")
            self.assertEqual(part.body, whole.body[first:last + 1], asked)
        outside = self.server.request("GET", path, None, {"Range": f"bytes={size}-"})
        self.assertEqual((outside.status, outside.headers["Content-Range"]), (416, f"bytes */{size}"))
        changed = self.server.request("GET", path, None,
                                      {"Range": "bytes=5-7", "If-Range": '"another"'})
        self.assertEqual((changed.status, len(changed.body)), (200, size))
        self.assertEqual(self.server.request("POST", path, b"").status, 405)

    def test_a_bundle_outlives_a_restart_and_small_pushes(self):
        tree, url = self.make_large("lasting")
        before = self.bundle_path("lasting")
        old_url = self.server.url
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        url = url.replace(old_url.removeprefix("http://"), self.server.url.removeprefix("http://"))
        commit_file(tree, "small", "small\n")
        git(tree, "push", "--quiet", url, "main")
        self.assertEqual(self.bundle_path("lasting"), before)
        self.assertEqual(self.server.request("GET", before).status, 200)

    def test_nothing_private_and_nothing_unreachable_is_given_out(self):
        tree, url = self.make_large("private", private=True)
        self.assertEqual(self.bundle_list("private", self.server.operator_token), {})
        for path in ("bundles/" + "a" * 64 + ".bundle", "packs/" + "a" * 64 + ".pack"):
            address = f"/{ADMINISTRATOR}/private.git/{path}"
            self.assertEqual(self.server.request("GET", address).status, 401)
            answer = self.server.request("GET", address, token=self.server.operator_token)
            self.assertEqual(answer.status, 404)
        tree, url = self.make_other("rewound")
        path = self.bundle_path("rewound")
        self.assertEqual(self.server.request("GET", path).status, 200)
        git(tree, "push", "--quiet", "--force", url, "main~1:main")
        self.assertEqual(self.server.request("GET", path).status, 404)
        self.assertEqual(self.bundle_list("rewound"), {})

    def make_other(self, name):
        url = self.new_repository(name)
        tree = new_work_tree(self.work, "other")
        for number in range(3):
            commit_file(tree, f"file-{number}", os.urandom(700_000))
        git(tree, "push", "--quiet", url, "main")
        return tree, url

    def test_a_clone_takes_packs_from_their_addresses(self):
        tree, url = self.make_large("elsewhere")
        commit_file(tree, "newer", "newer\n")
        git(tree, "push", "--quiet", url, "main")
        public = self.server.git_url(ADMINISTRATOR, "elsewhere")
        clone = os.path.join(self.work, "clone.git")
        trace = os.path.join(self.work, "trace")
        git(self.work, "-c", "fetch.uriProtocols=http,https", "-c", "protocol.version=2", "clone",
            "--quiet", "--mirror", public, clone,
            environment={"GIT_TRACE_PACKET": trace, "GIT_TRACE_REDACT": "0"})
        with open(trace, encoding="utf-8", errors="replace") as file:
            said = file.read()
        self.assertRegex(said, r"packfile-uris\n")
        self.assertRegex(said, r"[0-9a-f]{40} http://\S+/packs/[0-9a-f]{64}\.pack")
        self.assertEqual(object_ids(clone), object_ids(tree))
        check_clean(self, clone)
        # Without the wish, and for whom another protocol is meant, everything comes in one piece.
        for protocols in ("https", ""):
            other = os.path.join(self.work, "clone-" + protocols)
            result = run_git(self.work, "-c", f"fetch.uriProtocols={protocols}", "clone", "--mirror",
                             public, other,
                             environment={"GIT_TRACE_PACKET": "1", "GIT_TRACE_REDACT": "0"})
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertNotIn("/packs/", result.stderr)
            self.assertEqual(object_ids(other), object_ids(tree))

    def offered_packs(self, name, head):
        """The addresses of packs in the answer to a clone."""
        request = (wire.packet("command=fetch\n") + b"0001" +
                   wire.packet("packfile-uris http,https\n") + wire.packet(f"want {head}\n") +
                   wire.packet("done\n") + wire.FLUSH)
        answer = self.server.request(
            "POST", f"/{ADMINISTRATOR}/{name}.git/git-upload-pack", request,
            {"Content-Type": "application/x-git-upload-pack-request",
             "Git-Protocol": "version=2"})
        self.assertEqual(answer.status, 200, answer.body)
        found = re.findall(rb"http://[^/]+(/\S+/packs/[0-9a-f]{64}\.pack)", answer.body)
        return [path.decode() for path in found]

    def test_an_offered_pack_is_not_given_out_once_no_ref_reaches_some_of_it(self):
        tree, url = self.make_other("withdrawn")
        paths = self.offered_packs("withdrawn", git(tree, "rev-parse", "main"))
        self.assertTrue(paths)
        for path in paths:
            self.assertEqual(self.server.request("GET", path).status, 200, path)
        git(tree, "push", "--quiet", "--force", url, "main~1:main")
        for path in paths:
            self.assertEqual(self.server.request("GET", path).status, 404, path)

    def test_packs_of_others_are_not_found(self):
        self.make_large("one")
        for name in ("packs/" + "0" * 64 + ".pack", "bundles/" + "0" * 64 + ".bundle"):
            answer = self.server.request("GET", f"/{ADMINISTRATOR}/one.git/{name}")
            self.assertEqual(answer.status, 404)
            self.assertEqual(answer.headers["Cache-Control"], "no-store")


if __name__ == "__main__":
    unittest.main()
