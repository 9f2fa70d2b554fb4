"""The commands that read from servers, over https: who the server is has to be shown."""

import os
import subprocess
import unittest

from support.client import commit_file, failing_git, git, new_work_tree
from support.proxy import Proxy
from support.server import ADMINISTRATOR
from support.trust import DONE, NOT_PROVEN, UNREACHABLE, TrustTest, flipped, json_of, proof_path


class Authority:
    """A certificate authority of a test's own."""

    def __init__(self, folder, name):
        self.folder, self.name, self.count = folder, name, 0
        self.certificate = self.path("ca.pem")
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
                 self.path("ca.key"), "-out", self.certificate, "-subj", f"/CN={name}")

    def path(self, name):
        return os.path.join(self.folder, f"{self.name}-{name}")

    def run(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True,
                       timeout=60)

    def certificate_for(self, names):
        """The paths of a server's certificate and of its key; `names` as subjectAltName has them."""
        extensions = self.path("extensions")
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={names}\n")
        self.count += 1
        paths = self.path(f"server-{self.count}.pem"), self.path(f"server-{self.count}.key")
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", paths[1], "-out",
                 self.path("request"), "-subj", "/CN=server")
        self.run("x509", "-req", "-in", self.path("request"), "-CA", self.certificate, "-CAkey",
                 self.path("ca.key"), "-CAcreateserial", "-days", "1", "-extfile", extensions,
                 "-out", paths[0])
        return paths


class Https(TrustTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.create_repository("hello")
        cls.tree = new_work_tree(cls.folder)
        cls.head = commit_file(cls.tree, "file", "1\n" * 100_000)
        git(cls.tree, "push", "--quiet",
            cls.server.git_url(ADMINISTRATOR, "hello", cls.server.operator_token), "main")
        cls.authority = Authority(cls.folder, "trusted")
        cls.certificate = cls.authority.certificate_for("IP:127.0.0.1,DNS:localhost")

    def setUp(self):
        super().setUp()
        self.trusted = self.authority.certificate
        self.show(self.certificate)

    def show(self, certificate):
        self.proxy = Proxy(self.server, certificate=certificate)
        self.addCleanup(self.proxy.close)

    @property
    def environment(self):
        # An empty folder: nothing of this machine's own counts.
        return {**super().environment, "SSL_CERT_FILE": self.trusted, "SSL_CERT_DIR": self.work}

    def assert_unknown(self, result):
        self.assertEqual(result.returncode, UNREACHABLE, result.stdout + result.stderr)
        self.assertIn("does not show who it is", result.stderr)
        self.assertEqual(self.proxy.requests, [])

    def test_verify_clones_receipts_and_rest(self):
        self.assertTrue(self.proxy.url.startswith("https://"))
        result = self.verify("hello", "--json")
        self.assertEqual(result.returncode, DONE, result.stdout + result.stderr)
        self.assertEqual(json_of(result)["refs"][0]["object_id"], self.head)
        named = self.proxy.url.replace("127.0.0.1", "localhost")
        result = self.ashlar("verify", f"{named}/{ADMINISTRATOR}/hello")
        self.assertEqual(result.returncode, DONE, result.stdout + result.stderr)
        git(self.work, "clone", "--quiet", f"ashlar::{self.proxy.url}/{ADMINISTRATOR}/hello",
            "clone", environment=self.environment)
        self.assertEqual(git(os.path.join(self.work, "clone"), "rev-parse", "HEAD"), self.head)
        receipt = self.ashlar("receipt", f"{self.proxy.url}/{ADMINISTRATOR}/hello", "main",
                              "--output", "r")
        self.assertEqual(receipt.returncode, DONE, receipt.stderr)
        listed = self.ashlar("repo", "list", "--server", self.proxy.url, "--token-file",
                             os.path.join(self.server.data, "operator.token"))
        self.assertEqual(listed.returncode, DONE, listed.stderr)
        self.assertIn("hello", listed.stdout)

    def test_a_server_that_lies_over_https_is_caught_all_the_same(self):
        self.proxy.change = lambda path, _, content: (
            flipped(content, len(content) // 2) if path == proof_path("hello") else content)
        self.assertEqual(self.verify("hello").returncode, NOT_PROVEN)

    def test_nothing_is_asked_of_a_server_that_no_authority_knows(self):
        self.trusted = Authority(self.work, "other").certificate
        self.assert_unknown(self.verify("hello"))
        said = failing_git(self.work, "clone", f"ashlar::{self.proxy.url}/{ADMINISTRATOR}/hello",
                           "failed", environment=self.environment)
        self.assertIn("does not show who it is", said)
        self.assertEqual(self.proxy.requests, [])

    def test_nothing_is_asked_of_a_server_of_another_name(self):
        self.show(self.authority.certificate_for("DNS:git.example.org,IP:127.0.0.2"))
        result = self.verify("hello")
        self.assert_unknown(result)
        self.assertIn("mismatch", result.stderr)
        self.proxy.url = self.proxy.url.replace("127.0.0.1", "localhost")
        self.assert_unknown(self.verify("hello"))

    def test_one_side_alone_speaks_https(self):
        plain = Proxy(self.server)
        self.addCleanup(plain.close)
        for url in (plain.url.replace("http:", "https:"), self.proxy.url.replace("https:", "http:")):
            result = self.ashlar("verify", f"{url}/{ADMINISTRATOR}/hello")
            self.assertEqual(result.returncode, UNREACHABLE, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
