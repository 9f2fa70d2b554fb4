"""REST in the shapes of GitHub Enterprise Server."""

import json
import unittest

from support.server import ADMINISTRATOR, ServerTest


class Rest(ServerTest):
    def assert_error(self, answer, status, message=None):
        self.assertEqual(answer.status, status, answer.body)
        self.assertIn("documentation_url", answer.json)
        if message is not None:
            self.assertIn(message, answer.json["message"])

    def test_accounts_and_tokens(self):
        created = self.server.rest("POST", "/admin/users", {"login": "carol"})
        self.assertEqual(created.status, 201)
        self.assertEqual(created.json["login"], "carol")
        self.assertEqual(created.json["type"], "User")
        self.assertFalse(created.json["site_admin"])
        again = self.server.rest("POST", "/admin/users", {"login": "CAROL"})
        self.assert_error(again, 422, "Validation Failed")
        self.assertEqual(again.json["errors"][0]["field"], "login")

        token = self.server.rest(
            "POST", "/admin/users/carol/authorizations", {"scopes": ["repo"], "note": "laptop"})
        self.assertEqual(token.status, 201)
        secret = token.json["token"]
        self.assertEqual(token.json["token_last_eight"], secret[-8:])
        self.assertEqual(token.json["scopes"], ["repo"])
        self.assertEqual(token.json["note"], "laptop")
        user = self.server.rest("GET", "/user", token=secret)
        self.assertEqual(user.json["login"], "carol")
        self.assertEqual(user.headers["X-OAuth-Scopes"], "repo")
        self.assertEqual(user.headers["Content-Type"], "application/json; charset=utf-8")
        self.assert_error(
            self.server.rest("POST", "/admin/users/nobody/authorizations", {}), 404, "Not Found")

    def test_refused_accounts(self):
        for login in ("", "-a", "a-", "a--b", "a b", "a/b", "..", "x" * 40, "api", "health", "é"):
            answer = self.server.rest("POST", "/admin/users", {"login": login})
            self.assert_error(answer, 422, "Validation Failed")
        self.assert_error(self.server.rest("POST", "/admin/users", {}), 422)
        self.assert_error(self.server.rest("POST", "/admin/users", {"login": 7}), 422)
        scopes = self.server.rest(
            "POST", f"/admin/users/{ADMINISTRATOR}/authorizations", {"scopes": ["everything"]})
        self.assert_error(scopes, 422)

    def test_a_repositorys_life(self):
        token = self.server.create_account("dora")
        created = self.server.rest(
            "POST", "/user/repos",
            {"name": "Hello", "description": "A \"first\" one \u2713", "private": True}, token)
        self.assertEqual(created.status, 201, created.body)
        repository = created.json
        self.assertEqual(repository["full_name"], "dora/Hello")
        self.assertEqual(repository["description"], "A \"first\" one \u2713")
        self.assertTrue(repository["private"])
        self.assertEqual(repository["visibility"], "private")
        self.assertEqual(repository["default_branch"], "main")
        self.assertEqual(repository["owner"]["login"], "dora")
        self.assertEqual(repository["clone_url"], self.server.url + "/dora/Hello.git")
        self.assertTrue(repository["permissions"]["admin"])
        self.assertRegex(repository["created_at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(created.headers["Location"],
                         self.server.url + "/api/v3/repos/dora/Hello")

        got = self.server.rest("GET", "/repos/DORA/hello", token=token)
        self.assertEqual(got.status, 200)
        self.assertEqual(got.json, repository)

        again = self.server.rest("POST", "/user/repos", {"name": "hello"}, token)
        self.assert_error(again, 422, "Validation Failed")
        self.assertEqual(again.json["errors"][0]["message"],
                         "name already exists on this account")

        self.assertEqual(self.server.rest("DELETE", "/repos/dora/Hello", token=token).status, 204)
        self.assert_error(self.server.rest("GET", "/repos/dora/Hello", token=token), 404)
        self.assert_error(self.server.rest("DELETE", "/repos/dora/Hello", token=token), 404)

    def test_lists_come_in_pages(self):
        token = self.server.create_account("erin")
        names = [f"repo-{number:02}" for number in range(7)]
        for name in names:
            self.server.create_repository(name, token=token)
        first = self.server.rest("GET", "/user/repos?per_page=3", token=token)
        self.assertEqual([entry["name"] for entry in first.json], names[:3])
        self.assertIn('page=2&per_page=3>; rel="next"', first.headers["Link"])
        self.assertNotIn("prev", first.headers["Link"])
        third = self.server.rest("GET", "/user/repos?per_page=3&page=3", token=token)
        self.assertEqual([entry["name"] for entry in third.json], names[6:])
        self.assertNotIn("next", third.headers["Link"])
        self.assertIn('page=2&per_page=3>; rel="prev"', third.headers["Link"])
        beyond = self.server.rest("GET", "/user/repos?per_page=3&page=9", token=token)
        self.assertEqual(beyond.json, [])
        whole = self.server.rest("GET", "/user/repos?per_page=0&page=x", token=token)
        self.assertEqual(len(whole.json), 7)
        self.assertIsNone(whole.headers["Link"])

    def test_refused_repositories(self):
        for name in ("", "..", ".", "a/b", "a b", "x.git", "x" * 101, "a\u0000", "\u00e9"):
            self.assert_error(self.server.rest("POST", "/user/repos", {"name": name}), 422)
        for member, value in (("private", "yes"), ("description", ["x"]), ("auto_init", True),
                              ("visibility", "secret"), ("description", "x" * 1000),
                              ("default_branch", "a..b")):
            answer = self.server.rest("POST", "/user/repos", {"name": "fine", member: value})
            self.assert_error(answer, 422)
        self.assert_error(self.server.rest("GET", f"/repos/{ADMINISTRATOR}/fine"), 404)

    def test_bad_json(self):
        token = self.server.operator_token
        for body, status in (
            (b"{", 400),
            (b"[]", 400),
            (b"\"x\"", 400),
            (b"{\"name\":\"a\",\"name\":\"b\"}", 400),
            (b"{\"name\":\"\xff\"}", 400),
            (b"[" * 100_000 + b"]" * 100_000, 413),
            (b"{\"name\":\"" + b"x" * (1 << 20) + b"\"}", 413),
        ):
            answer = self.server.request(
                "POST", "/api/v3/user/repos", body, {"Content-Type": "application/json"}, token)
            self.assertEqual(answer.status, status, body[:40])

    def test_the_root_meta_and_what_is_not_there(self):
        root = self.server.request("GET", "/api/v3")
        self.assertEqual(root.json["current_user_url"], self.server.url + "/api/v3/user")
        self.assertEqual(self.server.request("GET", "/api/v3/").json, root.json)
        self.assertIn("installed_version", self.server.request("GET", "/api/v3/meta").json)
        self.assert_error(self.server.request("GET", "/api/v3/user"), 401)
        self.assert_error(self.server.request("GET", "/api/v3/nothing/here"), 404, "Not Found")
        wrong = self.server.request("PUT", "/api/v3/user/repos", b"{}")
        self.assert_error(wrong, 405)
        self.assertEqual(wrong.headers["Allow"], "GET, POST")
        head = self.server.request("HEAD", "/api/v3/meta")
        self.assertEqual(head.status, 200)
        self.assertEqual(head.body, b"")

    def test_a_host_header_cannot_put_anything_into_answers(self):
        answer = self.server.request("GET", "/api/v3", headers={"Host": 'a"b<c>/d'})
        self.assertEqual(json.loads(answer.body)["current_user_url"],
                         "http://localhost/api/v3/user")


if __name__ == "__main__":
    unittest.main()
