"""Clients that ask for too much, or take too long: others are served, and memory stays bounded."""

import gzip
import os
import socket
import threading
import time
import unittest

from support import wire
from support.client import ENVIRONMENT, check_clean, commit_file, git, new_work_tree, object_ids
from support.server import ADMINISTRATOR, ServerTest

GROWTH_MIB_MAX = 256
UPLOAD = {"Content-Type": "application/x-git-upload-pack-request"}
VERSION_2 = {**UPLOAD, "Git-Protocol": "version=2"}


class HostileClients(ServerTest):
    def setUp(self):
        super().setUp()
        self.before = self.server.peak_memory_mib()

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), self.server.log())
        self.assertLess(self.server.peak_memory_mib() - self.before, GROWTH_MIB_MAX)

    def pushed(self, name, commits=3, size=1000):
        url = self.new_repository(name)
        tree = new_work_tree(self.work)
        for number in range(commits):
            commit_file(tree, f"file-{number}", os.urandom(size))
        git(tree, "push", "--quiet", url, "main")
        return tree, url

    def post(self, name, body, headers=None, service="git-upload-pack"):
        return self.server.request("POST", f"/{ADMINISTRATOR}/{name}.git/{service}", body,
                                   headers or VERSION_2, self.server.operator_token)

    def test_thousands_of_wants_and_haves(self):
        tree, _ = self.pushed("wants", commits=20)
        ids = git(tree, "rev-list", "--objects", "--all").split()
        ids = [word for word in ids if len(word) == 40]
        head = git(tree, "rev-parse", "main")
        many = [f"{number:040x}" for number in range(1, 50_001)]
        fetch = wire.packet("command=fetch") + b"0001"
        # Each object by its id, over and over: one pack with each once.
        wants = b"".join(wire.packet(f"want {i}\n") for i in ids * 400)
        answer = self.post("wants", fetch + wants + wire.packet("done\n") + wire.FLUSH)
        self.assertEqual(answer.status, 200)
        self.assertIn(b"packfile", answer.body[:200])
        # Many that do not exist: the first is named.
        for lines in (many, ids + many):
            wants = b"".join(wire.packet(f"want {i}\n") for i in lines)
            answer = self.post("wants", fetch + wants + wire.packet("done\n") + wire.FLUSH)
            self.assertIn(b"not our ref", answer.body)
        haves = b"".join(wire.packet(f"have {i}\n") for i in many)
        answer = self.post("wants", fetch + wire.packet(f"want {head}\n") + haves + wire.FLUSH)
        self.assertIn(b"NAK", answer.body)
        # In v0 each round of haves may cost a walk.
        body = wire.packet(f"want {head} multi_ack_detailed side-band-64k\n") + wire.FLUSH + haves
        answer = self.post("wants", body + wire.packet("done\n"), UPLOAD)
        self.assertIn(b"NAK", answer.body)
        # More than anybody needs.
        for line in (f"want {head}\n", f"have {head}\n", f"shallow {head}\n", "deepen-not main\n"):
            answer = self.post("wants", fetch + wire.packet(line) * 210_000 + wire.FLUSH)
            self.assertTrue(b"a request may have" in answer.body or answer.status == 413,
                            answer.body[:200])

    def test_thousands_of_ref_updates(self):
        self.pushed("updates")
        entries, tip = wire.simple_history()
        for count in (10_001, 20_000):
            body = wire.commands(*[(wire.NULL_ID, tip, f"refs/heads/{number}")
                                   for number in range(count)]) + wire.pack(entries)
            _, report = wire.push(self.server, f"/{ADMINISTRATOR}/updates.git", body,
                                  self.server.operator_token)
            self.assertIn("ref updates", report.unpack)

    def test_gzip_bombs_everywhere(self):
        self.pushed("bombs")
        bomb = gzip.compress(bytes(256 << 20))
        packed = {"Content-Encoding": "gzip"}
        for headers in (UPLOAD, VERSION_2):
            answer = self.post("bombs", bomb, {**headers, **packed})
            self.assertEqual(answer.status, 413)
        # A push may be large; what is no push ends at once, whatever it unpacks to.
        receive = {"Content-Type": "application/x-git-receive-pack-request", **packed}
        answer = self.post("bombs", bomb, receive, "git-receive-pack")
        self.assertNotIn(b"unpack ok", answer.body)
        entries, tip = wire.simple_history()
        section = wire.commands((wire.NULL_ID, tip, "refs/heads/new"))
        answer = self.post("bombs", gzip.compress(section + bytes(256 << 20)), receive,
                           "git-receive-pack")
        self.assertNotIn(b"unpack ok", answer.body)
        # The same way, and honest.
        answer = self.post("bombs", gzip.compress(section + wire.pack(entries)), receive,
                           "git-receive-pack")
        self.assertIn(b"unpack ok", answer.body)
        for body in (bomb[:1000], b"\x1f\x8b garbage", b""):
            answer = self.post("bombs", body, {**VERSION_2, **packed})
            self.assertIn(answer.status, (200, 400), body[:10])

    def test_chains_cycles_and_twins_of_deltas(self):
        base = b"0123456789abcdef" * 64
        base_id = wire.object_id("blob", base)
        tip = "4" * 40

        def refused(entries, word=""):
            body = wire.commands((wire.NULL_ID, tip, "refs/heads/main")) + wire.pack(entries)
            _, report = wire.push(self.server, f"/{ADMINISTRATOR}/deltas.git", body,
                                  self.server.operator_token)
            self.assertNotEqual(report.unpack, "ok")
            self.assertIn(word, report.unpack)

        self.new_repository("deltas")
        # Longer than any chain may be: each appends one byte.
        content, entries = base, [wire.entry("blob", base)]
        for _ in range(4200):
            grown = content + b"x"
            delta = wire.delta(len(content), len(grown), wire.copy(0, len(content)) + b"\x01x")
            entries.append(wire.ref_delta(wire.object_id("blob", content), delta))
            content = grown
        refused(entries, "chain")
        # Two on each other, and one on itself.
        same = wire.delta(16, 16, wire.copy(0, 16))
        refused([wire.ref_delta("a" * 40, same), wire.ref_delta("b" * 40, same)], "missing")
        own = wire.object_id("blob", base[:16])
        refused([wire.ref_delta(own, same)], "missing")
        # The same object, and the same base, again and again.
        refused([wire.entry("blob", base)] * 3)
        refused([wire.entry("blob", base)] * 2
                + [wire.ref_delta(base_id, wire.delta(len(base), 16, wire.copy(0, 16)))])
        # A pack that says how much will come, and more or less does.
        refused([wire.entry_header(3, 1 << 40) + b"x\x9c"])

    def test_who_reads_a_byte_a_second_holds_nobody_back(self):
        tree, url = self.pushed("slow", commits=24, size=1 << 20)
        head = git(tree, "rev-parse", "main")
        request = (wire.packet("command=fetch") + b"0001" + wire.packet(f"want {head}\n")
                   + wire.packet("done\n") + wire.FLUSH)
        # Not a whole clone, so that the answer has to be made: one recording, many readers.
        shallow = request.replace(b"done", b"done").replace(
            b"0001", b"0001" + wire.packet("deepen 5\n"), 1)
        slow = []
        for number in range(60):
            connection = wire.RawConnection(self.server)
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            body = request if number % 2 else shallow
            connection.send(
                f"POST /{ADMINISTRATOR}/slow.git/git-upload-pack HTTP/1.1\r\n"
                f"Host: {wire.host_of(self.server)}\r\nGit-Protocol: version=2\r\n"
                "Content-Type: application/x-git-upload-pack-request\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            slow.append(connection)
        stop = threading.Event()

        def sip():
            while not stop.wait(1):
                for connection in slow:
                    try:
                        connection.socket.recv(1)
                    except OSError:
                        pass

        sipping = threading.Thread(target=sip)
        sipping.start()
        try:
            times = []
            for number in range(6):
                started = time.monotonic()
                clone = os.path.join(self.work, f"clone-{number}")
                depth = ["--depth=5"] if number % 2 else []
                git(self.work, "-c", "protocol.version=2", "clone", "--quiet", *depth, url, clone)
                times.append(time.monotonic() - started)
                check_clean(self, clone)
            print("clones beside 60 slow readers took "
                  + ", ".join(f"{seconds:.1f} s" for seconds in times))
            self.assertEqual(object_ids(os.path.join(self.work, "clone-0")), object_ids(tree))
        finally:
            stop.set()
            sipping.join()
            for connection in slow:
                connection.socket.close()

    def test_who_sends_a_byte_a_second_holds_nobody_back(self):
        tree, url = self.pushed("trickle")
        entries, tip = wire.simple_history()
        body = wire.commands((wire.NULL_ID, tip, "refs/heads/new")) + wire.pack(entries)
        slow = []
        for _ in range(40):
            connection = wire.RawConnection(self.server)
            connection.send(
                f"POST /{ADMINISTRATOR}/trickle.git/git-receive-pack HTTP/1.1\r\n"
                f"Host: {wire.host_of(self.server)}\r\n"
                f"Authorization: Bearer {self.server.operator_token}\r\n"
                "Content-Type: application/x-git-receive-pack-request\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:150])
            slow.append(connection)
        try:
            for number in range(3):
                commit_file(tree, "file", f"{number}\n")
                git(tree, "push", "--quiet", url, "main")
                for connection in slow:
                    connection.send(body[150 + number:151 + number])
        finally:
            for connection in slow:
                connection.socket.close()
        self.assertNotIn("refs/heads/new", git(tree, "ls-remote", url))

    def test_answers_go_on_without_a_place_for_recordings(self):
        tree, url = self.pushed("no-place", commits=30, size=200_000)
        staging = os.path.join(self.server.data, "staging")
        os.rename(staging, staging + "-away")
        try:
            import subprocess
            clones = [os.path.join(self.work, f"clone-{number}") for number in range(6)]
            running = [subprocess.Popen(
                ["git", "clone", "--quiet", "--filter=blob:limit=1m", "--bare", url, clone],
                env=ENVIRONMENT, cwd=self.work) for clone in clones]
            self.assertEqual([process.wait(120) for process in running], [0] * len(clones))
        finally:
            os.rename(staging + "-away", staging)
        for clone in clones:
            self.assertEqual(object_ids(clone), object_ids(tree))
            check_clean(self, clone)


if __name__ == "__main__":
    unittest.main()
