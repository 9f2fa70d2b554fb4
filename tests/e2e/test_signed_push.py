"""Signed pushes (git push --signed), and the SSH keys that they are checked against."""

import os
import re
import subprocess
import unittest

from support import wire
from support.client import ENVIRONMENT, commit_file, failing_git, git, new_work_tree, remote_refs, run_git
from support.server import ADMINISTRATOR, ServerTest


class SignedPushTest(ServerTest):
    def make_key(self, name, kind="ed25519"):
        """The path of a new private key; the public one stands beside it."""
        path = os.path.join(self.work, name)
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", path],
                       check=True, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
        return path

    def public_key(self, path):
        with open(path + ".pub", encoding="ascii") as file:
            return file.read()

    def fingerprint(self, path):
        said = subprocess.run(["ssh-keygen", "-l", "-f", path + ".pub"], check=True,
                              capture_output=True, text=True, env=ENVIRONMENT)
        return said.stdout.split()[1]

    def register(self, path, title="laptop", token=None):
        answer = self.server.rest("POST", "/user/keys",
                                  {"title": title, "key": self.public_key(path)}, token)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def signing(self, path):
        return ("-c", "gpg.format=ssh", "-c", f"user.signingkey={path}")


class Keys(SignedPushTest):
    def test_the_life_of_a_key(self):
        path = self.make_key("life")
        made = self.register(path)
        self.assertEqual(made["key"], " ".join(self.public_key(path).split()[:2]))
        self.assertEqual(made["title"], "laptop")
        self.assertEqual(made["fingerprint"], self.fingerprint(path))
        self.assertEqual((made["verified"], made["read_only"]), (True, False))
        self.assertTrue(made["url"].endswith(f"/api/v3/user/keys/{made['id']}"))
        self.assertRegex(made["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        one = f"/user/keys/{made['id']}"
        self.assertEqual(self.server.rest("GET", one).json, made)
        self.assertIn(made, self.server.rest("GET", "/user/keys").json)
        public = self.server.request("GET", f"/api/v3/users/{ADMINISTRATOR}/keys").json
        self.assertIn({"id": made["id"], "key": made["key"]}, public)
        again = self.server.rest("POST", "/user/keys", {"key": self.public_key(path)})
        self.assertEqual(again.status, 422)
        self.assertEqual(again.json["errors"][0]["message"], "key is already in use")
        self.assertEqual(self.server.rest("DELETE", one).status, 204)
        self.assertEqual(self.server.rest("GET", one).status, 404)
        self.assertEqual(self.server.rest("DELETE", one).status, 404)

    def test_what_is_no_key_and_who_has_no_right(self):
        for key in ("", "hello", "ssh-ed25519", "ssh-ed25519 AAAA", None, 7,
                    self.public_key(self.make_key("rsa", "rsa"))):
            answer = self.server.rest("POST", "/user/keys", {"title": "x", "key": key})
            self.assertEqual(answer.status, 422, key)
        path = self.make_key("rights")
        narrow = self.server.create_account("erin")  # repo and delete_repo only
        answer = self.server.rest("POST", "/user/keys", {"key": self.public_key(path)}, narrow)
        self.assertEqual(answer.status, 403)
        self.assertEqual(self.server.rest("GET", "/user/keys", token=narrow).status, 403)
        self.assertEqual(self.server.request("GET", "/api/v3/user/keys").status, 401)
        wide = self.server.create_token("erin", ["user"])
        made = self.register(path, token=wide)
        # Another account's key does not exist for who asks by number.
        self.assertEqual(self.server.rest("GET", f"/user/keys/{made['id']}").status, 404)
        self.assertEqual(self.server.rest("DELETE", f"/user/keys/{made['id']}").status, 404)


class SignedPushes(SignedPushTest):
    def pushed(self, name):
        url = self.new_repository(name)
        tree = new_work_tree(self.work)
        commit_file(tree, "file", "one\n")
        return tree, url

    def test_by_a_key_of_the_account_is_verified(self):
        tree, url = self.pushed("verified")
        path = self.make_key("signer")
        self.register(path)
        result = run_git(tree, *self.signing(path), "push", "--signed", "-o", "ci.skip", url,
                         "main", "main:refs/heads/topic")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(f"remote: signed push: verified by {self.fingerprint(path)}", result.stderr)
        self.assertEqual(set(remote_refs(tree, url)), {"refs/heads/main", "refs/heads/topic"})
        # Again, with updates and a deletion in one certificate.
        commit_file(tree, "file", "two\n")
        result = run_git(tree, *self.signing(path), "push", "--signed=if-asked", url, "main",
                         ":refs/heads/topic")
        self.assertIn("signed push: verified by", result.stderr)
        self.assertEqual(set(remote_refs(tree, url)), {"refs/heads/main"})

    def test_by_a_key_that_nobody_knows_is_recorded_and_not_verified(self):
        tree, url = self.pushed("unverified")
        path = self.make_key("stranger")
        result = run_git(tree, *self.signing(path), "push", "--signed", url, "main")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("remote: signed push: recorded, not verified", result.stderr)

    def test_by_the_key_of_another_account_is_not_verified(self):
        tree, url = self.pushed("foreign")
        path = self.make_key("foreign-key")
        self.server.create_account("fred")
        self.register(path, token=self.server.create_token("fred", ["user"]))
        result = run_git(tree, *self.signing(path), "push", "--signed", url, "main")
        self.assertIn("recorded, not verified", result.stderr)

    def test_by_rsa_or_openpgp_is_recorded(self):
        tree, url = self.pushed("others")
        path = self.make_key("rsa", "rsa")
        result = run_git(tree, *self.signing(path), "push", "--signed", url, "main")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("recorded, not verified", result.stderr)
        # What stands between BEGIN and END of another signature is nobody's business here.
        pretender = os.path.join(self.work, "gpg")
        with open(pretender, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\n"
                       "printf -- '-----BEGIN PGP SIGNATURE-----\\nabc\\n"
                       "-----END PGP SIGNATURE-----\\n'\n")
        os.chmod(pretender, 0o755)
        result = run_git(tree, "-c", f"gpg.program={pretender}", "push", "--signed", url,
                         "main:refs/heads/pgp")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("recorded, not verified", result.stderr)

    def certificate(self, name, path, *commands, nonce=None):
        """A signed push as git would send it, up to its flush."""
        if nonce is None:
            answer = self.server.request(
                "GET", f"/{ADMINISTRATOR}/{name}.git/info/refs?service=git-receive-pack",
                token=self.server.operator_token)
            nonce = re.search(rb"push-cert=(\S+)", answer.body).group(1).decode()
        text = ("certificate version 0.1\npusher Ada <ada@example.org> 1700000000 +0000\n"
                f"nonce {nonce}\n\n" + "".join(command + "\n" for command in commands))
        signed = subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", path],
                                input=text.encode(), check=True, capture_output=True,
                                env=ENVIRONMENT).stdout.decode()
        return text, signed

    def send(self, name, text, signature, extra=b""):
        body = wire.packet(b"push-cert\0report-status side-band-64k\n")
        for line in (text + signature).splitlines(keepends=True):
            body += wire.packet(line)
        body += wire.packet("push-cert-end\n") + extra + wire.FLUSH
        entries, _ = wire.simple_history()
        body += wire.pack(entries)
        _, report = wire.push(self.server, f"/{ADMINISTRATOR}/{name}.git", body,
                              self.server.operator_token)
        return report

    def test_certificates_that_do_not_fit(self):
        self.pushed("unfit")
        path = self.make_key("unfit-key")
        self.register(path)
        entries, tip = wire.simple_history()
        command = f"{wire.NULL_ID} {tip} refs/heads/main"
        self.new_repository("elsewhere")
        foreign_nonce = re.search(r"nonce (\S+)", self.certificate("elsewhere", path, command)[0])
        for nonce in ("1-abc", "", "0", foreign_nonce.group(1), "1500000000-" + "a" * 64):
            report = self.send("unfit", *self.certificate("unfit", path, command, nonce=nonce))
            self.assertIn("nonce", report.unpack + str(report.refs), nonce)
            self.assertTrue(all(word.startswith("ng") for word in report.refs.values()))
        text, signature = self.certificate("unfit", path, command)
        report = self.send("unfit", text.replace("refs/heads/main", "refs/heads/other"), signature)
        self.assertIn("signature does not fit", str(report.refs))
        # A command beside the certificate, and the certificate twice.
        for extra in (wire.packet(command), wire.packet("push-cert\n")):
            report = self.send("unfit", text, signature, extra)
            self.assertNotEqual(report.unpack, "ok")
        tree = new_work_tree(self.work, "empty")
        self.assertEqual(
            remote_refs(tree, self.server.git_url(ADMINISTRATOR, "unfit")), {})
        # As it is, it is taken; and a second time its ref has moved.
        self.assertEqual(self.send("unfit", text, signature).refs, {"refs/heads/main": "ok"})
        self.assertIn("fetch first", str(self.send("unfit", text, signature).refs))

    def test_what_is_recorded_survives_a_restart(self):
        tree, url = self.pushed("restarted")
        path = self.make_key("restart-key")
        made = self.register(path)
        git(tree, *self.signing(path), "push", "--quiet", "--signed", url, "main")
        old_url = self.server.url
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        url = url.replace(old_url.removeprefix("http://"), self.server.url.removeprefix("http://"))
        self.assertEqual(self.server.rest("GET", f"/user/keys/{made['id']}").json["key"],
                         made["key"])
        commit_file(tree, "file", "after\n")
        result = run_git(tree, *self.signing(path), "push", "--signed", url, "main")
        self.assertIn("verified by", result.stderr)
        # A key that was taken back verifies no longer.
        self.assertEqual(self.server.rest("DELETE", f"/user/keys/{made['id']}").status, 204)
        commit_file(tree, "file", "later\n")
        result = run_git(tree, *self.signing(path), "push", "--signed", url, "main")
        self.assertIn("not verified", result.stderr)

    def test_without_a_key_git_says_so(self):
        tree, url = self.pushed("keyless")
        failing_git(tree, *self.signing("/nonexistent"), "push", "--signed", url, "main")
        self.assertEqual(remote_refs(tree, url), {})


if __name__ == "__main__":
    unittest.main()
