"""The ashlar command, as people type it."""

import json
import os
import stat
import subprocess
import unittest

from support.client import commit_file, git, new_work_tree
from support.server import COMMAND, Server, ServerTest


def run(folder, *arguments, environment=None):
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Command(ServerTest):
    def ashlar(self, *arguments, token=None):
        where = ["--server", self.server.url]
        if token is None:
            where += ["--token-file", os.path.join(self.server.data, "operator.token")]
        return run(self.work, *arguments, *where,
                   environment={"ASHLAR_TOKEN": token} if token else None)

    def test_version_help_and_wrong_usage(self):
        self.assertRegex(run(self.work, "--version").stdout, r"^ashlar \d+\.\d+\.\d+\n$")
        self.assertIn("serve", run(self.work, "--help").stdout)
        for arguments in ((), ("nothing",), ("repo",), ("repo", "create"), ("serve", "--no")):
            result = run(self.work, *arguments)
            self.assertNotEqual(result.returncode, 0)
            self.assertNotEqual(result.stderr + result.stdout, "")

    def test_an_account_its_token_and_its_repositories(self):
        created = self.ashlar("account", "create", "alice")
        self.assertEqual((created.returncode, created.stderr), (0, ""))
        self.assertIn("alice", created.stdout)
        token = self.ashlar("token", "create", "--account", "alice", "--note", "laptop",
                            "--scopes", "repo,delete_repo").stdout.strip()
        self.assertTrue(token.startswith("ash_"), token)

        result = self.ashlar("repo", "create", "hello", "--description", "A first one",
                             "--private", token=token)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(self.server.url + "/alice/hello.git", result.stdout)
        self.assertEqual(self.ashlar("repo", "list", token=token).stdout,
                         "alice/hello  (private)\n")

        tree = new_work_tree(self.work)
        commit_file(tree, "file", "x\n")
        git(tree, "push", "--quiet", self.server.git_url("alice", "hello", token), "main")

        listed = self.ashlar("repo", "list", "--json", token=token)
        self.assertEqual(json.loads(listed.stdout)[0]["description"], "A first one")
        self.assertEqual(self.ashlar("repo", "delete", "hello", token=token).returncode, 0)
        self.assertEqual(self.ashlar("repo", "list", token=token).stdout, "")

    def test_errors_say_what_to_do(self):
        again = self.ashlar("account", "create", "admin")
        self.assertEqual(again.returncode, 1)
        self.assertIn("already taken", again.stderr)
        missing = self.ashlar("repo", "delete", "admin/nothing")
        self.assertEqual(missing.returncode, 1)
        self.assertIn("Not Found", missing.stderr)
        wrong = self.ashlar("repo", "list", token="ash_wrong")
        self.assertIn("Bad credentials", wrong.stderr)
        no_file = run(self.work, "repo", "list", "--server", self.server.url)
        self.assertEqual(no_file.returncode, 1)
        self.assertIn("--token-file", no_file.stderr)
        nobody = run(self.work, "repo", "list", "--server", "http://127.0.0.1:1",
                     environment={"ASHLAR_TOKEN": "x"})
        self.assertEqual(nobody.returncode, 2)
        self.assertIn("ashlar serve", nobody.stderr)
        odd = run(self.work, "repo", "list", "--server", "ftp://x",
                  environment={"ASHLAR_TOKEN": "x"})
        self.assertIn("http://HOST:PORT", odd.stderr)

    def test_the_data_folder_keeps_its_secrets(self):
        for name in ("operator.token", "validator.key"):
            mode = os.stat(os.path.join(self.server.data, name)).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600, name)
        with open(os.path.join(self.server.data, "genesis.json"), encoding="utf-8") as file:
            genesis = file.read()
        json.loads(genesis)
        self.assertNotIn(self.server.operator_token, genesis)

    def test_serving_what_cannot_be_served(self):
        taken = run(self.work, "serve", "--data", "other", "--http",
                    self.server.url.removeprefix("http://"))
        self.assertEqual(taken.returncode, 1)
        self.assertIn("cannot listen on", taken.stderr)
        locked = run(self.work, "serve", "--data", self.server.data, "--http", "127.0.0.1:0")
        self.assertEqual(locked.returncode, 1)
        self.assertNotEqual(locked.stderr, "")
        for listen in ("nonsense", "127.0.0.1:99999", "no such host:1"):
            result = run(self.work, "serve", "--data", "third", "--http", listen)
            self.assertEqual(result.returncode, 1, listen)
        with open(os.path.join(self.work, "a file"), "w", encoding="ascii") as file:
            file.write("no folder")
        result = run(self.work, "serve", "--data", "a file", "--http", "127.0.0.1:0")
        self.assertEqual(result.returncode, 1)
        self.assertIn("a file", result.stderr)

    def test_it_tells_a_person_what_to_do_and_ends_well(self):
        other = Server(self.work)
        process = subprocess.Popen(
            [COMMAND, "serve", "--data", other.data, "--http", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        process.send_signal(2)
        self.assertEqual(process.wait(60), 0)
        process.stdout.close()
        process.stderr.close()
        self.assertRegex(said, r"http://127\.0\.0\.1:\d+")
        self.assertIn("operator.token", said)
        self.assertIn("git clone", said)

    def test_probes(self):
        for probe in ("live", "ready", "startup"):
            self.assertEqual(self.server.request("GET", "/health/" + probe).status, 200)
        self.assertEqual(self.server.request("GET", "/health/other").status, 404)


if __name__ == "__main__":
    unittest.main()
