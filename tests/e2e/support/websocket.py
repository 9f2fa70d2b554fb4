"""WebSocket frames (RFC 6455), as little of them as tests need."""

import base64
import os
import socket
import struct

BINARY, TEXT, CLOSE, PING, PONG = 2, 1, 8, 9, 10


class Closed(Exception):
    """The other side is gone; `reason` is what it said, if anything."""

    def __init__(self, reason=""):
        super().__init__(reason)
        self.reason = reason


def read_exactly(stream, size):
    content = b""
    while len(content) < size:
        piece = stream.recv(size - len(content))
        if not piece:
            raise Closed()
        content += piece
    return content


def read_head(stream):
    """Up to the empty line, byte by byte: what follows is frames."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read_exactly(stream, 1)
    return head


def read_frame(stream):
    """First byte, and the content unmasked."""
    first, second = read_exactly(stream, 2)
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", read_exactly(stream, 2))
    elif length == 127:
        (length,) = struct.unpack(">Q", read_exactly(stream, 8))
    mask = read_exactly(stream, 4) if second & 0x80 else b"\0\0\0\0"
    content = read_exactly(stream, length)
    if any(mask):
        content = bytes(byte ^ mask[i & 3] for i, byte in enumerate(content))
    return first, content


def frame(first, content, masked=False):
    mask_bit = 0x80 if masked else 0
    if len(content) < 126:
        head = struct.pack(">BB", first, mask_bit | len(content))
    elif len(content) < 65536:
        head = struct.pack(">BBH", first, mask_bit | 126, len(content))
    else:
        head = struct.pack(">BBQ", first, mask_bit | 127, len(content))
    if not masked:
        return head + content
    # Masked by zeros, which is a mask too.
    return head + b"\0\0\0\0" + content


class Client:
    """A subscriber that says what it is told to say."""

    def __init__(self, address, path="/sync"):
        self.stream = socket.create_connection(address, timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.sendall((
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n").encode())
        self.head = read_head(self.stream).decode()

    @property
    def status(self):
        return int(self.head.split()[1])

    def send(self, content, opcode=BINARY):
        self.stream.sendall(frame(0x80 | opcode, content, masked=True))

    def receive(self):
        """The next message; raises Closed."""
        message = b""
        while True:
            first, content = read_frame(self.stream)
            opcode = first & 0x0F
            if opcode == CLOSE:
                raise Closed(content[2:].decode())
            if opcode == PING:
                self.send(content, PONG)
            elif opcode != PONG:
                message += content
                if first & 0x80:
                    return message

    def close(self):
        self.stream.close()
