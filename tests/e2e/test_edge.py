"""An edge between git and validators: the core as WebAssembly, checking all that it is given.

ASHLAR_EDGE_HOST says what runs it: node (as without it) or workerd.
"""

import collections
import concurrent.futures
import gzip
import os
import time
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
)
from support.edge import HOST, PROGRAM, Edge
from support.proxy import Proxy
from support.server import ADMINISTRATOR, COMMAND, ServerTest
from support.trust import flipped


@unittest.skipUnless(os.path.exists(PROGRAM) and os.path.exists(COMMAND),
                     "needs both builds: ./dev test")
class EdgeTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.server)
        self.addCleanup(self.proxy.close)
        self.genesis = os.path.join(self.server.data, "genesis.json")

    def start_edge(self, *arguments, upstreams=None):
        edge = Edge(self.work, upstreams or [self.proxy.url], self.genesis, "--fresh", "0",
                    *arguments).start()
        self.addCleanup(edge.stop)
        return edge

    def pushed(self, name, commits=3):
        url = self.new_repository(name)
        tree = new_work_tree(self.work, name)
        for number in range(commits):
            commit_file(tree, f"file-{number}", f"version {number}\n" * 50)
        git(tree, "push", "--quiet", url, "main", "main~1:refs/heads/topic")
        return tree, url

    def path(self, name, part):
        return f"/sync/repositories/{ADMINISTRATOR}/{name}/{part}"

    def clone(self, edge, name, into, *arguments):
        path = os.path.join(self.work, into)
        git(self.work, *arguments, "clone", "--quiet", "--mirror",
            f"{edge.url}/{ADMINISTRATOR}/{name}.git", path)
        return path

    def test_clones_and_fetches_in_each_version_of_the_protocol(self):
        tree, url = self.pushed("versions")
        edge = self.start_edge()
        for version in ("0", "1", "2"):
            chosen = ("-c", f"protocol.version={version}")
            clone = self.clone(edge, "versions", "clone-" + version, *chosen)
            self.assertEqual(object_ids(clone), object_ids(tree))
            check_clean(self, clone)
            head = commit_file(tree, f"more-{version}", "more\n")
            git(tree, "push", "--quiet", url, "main")
            git(clone, *chosen, "fetch", "--quiet", "origin")
            self.assertEqual(git(clone, "rev-parse", "main"), head)
        shallow = os.path.join(self.work, "shallow")
        git(self.work, "clone", "--quiet", "--depth=1",
            f"{edge.url}/{ADMINISTRATOR}/versions", shallow)
        self.assertEqual(git(shallow, "rev-list", "--count", "HEAD"), "1")

    def test_ten_thousand_objects_and_a_second_clone_that_asks_for_nothing_but_the_newest(self):
        repository = generate_repository(self.work)
        git(repository, "push", "--quiet", "--mirror", self.new_repository("large"))
        edge = self.start_edge()
        first = self.clone(edge, "large", "first")
        self.assertEqual(object_ids(first), object_ids(repository))
        self.assertEqual(refs(first), refs(repository))
        check_clean(self, first)
        self.proxy.requests.clear()
        second = self.clone(edge, "large", "second")
        self.assertEqual(object_ids(second), object_ids(repository))
        for _, path, _ in self.proxy.requests:
            self.assertTrue(path.endswith("/checkpoint"), path)
        # A restart keeps what was checked.
        edge.stop()
        edge = self.start_edge()
        self.proxy.requests.clear()
        third = self.clone(edge, "large", "third")
        self.assertEqual(object_ids(third), object_ids(repository))
        for _, path, _ in self.proxy.requests:
            self.assertTrue(path.endswith("/checkpoint"), path)

    def test_many_cold_clones_at_once_fetch_each_thing_once(self):
        tree, _ = self.pushed("crowd")
        edge = self.start_edge()
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            clones = list(pool.map(lambda number: self.clone(edge, "crowd", f"clone-{number}"),
                                   range(6)))
        for clone in clones:
            self.assertEqual(object_ids(clone), object_ids(tree))
        paths = collections.Counter(path for _, path, _ in self.proxy.requests
                                    if not path.endswith("/checkpoint"))
        self.assertEqual([path for path, count in paths.items()
                          if count > 1 and "/extents/" in path], [])

    def test_filters_and_compressed_requests(self):
        tree, _ = self.pushed("filters")
        edge = self.start_edge()
        clone = self.clone(edge, "filters", "blobless", "-c", "protocol.version=2")
        self.assertEqual(object_ids(clone), object_ids(tree))
        path = os.path.join(self.work, "partial.git")
        git(self.work, "clone", "--quiet", "--bare", "--filter=blob:none",
            f"{edge.url}/{ADMINISTRATOR}/filters.git", path)
        missing = git(path, "rev-list", "--objects", "--all", "--missing=print")
        self.assertIn("?", missing)
        body = b"0014command=ls-refs\n" + b"0014agent=git/2.39.5" + b"00010000"
        kind = {"Content-Type": "application/x-git-upload-pack-request",
                "Git-Protocol": "version=2"}
        plain = edge.request("POST", f"/{ADMINISTRATOR}/filters.git/git-upload-pack", body, kind)
        packed = edge.request("POST", f"/{ADMINISTRATOR}/filters.git/git-upload-pack",
                              gzip.compress(body), {**kind, "Content-Encoding": "gzip"})
        self.assertEqual((plain.status, packed.status), (200, 200))
        self.assertIn(b"refs/heads/main", plain.body)
        self.assertEqual(plain.body, packed.body)
        broken = edge.request("POST", f"/{ADMINISTRATOR}/filters.git/git-upload-pack",
                              b"no gzip at all", {**kind, "Content-Encoding": "gzip"})
        self.assertEqual(broken.status, 413)

    def test_it_says_how_it_is(self):
        self.pushed("health")
        edge = self.start_edge()
        self.assertEqual(edge.request("GET", "/health/live").status, 200)
        edge.request("HEAD", f"/{ADMINISTRATOR}/health")
        health = edge.request("GET", "/health").json
        self.assertEqual(health["upstream"], self.proxy.url)
        self.assertGreaterEqual(health["requests"], 1)
        self.assertGreaterEqual(health["fetched"], 1)

    def test_pages_say_how_old_they_are(self):
        self.pushed("pages")
        edge = self.start_edge()
        page = edge.request("GET", f"/{ADMINISTRATOR}/pages")
        self.assertEqual(page.status, 200)
        self.assertIn(b"file-2", page.body)
        self.assertTrue(page.headers["Ashlar-Height"].isdigit())
        self.assertTrue(page.headers["Age"].isdigit())
        self.assertEqual(edge.request("GET", "/health/ready").status, 200)

    def test_a_push_goes_through_to_a_validator_and_what_is_private_stays_there(self):
        tree, _ = self.pushed("through")
        edge = self.start_edge()
        token = self.server.operator_token
        url = edge.url.replace("http://", f"http://{ADMINISTRATOR}:{token}@")
        head = commit_file(tree, "pushed", "through the edge\n")
        git(tree, "push", "--quiet", f"{url}/{ADMINISTRATOR}/through.git", "main")
        clone = self.clone(edge, "through", "clone")
        self.assertEqual(git(clone, "rev-parse", "main"), head)
        self.server.create_repository("hidden", private=True)
        failing_git(self.work, "clone", f"{edge.url}/{ADMINISTRATOR}/hidden.git", "hidden")
        git(self.work, "clone", "--quiet", f"{url}/{ADMINISTRATOR}/hidden.git", "seen")
        failing_git(self.work, "clone", f"{edge.url}/{ADMINISTRATOR}/hidden.git", "hidden")
        self.assertEqual(
            edge.request("GET", f"/api/v3/repos/{ADMINISTRATOR}/through").status, 200)

    def test_what_it_has_it_serves_when_every_upstream_is_down_and_says_so(self):
        tree, _ = self.pushed("down")
        edge = self.start_edge()
        self.clone(edge, "down", "before")
        self.assertIsNone(edge.request("GET", f"/{ADMINISTRATOR}/down").headers["Warning"])
        self.proxy.is_down = True
        clone = self.clone(edge, "down", "after")
        self.assertEqual(object_ids(clone), object_ids(tree))
        page = edge.request("GET", f"/{ADMINISTRATOR}/down")
        self.assertEqual(page.status, 200)
        self.assertIn("111", page.headers["Warning"])
        self.assertTrue(page.headers["Age"].isdigit())
        health = edge.request("GET", "/health")
        self.assertEqual([held["name"] for held in health.json["held"]], [f"{ADMINISTRATOR}/down"])
        self.assertEqual(health.json["height"], int(health.headers["Ashlar-Height"]))

    def test_what_an_upstream_withholds_is_not_served_and_the_age_says_so(self):
        tree, url = self.pushed("withheld")
        before = int(self.newest_height())
        kept = {}

        def withhold(path, _, content):
            return kept.setdefault(path, content) if path.endswith("/checkpoint") else content

        self.proxy.change = withhold
        edge = self.start_edge()
        first = self.clone(edge, "withheld", "before")
        head = commit_file(tree, "new", "new\n")
        git(tree, "push", "--quiet", url, "main")
        self.assertEqual(object_ids(self.clone(edge, "withheld", "after")), object_ids(first))
        page = edge.request("GET", f"/{ADMINISTRATOR}/withheld")
        self.assertEqual(int(page.headers["Ashlar-Height"]), before)
        self.assertLess(before, int(self.newest_height()))
        self.assertGreaterEqual(time.time() - int(page.headers["Ashlar-Time"]) / 1000,
                                int(page.headers["Age"]))
        self.proxy.be_honest()
        self.assertEqual(git(self.clone(edge, "withheld", "last"), "rev-parse", "main"), head)

    def newest_height(self):
        answer = self.server.request("GET", "/api/ashlar/v1/consensus")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["height"]

    def test_an_answer_that_is_too_large_is_not_read(self):
        self.pushed("bloated")
        edge = self.start_edge(upstreams=[self.proxy.url, self.server.url])
        self.proxy.change = lambda path, _, content: (
            content + b"\0" * (3 << 20) if "/extents/" in path else content)
        self.clone(edge, "bloated", "clone")
        self.assertIn("it is larger than 1048576 bytes", edge.log())

    def test_it_keeps_what_it_may_and_no_more(self):
        for name in ("small", "smaller"):
            self.pushed(name)
        edge = self.start_edge("--max-bytes", "3000")
        for turn in range(3):
            for name in ("small", "smaller"):
                self.clone(edge, name, f"{name}-{turn}")
        store = edge.request("GET", "/health").json["store"]
        self.assertLessEqual(store["bytes"], 3000)
        self.assertGreater(store["evicted"], 0)
        if HOST != "node":
            return  # what is in a database is not told from its size
        kept = sum(os.path.getsize(os.path.join(path, name))
                   for path, _, names in os.walk(os.path.join(edge.data, "content"))
                   for name in names)
        self.assertLessEqual(kept, 3000)

    @unittest.skipUnless(HOST == "node", "of a store that is a folder")
    def test_a_folder_that_takes_nothing_is_survived(self):
        self.pushed("full")
        edge = self.start_edge()
        content = os.path.join(edge.data, "content")
        # A file in the place of the folder: nothing can be written below it, by nobody.
        os.rmdir(content)
        with open(content, "wb"):
            pass
        self.clone(edge, "full", "first")
        self.clone(edge, "full", "second")
        self.assertIn("cannot be kept", edge.log())

    def test_a_lie_of_any_kind_is_found_and_the_next_upstream_asked(self):
        tree, _ = self.pushed("lies")
        kinds = {"checkpoint": "/checkpoint", "refs": "/refs/", "manifest": "/manifest",
                 "index": "/index", "extent": "/extents/"}
        # It tells nothing unasked either, so that the lie is asked for.
        honest = Proxy(self.server)
        self.addCleanup(honest.close)
        for kind, part in kinds.items():
            for place in (0, 1, 2):
                def change(path, _, content, part=part, place=place):
                    if part not in path:
                        return content
                    at = (len(content) - 1) * place // 2
                    return flipped(content, at)

                self.proxy.change = change
                folder = os.path.join(self.work, f"{kind}-{place}")
                os.makedirs(folder)
                edge = Edge(folder, [self.proxy.url, honest.url], self.genesis).start()
                self.addCleanup(edge.stop)
                clone = self.clone(edge, "lies", f"clone-{kind}-{place}")
                self.assertEqual(object_ids(clone), object_ids(tree), kind)
                check_clean(self, clone)
                self.assertIn("refused", edge.log(), kind)
                edge.stop()

    def test_nothing_is_served_where_every_upstream_lies(self):
        self.pushed("alone")
        edge = self.start_edge()

        def drop_a_ref(path, _, content):
            if "/refs/" not in path:
                return content
            value = messages.decode("sync.capnp", "RefList", content)
            value["refs"].pop()
            return messages.encode("sync.capnp", "RefList", value)

        self.proxy.change = drop_a_ref
        failing_git(self.work, "clone", f"{edge.url}/{ADMINISTRATOR}/alone.git", "failed")
        self.assertIn("refs: 1 of 2 are listed", edge.log())
        self.proxy.be_honest()
        self.clone(edge, "alone", "clone")

    def test_it_is_not_turned_back(self):
        tree, url = self.pushed("older")
        edge = self.start_edge()
        recorded = {}

        def record(path, _, content):
            recorded[path] = content
            return content

        self.proxy.change = record
        self.clone(edge, "older", "before")
        self.proxy.be_honest()
        head = commit_file(tree, "new", "new\n")
        git(tree, "push", "--quiet", url, "main")
        self.clone(edge, "older", "between")
        self.proxy.change = lambda path, _, content: (
            recorded[path] if path.endswith("/checkpoint") else content)
        clone = self.clone(edge, "older", "after")
        self.assertEqual(git(clone, "rev-parse", "main"), head)
        self.assertIn("older", edge.log())

    def test_it_does_not_start_for_another_network(self):
        with open(self.genesis, encoding="utf-8") as file:
            text = file.read()
        other = os.path.join(self.work, "other.json")
        with open(other, "w", encoding="utf-8") as file:
            file.write(text.replace('"network_name":"ashlar"', '"network_name":"oshlar"'))
        with self.assertRaisesRegex(RuntimeError, "another network"):
            Edge(self.work, [self.proxy.url], other).start()

    def test_a_clone_of_more_than_it_may_keep_works_and_so_does_a_restart(self):
        repository = generate_repository(self.work)
        git(repository, "push", "--quiet", "--mirror", self.new_repository("evicted"))
        bytes_max = 1 << 20
        edge = self.start_edge("--max-bytes", str(bytes_max))
        for number in range(2):
            clone = self.clone(edge, "evicted", f"clone-{number}")
            self.assertEqual(object_ids(clone), object_ids(repository))
        self.assertLessEqual(edge.request("GET", "/health").json["store"]["bytes"], bytes_max)
        edge.stop()
        edge = self.start_edge("--max-bytes", str(bytes_max))
        clone = self.clone(edge, "evicted", "again")
        self.assertEqual(object_ids(clone), object_ids(repository))

    @unittest.skipUnless(HOST == "workerd", "of platforms that bound a request's body")
    def test_a_push_over_the_bound_is_told_where_a_validator_is(self):
        tree, _ = self.pushed("bounded")
        edge = self.start_edge("--body-bytes", "100000")
        token = self.server.operator_token
        url = edge.url.replace("http://", f"http://{ADMINISTRATOR}:{token}@")
        url += f"/{ADMINISTRATOR}/bounded.git"
        commit_file(tree, "small", "fits\n")
        git(tree, "push", "--quiet", url, "main")
        with open(os.path.join(tree, "large"), "wb") as file:
            file.write(os.urandom(3_000_000))
        commit_file(tree, "beside", "goes with it\n")
        git(tree, "add", "large")
        git(tree, "commit", "--quiet", "-m", "A large file")
        for buffer in ("1000", "10000000"):  # sent in chunks, and in one piece of a known size
            said = failing_git(tree, "-c", f"http.postBuffer={buffer}", "push", url, "main")
            self.assertIn(f"{self.proxy.url}/{ADMINISTRATOR}/bounded.git", said)
        # What was cut off never looked whole to a validator.
        packs = [body for method, path, body in self.proxy.requests
                 if path.endswith("/git-receive-pack") and body != b"0000"]
        self.assertEqual(len(packs), 1)
        self.assertEqual(edge.request("GET", f"/{ADMINISTRATOR}/bounded").status, 200)


if __name__ == "__main__":
    unittest.main()
