"""Who may read and write what, by every door: the matrix of viewers and repositories."""

import os
import unittest

from support.client import commit_file, failing_git, git, new_work_tree, remote_refs, run_git
from support.server import ServerTest


class Access(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens = {
            "owner": cls.server.create_account("alice"),
            "stranger": cls.server.create_account("bob"),
        }
        cls.tokens["owner, reading"] = cls.server.create_token("alice", ["repo:read"])
        cls.tokens["owner, public only"] = cls.server.create_token("alice", ["public_repo"])
        cls.server.create_repository("open", False, cls.tokens["owner"])
        cls.server.create_repository("hidden", True, cls.tokens["owner"])

    def info_refs(self, repository, service, viewer):
        return self.server.request(
            "GET",
            f"/alice/{repository}.git/info/refs?service={service}",
            token=self.tokens.get(viewer),
        ).status

    def test_git_over_http(self):
        expected = {
            # viewer: (open read, open write, hidden read, hidden write, none read)
            None: (200, 401, 401, 401, 401),
            "owner": (200, 200, 200, 200, 404),
            "owner, reading": (200, 403, 200, 403, 404),
            "owner, public only": (200, 200, 404, 404, 404),
            "stranger": (200, 403, 404, 404, 404),
        }
        for viewer, statuses in expected.items():
            got = (
                self.info_refs("open", "git-upload-pack", viewer),
                self.info_refs("open", "git-receive-pack", viewer),
                self.info_refs("hidden", "git-upload-pack", viewer),
                self.info_refs("hidden", "git-receive-pack", viewer),
                self.info_refs("missing", "git-upload-pack", viewer),
            )
            self.assertEqual(got, statuses, viewer)

    def test_posts_ask_again(self):
        for service, repository, viewer, status in (
            ("git-upload-pack", "hidden", None, 401),
            ("git-upload-pack", "hidden", "stranger", 404),
            ("git-receive-pack", "open", None, 401),
            ("git-receive-pack", "open", "stranger", 403),
            ("git-receive-pack", "hidden", "stranger", 404),
        ):
            answer = self.server.request(
                "POST",
                f"/alice/{repository}.git/{service}",
                b"0000",
                {"Content-Type": f"application/x-{service}-request"},
                self.tokens.get(viewer),
            )
            self.assertEqual(answer.status, status, (service, repository, viewer))

    def test_what_may_not_be_seen_reads_as_what_does_not_exist(self):
        for viewer in (None, "stranger"):
            answers = [
                self.server.request(
                    "GET",
                    f"/alice/{name}.git/info/refs?service=git-upload-pack",
                    token=self.tokens.get(viewer),
                )
                for name in ("hidden", "absent")
            ]
            bodies = [answer.body.replace(b"absent", b"hidden") for answer in answers]
            self.assertEqual(bodies[0], bodies[1])
            self.assertEqual(answers[0].status, answers[1].status)

    def test_rest(self):
        for viewer, open_status, hidden_status in (
            ("", 200, 404),
            ("owner", 200, 200),
            ("stranger", 200, 404),
        ):
            token = self.tokens.get(viewer, "")
            self.assertEqual(
                self.server.rest("GET", "/repos/alice/open", token=token).status, open_status)
            self.assertEqual(
                self.server.rest("GET", "/repos/alice/hidden", token=token).status, hidden_status)
        for viewer, open_status, hidden_status in (("", 401, 404), ("stranger", 403, 404)):
            token = self.tokens.get(viewer, "")
            self.assertEqual(
                self.server.rest("DELETE", "/repos/alice/open", token=token).status, open_status)
            self.assertEqual(
                self.server.rest("DELETE", "/repos/alice/hidden", token=token).status,
                hidden_status)

    def test_lists_leave_out_what_is_hidden(self):
        def names(token):
            listed = self.server.rest("GET", "/users/alice/repos", token=token).json
            return [repository["name"] for repository in listed]

        self.assertEqual(names(self.tokens["stranger"]), ["open"])
        self.assertEqual(names(""), ["open"])
        self.assertEqual(names(self.tokens["owner"]), ["hidden", "open"])

    def test_pages(self):
        for token, status in ((None, 404), (self.tokens["stranger"], 404),
                              (self.tokens["owner"], 200)):
            self.assertEqual(self.server.request("GET", "/alice/hidden", token=token).status,
                             status)
        self.assertEqual(self.server.request("GET", "/alice/open").status, 200)
        self.assertIn(b"alice/hidden",
                      self.server.request("GET", "/alice", token=self.tokens["owner"]).body)
        self.assertNotIn(b"alice/hidden", self.server.request("GET", "/alice").body)
        self.assertNotIn(b"alice/hidden", self.server.request("GET", "/").body)

    def test_only_administrators_make_accounts_and_tokens_of_others(self):
        for token, status in (("", 401), (self.tokens["owner"], 403)):
            answer = self.server.rest("POST", "/admin/users", {"login": "eve"}, token)
            self.assertEqual(answer.status, status)
            answer = self.server.rest(
                "POST", "/admin/users/bob/authorizations", {"scopes": ["repo"]}, token)
            self.assertEqual(answer.status, status)

    def test_a_wrong_token_is_refused_even_where_none_is_needed(self):
        self.assertEqual(self.server.rest("GET", "/repos/alice/open", token="ash_no").status, 401)
        answer = self.server.request(
            "GET", "/alice/open.git/info/refs?service=git-upload-pack", token="ash_no")
        self.assertEqual(answer.status, 401)
        self.assertIn("Basic", answer.headers["WWW-Authenticate"])

    def test_git_shows_why(self):
        tree = new_work_tree(self.work)
        commit_file(tree, "file", "x\n")
        url = self.server.git_url("alice", "open")
        self.assertIn("could not read Username", failing_git(tree, "push", url, "main"))
        as_bob = url.replace("http://", f"http://bob:{self.tokens['stranger']}@")
        said = failing_git(tree, "push", as_bob, "main")
        self.assertIn("remote:", said)
        self.assertIn("403", said)
        hidden = self.server.git_url("alice", "hidden")
        as_bob = hidden.replace("http://", f"http://bob:{self.tokens['stranger']}@")
        self.assertIn("not found", failing_git(tree, "clone", as_bob))
        wrong = url.replace("http://", "http://alice:ash_wrong@")
        self.assertIn("Authentication failed", failing_git(tree, "push", wrong, "main"))

    def test_the_token_may_stand_where_clients_put_it(self):
        token = self.tokens["owner"]
        url = self.server.git_url("alice", "hidden")
        for credentials in (f"alice:{token}", f"x:{token}", f"{token}:x-oauth-basic", f"{token}:"):
            with_credentials = url.replace("http://", f"http://{credentials}@")
            self.assertEqual(remote_refs(self.work, with_credentials), {}, credentials)
        for scheme in ("Bearer", "bearer", "token"):
            header = f"http.extraHeader=Authorization: {scheme} {token}"
            result = run_git(self.work, "-c", header, "ls-remote", url)
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_deleted_repository_is_gone_by_every_door(self):
        token = self.tokens["owner"]
        self.server.create_repository("short-lived", False, token)
        tree = new_work_tree(self.work)
        commit_file(tree, "file", os.urandom(100))
        url = self.server.git_url("alice", "short-lived", token)
        git(tree, "push", "--quiet", url, "main")
        self.assertEqual(
            self.server.rest("DELETE", "/repos/alice/short-lived", token=token).status, 204)
        self.assertIn("not found", failing_git(self.work, "clone", url))
        self.assertEqual(
            self.server.rest("GET", "/repos/alice/short-lived", token=token).status, 404)
        # Its name is free again, and nothing of the old one shines through.
        self.server.create_repository("short-lived", False, token)
        self.assertEqual(remote_refs(self.work, url), {})
        self.server.rest("DELETE", "/repos/alice/short-lived", token=token)


if __name__ == "__main__":
    unittest.main()
