"""The network over REST and on its page: one validator alone, and four."""

import json
import os
import re
import time
import unittest

from support.client import commit_file, git, new_work_tree
from support.server import ServerTest
from support.testnet import TestnetTest

PREFIX = "/api/ashlar/v1"
SETTLE_SECONDS_MAX = 30


def ask(server, path, token=None):
    answer = server.request("GET", PREFIX + path, token=token)
    assert answer.status == 200, (path, answer.status, answer.body)
    return answer.json


class OneValidator(ServerTest):
    def push_to(self, name, private):
        url = self.new_repository(name, private)
        tree = new_work_tree(self.work)
        commit_file(tree, "file", name)
        git(tree, "push", "--quiet", url, "main:refs/heads/topic-of-" + name)
        return ask(self.server, "/consensus")["height"]

    def test_consensus_tells_where_the_chain_is(self):
        before = ask(self.server, "/consensus")
        self.server.create_account("somebody")
        after = ask(self.server, "/consensus")
        self.assertGreater(after["height"], before["height"])
        self.assertEqual(after["epoch"], 0)
        self.assertEqual(after["quorum"], 1)
        self.assertEqual(after["validator_count"], 1)
        self.assertTrue(after["ready"])
        self.assertGreater(after["last_finalization_ms"], 0)
        self.assertEqual(after["final_height"], after["height"])
        self.assertRegex(after["digest"], "^[0-9a-f]{64}$")

    def test_blocks_are_listed_page_by_page(self):
        for number in range(4):
            self.server.create_account(f"listed-{number}")
        height = ask(self.server, "/consensus")["height"]
        first = self.server.request("GET", PREFIX + "/blocks?per_page=3")
        heights = [block["height"] for block in first.json]
        self.assertEqual(heights, [height, height - 1, height - 2])
        link = re.search(r'<([^>]*)>; rel="next"', first.headers["Link"]).group(1)
        second = self.server.request("GET", link.removeprefix(self.server.url))
        self.assertEqual(second.json[0]["height"], height - 3)
        everything = ask(self.server, "/blocks?per_page=100")
        self.assertEqual(everything[-1]["height"], 0)
        self.assertEqual(self.server.request("GET", PREFIX + "/blocks?below=x").status, 400)

    def test_a_block_by_height_and_digest_with_who_signed_it(self):
        self.server.create_account("signed")
        height = ask(self.server, "/consensus")["height"]
        block = ask(self.server, f"/blocks/{height}")
        self.assertEqual(ask(self.server, f"/blocks/{block['digest']}"), block)
        validators = ask(self.server, "/validators")["validators"]
        signers = block["finalization"]["signers"]
        self.assertEqual([one["public_key"] for one in signers],
                         [one["public_key"] for one in validators])
        parent = ask(self.server, f"/blocks/{height - 1}")
        self.assertEqual(block["parent"], parent["digest"])
        self.assertEqual(self.server.request("GET", f"{PREFIX}/blocks/{height + 99}").status, 404)
        self.assertEqual(self.server.request("GET", PREFIX + "/blocks/nothing").status, 404)
        self.assertIsNone(ask(self.server, "/blocks/0")["finalization"])

    def test_strangers_read_nothing_of_private_repositories(self):
        height = self.push_to("hidden-plan", private=True)
        stranger = self.server.create_account("stranger")
        for at in range(height - 1, height + 1):
            for token in (None, stranger):
                body = self.server.request("GET", f"{PREFIX}/blocks/{at}", token=token).body
                self.assertNotIn(b"hidden-plan", body)
            page = self.server.request("GET", f"/network/blocks/{at}").body
            self.assertNotIn(b"hidden-plan", page)
        block = ask(self.server, f"/blocks/{height}")
        [push] = [one for one in block["transactions"] if one["kind"] == "update_refs"]
        self.assertEqual(push["author_id"], 1)
        self.assertGreater(push["bytes"], 0)
        self.assertIsNone(push["summary"])
        own = ask(self.server, f"/blocks/{height}", self.server.operator_token)
        [push] = [one for one in own["transactions"] if one["kind"] == "update_refs"]
        self.assertEqual(push["summary"], "admin/hidden-plan: 1 ref")
        self.assertEqual(push["details"], ["refs/heads/topic-of-hidden-plan"])

    def test_what_is_public_is_told_to_all(self):
        height = self.push_to("open-plan", private=False)
        [push] = ask(self.server, f"/blocks/{height}")["transactions"]
        self.assertEqual(push["summary"], "admin/open-plan: 1 ref")
        self.assertEqual(push["author"], "admin")

    def test_only_site_administrators_change_the_validators(self):
        somebody = self.server.create_account("nosy", ("repo", "user"))
        body = json.dumps({"name": "x", "public_key": "11" * 32}).encode()
        headers = {"Content-Type": "application/json"}
        for token, status in ((None, 401), (somebody, 403)):
            answer = self.server.request("POST", PREFIX + "/validators", body, headers, token)
            self.assertEqual(answer.status, status, answer.body)
        operator = self.server.operator_token
        for wrong in ({"name": "x"}, {"name": "x", "public_key": "11"},
                      {"name": "x", "public_key": "11" * 32, "address": "nowhere"}):
            answer = self.server.request("POST", PREFIX + "/validators",
                                         json.dumps(wrong).encode(), headers, operator)
            self.assertEqual(answer.status, 422, wrong)
        [only] = ask(self.server, "/validators")["validators"]
        last = self.server.request("DELETE", f"{PREFIX}/validators/{only['public_key']}",
                                   token=operator)
        self.assertEqual(last.status, 400)
        self.assertIn("last validator", last.json["message"])
        self.assertEqual(ask(self.server, "/validators")["epoch"], 0)

    def test_a_validators_name_and_address_change_without_another_epoch(self):
        [only] = ask(self.server, "/validators")["validators"]
        changed = self.server.request(
            "PUT", f"{PREFIX}/validators/{only['public_key']}",
            json.dumps({"name": "first", "address": "127.0.0.1:7000"}).encode(),
            {"Content-Type": "application/json"}, self.server.operator_token)
        self.assertEqual(changed.status, 200, changed.body)
        shown = ask(self.server, "/validators")
        self.assertEqual(shown["epoch"], 0)
        self.assertEqual(shown["validators"][0]["name"], "first")
        self.assertEqual(shown["validators"][0]["address"], "127.0.0.1:7000")
        self.server.create_account("later")

    def test_the_page_shows_it_and_other_pages_lead_there(self):
        home = self.server.request("GET", "/")
        self.assertIn(b'<a href="/network">', home.body)
        page = self.server.request("GET", "/network")
        self.assertEqual(page.status, 200)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        text = page.body.decode()
        height = ask(self.server, "/consensus")["height"]
        self.assertIn(f"/network/blocks/{height}", text)
        self.assertIn("1 of 1 decide", text)
        self.assertEqual(text.count("<script"), 1)
        policy = page.headers["Content-Security-Policy"]
        self.assertNotIn("unsafe", policy)
        script = re.search(r'<script src="([^"]*)"', text).group(1)
        self.assertEqual(self.server.request("GET", script).status, 200)
        self.assertEqual(self.server.request("GET", "/network/blocks/0").status, 200)
        self.assertEqual(self.server.request("GET", "/network/blocks/99999").status, 404)


class FourValidators(TestnetTest):
    def test_all_show_the_same_blocks_and_who_signed_them(self):
        created = self.validators[1].rest("POST", "/admin/users", {"login": "shown"})
        self.assertEqual(created.status, 201, created.body)
        self.wait_for_all("/users/shown")
        height = ask(self.validators[1], "/consensus")["height"]
        shown = [ask(validator, f"/blocks/{height}") for validator in self.validators]
        for block in shown:
            self.assertEqual(block["digest"], shown[0]["digest"])
            self.assertEqual(block["state_root"], shown[0]["state_root"])
        certified = [block for block in shown if block["finalization"]]
        self.assertTrue(certified)
        for block in certified:
            self.assertGreaterEqual(len(block["finalization"]["signers"]), 3)

    def test_every_answer_has_what_it_promises(self):
        created = self.validators[2].rest("POST", "/admin/users", {"login": "promised"})
        self.assertEqual(created.status, 201, created.body)
        asked = self.validators[2]
        consensus = ask(asked, "/consensus")
        self.assertLessEqual(
            {"network", "chain", "height", "digest", "final_height", "epoch", "view", "leader",
             "validator_count", "quorum", "block_time", "block_time_ms", "last_finalization_ms",
             "waiting_transactions", "ready", "why_not_ready"}, set(consensus))
        self.assertGreater(consensus["view"], 0)
        self.assertEqual(consensus["validator_count"], 4)
        keys = {one["public_key"] for one in ask(asked, "/validators")["validators"]}
        self.assertEqual(len(keys), 4)
        self.assertIn(consensus["leader"]["public_key"], keys)

        block = ask(asked, f"/blocks/{consensus['height']}")
        self.assertLessEqual(
            {"height", "digest", "epoch", "time", "time_ms", "transaction_count", "ends_epoch",
             "parent", "transactions_root", "state_root", "next_validators", "transactions",
             "finalization"}, set(block))
        [transaction] = block["transactions"]
        self.assertEqual(transaction["kind"], "create_account")
        self.assertLessEqual({"id", "kind", "author_id", "author", "bytes", "summary", "details"},
                             set(transaction))
        certificate = block["finalization"]
        self.assertEqual(certificate["epoch"], consensus["epoch"])
        self.assertLess(certificate["parent_view"], certificate["view"])
        self.assertLessEqual({one["public_key"] for one in certificate["signers"]}, keys)
        for signer in certificate["signers"]:
            self.assertRegex(signer["signature"], "^[0-9a-f]{128}$")
        listed = ask(asked, "/blocks?per_page=1")[0]
        self.assertEqual(listed, {name: block[name] for name in listed})

        for validator in ask(asked, "/validators")["validators"]:
            self.assertLessEqual({"name", "public_key", "address", "state", "last_vote_view",
                                  "leads", "connected", "is_self"}, set(validator))
            self.assertTrue(validator["connected"])
        self.assertTrue(any(one["last_vote_view"] > 0
                            for one in ask(asked, "/validators")["validators"]))

    def test_each_says_who_votes_and_who_is_silent(self):
        self.validators[3].kill()
        limit = time.monotonic() + SETTLE_SECONDS_MAX
        number = 0
        while True:
            number += 1
            created = self.validators[0].rest("POST", "/admin/users", {"login": f"view-{number}"})
            self.assertEqual(created.status, 201, created.body)
            shown = ask(self.validators[0], "/validators")
            states = {one["name"]: one["state"] for one in shown["validators"]}
            if states == {"v1": "voting", "v2": "voting", "v3": "voting", "v4": "silent"}:
                break
            self.assertLess(time.monotonic(), limit, shown)
        self.assertEqual(shown["quorum"], 3)
        self.assertEqual([one["name"] for one in shown["validators"] if one["is_self"]], ["v1"])
        down = [one for one in shown["validators"] if one["name"] == "v4"]
        self.assertFalse(down[0]["connected"])
        self.validators[3].start()
        self.validators[3].wait_until_ready()

    def test_nobody_honest_is_reported(self):
        for validator in self.validators:
            self.assertEqual(ask(validator, "/evidence"), [])


if __name__ == "__main__":
    unittest.main()
