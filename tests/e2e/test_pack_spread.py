"""Packs among four validators: what is pushed to one is on all of them, byte for byte."""

import hashlib
import os
import random
import subprocess
import time
import unittest

from support.client import check_clean, commit_file, git, new_work_tree, object_ids, remote_refs
from support.testnet import TestnetTest

LARGE_BYTES = 50 << 20
MEMORY_BYTES_MAX = 300 << 20
SETTLE_SECONDS_MAX = 120


def pack_files(validator):
    """The large packs of a validator: name of each, and the hash of what it holds."""
    found = {}
    for folder, _, names in os.walk(os.path.join(validator.data, "packs")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def peak_memory_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("the system does not say how much memory a process had")


class PackSpread(TestnetTest):
    def wait_for_ref(self, name, head):
        limit = time.monotonic() + SETTLE_SECONDS_MAX
        for index in range(self.COUNT):
            while remote_refs(self.work, self.url(index, name)).get("refs/heads/main") != head:
                self.assertLess(time.monotonic(), limit, f"validator {index + 1} stays behind")
                time.sleep(0.05)

    def expect_same_packs(self):
        first = pack_files(self.validators[0])
        for validator in self.validators[1:]:
            self.assertEqual(pack_files(validator), first)
        return first

    def test_a_large_push_arrives_on_all(self):
        chance = random.Random(7)
        self.new_repository("large")
        tree = new_work_tree(self.work)
        for number in range(LARGE_BYTES // (5 << 20)):
            head = commit_file(tree, f"file-{number}", chance.randbytes(5 << 20))
        started = time.monotonic()
        git(tree, "push", "--quiet", self.url(0, "large"), "main")
        took = time.monotonic() - started
        self.wait_for_ref("large", head)
        self.assertTrue(self.expect_same_packs())
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", self.url(3, "large"), clone)
        check_clean(self, clone)
        self.assertEqual(object_ids(clone), object_ids(tree))
        peaks = [peak_memory_bytes(validator.pid) >> 20 for validator in self.validators]
        print(f"pushed in {took:.1f} s, at most {peaks} MiB", end=" ", flush=True)
        for peak in peaks:
            self.assertLess(peak, MEMORY_BYTES_MAX >> 20)

    def test_a_large_push_on_top_of_another_is_completed_alike(self):
        chance = random.Random(8)
        self.new_repository("thin")
        tree = new_work_tree(self.work)
        base = chance.randbytes(3 << 20)
        commit_file(tree, "changes", base)
        git(tree, "push", "--quiet", self.url(1, "thin"), "main")
        commit_file(tree, "changes", base[:-100] + b"end")
        head = commit_file(tree, "new", chance.randbytes(6 << 20))
        git(tree, "push", "--quiet", "--thin", self.url(2, "thin"), "main")
        self.wait_for_ref("thin", head)
        self.assertTrue(self.expect_same_packs())
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", self.url(0, "thin"), clone)
        self.assertEqual(object_ids(clone), object_ids(tree))

    def test_a_validator_that_was_down_gets_the_packs_that_it_missed(self):
        chance = random.Random(9)
        self.new_repository("missed")
        victim = self.validators[3]
        victim.kill()
        tree = new_work_tree(self.work)
        for number in range(5):
            head = commit_file(tree, "file", chance.randbytes(700_000 * (number + 1)))
            git(tree, "push", "--quiet", self.url(number % 3, "missed"), "main")
        victim.start()
        victim.wait_until_ready()
        self.wait_for_ref("missed", head)
        self.assertTrue(self.expect_same_packs())
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", self.url(3, "missed"), clone)
        self.assertEqual(object_ids(clone), object_ids(tree))

    def test_a_validator_whose_data_was_deleted_gets_all_of_it_again(self):
        chance = random.Random(10)
        self.new_repository("deleted")
        tree = new_work_tree(self.work)
        for number in range(3):
            commit_file(tree, f"file-{number}", chance.randbytes(2 << 20))
            git(tree, "push", "--quiet", self.url(0, "deleted"), "main")
        victim = self.validators[1]
        victim.kill()
        subprocess.run(["rm", "-r", victim.data], check=True)
        victim.start()
        # Others go on meanwhile.
        head = commit_file(tree, "file-0", chance.randbytes(2 << 20))
        git(tree, "push", "--quiet", self.url(2, "deleted"), "main")
        victim.wait_until_ready()
        self.wait_for_ref("deleted", head)
        self.assertTrue(self.expect_same_packs())
        clone = os.path.join(self.work, "clone")
        git(self.work, "clone", "--quiet", self.url(1, "deleted"), clone)
        self.assertEqual(object_ids(clone), object_ids(tree))
        self.assertIn("the state at height", victim.log())


if __name__ == "__main__":
    unittest.main()
