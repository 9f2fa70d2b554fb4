"""Networks of validators to measure, and their clients, which cost as little as they can."""

import http.client
import json
import os
import pathlib
import random
import socket
import subprocess
import time

READY_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 60
GIT_ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Bench",
    "GIT_AUTHOR_EMAIL": "bench@example.org",
    "GIT_COMMITTER_NAME": "Bench",
    "GIT_COMMITTER_EMAIL": "bench@example.org",
}


def free_ports(count):
    """The first of as many consecutive ports that nobody listens on."""
    for _ in range(100):
        first = random.randrange(20000, 60000 - count)
        sockets = []
        try:
            for port in range(first, first + count):
                probe = socket.socket()
                sockets.append(probe)
                probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for probe in sockets:
                probe.close()
    raise RuntimeError(f"no {count} consecutive ports are free")


class Client:
    """One connection that stays open. It speaks HTTP by itself, for http.client takes a fifth of a
    millisecond of the machine that the validators share with it."""

    def __init__(self, port, token):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = (f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
                     "Content-Type: application/json\r\n")

    def post(self, path, body):
        content = json.dumps(body)
        self.socket.sendall((f"POST /api/v3{path} HTTP/1.1\r\n{self.head}"
                             f"Content-Length: {len(content)}\r\n\r\n{content}").encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.receive(path)
        head, text = answer.split(b"\r\n\r\n", 1)
        fields = head.lower()
        at = fields.index(b"content-length:") + len(b"content-length:")
        length = int(fields[at:].split(b"\r\n", 1)[0])
        while len(text) < length:
            text += self.receive(path)
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"POST {path} answered {head[:60]!r}: {text[:300]!r}")

    def receive(self, path):
        part = self.socket.recv(1 << 16)
        if not part:
            raise RuntimeError(f"POST {path}: the connection ended before the answer")
        return part

    def transact(self):
        """A small transaction; returns when it is final and applied here."""
        self.post("/admin/users/admin/authorizations", {"scopes": ["repo:read"], "note": "bench"})


class Network:
    """Validators of one network, each a process."""

    def __init__(self, command, folder, count):
        self.command, self.folder, self.count = command, pathlib.Path(folder), count
        self.first_port = free_ports(count)
        self.process = None
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        if self.count == 1:
            self.start_alone()
        else:
            self.run("up", "--validators", str(self.count), "--http-port", str(self.first_port),
                     "--detach")
        self.wait_until_ready()
        token = "data/operator.token" if self.count == 1 else "operator.token"
        self.token = (self.folder / token).read_text().strip()

    def run(self, action, *arguments):
        result = subprocess.run([self.command, "testnet", action, "--dir", str(self.folder),
                                 *arguments], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"testnet {action}: {result.stdout}{result.stderr}")

    def start_alone(self):
        self.process = subprocess.Popen(
            [self.command, "serve", "--data", str(self.folder / "data"),
             "--http", f"127.0.0.1:{self.first_port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS_MAX
        for port in self.ports:
            while not self.is_ready(port):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"no validator answers on port {port}")
                time.sleep(0.05)

    @staticmethod
    def is_ready(port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    @property
    def ports(self):
        return range(self.first_port, self.first_port + self.count)

    @property
    def pids(self):
        if self.process:
            return [self.process.pid]
        return [int((self.folder / f"v{number}" / "ashlar.pid").read_text())
                for number in range(1, self.count + 1)]

    def client(self, number=0):
        return Client(self.first_port + number % self.count, self.token)

    def pusher(self, folder, number):
        """With a repository of its own, at one of the validators."""
        name = f"bench-{number}"
        self.client(number).post("/user/repos", {"name": name})
        port = self.first_port + number % self.count
        return Pusher(pathlib.Path(folder) / f"tree-{number}",
                      f"http://admin:{self.token}@127.0.0.1:{port}/admin/{name}.git")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        elif self.count > 1:
            self.run("down")


class Pusher:
    """A clone that pushes one commit after the other to an empty repository."""

    def __init__(self, tree, url):
        self.tree, self.count = pathlib.Path(tree), 0
        self.git("init", "-q", "-b", "main", str(tree), cwd=self.tree.parent)
        self.git("remote", "add", "origin", url)
        self.commit()
        self.push()

    def git(self, *arguments, cwd=None):
        result = subprocess.run(["git", *arguments], cwd=cwd or self.tree, env=GIT_ENVIRONMENT,
                                capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"git {arguments[0]}: {result.stderr}")

    def commit(self):
        self.count += 1
        (self.tree / "file").write_text(f"{self.count}\n")
        self.git("add", "file")
        self.git("commit", "-q", "-m", f"Change {self.count}")

    def push(self):
        self.git("push", "-q", "origin", "main")
