"""Git's packets and packs, byte by byte: for input that git itself would never send."""

import hashlib
import socket
import struct
import urllib.parse
import zlib

NULL_ID = "0" * 40
TYPES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
OFS_DELTA = 6
REF_DELTA = 7


def packet(payload):
    payload = payload if isinstance(payload, bytes) else payload.encode()
    return f"{len(payload) + 4:04x}".encode() + payload


FLUSH = b"0000"


def commands(*updates, capabilities="report-status-v2 side-band-64k object-format=sha1"):
    """The command section of a push: (old id, new id, ref name)."""
    section = b""
    for index, (old, new, name) in enumerate(updates):
        name = name if isinstance(name, bytes) else name.encode()
        line = f"{old} {new} ".encode() + name
        section += packet(line + (b"\0 " + capabilities.encode() if index == 0 else b""))
    return section + FLUSH


def object_id(kind, content):
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()


def entry_header(kind, size):
    byte = (kind << 4) | (size & 15)
    size >>= 4
    header = bytearray()
    while size:
        header.append(byte | 0x80)
        byte = size & 0x7F
        size >>= 7
    header.append(byte)
    return bytes(header)


def entry(kind, content):
    return entry_header(TYPES[kind], len(content)) + zlib.compress(content)


def ref_delta(base_id, delta):
    return entry_header(REF_DELTA, len(delta)) + bytes.fromhex(base_id) + zlib.compress(delta)


def size_number(size):
    """A size as deltas have it."""
    number = bytearray()
    while size >= 0x80:
        number.append(size & 0x7F | 0x80)
        size >>= 7
    number.append(size)
    return bytes(number)


def delta(base_size, result_size, instructions):
    return size_number(base_size) + size_number(result_size) + instructions


def copy(offset, size):
    """A copy instruction with all of its bytes given."""
    return b"\xff" + struct.pack("<I", offset) + struct.pack("<I", size)[:3]


def pack(entries, count=None, version=2):
    body = b"PACK" + struct.pack(">II", version, len(entries) if count is None else count)
    body += b"".join(entries)
    return body + hashlib.sha1(body).digest()


def tree(*entries):
    """(mode, name, id) in the order given."""
    return b"".join(
        mode.encode() + b" " + (name if isinstance(name, bytes) else name.encode()) + b"\0"
        + bytes.fromhex(id_)
        for mode, name, id_ in entries
    )


def commit(tree_id, *parents, message="A commit\n"):
    lines = [f"tree {tree_id}"] + [f"parent {parent}" for parent in parents]
    lines.append("author Ada <ada@example.org> 1700000000 +0000")
    lines.append("committer Ada <ada@example.org> 1700000000 +0000")
    return ("\n".join(lines) + "\n\n" + message).encode()


def simple_history(content=b"hello\n"):
    """Entries of a blob, a tree and a commit, and the commit's id."""
    blob_id = object_id("blob", content)
    tree_content = tree(("100644", "file", blob_id))
    tree_id = object_id("tree", tree_content)
    commit_content = commit(tree_id)
    entries = [entry("blob", content), entry("tree", tree_content), entry("commit", commit_content)]
    return entries, object_id("commit", commit_content)


def packets_of(body):
    """The payloads of packets; None for a flush."""
    found = []
    while body:
        size = int(body[:4], 16)
        found.append(body[4:size] if size >= 4 else None)
        body = body[max(size, 4):]
    return found


class PushReport:
    """What a push was told: {ref: "ok" or "ng reason"}, the word on the pack, and the rest."""

    def __init__(self, body):
        self.unpack = None
        self.refs = {}
        self.progress = b""
        self.fatal = b""
        report = b""
        for payload in packets_of(body):
            if not payload:
                continue
            if payload[:1] == b"\x01":
                report += payload[1:]
            elif payload[:1] == b"\x02":
                self.progress += payload[1:]
            elif payload[:1] == b"\x03":
                self.fatal += payload[1:]
            else:
                report += packet(payload)
        for payload in packets_of(report):
            if not payload:
                continue
            words = payload.decode(errors="replace").rstrip("\n").split(" ", 2)
            if words[0] == "unpack":
                self.unpack = " ".join(words[1:])
            elif words[0] == "ok":
                self.refs[words[1]] = "ok"
            elif words[0] == "ng":
                self.refs[words[1]] = "ng " + words[2]


def push(server, path, body, token):
    """POSTs a push; gives the HTTP answer and the report in it."""
    answer = server.request(
        "POST",
        path + "/git-receive-pack",
        body,
        {"Content-Type": "application/x-git-receive-pack-request"},
        token,
    )
    report = PushReport(answer.body) if answer.status == 200 else None
    return answer, report


class RawConnection:
    """A socket that sends what it is told, as slowly as it is told."""

    def __init__(self, server, seconds_max=60):
        self.socket = socket.create_connection(server.address, seconds_max)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def rest(self):
        """Everything until the server closes."""
        received = b""
        while True:
            piece = self.socket.recv(1 << 16)
            if not piece:
                return received
            received += piece


def raw_exchange(server, data):
    """Sends the bytes; gives the status of the answer, and all that came."""
    with RawConnection(server) as connection:
        try:
            connection.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            received = connection.rest()
        except ConnectionResetError:
            return 0, b""
    if not received.startswith(b"HTTP/1.1 "):
        return 0, received
    return int(received[9:12]), received


def host_of(server):
    return urllib.parse.urlsplit(server.url).netloc
