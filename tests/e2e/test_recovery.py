"""The server is killed in the middle of pushes: what was acknowledged is there, nothing is half."""

import os
import random
import signal
import subprocess
import threading
import time
import unittest

from support.client import (
    ENVIRONMENT,
    check_clean,
    commit_file,
    git,
    new_work_tree,
    object_ids,
    remote_refs,
    run_git,
)
from support.server import ADMINISTRATOR, ServerTest

ROUNDS = 8
SEED = 20261121


class Recovery(ServerTest):
    def test_kills_in_the_middle_of_pushes(self):
        chance = random.Random(SEED)
        url = self.new_repository("killed")
        tree = new_work_tree(self.work)
        acknowledged = {}  # ref: id
        pending = {}
        for turn in range(ROUNDS):
            head = commit_file(tree, "file", chance.randbytes(300_000))
            branch = f"refs/heads/turn-{turn}"
            url = self.server.git_url(ADMINISTRATOR, "killed", self.server.operator_token)
            pushing = subprocess.Popen(
                ["git", "push", "--quiet", url, f"main:{branch}", "+main"], cwd=tree,
                env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            killer = threading.Timer(chance.uniform(0.0, 0.25), self.server.kill)
            killer.start()
            done = pushing.wait(60) == 0
            killer.join()
            pending = {branch: head, "refs/heads/main": head}
            if done:
                acknowledged.update(pending)
            self.server.start()
            url = self.server.git_url(ADMINISTRATOR, "killed", self.server.operator_token)
            found = remote_refs(tree, url)
            for ref, expected in acknowledged.items():
                allowed = {expected, pending.get(ref)}
                self.assertIn(found.get(ref), allowed, f"seed {SEED}, turn {turn}: {ref}")
            for ref, where in found.items():
                self.assertIn(where, {acknowledged.get(ref), pending.get(ref)})
            acknowledged = found
        clone = os.path.join(self.work, "clone.git")
        git(self.work, "clone", "--quiet", "--mirror", url, clone)
        check_clean(self, clone)
        git(tree, "push", "--quiet", url, "+main:refs/heads/main")
        again = os.path.join(self.work, "again.git")
        git(self.work, "clone", "--quiet", "--mirror", url, again)
        self.assertEqual(git(again, "rev-parse", "main"), git(tree, "rev-parse", "main"))
        check_clean(self, again)

    def cut_off_a_push(self, tree, url):
        """Ends git and its helper process once some of the pack has arrived at the server."""
        before = self.server.stored_packs()
        pushing = subprocess.Popen(
            ["git", "push", "--quiet", url, "main"], cwd=tree, env=ENVIRONMENT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        while self.server.stored_packs() == before and pushing.poll() is None:
            time.sleep(0.002)
        os.killpg(pushing.pid, signal.SIGKILL)
        pushing.wait()

    def test_a_push_cut_off_by_the_client_leaves_nothing(self):
        url = self.new_repository("cut-off")
        files = self.server.stored_packs()
        tree = new_work_tree(self.work)
        for number in range(40):
            commit_file(tree, f"file-{number}", os.urandom(1 << 20))
        self.cut_off_a_push(tree, url)
        limit = time.monotonic() + 60
        while self.server.stored_packs() != files and time.monotonic() < limit:
            time.sleep(0.1)
        self.assertEqual(self.server.stored_packs(), files)
        self.assertEqual(remote_refs(tree, url), {})
        pushed = run_git(tree, "push", "--quiet", url, "main")
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", url, clone)
        self.assertEqual(object_ids(clone), object_ids(tree))

    def test_a_term_signal_lets_a_running_push_end(self):
        url = self.new_repository("terminated")
        tree = new_work_tree(self.work)
        commit_file(tree, "file", os.urandom(8 << 20))
        pushing = subprocess.Popen(["git", "push", "--quiet", url, "main"], cwd=tree,
                                   env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(0.1)
        self.assertEqual(self.server.stop(), 0)
        done = pushing.wait(60) == 0
        self.server.start()
        url = self.server.git_url(ADMINISTRATOR, "terminated", self.server.operator_token)
        head = git(tree, "rev-parse", "main")
        found = remote_refs(tree, url)
        self.assertEqual(found.get("refs/heads/main"), head if done else found.get("refs/heads/main"))
        self.assertEqual(run_git(tree, "push", "--quiet", url, "main").returncode, 0)
        self.assertEqual(remote_refs(tree, url), {"refs/heads/main": head})


if __name__ == "__main__":
    unittest.main()
