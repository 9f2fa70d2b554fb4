"""Four validators that agree: real processes, real git, real kills."""

import os
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from support.client import (
    check_clean,
    commit_file,
    git,
    new_work_tree,
    object_ids,
    remote_refs,
    run_git,
)
from support.server import ADMINISTRATOR, COMMAND
from support.testnet import TestnetTest, Validator, free_port_row

SEED = 20261121
# How often one validator is killed under load; the bar is 100.
KILLS = int(os.environ.get("ASHLAR_TESTNET_KILLS", "10"))
AGREE_SECONDS_MAX = 5
SETTLE_SECONDS_MAX = 30


class Testnet(TestnetTest):
    def account_exists(self, index, login):
        return self.validators[index].rest("GET", f"/users/{login}").status == 200

    def same_refs(self, name, seconds=SETTLE_SECONDS_MAX):
        """The refs of the repository once all validators show the same."""
        limit = time.monotonic() + seconds
        while True:
            found = [remote_refs(self.work, self.url(index, name)) for index in range(self.COUNT)]
            if all(refs == found[0] for refs in found):
                return found[0]
            if time.monotonic() > limit:
                self.fail(f"the validators differ: {found}")
            time.sleep(0.05)

    def test_what_one_was_given_all_know(self):
        for index, validator in enumerate(self.validators):
            created = validator.rest("POST", "/admin/users", {"login": f"given-{index}"})
            self.assertEqual(created.status, 201, created.body)
            self.assertTrue(self.account_exists(index, f"given-{index}"))
        for index in range(self.COUNT):
            self.wait_for_all(f"/users/given-{index}")

    def test_up_starts_what_is_down_and_leaves_what_runs(self):
        before = [validator.pid for validator in self.validators]
        self.validators[1].kill()
        shown = self.up()
        for validator in self.validators:
            self.assertIn(validator.url, shown)
        after = [validator.pid for validator in self.validators]
        self.assertNotEqual(before[1], after[1])
        self.assertEqual(before[:1] + before[2:], after[:1] + after[2:])

    def test_down_does_not_touch_what_took_an_old_process_id(self):
        other = subprocess.Popen(["sleep", "600"])
        try:
            self.validators[2].kill()
            with open(os.path.join(self.validators[2].folder, "ashlar.pid"), "w",
                      encoding="ascii") as file:
                file.write(f"{other.pid}\n")
            result = subprocess.run([COMMAND, "testnet", "down", "--dir", self.net],
                                    capture_output=True, timeout=120, check=False)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIsNone(other.poll())
        finally:
            other.kill()
            other.wait()
        self.up()
        for validator in self.validators:
            validator.wait_until_ready()

    def test_three_clients_on_three_validators(self):
        self.new_repository("shared")
        first = new_work_tree(self.work, "first")
        commit_file(first, "README.md", "one\n")
        git(first, "push", "--quiet", self.url(0, "shared"), "main")
        second = os.path.join(self.work, "second")
        self.same_refs("shared")
        git(self.work, "clone", "--quiet", self.url(1, "shared"), second)
        head = commit_file(second, "more", os.urandom(3 << 20))
        git(second, "push", "--quiet", self.url(1, "shared"), "main")
        self.same_refs("shared")
        git(first, "pull", "--quiet", self.url(0, "shared"), "main")
        self.assertEqual(git(first, "rev-parse", "HEAD"), head)
        third = os.path.join(self.work, "third.git")
        git(self.work, "clone", "--quiet", "--mirror", self.url(2, "shared"), third)
        check_clean(self, third)
        self.assertEqual(object_ids(third), object_ids(first))
        self.assertEqual(self.same_refs("shared"), {"refs/heads/main": head})

    def test_without_a_quorum_writes_fail_and_reads_go_on(self):
        self.new_repository("outage")
        tree = new_work_tree(self.work)
        head = commit_file(tree, "file", "before\n")
        git(tree, "push", "--quiet", self.url(0, "outage"), "main")
        self.same_refs("outage")
        self.validators[2].kill()
        self.validators[3].kill()
        refused = self.validators[0].rest("POST", "/admin/users", {"login": "early"})
        self.assertEqual(refused.status, 503, refused.body)
        self.assertTrue(int(refused.headers["Retry-After"]) > 0)
        self.assertIn("quorum", refused.json["message"])
        self.assertFalse(self.validators[0].is_ready())
        later = commit_file(tree, "file", "while two are down\n")
        pushed = run_git(tree, "push", self.url(1, "outage"), "main")
        self.assertNotEqual(pushed.returncode, 0)
        self.assertIn("quorum", pushed.stderr)
        for index in (0, 1):
            found = remote_refs(tree, self.url(index, "outage"))
            self.assertEqual(found, {"refs/heads/main": head})
        self.validators[2].start()
        self.validators[3].start()
        for validator in self.validators:
            validator.wait_until_ready()
        created = self.validators[0].rest("POST", "/admin/users", {"login": "somebody"})
        self.assertEqual(created.status, 201, created.body)
        git(tree, "push", "--quiet", self.url(1, "outage"), "main")
        self.assertEqual(self.same_refs("outage"), {"refs/heads/main": later})

    def test_kill_all_at_once_under_load(self):
        self.new_repository("cut")
        pushers = [Pusher(self, index, "cut") for index in range(self.COUNT)]
        for pusher in pushers:
            pusher.start()
        time.sleep(3)
        for validator in self.validators:
            validator.kill()
        for pusher in pushers:
            pusher.stop()
        for validator in self.validators:
            validator.start()
        started = time.monotonic()
        for validator in self.validators:
            validator.wait_until_ready()
        found = self.same_refs("cut")
        took = time.monotonic() - started
        print(f"agreed again after {took:.2f} s", end=" ", flush=True)
        for pusher in pushers:
            pusher.check(found)
        created = self.validators[3].rest("POST", "/admin/users", {"login": "afterwards"})
        self.assertEqual(created.status, 201, created.body)

    def test_kill_any_one_again_and_again_under_pushes(self):
        chance = random.Random(SEED)
        downs = []
        self.new_repository("killed")
        pushers = [Pusher(self, index, "killed") for index in range(self.COUNT)]
        for pusher in pushers:
            pusher.start()
        try:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.1, 0.8))
                index = chance.randrange(self.COUNT)
                victim = self.validators[index]
                down = [index, time.monotonic(), None]
                downs.append(down)
                victim.kill()
                time.sleep(chance.uniform(0.0, 0.5))
                victim.start()
                # One that was killed must be back before the next may go: two is one too many.
                victim.wait_until_ready()
                down[2] = time.monotonic()
        finally:
            for pusher in pushers:
                pusher.stop()
        self.show_delays(pushers, downs)
        found = self.same_refs("killed")
        for pusher in pushers:
            pusher.check(found)
            self.assertGreater(pusher.acknowledged_count, 0)
        expected = None
        for index in range(self.COUNT):
            clone = os.path.join(self.work, f"clone-{index}.git")
            git(self.work, "clone", "--quiet", "--mirror", self.url(index, "killed"), clone)
            check_clean(self, clone)
            expected = expected or object_ids(clone)
            self.assertEqual(object_ids(clone), expected)

    def show_delays(self, pushers, downs):
        """Pushes through a validator that was up all the while succeed, one timeout late at most."""
        meanwhile = []
        for pusher in pushers:
            for started, ended, error in pusher.times:
                over = [index for index, begun, until in downs if begun < ended and started < until]
                if error and pusher.index not in over:
                    self.fail(f"a push through validator {pusher.index + 1}, which was up while "
                              f"{[index + 1 for index in over]} were down, failed: {error}")
                if over and not error and pusher.index not in over:
                    meanwhile.append(ended - started)
        self.assertTrue(meanwhile)
        meanwhile.sort()
        print(f"{len(meanwhile)} pushes through others while one was down: median "
              f"{meanwhile[len(meanwhile) // 2]:.2f} s, longest {meanwhile[-1]:.2f} s",
              end=" ", flush=True)

    def test_one_whose_data_was_deleted_comes_back(self):
        self.new_repository("regained")
        tree = new_work_tree(self.work)
        commit_file(tree, "file", os.urandom(200_000))
        git(tree, "push", "--quiet", self.url(0, "regained"), "main")
        victim = self.validators[2]
        victim.kill()
        subprocess.run(["rm", "-r", victim.data], check=True)
        victim.start()
        head = commit_file(tree, "file", os.urandom(200_000))
        git(tree, "push", "--quiet", self.url(0, "regained"), "main")
        victim.wait_until_ready()
        self.assertEqual(self.same_refs("regained"), {"refs/heads/main": head})
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", self.url(2, "regained"), clone)
        self.assertEqual(object_ids(clone), object_ids(tree))


class Foreground(unittest.TestCase):
    def test_ctrl_c_ends_all_and_they_start_again(self):
        with tempfile.TemporaryDirectory(prefix="ashlar-testnet-") as folder:
            net = os.path.join(folder, "net")
            port = free_port_row(2)
            pids = set()
            for arguments in (["--validators", "2", "--http-port", str(port)], []):
                process = subprocess.Popen(
                    [COMMAND, "testnet", "up", "--dir", net, *arguments],
                    stdout=subprocess.PIPE, text=True)
                try:
                    shown = "".join(iter(process.stdout.readline, "Ctrl-C ends all of them.\n"))
                    self.assertIn(f"http://127.0.0.1:{port + 1}", shown)
                    running = {Validator(net, 1 + number, port + number).pid for number in range(2)}
                    self.assertEqual(running & pids, set())
                    pids |= running
                finally:
                    process.send_signal(signal.SIGINT)
                    self.assertEqual(process.wait(60), 0)
                    process.stdout.close()
                for pid in running:
                    self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_one_that_cannot_start_ends_the_others_and_says_why(self):
        with tempfile.TemporaryDirectory(prefix="ashlar-testnet-") as folder:
            net = os.path.join(folder, "net")
            port = free_port_row(2)
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", port + 1))
                taken.listen()
                result = subprocess.run(
                    [COMMAND, "testnet", "up", "--dir", net, "--validators", "2", "--http-port",
                     str(port), "--detach"],
                    capture_output=True, text=True, timeout=120, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn("v2 has ended", result.stderr)
            self.assertIn(str(port + 1), result.stderr)
            self.assertFalse(os.path.exists(os.path.join(net, "v1", "ashlar.pid")))


class Pusher(threading.Thread):
    """Pushes one commit after another to one validator, and notes what was acknowledged."""

    def __init__(self, test, index, name):
        super().__init__(daemon=True)
        self.test = test
        self.index = index
        self.name_of_repository = name
        self.branch = f"refs/heads/client-{index}"
        self.tree = new_work_tree(test.work, f"client-{index}")
        self.stopping = threading.Event()
        self.acknowledged = None
        self.acknowledged_count = 0
        self.tried = set()
        self.times = []  # of each push: when it began and ended, and what git said where it failed
        self.url = test.url(index, name)

    def run(self):
        chance = random.Random(SEED + self.index)
        number = 0
        while not self.stopping.is_set():
            number += 1
            head = commit_file(self.tree, "file", chance.randbytes(chance.choice([100, 40_000])))
            self.tried.add(head)
            # It waits for a timeout at most; and what is not acknowledged is pushed on top of.
            started = time.monotonic()
            pushed = run_git(self.tree, "push", "--quiet", self.url, f"+main:{self.branch}")
            self.times.append((started, time.monotonic(),
                               pushed.stderr if pushed.returncode != 0 else None))
            if pushed.returncode == 0:
                self.acknowledged = head
                self.acknowledged_count += 1
            else:
                time.sleep(0.1)

    def stop(self):
        self.stopping.set()
        self.join(120)

    def check(self, found):
        """What was acknowledged last is there, or something pushed after it."""
        test = self.test
        where = found.get(self.branch)
        if self.acknowledged is None:
            return
        test.assertIn(where, self.tried)
        is_kept = run_git(self.tree, "merge-base", "--is-ancestor", self.acknowledged, where)
        test.assertEqual(is_kept.returncode, 0,
                         f"{self.branch} is {where}; {self.acknowledged} was acknowledged")


if __name__ == "__main__":
    unittest.main()
