"""Pushes at the same time: of one ref one wins, of different refs all; memory is shared."""

import os
import threading
import unittest

from support.client import (
    PLAIN,
    check_clean,
    commit_file,
    generate_large_files,
    git,
    new_work_tree,
    object_ids,
    remote_refs,
    run_git,
)
from support.server import ServerTest

AT_ONCE = 8
LARGE_PUSHES = 4
GROWTH_MIB_MAX = 256


def at_once(tasks):
    """Runs them in threads of their own; gives what they gave, in their order."""
    results = [None] * len(tasks)
    ready = threading.Barrier(len(tasks))

    def run(index):
        ready.wait()
        results[index] = tasks[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class ConcurrentPushes(ServerTest):
    def clones(self, name, count):
        """A repository with one commit, and clones of it."""
        url = self.new_repository(name)
        tree = new_work_tree(self.work)
        commit_file(tree, "file", "first\n")
        git(tree, "push", "--quiet", url, "main")
        folders = []
        for number in range(count):
            folder = os.path.join(self.work, f"clone-{number}")
            git(self.work, "clone", "--quiet", url, folder)
            commit_file(folder, "file", f"by {number}\n" * 100)
            folders.append(folder)
        return url, folders

    def test_of_one_ref_exactly_one_wins_and_the_others_are_told_to_fetch_first(self):
        url, folders = self.clones("one-ref", AT_ONCE)
        for turn in range(3):
            results = at_once([lambda f=folder: run_git(f, "push", "origin", "main")
                               for folder in folders])
            winners = [f for f, result in zip(folders, results) if result.returncode == 0]
            self.assertEqual(len(winners), 1, [result.stderr for result in results])
            for folder, result in zip(folders, results):
                if folder not in winners:
                    self.assertIn("fetch first", result.stderr)
            head = git(winners[0], "rev-parse", "main")
            self.assertEqual(remote_refs(self.work, url), {"refs/heads/main": head})
            # Everybody takes over what won, and tries again.
            for number, folder in enumerate(folders):
                git(folder, "fetch", "--quiet", "origin")
                git(folder, "reset", "--quiet", "--hard", "origin/main")
                commit_file(folder, "file", f"turn {turn} by {number}\n")
        clone = os.path.join(self.work, "after.git")
        git(self.work, "clone", "--quiet", "--mirror", url, clone)
        check_clean(self, clone)

    def test_of_one_new_ref_exactly_one_wins(self):
        url, folders = self.clones("one-new-ref", AT_ONCE)
        results = at_once([lambda f=folder: run_git(f, "push", "origin", "main:refs/heads/new")
                           for folder in folders])
        self.assertEqual([r.returncode for r in results].count(0), 1)
        self.assertEqual(set(remote_refs(self.work, url)), {"refs/heads/main", "refs/heads/new"})

    def test_different_refs_all_win(self):
        url, folders = self.clones("many-refs", AT_ONCE)
        results = at_once([
            lambda f=folder, n=number: run_git(f, "push", "origin", f"main:refs/heads/branch-{n}")
            for number, folder in enumerate(folders)])
        self.assertEqual([r.returncode for r in results], [0] * AT_ONCE,
                         [r.stderr for r in results])
        found = remote_refs(self.work, url)
        for number, folder in enumerate(folders):
            self.assertEqual(found[f"refs/heads/branch-{number}"],
                             git(folder, "rev-parse", "main"))
        clone = os.path.join(self.work, "after.git")
        git(self.work, "clone", "--quiet", "--mirror", url, clone)
        check_clean(self, clone)

    def test_large_ones_share_their_memory(self):
        # A hundred megabytes.
        repository = generate_large_files(self.work, 12, 4, 8 << 20)
        urls = [self.new_repository(f"large-{number}") for number in range(LARGE_PUSHES)]
        before = self.server.peak_memory_mib()
        results = at_once([
            lambda u=url: run_git(repository, *PLAIN, "push", "--quiet", u, "main")
            for url in urls])
        for result in results:
            self.assertEqual(result.returncode, 0, result.stderr)
        peak = self.server.peak_memory_mib()
        print(f"peak memory: {before:.0f} MiB before, {peak:.0f} MiB after {LARGE_PUSHES} pushes "
              "at once")
        self.assertLess(peak - before, GROWTH_MIB_MAX)
        clone = os.path.join(self.work, "after.git")
        git(self.work, "clone", "--quiet", "--bare", urls[0], clone)
        self.assertEqual(object_ids(clone), object_ids(repository))


if __name__ == "__main__":
    unittest.main()
