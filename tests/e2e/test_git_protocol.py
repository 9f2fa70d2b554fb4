"""What a git client may expect, row by row: the real git against the real server."""

import os
import re
import unittest

from support import wire
from support.client import (
    check_clean,
    commit_file,
    failing_git,
    generate_repository,
    git,
    new_work_tree,
    remote_refs,
    run_git,
)
from support.server import ADMINISTRATOR, ServerTest

VERSIONS = ("0", "1", "2")


def present_ids(repository):
    """What it really holds; nothing is fetched for the answer."""
    listed = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    return set(listed.split())


def types_of(repository):
    listed = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
    return set(listed.split())


def oid(repository, revision):
    return git(repository, "rev-parse", revision)


class ProtocolTest(ServerTest):
    def make_history(self, name, commits=12):
        """Folders, tags, a side branch; everything pushed. Gives the work tree and the URL."""
        url = self.new_repository(name)
        tree = new_work_tree(self.work)
        git(tree, "remote", "add", "origin", url)
        for number in range(commits):
            dates = {"GIT_AUTHOR_DATE": f"{1600000000 + number * 1000} +0000",
                     "GIT_COMMITTER_DATE": f"{1600000000 + number * 1000} +0000"}
            for path, size in (("small", 10), ("lib/large", 4000), ("lib/deep/er/file", 50)):
                full = os.path.join(tree, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="ascii") as file:
                    file.write(f"{path} {number}\n" * size)
            git(tree, "add", "--all")
            git(tree, "commit", "--quiet", "-m", f"Step {number}", environment=dates)
            if number == 4:
                git(tree, "branch", "side")
                git(tree, "tag", "-a", "-m", "four", "v4", environment=dates)
                git(tree, "tag", "-a", "-m", "nested", "v4-nested", "v4", environment=dates)
        git(tree, "push", "--quiet", "origin", "main", "side", "--tags")
        return tree, url

    def path_of(self, name):
        return f"/{ADMINISTRATOR}/{name}.git"

    def beside(self, name):
        return os.path.join(self.work, name)

    def traced(self, folder, *arguments, environment=None):
        """What git says and what it exchanges, packet by packet."""
        result = run_git(folder, *arguments,
                         environment={"GIT_TRACE_PACKET": "1", "GIT_TRACE_CURL": "1",
                                      "GIT_TRACE_CURL_NO_DATA": "1", **(environment or {})})
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stderr

    def post_v2(self, name, *lines):
        """One command of protocol v2; the packets of its answer."""
        body = b""
        for line in lines:
            body += line.encode() if line in ("0000", "0001") else wire.packet(line + "\n")
        answer = self.server.request(
            "POST", self.path_of(name) + "/git-upload-pack", body,
            {"Content-Type": "application/x-git-upload-pack-request",
             "Git-Protocol": "version=2"})
        self.assertEqual(answer.status, 200, answer.body)
        return [p.decode().rstrip("\n") if p is not None else None
                for p in wire.packets_of(answer.body)]

    def advertisement(self, name, service, version):
        answer = self.server.request(
            "GET", self.path_of(name) + f"/info/refs?service={service}", None,
            {"Git-Protocol": f"version={version}"}, self.server.operator_token)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.body.decode()


class Advertised(ProtocolTest):
    def test_every_capability_of_the_table(self):
        self.make_history("advertised")
        v2 = self.advertisement("advertised", "git-upload-pack", 2)
        self.assertIn("version 2\n", v2)
        fetch = re.search(r"fetch=(.*)\n", v2).group(1).split()
        self.assertEqual(set(fetch), {"shallow", "wait-for-done", "filter", "ref-in-want",
                                      "sideband-all", "packfile-uris"})
        for line in ("ls-refs=unborn", "server-option", "object-format=sha1", "object-info",
                     "bundle-uri"):
            self.assertIn(line + "\n", v2)
        self.assertRegex(v2, r"agent=ashlar/\S+\n")
        self.assertRegex(v2, r"session-id=\S+\n")
        for version in (0, 1):
            old = self.advertisement("advertised", "git-upload-pack", version)
            words = old.split("\0")[1].split("\n")[0].split()
            for word in ("multi_ack_detailed", "no-done", "side-band-64k", "thin-pack",
                         "ofs-delta", "shallow", "deepen-since", "deepen-not", "deepen-relative",
                         "no-progress", "include-tag", "allow-tip-sha1-in-want",
                         "allow-reachable-sha1-in-want", "filter", "symref=HEAD:refs/heads/main",
                         "object-format=sha1"):
                self.assertIn(word, words)
            self.assertEqual("version 1\n" in old, version == 1)
        receive = self.advertisement("advertised", "git-receive-pack", 0)
        words = receive.split("\0")[1].split("\n")[0].split()
        for word in ("report-status", "report-status-v2", "delete-refs", "atomic", "ofs-delta",
                     "quiet", "push-options", "side-band-64k", "object-format=sha1"):
            self.assertIn(word, words)
        self.assertRegex(" ".join(words), r"push-cert=\d+-[0-9a-f]{64} ")
        self.assertNotIn("no-thin", words)

    def test_session_ids_differ_and_are_taken(self):
        tree, url = self.make_history("sessions")
        seen = {re.search(r"session-id=(\S+)",
                          self.advertisement("sessions", "git-upload-pack", 2)).group(1)
                for _ in range(5)}
        self.assertEqual(len(seen), 5)
        for version in VERSIONS:
            said = self.traced(self.work, "-c", "transfer.advertiseSID=true", "-c",
                               f"protocol.version={version}", "clone", url,
                               self.beside("clone-" + version))
            self.assertRegex(said, r"session-id=\d{8}T")
        git(tree, "-c", "transfer.advertiseSID=true", "push", "--quiet", url, "main:refs/heads/x")

    def test_sha256_is_refused_with_words(self):
        self.make_history("sha256")
        answer = self.post_v2("sha256", "command=ls-refs", "object-format=sha256", "0001", "0000")
        self.assertRegex(answer[0], "^ERR .*only sha1")

    def test_what_became_unreachable_makes_thin_packs_unwelcome(self):
        tree, url = self.make_history("no-thin")
        secret = "\n".join(f"a secret line {number}" for number in range(3000))
        commit_file(tree, "secret", secret)
        git(tree, "push", "--quiet", "origin", "main")
        lost = oid(tree, "main:secret")
        git(tree, "push", "--quiet", "--force", "origin", "main~1:main")
        self.assertIn(" no-thin ", self.advertisement("no-thin", "git-receive-pack", 0))
        # git itself sends whole objects now.
        commit_file(tree, "secret", secret + "\nand one more")
        trace = self.beside("trace")
        git(tree, "push", "--quiet", "origin", "main", environment={"GIT_TRACE": trace})
        with open(trace, encoding="utf-8") as file:
            self.assertNotRegex(file.read(), "pack-objects.*--thin")
        # Who sends a delta all the same is told what to do, and learns nothing.
        whole_size = len(secret.encode())
        delta = wire.delta(whole_size, 10, wire.copy(0, 10))
        made = secret.encode()[:10]
        tree_content = wire.tree(("100644", "stolen", wire.object_id("blob", made)))
        commit = wire.commit(wire.object_id("tree", tree_content))
        tip = wire.object_id("commit", commit)
        packed = wire.pack([wire.ref_delta(lost, delta), wire.entry("tree", tree_content),
                            wire.entry("commit", commit)])
        body = wire.commands((wire.NULL_ID, tip, "refs/heads/stolen")) + packed
        _, report = wire.push(self.server, self.path_of("no-thin"), body,
                              self.server.operator_token)
        self.assertIn("--no-thin", report.unpack)
        self.assertNotIn("refs/heads/stolen", remote_refs(tree, url))


class Fetching(ProtocolTest):
    def test_filters_leave_out_what_they_say(self):
        tree, url = self.make_history("filters")
        everything = present_ids(tree)
        for version in VERSIONS:
            chosen = ("-c", f"protocol.version={version}")
            cases = {
                "blob:none": {"commit", "tree", "tag"},
                "tree:0": {"commit", "tag"},
                "object:type=commit": {"commit", "tag"},  # tags are wanted by their ids
                "combine:tree:2+blob:none": {"commit", "tree", "tag"},
            }
            for number, (spec, types) in enumerate(cases.items()):
                clone = self.beside(f"filter-{version}-{number}.git")
                git(self.work, *chosen, "clone", "--quiet", "--bare", f"--filter={spec}", url,
                    clone)
                self.assertLessEqual(types_of(clone), types, spec)
                self.assertLess(present_ids(clone), everything)
            clone = self.beside(f"limit-{version}.git")
            git(self.work, *chosen, "clone", "--quiet", "--bare", "--filter=blob:limit=1k", url,
                clone)
            sizes = git(clone, "cat-file", "--batch-all-objects",
                        "--batch-check=%(objecttype) %(objectsize)").splitlines()
            blobs = [int(line.split()[1]) for line in sizes if line.startswith("blob")]
            self.assertTrue(blobs)
            self.assertLess(max(blobs), 1024)

    def test_sparse_filters_read_a_blob_of_the_repository(self):
        tree, url = self.make_history("sparse")
        commit_file(tree, "patterns", "/lib/deep/\n")
        git(tree, "push", "--quiet", "origin", "main")
        clone = self.beside("clone.git")
        git(self.work, "clone", "--quiet", "--bare", "--filter=sparse:oid=main:patterns", url,
            clone)
        held = present_ids(clone)
        self.assertIn(oid(tree, "main:lib/deep/er/file"), held)
        self.assertNotIn(oid(tree, "main:lib/large"), held)
        said = failing_git(self.work, "clone", "--bare", "--filter=sparse:oid=main:nothing", url,
                           self.beside("none.git"))
        self.assertIn("sparse blob", said)

    def test_what_a_filter_left_out_is_fetched_when_it_is_needed(self):
        tree, url = self.make_history("lazy")
        for version in VERSIONS:
            chosen = ("-c", f"protocol.version={version}")
            clone = self.beside("lazy-" + version)
            git(self.work, *chosen, "clone", "--quiet", "--filter=blob:none", url, clone)
            old = oid(tree, "main~6:lib/large")
            self.assertNotIn(old, present_ids(clone))
            shown = git(clone, *chosen, "show", "main~6:lib/large")
            self.assertEqual(shown, git(tree, "show", "main~6:lib/large"))
            self.assertIn(old, present_ids(clone))
            git(clone, *chosen, "log", "--stat", "-5")
            treeless = self.beside("treeless-" + version)
            git(self.work, *chosen, "clone", "--quiet", "--filter=tree:0", url, treeless)
            with open(os.path.join(treeless, "small"), encoding="ascii") as file:
                self.assertIn("small 11", file.read())

    def test_shallow_histories_in_all_their_forms(self):
        tree, url = self.make_history("shallow", commits=16)
        for version in VERSIONS:
            chosen = ("-c", f"protocol.version={version}")

            def count(clone):
                return int(git(clone, "rev-list", "--count", "HEAD"))

            since = self.beside("since-" + version)
            git(self.work, *chosen, "clone", "--quiet", f"--shallow-since={1600000000 + 9500}",
                url, since)
            self.assertEqual(count(since), 6)
            excluding = self.beside("excluding-" + version)
            git(self.work, *chosen, "clone", "--quiet", "--shallow-exclude=v4", url, excluding)
            self.assertEqual(count(excluding), 11)
            deep = self.beside("deep-" + version)
            git(self.work, *chosen, "clone", "--quiet", "--depth=2", url, deep)
            for options, expected in ((["--deepen=2"], 4), (["--depth=3"], 3),
                                      ([f"--shallow-since={1600000000 + 7500}"], 8),
                                      (["--shallow-exclude=v4"], 11), (["--unshallow"], 16)):
                git(deep, *chosen, "fetch", "--quiet", *options, "origin")
                self.assertEqual(count(deep), expected, options)
                check_clean(self, deep)
            self.assertEqual(git(deep, "rev-list", "--objects", "origin/main"),
                             git(tree, "rev-list", "--objects", "main"))

    def test_any_reachable_object_by_its_id(self):
        tree, url = self.make_history("by-id")
        for version in VERSIONS:
            fresh = self.beside("fresh-" + version)
            git(self.work, "init", "--quiet", fresh)
            for revision in ("main~3", "main~3^{tree}", "main~3:lib/large", "v4", "v4-nested"):
                wanted = oid(tree, revision)
                git(fresh, "-c", f"protocol.version={version}", "fetch", "--quiet", url, wanted)
                self.assertIn(wanted, present_ids(fresh), revision)
            said = failing_git(fresh, "-c", f"protocol.version={version}", "fetch", url, "3" * 40)
            self.assertIn("not our ref " + "3" * 40, said)

    def test_tags_come_with_what_they_point_to(self):
        tree, url = self.make_history("tags")
        for version in VERSIONS:
            chosen = ("-c", f"protocol.version={version}")
            clone = self.beside("tags-" + version)
            git(self.work, "init", "--quiet", clone)
            # One fetch of one branch: the tags come in the same answer.
            said = self.traced(clone, *chosen, "fetch", url, "side:side",
                               "refs/tags/v4-nested:refs/tags/v4-nested")
            self.assertIn("include-tag", said)
            following = self.beside("following-" + version)
            git(self.work, *chosen, "clone", "--quiet", "--single-branch", "--branch=side", url,
                following)
            self.assertEqual(git(following, "tag").split(), ["v4", "v4-nested"])
            check_clean(self, following)

    def test_head_and_unborn_head(self):
        tree, url = self.make_history("head")
        for version in VERSIONS:
            said = git(tree, "-c", f"protocol.version={version}", "ls-remote", "--symref", url,
                       "HEAD")
            self.assertIn("ref: refs/heads/main\tHEAD", said)
        self.new_repository("unborn")
        self.assertEqual(
            self.post_v2("unborn", "command=ls-refs", "0001", "symrefs", "unborn",
                         "ref-prefix HEAD", "0000"),
            ["unborn HEAD symref-target:refs/heads/main", None])

    def test_negotiation_alone_waits_for_done(self):
        tree, url = self.make_history("negotiate")
        commit_file(tree, "more", "more\n")
        common = git(tree, "-c", "protocol.version=2", "fetch", "--negotiate-only",
                     "--negotiation-tip=main", url)
        self.assertIn(oid(tree, "main~1"), common.split())
        self.assertNotIn(oid(tree, "main"), common.split())
        said = self.traced(tree, "-c", "protocol.version=2", "fetch", "--negotiate-only",
                           "--negotiation-tip=main", url)
        self.assertIn("wait-for-done", said)

    def test_refs_are_wanted_by_name_and_all_of_the_answer_comes_in_bands(self):
        tree, url = self.make_history("by-name")
        clone = self.beside("clone")
        git(self.work, "init", "--quiet", clone)
        said = self.traced(clone, "-c", "protocol.version=2", "fetch", url, "refs/heads/side")
        self.assertIn("want-ref refs/heads/side", said)
        self.assertIn("sideband-all", said)
        self.assertEqual(oid(clone, "FETCH_HEAD"), oid(tree, "side"))

    def test_objects_are_measured_without_being_fetched(self):
        tree, _ = self.make_history("measured")
        blob = oid(tree, "main:lib/large")
        size = git(tree, "cat-file", "-s", blob)
        self.assertEqual(
            self.post_v2("measured", "command=object-info", "object-format=sha1", "0001", "size",
                         f"oid {blob}", "0000"),
            ["size", f"{blob} {size}", None])
        unknown = self.post_v2("measured", "command=object-info", "0001", "size",
                               "oid " + "4" * 40, "0000")
        self.assertIn("not our ref", unknown[0])

    def test_options_of_the_server_are_taken(self):
        tree, url = self.make_history("server-option")
        self.assertIn("refs/heads/main",
                      git(tree, "-c", "protocol.version=2", "ls-remote", "-o", "anything", url))

    def test_fetches_of_old_clients_in_plain_and_small_bands(self):
        tree, _ = self.make_history("old-clients")
        head = oid(tree, "main")
        for capabilities in ("", " side-band", " multi_ack ofs-delta", " side-band-64k no-progress"):
            body = wire.packet(f"want {head}{capabilities}\n") + wire.FLUSH + wire.packet("done\n")
            answer = self.server.request(
                "POST", self.path_of("old-clients") + "/git-upload-pack", body,
                {"Content-Type": "application/x-git-upload-pack-request"})
            self.assertEqual(answer.body[:8], b"0008NAK\n", capabilities)
            pack = answer.body[8:]
            if "side-band" in capabilities:
                pack = b"".join(p[1:] for p in wire.packets_of(pack) if p and p[:1] == b"\1")
            fresh = self.beside("old-" + str(len(capabilities)))
            git(self.work, "init", "--quiet", "--bare", fresh)
            path = os.path.join(fresh, "one.pack")
            with open(path, "wb") as file:
                file.write(pack)
            git(fresh, "index-pack", "--strict", path)


class Pushing(ProtocolTest):
    def test_push_options_are_taken_and_bounded(self):
        tree, url = self.make_history("options")
        commit_file(tree, "x", "x\n")
        git(tree, "push", "--quiet", "-o", "ci.skip", "-o", "two words \u00e9", url, "main")
        commit_file(tree, "x", "y\n")
        many = [word for number in range(70) for word in ("-o", str(number))]
        self.assertIn("push options", failing_git(tree, "push", *many, url, "main"))

    def test_reports_name_each_ref(self):
        tree, url = self.make_history("reports")
        other = self.beside("other")
        git(self.work, "clone", "--quiet", url, other)
        commit_file(tree, "x", "x\n")
        git(tree, "push", "--quiet", url, "main")
        commit_file(other, "y", "y\n")
        # main is stale, new is not: in one push.
        result = run_git(other, "push", "--porcelain", url, "HEAD:refs/heads/new", "+HEAD~3:side",
                         ":refs/heads/none", "HEAD:main")
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"\*\tHEAD:refs/heads/new\t\[new branch\]")
        self.assertRegex(result.stdout, r"!\tHEAD:refs/heads/main\t\[rejected\] \(fetch first\)")
        self.assertIn("refs/heads/new", remote_refs(tree, url))

    def test_quiet_pushes_say_nothing_and_others_show_progress(self):
        tree, url = self.make_history("quiet")
        result = run_git(tree, "push", "--quiet", url, "main:refs/heads/quiet")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        again = self.new_repository("loud")
        repository = generate_repository(self.work, commits=300)
        git(repository, "gc", "--quiet")
        result = run_git(repository, "push", "--progress", again, "main")
        self.assertIn("remote: Resolving deltas: 100%", result.stderr)

    def test_bodies_of_unknown_length_and_packed_ones(self):
        tree, url = self.make_history("chunked")
        commit_file(tree, "noise", os.urandom(300_000))
        said = self.traced(tree, "-c", "http.postBuffer=65536", "push", url, "main")
        self.assertRegex(said, "(?i)transfer-encoding: chunked")
        self.assertEqual(remote_refs(tree, url)["refs/heads/main"], oid(tree, "main"))

    def test_a_client_that_waits_for_100_continue(self):
        tree, _ = self.make_history("continue")
        entries, tip = wire.simple_history()
        body = wire.commands((wire.NULL_ID, tip, "refs/heads/new")) + wire.pack(entries)

        def head(token):
            return (f"POST {self.path_of('continue')}/git-receive-pack HTTP/1.1\r\n"
                    f"Host: {wire.host_of(self.server)}\r\nAuthorization: Bearer {token}\r\n"
                    "Content-Type: application/x-git-receive-pack-request\r\n"
                    f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n"
                    "Connection: close\r\n\r\n")

        with wire.RawConnection(self.server) as connection:
            connection.send(head(self.server.operator_token))
            self.assertTrue(connection.socket.recv(1 << 16).startswith(b"HTTP/1.1 100 Continue"))
            connection.send(body)
            self.assertIn(b"unpack ok", connection.rest())
        # Who may not push is told before it has sent anything.
        with wire.RawConnection(self.server) as connection:
            connection.send(head("ash_nobody"))
            self.assertTrue(connection.socket.recv(1 << 16).startswith(b"HTTP/1.1 401 "))
        self.assertEqual(remote_refs(tree, self.server.git_url(ADMINISTRATOR, "continue"))
                         ["refs/heads/new"], tip)


if __name__ == "__main__":
    unittest.main()
