"""A server of a test's own: the real command, a free port, a temporary folder."""

import json
import os
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

_ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "..")
SOURCE = os.path.abspath(os.environ.get("ASHLAR_SOURCE_DIR", _ROOT))
COMMAND = os.path.abspath(
    os.environ.get("ASHLAR_COMMAND", os.path.join(SOURCE, "build", "bin", "ashlar"))
)
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
ADMINISTRATOR = "admin"


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    def __init__(self, folder, options=()):
        self.options = list(options)
        self.data = os.path.join(folder, "data")
        self.log_path = os.path.join(folder, "server.log")
        self.process = None
        self.url = None

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [COMMAND, "serve", "--data", self.data, "--http", "127.0.0.1:0", "--json",
             *self.options],
            stdout=subprocess.PIPE,
            stderr=log,
        )
        log.close()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the server did not start: " + self.log())
        self.url = json.loads(line)["url"]
        limit = time.monotonic() + START_SECONDS_MAX
        while self.request("GET", "/health/ready").status != 200:
            if time.monotonic() > limit:
                raise RuntimeError("the server does not get ready: " + self.log())
            time.sleep(0.05)
        return self

    def stop(self):
        """Ends it as an operator does; gives its exit code."""
        self.process.terminate()
        code = self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()
        return code

    def kill(self):
        """Ends it as a power cut does."""
        self.process.kill()
        self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()

    def is_alive(self):
        return (
            self.process.poll() is None
            and self.request("GET", "/health/ready").status == 200
        )

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    @property
    def address(self):
        host, port = self.url.removeprefix("http://").split(":")
        return host, int(port)

    @property
    def operator_token(self):
        with open(os.path.join(self.data, "operator.token"), encoding="ascii") as file:
            return file.read().strip()

    def peak_memory_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        raise RuntimeError("no VmHWM")

    def stored_packs(self):
        """The files of packs, and of packs that are arriving."""
        found = []
        for folder in ("packs", "staging"):
            for path, _, names in os.walk(os.path.join(self.data, folder)):
                found += [os.path.join(path, name) for name in names]
        return sorted(found)

    def request(self, method, path, body=None, headers=None, token=None):
        request = urllib.request.Request(self.url + path, method=method, data=body)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if token:
            request.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def rest(self, method, path, body=None, token=None):
        data = None if body is None else json.dumps(body).encode()
        return self.request(
            method,
            "/api/v3" + path,
            data,
            {"Content-Type": "application/json"},
            self.operator_token if token is None else token,
        )

    def create_account(self, login, scopes=("repo", "delete_repo")):
        """Gives a token of the new account."""
        created = self.rest("POST", "/admin/users", {"login": login})
        assert created.status == 201, created.body
        return self.create_token(login, scopes)

    def create_token(self, login, scopes):
        created = self.rest(
            "POST", f"/admin/users/{login}/authorizations", {"scopes": list(scopes)}
        )
        assert created.status == 201, created.body
        return created.json["token"]

    def create_repository(self, name, private=False, token=None):
        created = self.rest(
            "POST", "/user/repos", {"name": name, "private": private}, token
        )
        assert created.status == 201, created.body
        return created.json

    def git_url(self, owner, name, token=None):
        if token is None:
            return f"{self.url}/{owner}/{name}.git"
        return self.url.replace("http://", f"http://{owner}:{token}@") + f"/{owner}/{name}.git"


class ServerTest(unittest.TestCase):
    """Starts one server for all tests of a class, and ends it."""

    options = ()  # of `ashlar serve`

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="ashlar-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.server = Server(cls.folder, cls.options).start()
        cls.addClassCleanup(cls.end_server)

    @classmethod
    def end_server(cls):
        if cls.server.process.poll() is None:
            cls.server.kill()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="test-", dir=self.folder)
        self.addCleanup(folder.cleanup)
        self.work = folder.name

    def new_repository(self, name, private=False):
        """A repository of the administrator's; gives its URL with their token."""
        self.server.create_repository(name, private)
        return self.server.git_url(ADMINISTRATOR, name, self.server.operator_token)
