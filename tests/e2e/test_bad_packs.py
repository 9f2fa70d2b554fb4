"""Pushes that git would never send: refused in the protocol, and nothing of them is kept."""

import hashlib
import os
import socket
import unittest
import zlib

from support import wire
from support.client import failing_git, git
from support.server import ADMINISTRATOR, ServerTest
from support.wire import NULL_ID, commands, entry, pack, simple_history

GROWTH_MIB_MAX = 256


class BadPacks(ServerTest):
    def setUp(self):
        super().setUp()
        self.name = "repo-" + self.id().rsplit(".", 1)[1].replace("_", "-")[:80]
        self.url = self.new_repository(self.name)
        self.path = f"/{ADMINISTRATOR}/{self.name}.git"
        self.files_before = self.server.stored_packs()
        self.memory_before = self.server.peak_memory_mib()

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), self.server.log())
        self.assertLess(self.server.peak_memory_mib() - self.memory_before, GROWTH_MIB_MAX)

    def push(self, body):
        return wire.push(self.server, self.path, body, self.server.operator_token)

    def assert_nothing_stored(self, *object_ids):
        self.assertEqual(git(self.work, "ls-remote", self.url), "")
        self.assertEqual(self.server.stored_packs(), self.files_before)
        for object_id in object_ids:
            tree = os.path.join(self.work, "fetching-" + object_id[:8])
            git(self.work, "init", "--quiet", tree)
            for version in ("0", "2"):
                failing_git(tree, "-c", f"protocol.version={version}", "fetch", self.url, object_id)

    def assert_refused(self, body, word="", object_ids=(), ref="refs/heads/main"):
        answer, report = self.push(body)
        self.assertEqual(answer.status, 200, answer.body)
        said = f"{report.unpack} {report.refs}"
        self.assertTrue(report.refs[ref].startswith("ng "), said)
        self.assertIn(word, said)
        self.assert_nothing_stored(*object_ids)
        return report

    def create(self, tip, packed, ref="refs/heads/main"):
        return commands((NULL_ID, tip, ref)) + packed

    def test_a_good_pack_made_by_hand_is_taken(self):
        entries, tip = simple_history()
        _, report = self.push(self.create(tip, pack(entries)))
        self.assertEqual(report.unpack, "ok")
        self.assertEqual(report.refs, {"refs/heads/main": "ok"})
        self.assertIn(tip, git(self.work, "ls-remote", self.url))

    def test_truncated_packs(self):
        entries, tip = simple_history()
        whole = pack(entries)
        for size in (0, 3, 11, 12, 13, len(whole) // 2, len(whole) - 21, len(whole) - 1):
            self.assert_refused(self.create(tip, whole[:size]))
        self.assert_nothing_stored(tip)

    def test_a_flipped_byte_anywhere(self):
        entries, tip = simple_history()
        whole = pack(entries)
        for position in range(0, len(whole), 5):
            damaged = bytearray(whole)
            damaged[position] ^= 0x41
            self.assert_refused(self.create(tip, bytes(damaged)))
        self.assert_nothing_stored(tip)

    def test_wrong_checksums_counts_and_versions(self):
        entries, tip = simple_history()
        whole = pack(entries)
        self.assert_refused(self.create(tip, whole[:-20] + bytes(20)))
        self.assert_refused(self.create(tip, pack(entries, count=2)))
        self.assert_refused(self.create(tip, pack(entries, count=4)))
        self.assert_refused(self.create(tip, pack(entries, count=0xFFFFFFFF)))
        self.assert_refused(self.create(tip, pack(entries, version=9)))
        self.assert_refused(self.create(tip, whole + b"more"))
        self.assert_refused(self.create(tip, b"JUNK" + whole[4:]))
        self.assert_refused(self.create(tip, b""))

    def test_tips_that_are_missing_or_not_connected(self):
        entries, tip = simple_history()
        self.assert_refused(self.create("1" * 40, pack(entries)), object_ids=[tip])
        for left_out in range(3):
            partial = [e for number, e in enumerate(entries) if number != left_out]
            self.assert_refused(self.create(tip, pack(partial)), object_ids=[tip])
        orphan = wire.commit("2" * 40)
        orphan_id = wire.object_id("commit", orphan)
        self.assert_refused(self.create(orphan_id, pack([entry("commit", orphan)])))

    def test_trees_that_would_hurt_a_checkout(self):
        blob = entry("blob", b"x")
        blob_id = wire.object_id("blob", b"x")
        for name in (b".git", b".GIT", b".Git", b"..", b".", b"git~1", b".git ", b".git...",
                     b".g\xe2\x80\x8cit", b"a/b", b"", b".git::$INDEX_ALLOCATION"):
            content = wire.tree(("100644", name, blob_id))
            tree_id = wire.object_id("tree", content)
            commit = wire.commit(tree_id)
            tip = wire.object_id("commit", commit)
            packed = pack([blob, entry("tree", content), entry("commit", commit)])
            self.assert_refused(self.create(tip, packed), object_ids=[tip])
        twice = wire.tree(("100644", "a", blob_id), ("100644", "a", blob_id))
        commit = wire.commit(wire.object_id("tree", twice))
        tip = wire.object_id("commit", commit)
        self.assert_refused(
            self.create(tip, pack([blob, entry("tree", twice), entry("commit", commit)])))

    def test_objects_that_are_none(self):
        for kind, content in (("commit", b"nonsense"), ("tree", b"100644 a"), ("tag", b"object x"),
                              ("commit", b"")):
            tip = wire.object_id(kind, content)
            self.assert_refused(self.create(tip, pack([entry(kind, content)])), object_ids=[tip])

    def test_ref_names_that_git_does_not_allow(self):
        entries, tip = simple_history()
        for name in ("refs/heads/../x", "refs/heads/a..b", "refs/heads/a.lock", "refs/heads/.a",
                     "refs/heads/a b", "refs/heads/a~b", "refs/heads/", "refs/heads//a", "main",
                     "HEAD", "../../etc/passwd", "refs/heads/a\x7f", "refs/heads/-\x01",
                     "refs/heads/@{a", "/refs/heads/a", "refs/heads/a.", "refs"):
            _, report = self.push(self.create(tip, pack(entries), name))
            self.assertTrue(all(word.startswith("ng ") for word in report.refs.values()), name)
        self.assert_nothing_stored(tip)

    def test_commands_that_nobody_knows(self):
        entries, tip = simple_history()
        packed = pack(entries)
        for section in (
            wire.packet("hello") + wire.FLUSH,
            wire.packet(f"{NULL_ID} {tip}") + wire.FLUSH,
            wire.packet(f"{NULL_ID[:-1]}g {tip} refs/heads/main\0 report-status") + wire.FLUSH,
            wire.packet(f"{NULL_ID} {tip} refs/heads/main\0 report-status object-format=sha256")
            + wire.FLUSH,
            b"0003",
            b"zzzz",
            b"ffff" + b"x" * 100,
            commands((NULL_ID, tip, "refs/heads/main"))[:-6],
        ):
            answer, _ = self.push(section + packed)
            self.assertIn(answer.status, (200, 400), section)
            self.assertNotEqual(answer.body, b"", section)
            self.assertNotIn(b"unpack ok", answer.body)
        self.assert_nothing_stored(tip)

    def test_fetches_that_break_the_protocol(self):
        for body in (b"zzzz", b"0003", b"ffff", wire.packet("want nonsense\n"),
                     wire.packet("want " + "1" * 40 + "\n") + b"0000" + wire.packet("done\n"),
                     wire.packet("command=nothing") + b"0000", wire.packet("hello\n") + b"0000"):
            for headers in ({}, {"Git-Protocol": "version=2"}):
                answer = self.server.request(
                    "POST", self.path + "/git-upload-pack", body,
                    {"Content-Type": "application/x-git-upload-pack-request", **headers})
                self.assertIn(answer.status, (200, 400), body)
                self.assertNotEqual(answer.body, b"", body)
                if answer.status == 200:
                    self.assertIn(b"ERR ", answer.body, body)

    def test_a_stale_old_id(self):
        entries, tip = simple_history()
        self.assert_refused(commands(("3" * 40, tip, "refs/heads/main")) + pack(entries))
        answer, report = self.push(commands((tip, NULL_ID, "refs/heads/none")))
        self.assertEqual(answer.status, 200)
        self.assertTrue(report.refs["refs/heads/none"].startswith("ng "), report.refs)

    def delta_pack(self, *deltas):
        base = b"0123456789abcdef" * 4096
        return base, pack([entry("blob", base), *deltas], count=1 + len(deltas))

    def test_delta_bombs(self):
        base = b"0123456789abcdef" * 4096  # 64 KiB
        base_id = wire.object_id("blob", base)
        tip = "4" * 40
        # It claims a result of a terabyte.
        claim = wire.delta(len(base), 1 << 40, wire.copy(0, 65536))
        self.assert_refused(
            self.create(tip, pack([entry("blob", base), wire.ref_delta(base_id, claim)])))
        # It keeps its word: 64 KiB become 1 GiB, and 1 GiB would become 16.
        times = 16384
        first = wire.delta(len(base), len(base) * times, wire.copy(0, len(base)) * times)
        first_id = self.id_of_repeated(base, times)
        size = len(base) * times
        second = wire.delta(size, size * 16, wire.copy(0, 0xFFFFFF) * 16)
        self.assert_refused(
            self.create(tip, pack([entry("blob", base), wire.ref_delta(base_id, first),
                                   wire.ref_delta(first_id, second)])))

    @staticmethod
    def id_of_repeated(content, times):
        digest = hashlib.sha1(f"blob {len(content) * times}\0".encode())
        for _ in range(times):
            digest.update(content)
        return digest.hexdigest()

    def test_deltas_that_lie(self):
        base = b"0123456789abcdef"
        base_id = wire.object_id("blob", base)
        tip = "5" * 40
        for lie in (
            wire.delta(len(base) + 1, 16, wire.copy(0, 16)),
            wire.delta(len(base), 17, wire.copy(0, 16)),
            wire.delta(len(base), 16, wire.copy(8, 16)),
            wire.delta(len(base), 16, b"\x00"),
            wire.delta(len(base), 16, b"\x10abc"),
            b"",
        ):
            self.assert_refused(
                self.create(tip, pack([entry("blob", base), wire.ref_delta(base_id, lie)])))
        # Two deltas on each other, and one on nothing.
        self.assert_refused(self.create(tip, pack([wire.ref_delta("6" * 40, b"\x01\x01\x01a")])))

    def test_an_object_larger_than_it_says(self):
        entries, tip = simple_history()
        for claimed, content in ((1, b"x" * 100_000), (1 << 45, b"x"), (100, b"")):
            lying = wire.entry_header(3, claimed) + zlib.compress(content)
            self.assert_refused(self.create(tip, pack([lying, *entries])))

    def test_a_gigabyte_of_zeros(self):
        """As a pack, and as a command section: the server reads it, keeps nothing, says no."""
        head = (
            f"POST {self.path}/git-receive-pack HTTP/1.1\r\n"
            f"Host: {wire.host_of(self.server)}\r\n"
            f"Authorization: Bearer {self.server.operator_token}\r\n"
            "Content-Type: application/x-git-receive-pack-request\r\n"
            "Connection: close\r\nContent-Length: {size}\r\n\r\n"
        )
        zeros = bytes(1 << 20)
        for section in (commands((NULL_ID, "7" * 40, "refs/heads/main")), b""):
            size = len(section) + (1 << 30)
            with wire.RawConnection(self.server) as connection:
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                connection.send(head.replace("{size}", str(size)).encode() + section)
                for _ in range(1 << 10):
                    connection.send(zeros)
                answer = connection.rest()
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer[:200])
            self.assertNotIn(b"unpack ok", answer)
        self.assert_nothing_stored()


if __name__ == "__main__":
    unittest.main()
