"""The two servers that are compared: Ashlar, and git http-backend behind nginx and fcgiwrap."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import git_requests as requests
from process_usage import child_cpu_seconds, cpu_seconds, descendants

# A server that uses less than this in 0.1 s for so long has nothing left to do.
QUIET_SECONDS, QUIET_CPU_SECONDS = 5, 0.005
# What ashlar takes in one push.
REFS_PER_PUSH_MAX = 10_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def git(*arguments, cwd=None, check=True, environment=None, **options):
    settings = {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
    }
    return subprocess.run(["git", *arguments], cwd=cwd, check=check, capture_output=True,
                          env={**os.environ, **settings, **(environment or {})}, **options)


def wait_until(answers, what, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answers():
            return
        time.sleep(0.02)
    raise RuntimeError(f"{what} did not start within {seconds} s")


def accepts(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


class AshlarServer:
    """`ashlar serve` on a fresh data folder."""

    name = "ashlar"

    def __init__(self, folder, command):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = pathlib.Path(folder) / "ashlar"
        self.log = open(pathlib.Path(folder) / "ashlar.log", "wb")
        self.process = subprocess.Popen(
            [command, "serve", "--data", str(self.data), "--http", f"127.0.0.1:{self.port}"],
            stdout=self.log, stderr=self.log)
        wait_until(self._ready, "ashlar")
        self.token = (self.data / "operator.token").read_text().strip()
        self.login = self.api("GET", "/user")["login"]

    @property
    def pids(self):
        return [self.process.pid]

    def _ready(self):
        try:
            return urllib.request.urlopen(self.url + "/health/ready", timeout=1).status == 200
        except OSError:
            return False

    def api(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + "/api/v3" + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def create(self, name):
        self.api("POST", "/user/repos", {"name": name})

    def fill(self, name, source):
        """Everything of a repository. Only main is pushed by git, which matches each ref with each;
        the others follow in requests like its own, of as many refs as one push may have."""
        self.create(name)
        git("push", "-q", self.push_url(name), "refs/heads/main", cwd=source)
        lines = git("for-each-ref", "--format=%(objectname) %(refname)", cwd=source).stdout.decode()
        refs = [line.split() for line in lines.splitlines() if not line.endswith("/main")]
        for start in range(0, len(refs), REFS_PER_PUSH_MAX):
            requests.create_refs(self, name, refs[start:start + REFS_PER_PUSH_MAX])

    def path(self, name):
        return f"/{self.login}/{name}.git"

    def push_url(self, name):
        return f"http://{self.login}:{self.token}@127.0.0.1:{self.port}{self.path(name)}"

    def settle(self, name):
        """Nothing to prepare by hand: waits until what it does in the background has come to rest."""
        del name
        quiet_since, used = time.monotonic(), cpu_seconds(self.pids)
        while time.monotonic() - quiet_since < QUIET_SECONDS:
            time.sleep(0.1)
            now = cpu_seconds(self.pids)
            if now - used > QUIET_CPU_SECONDS:
                quiet_since = time.monotonic()
            used = now

    def bytes_without_bitmaps(self, name, body):
        del name, body  # bitmaps make no difference here: what was sent counts

    def finished_cpu_seconds(self):
        return 0.0  # one process, that goes on

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.log.close()


NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi;
  proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  client_max_body_size 0;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      fastcgi_pass unix:{folder}/fcgi.sock;
      fastcgi_buffer_size 64k;
      fastcgi_buffers 16 64k;
      fastcgi_max_temp_file_size 0;
      fastcgi_request_buffering off;
      fastcgi_read_timeout 600;
      fastcgi_param SCRIPT_FILENAME {backend};
      fastcgi_param GIT_PROJECT_ROOT {root};
      fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param HOME {folder};
      fastcgi_param REMOTE_USER bench;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param PATH_INFO $uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
      fastcgi_param HTTP_GIT_PROTOCOL $http_git_protocol;
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
    }}
  }}
}}
"""


# fcgiwrap does not wait for its children, so the kernel forgets what they used: the script that it
# runs writes that down (user and system time of git http-backend and everything below it).
ACCOUNTING_SCRIPT = """#!/bin/bash
"{backend}"
times >"{folder}/times.$$"
"""


class HttpBackendServer:
    """git http-backend as Debian runs it: nginx in front, fcgiwrap behind."""

    name = "git http-backend"

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = pathlib.Path(folder) / "http-backend"
        self.root = self.folder / "repositories"
        self.root.mkdir(parents=True)
        backend = pathlib.Path(git("--exec-path").stdout.decode().strip()) / "git-http-backend"
        script = self.folder / "http-backend.sh"
        script.write_text(ACCOUNTING_SCRIPT.format(backend=backend, folder=self.folder))
        script.chmod(0o755)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=self.folder, port=self.port,
                                              backend=script, root=self.root))
        git("config", "--file", str(self.folder / ".gitconfig"), "safe.directory", "*")
        environment = {**os.environ, "HOME": str(self.folder)}
        self.wrap = subprocess.Popen(
            ["fcgiwrap", "-c", "100", "-s", f"unix:{self.folder}/fcgi.sock"],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        wait_until((self.folder / "fcgi.sock").exists, "fcgiwrap")
        os.chmod(self.folder / "fcgi.sock", 0o666)
        for parent in [self.folder, *self.folder.parents][:3]:
            os.chmod(parent, 0o755)
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        self.nginx = subprocess.Popen(["nginx", "-c", str(configuration), "-p", str(self.folder),
                                       *user], stderr=subprocess.DEVNULL)
        wait_until(lambda: accepts(self.port), "nginx")

    @property
    def pids(self):
        return [self.wrap.pid, self.nginx.pid]

    def create(self, name):
        git("init", "-q", "--bare", "-b", "main", str(self.root / f"{name}.git"))
        self.configure(name)

    def fill(self, name, source):
        """Everything of a repository, packed refs included, as after git pack-refs."""
        git("clone", "-q", "--mirror", "--no-local", str(source), str(self.root / f"{name}.git"))
        self.configure(name)

    def bytes_without_bitmaps(self, name, body):
        """How long git's answer is where no bitmap makes it send more than the client lacks."""
        answer = git("-c", "pack.useBitmaps=false", "upload-pack", "--stateless-rpc",
                     str(self.root / f"{name}.git"), input=body,
                     environment={"GIT_PROTOCOL": "version=2"})
        return len(answer.stdout)

    def configure(self, name):
        repository = self.root / f"{name}.git"
        for key, value in [("http.receivepack", "true"), ("receive.fsckObjects", "true"),
                           ("core.fsync", "all"), ("receive.autogc", "false"),
                           ("uploadpack.allowFilter", "true"), ("pack.writeReverseIndex", "true"),
                           ("uploadpack.allowAnySHA1InWant", "true"),
                           # Old sins of real histories, which both servers only warn of.
                           ("receive.fsck.zeroPaddedFilemode", "warn"),
                           ("receive.fsck.missingSpaceBeforeDate", "warn"),
                           ("receive.fsck.badTimezone", "warn")]:
            git("config", key, value, cwd=repository)

    def path(self, name):
        return f"/{name}.git"

    def push_url(self, name):
        return self.url + self.path(name)

    def settle(self, name):
        """What a careful operator does: one pack with bitmaps and reverse index, commit-graph."""
        repository = self.root / f"{name}.git"
        self.settle_cpu_seconds = sum(
            child_cpu_seconds(["git", "-C", str(repository), *command])
            for command in (["repack", "-q", "-a", "-d", "--write-bitmap-index"],
                            ["commit-graph", "write", "--reachable", "--changed-paths"],
                            ["pack-refs", "--all"]))
        if not list((repository / "objects/pack").glob("*.bitmap")):
            raise RuntimeError("the peer's bitmap was not written: the comparison would be unfair")

    def stop(self):
        self.nginx.send_signal(signal.SIGTERM)
        for pid in descendants(self.wrap.pid):  # its workers outlive it otherwise
            os.kill(pid, signal.SIGKILL)
        for process in (self.nginx, self.wrap):
            process.wait(timeout=30)

    def finished_cpu_seconds(self):
        """What the git processes used that have ended."""
        total = 0.0
        for file in self.folder.glob("times.*"):
            # The second line is of the children: "0m0.123s 0m0.045s".
            for value in file.read_text().splitlines()[1:]:
                for part in value.split():
                    minutes, seconds = part.rstrip("s").split("m")
                    total += int(minutes) * 60 + float(seconds)
        return total
