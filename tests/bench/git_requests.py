"""Requests as a git client sends them, read to nothing: what is measured is the server."""

import http.client
import socket
import subprocess
import tempfile
import time


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


class Answer:
    def __init__(self, byte_count, first_pack_byte_seconds, seconds):
        self.byte_count = byte_count
        self.first_pack_byte_seconds = first_pack_byte_seconds
        self.seconds = seconds


def post(server, name, body):
    """Posts to git-upload-pack, reads the answer to nothing, and notes when the pack began."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    started = time.perf_counter()
    connection.request("POST", server.path(name) + "/git-upload-pack", body, {
        "Content-Type": "application/x-git-upload-pack-request",
        "Accept": "application/x-git-upload-pack-result", "Git-Protocol": "version=2"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{server.name} answered {answer.status}: {answer.read()[:300]!r}")
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
