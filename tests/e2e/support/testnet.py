"""A network of validators of a test's own: real processes on this machine, in a temporary folder."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from support.server import ADMINISTRATOR, COMMAND, Server

READY_SECONDS_MAX = 60


def free_port_row(count):
    """The first of as many ports in a row that nobody listens on."""
    for _ in range(100):
        sockets = []
        try:
            first = socket.socket()
            sockets.append(first)
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            for number in range(1, count):
                one = socket.socket()
                sockets.append(one)
                one.bind(("127.0.0.1", port + number))
            return port
        except (OSError, OverflowError):
            continue
        finally:
            for one in sockets:
                one.close()
    raise RuntimeError("no row of free ports")


class Validator(Server):
    """One of a network. Started by `ashlar testnet up`, or again by `ashlar serve --config`."""

    def __init__(self, net, number, port):
        super().__init__(net)
        self.folder = os.path.join(net, f"v{number}")
        self.config = os.path.join(self.folder, "config.yaml")
        self.data = os.path.join(self.folder, "data")
        self.log_path = os.path.join(self.folder, "ashlar.log")
        self.token_path = os.path.join(net, "operator.token")
        self.url = f"http://127.0.0.1:{port}"

    @property
    def operator_token(self):
        with open(self.token_path, encoding="ascii") as file:
            return file.read().strip()

    @property
    def pid(self):
        with open(os.path.join(self.folder, "ashlar.pid"), encoding="ascii") as file:
            return int(file.read())

    def start(self):
        """Starts it by itself; it need not be ready."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "serve", "--config", self.config], stdout=log, stderr=log
            )
        return self

    def kill(self):
        """Ends it as a power cut does, whoever started it."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.process = None
            return
        self.process = None
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        limit = time.monotonic() + 30
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < limit:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return
            time.sleep(0.005)

    def is_ready(self):
        try:
            return self.request("GET", "/health/ready").status == 200
        except OSError:
            return False

    def wait_until_ready(self, seconds=READY_SECONDS_MAX):
        limit = time.monotonic() + seconds
        while not self.is_ready():
            if time.monotonic() > limit:
                raise RuntimeError(f"{self.config} does not get ready: " + self.log()[-2000:])
            time.sleep(0.02)


class TestnetTest(unittest.TestCase):
    """Starts one network for all tests of a class, and ends it."""

    COUNT = 4

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="ashlar-testnet-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.net = os.path.join(cls.folder, "net")
        cls.port = free_port_row(cls.COUNT)
        cls.addClassCleanup(cls.down)
        cls.up("--validators", str(cls.COUNT), "--http-port", str(cls.port))
        cls.validators = [
            Validator(cls.net, number + 1, cls.port + number) for number in range(cls.COUNT)
        ]

    @classmethod
    def up(cls, *arguments):
        result = subprocess.run(
            [COMMAND, "testnet", "up", "--dir", cls.net, "--detach", *arguments],
            capture_output=True, text=True, timeout=120, check=False)
        if result.returncode != 0:
            raise RuntimeError(result.stdout + result.stderr)
        return result.stdout

    @classmethod
    def down(cls):
        subprocess.run([COMMAND, "testnet", "down", "--dir", cls.net],
                       capture_output=True, timeout=120, check=False)
        for validator in getattr(cls, "validators", []):
            if validator.process is not None and validator.process.poll() is None:
                validator.process.kill()
                validator.process.wait()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="test-", dir=self.folder)
        self.addCleanup(folder.cleanup)
        self.work = folder.name
        # A test that failed may have left one down.
        for validator in self.validators:
            if not validator.is_ready():
                self.up()
                break

    def new_repository(self, name):
        self.validators[0].create_repository(name)
        self.wait_for_all(f"/repos/{ADMINISTRATOR}/{name}")

    def url(self, index, name):
        validator = self.validators[index]
        return validator.git_url(ADMINISTRATOR, name, validator.operator_token)

    def wait_for_all(self, path, seconds=30):
        """Until every validator that is up knows what the path names."""
        limit = time.monotonic() + seconds
        for validator in self.validators:
            while validator.rest("GET", path).status != 200:
                if time.monotonic() > limit:
                    raise AssertionError(f"{validator.url} never knows {path}")
                time.sleep(0.01)
