"""HTTP that no client should send: one clear answer, a closed connection, a living server."""

import os
import threading
import time
import unittest

from support.client import commit_file, git, new_work_tree
from support.server import ADMINISTRATOR, ServerTest
from support.wire import RawConnection, host_of, raw_exchange

SLOW_HEAD_SECONDS_MAX = 40


class BadHttp(ServerTest):
    def tearDown(self):
        self.assertTrue(self.server.is_alive(), self.server.log())

    def status(self, data):
        return raw_exchange(self.server, data)[0]

    def head(self, start_line, *headers):
        lines = [start_line, f"Host: {host_of(self.server)}", "Connection: close", *headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def test_paths_that_climb(self):
        for path in (
            "/a/../../etc/passwd",
            "/..",
            "/../etc",
            "/a/%2e%2e/%2e%2e/etc/passwd",
            "/a/..%2f..%2fetc",
            "/./a",
            "/a\\..\\b",
            "/%00",
            "/%zz",
            f"/{ADMINISTRATOR}/../info/refs?service=git-upload-pack",
        ):
            self.assertEqual(self.status(self.head(f"GET {path} HTTP/1.1")), 400, path)

    def test_smuggling(self):
        for headers in (
            ("Content-Length: 5", "Content-Length: 6"),
            ("Content-Length: 5", "Content-Length: 5"),
            ("Content-Length: 5", "Transfer-Encoding: chunked"),
            ("Content-Length: 5, 5",),
            ("Content-Length: -1",),
            ("Transfer-Encoding : chunked",),
            ("X: a\r\n b",),
            ("X: a\nTransfer-Encoding: chunked",),
            ("Host: other",),
        ):
            status, answer = raw_exchange(
                self.server,
                self.head("POST /api/v3/user/repos HTTP/1.1", *headers)
                + b"5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
            )
            self.assertEqual(status, 400, headers)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, headers)
        self.assertEqual(
            self.status(self.head("POST / HTTP/1.1", "Transfer-Encoding: xchunked")), 501)

    def test_methods_versions_and_sizes(self):
        self.assertEqual(self.status(self.head("TRACE / HTTP/1.1")), 405)
        self.assertEqual(self.status(self.head("CONNECT h:1 HTTP/1.1")), 405)
        self.assertEqual(self.status(self.head("BREW / HTTP/1.1")), 501)
        self.assertEqual(self.status(self.head("GET / HTTP/3.0")), 505)
        self.assertEqual(self.status(self.head("GET http://h/ HTTP/1.1")), 400)
        self.assertEqual(self.status(self.head("GET /" + "a" * 9000 + " HTTP/1.1")), 414)
        self.assertEqual(self.status(self.head("GET / HTTP/1.1", "X: " + "a" * 40_000)), 431)
        self.assertEqual(self.status(b"GET / HTTP/1.1\r\n\r\n"), 400)
        self.assertEqual(self.status(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n"), 400)
        self.assertEqual(self.status(self.head("GET /health/live HTTP/1.1")), 200)

    def test_requests_that_git_does_not_send(self):
        token = self.server.operator_token
        self.server.create_repository("wrong-requests")
        base = f"/{ADMINISTRATOR}/wrong-requests.git"

        def status(method, path, content_type=None):
            headers = {"Content-Type": content_type} if content_type else {}
            body = b"0000" if method == "POST" else None
            return self.server.request(method, base + path, body, headers, token).status

        self.assertEqual(status("GET", "/info/refs"), 403)  # a dumb client
        self.assertEqual(status("GET", "/info/refs?service=git-upload-archive"), 403)
        self.assertEqual(status("GET", "/HEAD"), 403)
        self.assertEqual(status("GET", "/objects/info/packs"), 403)
        self.assertEqual(status("POST", "/info/refs?service=git-upload-pack"), 405)
        self.assertEqual(status("GET", "/git-upload-pack"), 405)
        self.assertEqual(status("POST", "/git-upload-pack", "text/plain"), 415)
        self.assertEqual(
            status("POST", "/git-receive-pack", "application/x-git-upload-pack-request"), 415)

    def test_answers_of_git_are_never_cached(self):
        self.server.create_repository("uncached")
        answer = self.server.request(
            "GET", f"/{ADMINISTRATOR}/uncached.git/info/refs?service=git-upload-pack")
        self.assertEqual(answer.headers["Cache-Control"], "no-cache, max-age=0, must-revalidate")
        self.assertEqual(answer.headers["Content-Type"],
                         "application/x-git-upload-pack-advertisement")

    def test_a_gzip_bomb(self):
        import gzip
        self.server.create_repository("bombed")
        bomb = gzip.compress(b"\0" * (64 << 20))
        answer = self.server.request(
            "POST", f"/{ADMINISTRATOR}/bombed.git/git-upload-pack", bomb,
            {"Content-Type": "application/x-git-upload-pack-request", "Content-Encoding": "gzip"})
        self.assertEqual(answer.status, 413)

    def test_slow_clients_are_dropped_and_hold_nobody_back(self):
        url = self.new_repository("busy")
        tree = new_work_tree(self.work)
        commit_file(tree, "file", os.urandom(1000))
        slow = [RawConnection(self.server, SLOW_HEAD_SECONDS_MAX) for _ in range(200)]
        statuses = []
        try:
            for number, connection in enumerate(slow):
                connection.send("POST /api/v3/user/repos HTTP/1.1\r\nHost: h\r\n")
                if number % 2:
                    connection.send("Content-Length: 100\r\n\r\n{")
            started = time.monotonic()
            git(tree, "push", "--quiet", url, "main")
            git(self.work, "clone", "--quiet", url, "clone")
            self.assertLess(time.monotonic() - started, 10)
            # Those that never end their head are told so.
            readers = [
                threading.Thread(target=lambda c=c: statuses.append(c.rest()[:12]))
                for c in slow[0::2]
            ]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
        finally:
            for connection in slow:
                connection.socket.close()
        self.assertEqual(set(statuses), {b"HTTP/1.1 408"})

    def test_connections_that_end_anywhere(self):
        request = self.head(
            f"POST /{ADMINISTRATOR}/none.git/git-receive-pack HTTP/1.1",
            "Content-Type: application/x-git-receive-pack-request", "Content-Length: 100") + b"00"
        for size in range(0, len(request), 7):
            with RawConnection(self.server) as connection:
                connection.send(request[:size])


if __name__ == "__main__":
    unittest.main()
