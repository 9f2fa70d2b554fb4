"""The protocol machines behind Python's HTTP server, and histories to serve, for test_git_wire.py."""

import gzip
import os
import shutil
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HARNESS = os.environ.get("GIT_WIRE_HARNESS", "build/bin/git_wire_harness")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "C O Mitter",
    "GIT_COMMITTER_EMAIL": "committer@example.com",
    "LC_ALL": "C",
}


def git(folder, *arguments, check=True, stdin=None, environment=None):
    result = subprocess.run(
        ["git", *arguments], cwd=folder, env={**ENVIRONMENT, **(environment or {})},
        input=stdin, capture_output=True, timeout=120)
    if check and result.returncode != 0:
        raise AssertionError(f"git {' '.join(arguments)}: {result.stderr.decode()}")
    result.stdout = result.stdout.decode(errors="replace")
    result.stderr = result.stderr.decode(errors="replace")
    return result


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def harness(self, *arguments, body=b""):
        result = self.server.answer(arguments, body, self.headers.get("Git-Protocol", ""))
        if result.returncode != 0:
            self.server.failures.append(result.stderr.decode(errors="replace"))
        self.send_response(200 if result.returncode == 0 else 500)
        service = arguments[-1]
        kind = "advertisement" if arguments[0] == "advertise" else "result"
        self.send_header("Content-Type", f"application/x-{service}-{kind}")
        self.send_header("Content-Length", str(len(result.stdout)))
        self.end_headers()
        self.wfile.write(result.stdout)
        self.server.sent.append((service, len(result.stdout)))

    def do_GET(self):
        self.harness("advertise", self.path.split("service=")[1])

    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while True:
                size = int(self.rfile.readline().strip(), 16)
                body += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    break
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.requests.append(body)
        self.harness(self.path.rsplit("/", 1)[1], body=body)


class Server(ThreadingHTTPServer):
    """One repository, empty at first."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = tempfile.mkdtemp(prefix="git-wire-")
        with open(os.path.join(self.folder, "head"), "w", encoding="ascii") as head:
            head.write("refs/heads/main\n")
        self.url = f"http://127.0.0.1:{self.server_address[1]}/repository.git"
        self.failures = []
        self.requests = []
        self.sent = []
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def answer(self, arguments, body, protocol):
        return subprocess.run([HARNESS, self.folder, *arguments], input=body, capture_output=True,
                              env={"GIT_PROTOCOL": protocol}, timeout=120)

    def close(self):
        self.shutdown()
        self.server_close()
        self.thread.join()
        shutil.rmtree(self.folder)


class GitServer(Server):
    """git itself in the place of ours, over the same HTTP: what its client gets of it is right."""

    def __init__(self):
        super().__init__()
        self.repository = os.path.join(self.folder, "repository.git")
        git(self.folder, "init", "-q", "--bare", "-b", "main", self.repository)
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            git(self.repository, "config", key, "true")

    def answer(self, arguments, body, protocol):
        environment = {**ENVIRONMENT, "GIT_PROTOCOL": protocol}
        command = ["git", arguments[-1].removeprefix("git-"), "--stateless-rpc"]
        if arguments[0] != "advertise":
            return subprocess.run([*command, self.repository], input=body, capture_output=True,
                                  env=environment, timeout=120)
        result = subprocess.run([*command, "--advertise-refs", self.repository],
                                capture_output=True, env=environment, timeout=120)
        if arguments[-1] == "git-receive-pack" or "version=2" not in protocol:
            line = f"# service={arguments[-1]}\n".encode()
            result.stdout = b"%04x" % (len(line) + 4) + line + b"0000" + result.stdout
        return result


def object_ids(folder, *revisions):
    lines = git(folder, "rev-list", "--objects", *(revisions or ["--all"])).stdout.splitlines()
    return sorted(line.split()[0] for line in lines)


def present_ids(folder):
    lines = git(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").stdout
    return sorted(lines.split())


def make_history(folder):
    """A few hundred objects: folders, renames, a merge, tags (annotated, nested, of a tree)."""
    git(folder, "init", "-q", "-b", "main", ".")
    lines = [f"line {number}\n" for number in range(200)]
    for step in range(40):
        lines[step * 3] = f"changed in step {step}\n"
        for name in ("README", "lib/a.c", f"lib/deep/er/{step % 7}.txt", f"docs/{step % 5}/x"):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write("".join(lines) + name + str(step if "docs" in name else ""))
        date = f"{1600000000 + step * 1000} +0000"
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        git(folder, "add", "-A", environment=dates)
        git(folder, "commit", "-q", "-m", f"step {step}", environment=dates)
        if step == 10:
            git(folder, "branch", "side")
        if step == 20:
            git(folder, "tag", "-a", "-m", "twenty", "v20", environment=dates)
            git(folder, "tag", "-a", "-m", "nested", "v20-nested", "v20", environment=dates)
        if step == 25:
            git(folder, "checkout", "-q", "side")
            with open(os.path.join(folder, "side"), "w", encoding="ascii") as file:
                file.write("side\n")
            git(folder, "add", "-A", environment=dates)
            git(folder, "commit", "-q", "-m", "side", environment=dates)
            git(folder, "checkout", "-q", "main")
            git(folder, "merge", "-q", "-m", "merge", "side", environment=dates)
    git(folder, "tag", "light", "main~3")
    git(folder, "tag", "-a", "-m", "tree", "tree-tag", "main^{tree}")
