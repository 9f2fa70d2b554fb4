"""Packs stream: the server's memory does not grow with them."""

import os
import unittest

from support.client import ENVIRONMENT, check_clean, git, object_ids
from support.server import ServerTest

MEMORY_MIB_MAX = 300
BLOB_BYTES = 1 << 20
BLOBS = 100


class Memory(ServerTest):
    def make_repository(self):
        """100 MB that no compression makes smaller."""
        import subprocess
        path = os.path.join(self.work, "large.git")
        git(self.work, "init", "--quiet", "--bare", "--initial-branch=main", path)
        with subprocess.Popen(["git", "fast-import", "--quiet"], cwd=path, env=ENVIRONMENT,
                              stdin=subprocess.PIPE) as process:
            write = process.stdin.write
            write(b"commit refs/heads/main\n")
            write(b"committer Ada <ada@example.org> 1700000000 +0000\ndata 5\nlarge\n")
            for number in range(BLOBS):
                write(f"M 100644 inline file-{number}\ndata {BLOB_BYTES}\n".encode())
                write(os.urandom(BLOB_BYTES))
                write(b"\n")
            process.stdin.close()
            self.assertEqual(process.wait(), 0)
        return path

    def test_a_push_and_a_clone_of_a_hundred_megabytes(self):
        repository = self.make_repository()
        url = self.new_repository("large")
        git(repository, "push", "--quiet", url, "main")
        pushed = self.server.peak_memory_mib()
        clone = os.path.join(self.work, "clone.git")
        git(self.work, "clone", "--quiet", "--bare", url, clone)
        cloned = self.server.peak_memory_mib()
        print(f"peak memory: {pushed:.0f} MiB after the push, {cloned:.0f} MiB after the clone")
        self.assertEqual(object_ids(clone), object_ids(repository))
        check_clean(self, clone)
        self.assertLess(cloned, MEMORY_MIB_MAX)


if __name__ == "__main__":
    unittest.main()
