"""Packs stream: the server's memory does not grow with them."""

import os
import unittest

from support.client import PLAIN, check_clean, generate_large_files, git, object_ids
from support.server import ServerTest

ALLOWED_MIB = 32  # what resolving deltas may hold
TIMES_LARGER = 10  # a pack is so many times larger than that
GROWTH_MIB_MAX = 2 * ALLOWED_MIB  # and with all that streaming, storing and serving take
FILE_BYTES = 6 << 20


class Memory(ServerTest):
    options = ("--delta-memory", f"{ALLOWED_MIB}MiB")

    def test_a_pack_ten_times_larger_than_the_memory_allowed_is_pushed_and_cloned(self):
        repository = generate_large_files(
            self.work, TIMES_LARGER * ALLOWED_MIB * (1 << 20) // FILE_BYTES + 1, 3, FILE_BYTES)
        url = self.new_repository("large")
        before = self.server.peak_memory_mib()
        git(repository, *PLAIN, "push", "--quiet", url, "main")
        pushed = self.server.peak_memory_mib()
        stored = sum(os.path.getsize(path) for path in self.server.stored_packs()) / (1 << 20)
        self.assertGreater(stored, TIMES_LARGER * ALLOWED_MIB)
        for number, options in enumerate(([], ["--depth=1"])):
            clone = os.path.join(self.work, f"clone-{number}.git")
            git(self.work, *PLAIN, "clone", "--quiet", "--bare", *options, url, clone)
            if not options:
                self.assertEqual(object_ids(clone), object_ids(repository))
            check_clean(self, clone)
        cloned = self.server.peak_memory_mib()
        print(f"peak memory: {before:.0f} MiB before, {pushed:.0f} MiB after the push, "
              f"{cloned:.0f} MiB after the clones of {stored:.0f} MiB")
        self.assertLess(cloned - before, GROWTH_MIB_MAX)


if __name__ == "__main__":
    unittest.main()
