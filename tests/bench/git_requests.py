"""Requests as a git client sends them, read to nothing: what is measured is the server."""

import hashlib
import http.client
import socket
import subprocess
import tempfile
import time
import urllib.request


def pkt(text):
    data = text.encode() if isinstance(text, str) else text
    return f"{len(data) + 4:04x}".encode() + data


FLUSH, DELIMITER = b"0000", b"0001"


def fetch_body(wants, haves=(), arguments=(), done=True):
    """A protocol v2 fetch, with what git itself asks for."""
    lines = [pkt("command=fetch\n"), pkt("agent=git/2.39.5\n"), pkt("object-format=sha1\n"),
             DELIMITER, pkt("thin-pack\n"), pkt("include-tag\n"), pkt("ofs-delta\n")]
    lines += [pkt(argument + "\n") for argument in arguments]
    lines += [pkt(f"want {want}\n") for want in wants]
    lines += [pkt(f"have {have}\n") for have in haves]
    if done:
        lines.append(pkt("done\n"))
    return b"".join(lines) + FLUSH


def ls_refs_body(prefixes=()):
    lines = [pkt("command=ls-refs\n"), pkt("agent=git/2.39.5\n"), pkt("object-format=sha1\n"),
             DELIMITER, pkt("peel\n"), pkt("symrefs\n")]
    lines += [pkt(f"ref-prefix {prefix}\n") for prefix in prefixes]
    return b"".join(lines) + FLUSH


def create_refs(server, name, refs):
    """A push of (id, ref) pairs whose objects are there already, so its pack is empty."""
    report = b"\0report-status object-format=sha1"
    lines = [pkt(f"{'0' * 40} {value} {ref}".encode() + (report if number == 0 else b""))
             for number, (value, ref) in enumerate(refs)]
    pack = b"PACK" + (2).to_bytes(4, "big") + (0).to_bytes(4, "big")
    body = b"".join(lines) + FLUSH + pack + hashlib.sha1(pack).digest()
    request = urllib.request.Request(
        server.url + server.path(name) + "/git-receive-pack", body,
        {"Content-Type": "application/x-git-receive-pack-request",
         "Authorization": f"Bearer {server.token}"})
    with urllib.request.urlopen(request, timeout=600) as answer:
        text = answer.read()
    if b"unpack ok" not in text or b"ng " in text:
        raise RuntimeError(f"{server.name} refused refs: {text[:300]!r}")


class Answer:
    def __init__(self, byte_count, first_pack_byte_seconds, seconds):
        self.byte_count = byte_count
        self.first_pack_byte_seconds = first_pack_byte_seconds
        self.seconds = seconds

    def with_bytes(self, byte_count):
        return Answer(byte_count, self.first_pack_byte_seconds, self.seconds)


def connect(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def check_status(server, answer):
    if answer.status != 200:
        raise RuntimeError(f"{server.name} answered {answer.status}: {answer.read()[:300]!r}")


def ls_remote(server, name, body):
    """What git ls-remote asks: the capabilities, and on the same connection the refs."""
    connection = connect(server)
    started = time.perf_counter()
    connection.request("GET", server.path(name) + "/info/refs?service=git-upload-pack", headers={
        "Git-Protocol": "version=2"})
    answer = connection.getresponse()
    check_status(server, answer)
    capabilities = answer.read()
    if b"version 2" not in capabilities[:60]:
        raise RuntimeError(f"{server.name} speaks no version 2: {capabilities[:300]!r}")
    return post(server, name, body, connection, started)


def post(server, name, body, connection=None, started=None):
    """Posts to git-upload-pack, reads the answer to nothing, and notes when the pack began."""
    connection = connection or connect(server)
    started = started or time.perf_counter()
    connection.request("POST", server.path(name) + "/git-upload-pack", body, {
        "Content-Type": "application/x-git-upload-pack-request",
        "Accept": "application/x-git-upload-pack-result", "Git-Protocol": "version=2"})
    answer = connection.getresponse()
    check_status(server, answer)
    count, first, head = 0, None, b""
    while data := answer.read1(1 << 20):
        count += len(data)
        if first is None:
            head += data
            if b"PACK" in head:
                first = time.perf_counter() - started
    connection.close()
    if b"ERR " in head[:40]:
        raise RuntimeError(f"{server.name} refused: {head[:300]!r}")
    return Answer(count, first, time.perf_counter() - started)


def post_at_once(server, name, body, clients):
    """Several clients of their own process each (curl), all started at once; the wall time."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        command = ["curl", "-sS", "--fail", "-o", "/dev/null", "--data-binary", f"@{file.name}",
                   "-H", "Content-Type: application/x-git-upload-pack-request",
                   "-H", "Git-Protocol: version=2", "-H", "Expect:",
                   server.url + server.path(name) + "/git-upload-pack"]
        started = time.perf_counter()
        running = [subprocess.Popen(command) for _ in range(clients)]
        if any(process.wait() for process in running):
            raise RuntimeError(f"{server.name}: one of {clients} clients failed")
        return time.perf_counter() - started
