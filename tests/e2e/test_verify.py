"""ashlar verify, and what it is checked against: proofs, from servers that lie."""

import base64
import json
import os
import time
import unittest

from support import messages
from support.client import commit_file, git, new_work_tree, run_git
from support.server import ADMINISTRATOR, Server
from support.trust import (
    CAPNP,
    DONE,
    FAILED,
    NOT_PROVEN,
    TOO_OLD,
    UNREACHABLE,
    TrustTest,
    flipped,
    flipped_inside,
    json_of,
    proof_path,
)
from support.wire import packet


class Proofs(TrustTest):
    """What the server gives to whoever wants to check it."""

    def push(self, name, private=False):
        url = self.new_repository(name, private)
        tree = new_work_tree(self.work, name)
        head = commit_file(tree, "file", "1\n")
        git(tree, "push", "--quiet", url, "main")
        return tree, url, head

    def test_a_proof_of_one_ref_says_what_it_shows_in_both_forms(self):
        _, _, head = self.push("one")
        proof = self.proof("one", "refs/heads/main")
        self.assertEqual(proof["object_id"], head)
        self.assertTrue(proof["ref_exists"])
        self.assertEqual(proof["certificate"]["signers"], [0])
        answer = self.server.request("GET", proof_path("one", "refs/heads/main"), headers=CAPNP)
        self.assertEqual(answer.headers["Content-Type"], "application/vnd.ashlar.capnp")
        again = self.server.request(
            "GET", proof_path("one", "refs/heads/main") + "&format=capnp")
        self.assertEqual(answer.body, again.body)
        absent = self.proof("one", "refs/heads/none")
        self.assertEqual((absent["ref_exists"], absent["repository_exists"]), (False, True))
        # Meanwhile no block was made, so it is the same proof byte for byte.
        if absent["header"]["height"] == proof["header"]["height"]:
            self.assertEqual(base64.b64decode(proof["capnp"]), answer.body)

    def test_what_one_may_not_see_has_no_proof_not_even_of_absence(self):
        self.push("hidden", private=True)
        answers = [self.server.request("GET", proof_path(name)) for name in ("hidden", "nothing")]
        for answer in answers:
            self.assertEqual(answer.status, 404)
        self.assertEqual(answers[0].body, answers[1].body)
        token = self.server.operator_token
        seen = self.server.request("GET", proof_path("hidden"), token=token)
        self.assertTrue(seen.json["repository_exists"])
        none = self.server.request("GET", proof_path("nothing"), token=token)
        self.assertEqual((none.status, none.json["repository_exists"]), (200, False))
        stranger = self.server.create_account("stranger")
        for name in ("hidden", "nothing"):
            self.assertEqual(
                self.server.request("GET", proof_path(name), token=stranger).status, 404)

    def test_absence_is_proven_to_nobody_who_could_look_for_others_names_by_it(self):
        # Such a proof names another entry of the state, so not even of names that hide nothing.
        stranger = self.server.create_account("searcher")
        operator = self.server.operator_token
        limited = self.server.create_token(ADMINISTRATOR, ["site_admin"])
        for owner in ("nobody", "searcher"):
            proof = f"/api/ashlar/v1/repos/{owner}/x/proof"
            checkpoint = f"/sync/repositories/{owner}/x/checkpoint"
            for path in (proof, proof + "?ref=refs/heads/main", checkpoint):
                for token in (None, stranger, limited):
                    answer = self.server.request("GET", path, token=token)
                    self.assertEqual(answer.status, 404, path)
                answer = self.server.request("GET", path, token=operator)
                self.assertEqual(answer.status, 200, path)

    def test_genesis_headers_and_epochs(self):
        self.push("headers")
        with open(self.genesis, "rb") as file:
            self.assertEqual(
                self.server.request("GET", "/api/ashlar/v1/genesis").body, file.read())
        first = self.server.request("GET", "/api/ashlar/v1/headers/1")
        self.assertIn("immutable", first.headers["Cache-Control"])
        self.assertEqual(first.json["header"]["height"], 1)
        tag = first.headers["ETag"]
        unchanged = self.server.request("GET", "/api/ashlar/v1/headers/1",
                                        headers={"If-None-Match": tag})
        self.assertEqual((unchanged.status, unchanged.body), (304, b""))
        head = self.server.request("GET", "/api/ashlar/v1/headers/head")
        self.assertGreaterEqual(head.json["header"]["height"], 1)
        self.assertNotIn("immutable", head.headers["Cache-Control"])
        for address in ("headers/999999", "epochs/0", "epochs/7"):
            self.assertEqual(
                self.server.request("GET", "/api/ashlar/v1/" + address).status, 404, address)
        for address in ("headers/x", "headers/-1", "epochs/", proof_path("headers", "main")[15:],
                        "genesis?format=xml"):
            self.assertEqual(
                self.server.request("GET", "/api/ashlar/v1/" + address).status, 400, address)
        self.assertEqual(self.server.request("POST", "/api/ashlar/v1/genesis", b"").status, 405)
        length = self.server.request("HEAD", "/api/ashlar/v1/headers/1")
        self.assertEqual((length.status, length.body), (200, b""))


class Verify(TrustTest):
    """The command, honest and lying servers before it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.create_repository("hello")
        cls.server.create_repository("other")
        url = cls.server.git_url(ADMINISTRATOR, "hello", cls.server.operator_token)
        cls.tree = new_work_tree(cls.folder)
        cls.head = commit_file(cls.tree, "file", "1\n")
        git(cls.tree, "tag", "-a", "-m", "A release", "v1")
        git(cls.tree, "push", "--quiet", url, "main", "main:refs/heads/topic", "v1")
        cls.url = url

    def assert_not_proven(self, result, word):
        self.assertEqual(result.returncode, NOT_PROVEN, result.stdout + result.stderr)
        self.assertIn("NOT PROVEN", result.stderr)
        self.assertIn(word, result.stderr)
        self.assertEqual(result.stdout, "")

    def change_proof(self, change, name="hello"):
        def changed(path, _, content):
            return change(content) if path == proof_path(name) else content

        self.proxy.change = changed

    def test_what_is_proven_is_said(self):
        result = self.verify("hello")
        self.assertEqual(result.returncode, DONE, result.stderr)
        for part in (self.head, "refs/heads/topic", "refs/tags/v1", "1 of 1", "validator-1",
                     "seconds old"):
            self.assertIn(part, result.stdout)
        report = json_of(self.verify("hello", "--json"))
        self.assertEqual(report["proven"], True)
        self.assertEqual([ref["ref"] for ref in report["refs"]],
                         ["refs/heads/main", "refs/heads/topic", "refs/tags/v1"])
        self.assertEqual(report["refs"][0]["object_id"], self.head)
        self.assertEqual(report["refs"][2]["peeled_id"], self.head)
        self.assertEqual(report["signers"][0]["name"], "validator-1")
        empty = self.verify("other")
        self.assertEqual(empty.returncode, DONE, empty.stderr)

    def test_every_form_of_the_address(self):
        for address in (f"/{ADMINISTRATOR}/hello", f"/{ADMINISTRATOR}/hello.git/",
                        f"/git/{ADMINISTRATOR}/hello.git"):
            result = self.ashlar("verify", self.proxy.url + address)
            self.assertEqual(result.returncode, DONE, result.stderr)
        for address in (self.proxy.url, "http://", "ftp://x/y/z", self.proxy.url + "/one",
                        self.proxy.url + "/a/b/c/d", "https://", "no file"):
            result = self.ashlar("verify", address)
            self.assertEqual(result.returncode, FAILED, address)
            self.assertNotEqual(result.stderr, "")

    def test_a_private_repository_with_a_token(self):
        self.server.create_repository("secret", private=True)
        self.assertEqual(self.verify("secret").returncode, FAILED)
        token = self.server.operator_token
        url = self.proxy.url.replace("http://", f"http://{ADMINISTRATOR}:{token}@")
        result = self.ashlar("verify", f"{url}/{ADMINISTRATOR}/secret")
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertNotIn(token, result.stdout + result.stderr)
        absent = self.ashlar("verify", f"{url}/{ADMINISTRATOR}/nothing")
        self.assertEqual(absent.returncode, FAILED)
        self.assertIn("there is no repository", absent.stdout)

    def test_one_bit_changed_in_any_part_of_the_proof(self):
        for name, part in self.signed_parts(self.proof("hello")).items():
            for at in {0, len(part) // 2, len(part) - 1}:
                self.change_proof(lambda content: flipped_inside(content, part, at))
                result = self.verify("hello")
                self.assertEqual(result.returncode, NOT_PROVEN, f"{name} at {at}")
        self.proxy.be_honest()
        self.assertEqual(self.verify("hello").returncode, DONE)

    def test_one_bit_changed_anywhere_in_the_message(self):
        length = len(self.server.request("GET", proof_path("hello"), headers=CAPNP).body)
        for at in range(0, length, 37):
            self.change_proof(lambda content: flipped(content, min(at, len(content) - 1)))
            result = self.verify("hello")
            # Of the bits that name what was asked for "is of another repository" is said.
            self.assertEqual(result.returncode, NOT_PROVEN, f"byte {at}: {result.stdout}")

    def test_a_ref_that_is_changed_or_renamed_in_the_list(self):
        old = bytes.fromhex(self.head)
        self.change_proof(lambda content: flipped_inside(content, old, 3))
        self.assert_not_proven(self.verify("hello"), "refs")
        self.change_proof(lambda content: content.replace(b"refs/heads/topic", b"refs/heads/tupic"))
        self.assert_not_proven(self.verify("hello"), "refs")

    def recoded(self, change, name="hello"):
        """The server's own list with something in it changed, well-formed again."""
        content = self.server.request("GET", proof_path(name), headers=CAPNP).body
        value = messages.decode("proof.capnp", "SealedRefList", content)
        self.assertEqual(messages.encode("proof.capnp", "SealedRefList", value), content)
        change(value)
        return messages.encode("proof.capnp", "SealedRefList", value)

    def test_a_list_that_leaves_out_or_adds_a_ref(self):
        for place in range(3):
            lie = self.recoded(lambda value: value["proof"]["refs"].pop(place))
            self.change_proof(lambda content: lie)
            self.assert_not_proven(self.verify("hello"), "refs")
        extra = {"name": "refs/tags/v2", "value": list(bytes.fromhex(self.head))}
        lie = self.recoded(lambda value: value["proof"]["refs"].append(extra))
        self.change_proof(lambda content: lie)
        self.assert_not_proven(self.verify("hello"), "refs")
        lie = self.recoded(lambda value: value["proof"].update(refs=[]))
        self.change_proof(lambda content: lie)
        self.assert_not_proven(self.verify("hello"), "refs")

    def test_parts_of_other_proofs_put_together(self):
        other = messages.decode("proof.capnp", "SealedRefList", self.server.request(
            "GET", proof_path("other"), headers=CAPNP).body)
        old = messages.decode("proof.capnp", "FinalizedHeader", self.server.request(
            "GET", "/api/ashlar/v1/headers/1?format=capnp").body)
        for change in (lambda value: value.update(proof=other["proof"]),
                       lambda value: value["proof"].update(repository=other["proof"]["repository"]),
                       lambda value: value.update(finalized=old),
                       lambda value: value["finalized"].update(header=old["header"]),
                       lambda value: value["finalized"].update(finalization=old["finalization"]),
                       lambda value: value.update(chain=[1] * 32),
                       lambda value: value["proof"]["repository"].pop("repository")):
            lie = self.recoded(change)
            self.change_proof(lambda content: lie)
            self.assertEqual(self.verify("hello").returncode, NOT_PROVEN)

    def test_a_signature_that_is_not_the_validators(self):
        certificate = self.signed_parts(self.proof("hello"))["certificate"]
        self.change_proof(lambda content: flipped_inside(content, certificate, len(certificate) - 9))
        self.assert_not_proven(self.verify("hello"), "certificate")

    def test_what_is_cut_off_empty_or_nonsense(self):
        for change in (lambda content: content[:-8], lambda content: b"",
                       lambda content: b"\0" * 64, lambda content: content + b"\0" * 8,
                       lambda content: b"\xff" * len(content)):
            self.change_proof(change)
            self.assertEqual(self.verify("hello").returncode, NOT_PROVEN)

    def test_the_proof_of_another_repository(self):
        self.proxy.redirect = lambda path: path.replace("/hello", "/other")
        self.assert_not_proven(self.verify("hello"), "another repository")

    def test_git_is_shown_other_refs_than_are_proven(self):
        def expect(change, word):
            self.proxy.change = change
            self.assert_not_proven(self.verify("hello"), word)

        topic = f"{self.head} refs/heads/topic"

        def changes(listing, old, new):
            def change(path, request, content):
                asked = b"ls-refs" in request if listing == "v2" else "info/refs" in path
                if asked:
                    assert old in content, content
                    return content.replace(old, new)
                return content

            return change

        for listing in ("v2", "v0"):
            expect(changes(listing, packet(topic + "\n"), b""), "left out")
            expect(changes(listing, packet(topic + "\n"),
                           packet(topic + "\n") + packet(topic + "x\n")), "proven absent")
            other = "0" * 39 + "1"
            expect(changes(listing, topic.encode(), f"{other} refs/heads/topic".encode()),
                   "is shown as")
            expect(changes(listing, b"HEAD:refs/heads/main" if listing == "v0"
                           else b"symref-target:refs/heads/main",
                           b"HEAD:refs/heads/mane" if listing == "v0"
                           else b"symref-target:refs/heads/mane"), "HEAD")

    def test_an_old_state_is_refused_by_whoever_saw_a_newer_one(self):
        recorded = {}

        def record(path, request, content):
            recorded[(path, request)] = content
            return content

        self.proxy.change = record
        self.assertEqual(self.verify("hello").returncode, DONE)
        head = commit_file(self.tree, "file", "2\n")
        git(self.tree, "push", "--quiet", self.url, f"{head}:refs/heads/later")
        self.proxy.be_honest()
        result = self.verify("hello")
        self.assertIn("refs/heads/later", result.stdout)
        self.proxy.change = lambda path, request, content: recorded.get((path, request), content)
        self.assert_not_proven(self.verify("hello"), "older")
        # Who saw nothing newer can be shown it only as long as it is young.
        self.trust = os.path.join(self.work, "another trust")
        self.assertEqual(self.verify("hello").returncode, DONE)
        time.sleep(2.1)
        result = self.verify("hello", "--max-age", "1")
        self.assertEqual(result.returncode, TOO_OLD, result.stdout)
        self.assertIn("seconds old", result.stderr)
        git(self.tree, "push", "--quiet", self.url, "--delete", "later")

    def test_a_server_of_another_network(self):
        folder = os.path.join(self.work, "other network")
        os.makedirs(folder)
        other = Server(folder).start()
        self.addCleanup(other.stop)
        other.create_repository("hello")
        self.assertEqual(self.verify("hello", genesis=False).returncode, DONE)
        self.proxy.upstream = other
        self.assert_not_proven(self.verify("hello"), "another network")
        # Without a genesis, too: the server was of another network before.
        self.assert_not_proven(self.verify("hello", genesis=False), "another network")
        # Nor is it one of the second because a genesis says so.
        self.proxy.upstream = self.server
        self.genesis = os.path.join(other.data, "genesis.json")
        self.assert_not_proven(self.verify("hello"), "was of another network before")
        # And the first network's proofs say nothing to who trusts the second.
        self.trust = os.path.join(self.work, "another trust")
        self.assert_not_proven(self.verify("hello"), "is of another network")

    def test_the_genesis_of_a_server_counts_from_its_first_use_on(self):
        first = self.verify("hello", genesis=False)
        self.assertEqual(first.returncode, DONE, first.stderr)
        self.assertIn("first time", first.stderr)
        again = self.verify("hello", genesis=False)
        self.assertEqual((again.returncode, again.stderr), (DONE, ""))

        def another_genesis(path, _, content):
            return content.replace(b"ashlar", b"oshlar") if path.startswith(
                "/api/ashlar/v1/genesis") else content

        self.trust = os.path.join(self.work, "another trust")
        self.proxy.change = another_genesis
        result = self.verify("hello", genesis=False)
        self.assertEqual(result.returncode, NOT_PROVEN, result.stderr)

    def test_servers_that_show_no_proof_or_are_not_there(self):
        self.proxy.redirect = lambda path: "/health/live"
        result = self.verify("hello")
        self.assertEqual(result.returncode, FAILED)
        self.assertIn("is it an Ashlar server", result.stderr)
        self.proxy.redirect = lambda path: "/no/such/thing"
        self.assertEqual(self.verify("hello").returncode, FAILED)
        nobody = self.ashlar("verify", f"http://127.0.0.1:1/{ADMINISTRATOR}/hello")
        self.assertEqual(nobody.returncode, UNREACHABLE)
        self.assertIn("127.0.0.1:1", nobody.stderr)

    def test_a_genesis_file_that_is_none(self):
        path = os.path.join(self.work, "genesis")
        for content in (b"", b"{}", b"nonsense"):
            with open(path, "wb") as file:
                file.write(content)
            result = self.verify("hello", "--genesis", path)
            self.assertEqual(result.returncode, FAILED, content)
            self.assertIn(path, result.stderr)


class Receipts(TrustTest):
    """Where a push says that its proof is, and the file that holds without any server."""

    def test_a_push_says_where_its_proof_is_and_the_receipt_verifies_offline(self):
        url = self.new_repository("receipts")
        tree = new_work_tree(self.work)
        head = commit_file(tree, "file", "1\n")
        pushed = run_git(tree, "push", "--progress", url, "main")
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        address = proof_path("receipts", "refs/heads/main")
        self.assertIn(self.server.url + address, pushed.stderr)
        self.assertEqual(self.server.request("GET", address).json["object_id"], head)
        quiet = run_git(tree, "push", "--quiet", url, "main:refs/heads/quiet")
        self.assertEqual(quiet.stderr, "")
        many = run_git(tree, "push", "--progress", url, *(f"main:refs/heads/b{i}" for i in range(9)))
        self.assertRegex(many.stderr, self.server.url + proof_path("receipts") + r"\s")

        result = self.ashlar("receipt", f"{self.proxy.url}/{ADMINISTRATOR}/receipts", "main",
                             "--output", "r")
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertIn(head, result.stdout)
        head_too = self.ashlar("receipt", f"{self.proxy.url}/{ADMINISTRATOR}/receipts",
                               "--output", "h", "--json")
        self.assertEqual(json_of(head_too)["refs"][0]["ref"], "refs/heads/main")
        # What happens later changes nothing for the file, and no server is asked.
        git(tree, "push", "--quiet", url, "--delete", "main")
        self.proxy.redirect = lambda path: self.fail("a server was asked")
        checked = self.ashlar("verify", "r")
        self.assertEqual(checked.returncode, DONE, checked.stderr)
        self.assertIn(head, checked.stdout)
        self.assertIn("refs/heads/main", checked.stdout)

        path = os.path.join(self.work, "r")
        with open(path, "rb") as file:
            content = file.read()
        for at in range(0, len(content), 41):
            with open(path, "wb") as file:
                file.write(flipped(content, at))
            changed = self.ashlar("verify", "r", "--json")
            self.assertEqual(changed.returncode, NOT_PROVEN, f"byte {at}: {changed.stdout}")

    def test_a_receipt_needs_the_right_genesis(self):
        self.new_repository("elsewhere")
        url = f"{self.proxy.url}/{ADMINISTRATOR}/elsewhere"
        result = self.ashlar("receipt", url, "refs/heads/none", "--output", "r")
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertIn("absent", self.ashlar("verify", "r").stdout)
        with open(self.genesis, encoding="utf-8") as file:
            genesis = json.load(file)
        genesis["time_ms"] += 1
        other = os.path.join(self.work, "other.json")
        with open(other, "w", encoding="utf-8") as file:
            json.dump(genesis, file)
        wrong = self.ashlar("verify", "r", "--genesis", other)
        self.assertEqual(wrong.returncode, NOT_PROVEN, wrong.stdout)
        none = self.ashlar("verify", "r", genesis=False)
        self.assertEqual(none.returncode, FAILED)
        self.assertIn("--genesis", none.stderr)


if __name__ == "__main__":
    unittest.main()
