"""An edge that is told what is new, over one WebSocket, and checks all of that."""

import os
import time
import unittest

from support import messages, websocket
from support.client import commit_file, git, new_work_tree, object_ids
from support.edge import PROGRAM, Edge
from support.proxy import Proxy
from support.server import ADMINISTRATOR, COMMAND, ServerTest
from support.trust import flipped_inside

NEVER_MS = "1000000000000"
SECONDS_MAX = 60


def news_of(message):
    return messages.decode("sync.capnp", "News", message)


@unittest.skipUnless(os.path.exists(PROGRAM) and os.path.exists(COMMAND),
                     "needs both builds: ./dev test")
class EdgeNewsTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.server, tells=True)
        self.addCleanup(self.proxy.close)
        self.genesis = os.path.join(self.server.data, "genesis.json")

    def start_edge(self, upstreams=None):
        """One that never asks for what is newest once it has it."""
        edge = Edge(self.work, upstreams or [self.proxy.url], self.genesis,
                    "--fresh", NEVER_MS).start()
        self.addCleanup(edge.stop)
        return edge

    def pushed(self, name):
        url = self.new_repository(name)
        tree = new_work_tree(self.work, name)
        commit_file(tree, "file", "first\n" * 50)
        git(tree, "push", "--quiet", url, "main")
        return tree, url

    def wait_until(self, holds, what):
        limit = time.monotonic() + SECONDS_MAX
        while not holds():
            self.assertLess(time.monotonic(), limit, what)
            time.sleep(0.002)

    def shown(self, edge, name):
        """What the edge lists."""
        return edge.request("GET", f"/{ADMINISTRATOR}/{name}.git/info/refs"
                                   "?service=git-upload-pack").body.decode(errors="replace")

    def wait_until_told(self, edge, url):
        self.wait_until(lambda: edge.request("GET", "/health").json["told_by"] == url,
                        f"the edge does not subscribe to {url}: " + edge.log())

    def clone(self, edge, name):
        path = os.path.join(self.work, "clone-" + name)
        git(self.work, "clone", "--quiet", "--mirror", f"{edge.url}/{ADMINISTRATOR}/{name}.git",
            path)
        return path

    def start_told(self, name, upstreams=None):
        """A repository, and an edge that holds it and is told of it."""
        tree, url = self.pushed(name)
        edge = self.start_edge(upstreams)
        self.wait_until_told(edge, (upstreams or [self.proxy.url])[0])
        clone = self.clone(edge, name)
        told = edge.request("GET", "/health").json["told"]
        # The checkpoint that answers the edge's word of what it holds.
        self.wait_until(lambda: edge.request("GET", "/health").json["told"] > told or told > 1,
                        "the edge is not told of what it holds")
        return tree, url, edge, clone

    def test_a_push_is_there_without_being_asked_for(self):
        tree, url, edge, clone = self.start_told("told")
        self.proxy.requests.clear()
        times = []
        for number in range(5):
            head = commit_file(tree, f"file-{number}", f"{number}\n" * 50)
            git(tree, "push", "--quiet", url, "main")
            begin = time.monotonic()
            self.wait_until(lambda head=head: head in self.shown(edge, "told"), "it is not told")
            times.append(time.monotonic() - begin)
            git(clone, "fetch", "--quiet", "origin")
            self.assertEqual(git(clone, "rev-parse", "main"), head)
        self.assertEqual(object_ids(clone), object_ids(tree))
        print("\n  fetchable after the acknowledgement, through a proxy in Python: "
              + ", ".join(f"{seconds * 1000:.1f} ms" for seconds in times))
        asked = [path for _, path, _ in self.proxy.requests]
        self.assertFalse([path for path in asked if path.endswith("/checkpoint")], asked)
        # Nor was the list fetched: it followed from the changes.
        self.assertFalse([path for path in asked if "/refs/" in path], asked)

    def test_a_push_to_the_server_itself_takes_no_time_to_speak_of(self):
        tree, url, edge, _ = self.start_told("direct", [self.server.url])
        times = []
        for number in range(10):
            head = commit_file(tree, f"file-{number}", f"{number}\n" * 50)
            git(tree, "push", "--quiet", url, "main")
            begin = time.monotonic()
            self.wait_until(lambda head=head: head in self.shown(edge, "direct"), "it is not told")
            times.append(time.monotonic() - begin)
        print("\n  listed after the push has ended: "
              + ", ".join(f"{seconds * 1000:.1f} ms" for seconds in times))

    def test_branches_come_and_go_and_so_do_repositories(self):
        tree, url, edge, clone = self.start_told("branches")
        git(tree, "push", "--quiet", url, "main:refs/heads/b", "main:refs/heads/d",
            "main:refs/tags/t")
        self.wait_until(lambda: "refs/tags/t" in self.shown(edge, "branches"), "no tag")
        git(tree, "push", "--quiet", url, ":refs/heads/b", "main:refs/heads/c", ":refs/tags/t")
        self.wait_until(lambda: "refs/tags/t" not in self.shown(edge, "branches"), "a tag too many")
        git(clone, "fetch", "--quiet", "--prune", "origin")
        self.assertEqual(sorted(git(clone, "for-each-ref", "--format=%(refname)").split()),
                         ["refs/heads/c", "refs/heads/d", "refs/heads/main"])
        # What no server shows any more (it is gone, or private) is not shown here.
        self.assertEqual(
            self.server.rest("DELETE", f"/repos/{ADMINISTRATOR}/branches").status, 204)
        self.wait_until(lambda: "refs/heads/c" not in self.shown(edge, "branches"),
                        "what is gone is still shown")

    def test_it_subscribes_again_and_learns_what_it_missed(self):
        tree, url, edge, _ = self.start_told("again")
        self.proxy.tells = False
        self.proxy.cut_sockets()
        self.wait_until_told(edge, None)
        head = commit_file(tree, "missed", "meanwhile\n")
        git(tree, "push", "--quiet", url, "main")
        self.assertNotIn(head, self.shown(edge, "again"))
        self.proxy.tells = True
        self.wait_until(lambda: head in self.shown(edge, "again"), "it does not learn of it")

    def test_the_next_upstream_tells_where_one_is_gone(self):
        tree, url, edge, _ = self.start_told("next", [self.proxy.url, self.server.url])
        self.proxy.close()
        self.wait_until_told(edge, self.server.url)
        head = commit_file(tree, "more", "more\n")
        git(tree, "push", "--quiet", url, "main")
        self.wait_until(lambda: head in self.shown(edge, "next"), "nobody tells")

    def expect_found_out(self, name, lie, words):
        """`lie` changes the news of a push."""
        tree, url, edge, _ = self.start_told(name, [self.proxy.url, self.server.url])
        before = self.shown(edge, name)
        lied = []

        def tell(message):
            if "repository" not in news_of(message):
                return message
            lied.append(lie(message))
            return lied[-1]

        self.proxy.tell = tell
        head = commit_file(tree, "more", "more\n" * 50)
        git(tree, "push", "--quiet", url, "main", "main:refs/heads/side")
        seen = set()
        self.wait_until(lambda: seen.add(self.shown(edge, name)) or any(head in s for s in seen),
                        "the next upstream does not tell")
        self.assertTrue(lied)
        whole = {shown for shown in seen if head in shown}
        self.assertLessEqual(seen - whole, {before})
        for shown in whole:
            self.assertIn("refs/heads/side", shown)
        self.assertRegex(edge.log(), f"{self.proxy.url}/sync: refused: .*{words}")
        self.proxy.be_honest()
        edge.stop()

    def test_a_lie_is_named_and_the_next_upstream_tells(self):
        def flip(*path):
            def lie(message):
                value = news_of(message)["repository"]
                for step in path:
                    value = value[step]
                part = bytes(value)
                return flipped_inside(message, part, len(part) // 2)
            return lie

        finalized = ("checkpoint", "finalized")
        proof = ("checkpoint", "proof")
        kinds = {
            "header": (flip(*finalized, "header"), ""),
            "certificate": (flip(*finalized, "finalization"), "certificate|news"),
            "record": (flip(*proof, "repository", "record"), ""),
            "proof": (flip(*proof, "repository", "treeProof"), ""),
            "changed-ref": (flip("changed", 0, "value"), "refs"),
        }
        for kind, (lie, words) in kinds.items():
            with self.subTest(kind):
                self.expect_found_out("lie-" + kind, lie, words)

    def test_a_ref_that_is_left_out_is_missed(self):
        def leave_out(message):
            value = news_of(message)
            value["repository"]["changed"].pop()
            return messages.encode("sync.capnp", "News", value)

        self.expect_found_out("left-out", leave_out, "refs")

    def test_what_is_told_late_turns_nothing_back(self):
        tree, url, edge, _ = self.start_told("late")
        kept = []

        def keep(message):
            kept.append(message)
            return message

        self.proxy.tell = keep
        heads = []
        for number in range(2):
            heads.append(commit_file(tree, f"file-{number}", f"{number}\n"))
            git(tree, "push", "--quiet", url, "main")
            self.wait_until(lambda: heads[-1] in self.shown(edge, "late"), "it is not told")
        # From now on only what was said before.
        old = iter(kept + kept)
        self.proxy.tell = lambda message: next(old, None)
        last = commit_file(tree, "last", "last\n")
        git(tree, "push", "--quiet", url, "main")
        self.wait_until(lambda: next(old, None) is None or True, "")
        time.sleep(0.2)
        shown = self.shown(edge, "late")
        self.assertIn(heads[-1], shown)
        self.assertNotIn(last, shown)
        self.assertGreater(int(edge.request("GET", "/health").headers["Ashlar-Height"]), 0)


class SubscriberTest(ServerTest):
    """What a server says to whoever subscribes, and what it does not put up with."""

    def connect(self, path="/sync"):
        client = websocket.Client(self.server.address, path)
        self.addCleanup(client.close)
        return client

    def hold(self, client, *names):
        client.send(messages.encode("sync.capnp", "SubscriberMessage", {
            "hold": [{"owner": ADMINISTRATOR, "repository": name} for name in names],
            "release": []}))

    def told_of(self, client, name):
        """The next news of a repository of that name."""
        while True:
            news = news_of(client.receive())
            if "repository" in news:
                checkpoint = news["repository"]["checkpoint"]
                if checkpoint["repository"] == name:
                    return news["repository"]
            if "gone" in news and news["gone"]["repository"] == name:
                return None

    def test_headers_come_to_everybody_and_repositories_to_those_that_hold_them(self):
        url = self.new_repository("held")
        self.new_repository("hidden", private=True)
        one, other = self.connect(), self.connect()
        self.assertIn("header", news_of(one.receive()))
        self.assertIn("header", news_of(other.receive()))
        self.hold(one, "held", "hidden", "none")
        self.assertEqual(self.told_of(one, "held")["changed"], [])
        for name in ("hidden", "none"):
            self.hold(one, name)
            self.assertIsNone(self.told_of(one, name))
        tree = new_work_tree(self.work)
        commit_file(tree, "file", "one\n")
        git(tree, "push", "--quiet", url, "main")
        changed = self.told_of(one, "held")["changed"]
        self.assertEqual([ref["name"] for ref in changed], ["refs/heads/main"])
        heights = set()
        while len(heights) < 1:
            news = news_of(other.receive())
            self.assertIn("header", news)
            heights.add(bytes(news["header"]["header"]))
        # What is released is not told any more.
        one.send(messages.encode("sync.capnp", "SubscriberMessage", {
            "hold": [], "release": [{"owner": ADMINISTRATOR, "repository": "held"}]}))
        self.hold(one, "none")
        self.assertIsNone(self.told_of(one, "none"))
        git(tree, "push", "--quiet", url, "main:refs/heads/more")
        while "header" not in (news := news_of(one.receive())):
            self.assertNotIn("repository", news)

    def test_what_breaks_the_rules_is_told_why_and_closed(self):
        too_many = {"hold": [{"owner": "a", "repository": str(i)} for i in range(5000)],
                    "release": []}
        for content, opcode, why in (
                (b"nonsense", websocket.BINARY, "subscriber's message"),
                (messages.encode("sync.capnp", "SubscriberMessage", too_many), websocket.BINARY,
                 "too many"),
                (b"text", websocket.TEXT, "binary"),
                (b"\0" * (2 << 20), websocket.BINARY, "")):
            client = self.connect()
            self.assertEqual(client.status, 101)
            with self.assertRaises((websocket.Closed, OSError)) as caught:
                client.send(content, opcode)
                while True:
                    client.receive()
            if isinstance(caught.exception, websocket.Closed):
                self.assertIn(why, caught.exception.reason)
        self.assertTrue(self.server.is_alive())

    def test_no_other_address_takes_a_websocket(self):
        self.assertEqual(self.connect("/sync/checkpoint").status, 200)
        self.assertEqual(self.connect("/health").status, 404)

    def test_who_reads_nothing_holds_nobody_up(self):
        url = self.new_repository("busy")
        idle, reading = self.connect(), self.connect()
        for client in (idle, reading):
            self.hold(client, "busy")
        tree = new_work_tree(self.work)
        for number in range(5):
            commit_file(tree, "file", f"{number}\n")
            git(tree, "push", "--quiet", url, f"main:refs/heads/branch-{number}")
            # It asks for all of it again and again, and reads nothing.
            for _ in range(200):
                self.hold(idle, "busy")
        names = set()
        while len(names) < 5:
            names |= {ref["name"] for ref in self.told_of(reading, "busy")["changed"]}
        self.assertTrue(self.server.is_alive())


if __name__ == "__main__":
    unittest.main()
